//! 个人信息修改: five parts, drafts, and what exams read from it.

use app::profile;
use domain::profile::{Part, Profile};
use testkit::{Browser, TestApp, both_backends};

/// Fills in all five parts, as a candidate does.
async fn fill_in(browser: &mut Browser) {
    let page = browser
        .get("/profile")
        .await
        .expect(200)
        .shows("第 1 部分，共 5 部分");
    let form = page.form("/profile").set_all(&[
        ("ethnicity", "01"),
        ("political", "01"),
        ("hukou_province", "43"),
        ("hukou_place", "郴州市桂东县"),
    ]);
    browser
        .submit(form)
        .await
        .expect(200)
        .is_at("/profile/education")
        .shows("保存成功");
    let page = browser.get("/profile/education/new").await.expect(200);
    let form = page.form("/profile/education/new").set_all(&[
        ("level", "21"),
        ("degree", "412"),
        ("study_mode", "full_time"),
        ("school", "南屿学院"),
        ("major", "信息管理与信息系统"),
        ("graduated_on", "2012年6月"),
    ]);
    browser
        .submit(form)
        .await
        .expect(200)
        .is_at("/profile/education")
        .shows("保存成功")
        .shows("信息管理与信息系统");
    let page = browser.get("/profile/work").await.expect(200);
    let form = page.form("/profile/work").set_all(&[
        ("occupation", "employed"),
        ("employer", "某软件有限公司"),
        ("work_years", "5"),
        ("email", "Lin@Example.com"),
    ]);
    browser
        .submit(form)
        .await
        .expect(200)
        .is_at("/profile/resume")
        .shows("保存成功");
    let page = browser.get("/profile/resume").await.expect(200);
    let form = page.form("/profile/resume").set_all(&[
        ("from_0", "2005年9月"),
        ("to_0", "2008年6月"),
        ("place_0", "南屿一中"),
        ("role_0", "学生"),
        ("from_1", "2008年9月"),
        ("to_1", "2012年6月"),
        ("place_1", "南屿学院"),
        ("role_1", "学生"),
        ("from_2", "2012年7月"),
        ("to_2", "至今"),
        ("place_2", "某软件有限公司"),
        ("role_2", "工程师"),
    ]);
    browser
        .submit(form)
        .await
        .expect(200)
        .is_at("/profile/family")
        .shows("保存成功");
    let page = browser.get("/profile/family").await.expect(200);
    let form = page.form("/profile/family").set_all(&[
        ("relation_0", "father"),
        ("name_0", "林大山"),
        ("political_0", "13"),
        ("unit_0", "退休"),
        ("awards", "2019年优秀员工"),
    ]);
    browser
        .submit(form)
        .await
        .expect(200)
        .is_at("/profile/family")
        .shows("保存成功");
}

both_backends! {
    async fn a_candidate_fills_in_the_whole_profile(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        browser.get("/home").await.expect(200).shows("未填写");
        fill_in(&mut browser).await;
        browser.get("/home").await.expect(200).shows("已填写");
        let stored = profile::find(&t.app, lin.id).await.unwrap();
        assert!(stored.profile.missing(Part::ALL).is_empty());
        let facts = stored.profile.facts(t.now().date());
        assert_eq!(facts.hukou.as_deref(), Some("湖南省郴州市桂东县"));
        assert_eq!(facts.work_years, Some(5));
        assert_eq!(stored.profile.work.as_ref().unwrap().email, "lin@example.com");
        // What was saved comes back into the forms.
        let page = browser.get("/profile/resume").await;
        assert_eq!(page.form("/profile/resume").value("to_2"), Some("至今"));
        let page = browser.get("/profile").await.lacks(&lin.person.number).shows("林一舟");
        assert_eq!(page.form("/profile").value("hukou_province"), Some("43"));
        // The number tells sex and birth, whatever is sent.
        let refused = browser.post("/profile", &[("name", "别人")]).await;
        refused.expect(400);
    }

    async fn the_way_back_to_an_application_is_kept_through_all_parts(t: TestApp) {
        let mut browser = t.candidate("林一舟").await.browser();
        let sent = "?next=/apply/x7/form";
        let page = browser.get(&format!("/profile{sent}")).await.expect(200);
        for part in ["education", "work", "resume", "family"] {
            let href = format!("/profile/{part}{sent}");
            assert!(page.own_links().contains(&href), "{href}");
            let page = browser.get(&href).await.expect(200);
            assert_eq!(page.link("返回报名"), "/apply/x7/form", "{part}");
        }
        // 学历: the list, the form of one, and the list again.
        let page = browser.get(&format!("/profile/education{sent}")).await;
        let page = browser.get(&page.link("添加学历")).await.expect(200);
        let form = page.form("/profile/education/new").set_all(&[
            ("level", "31"), ("study_mode", "full_time"), ("school", "南屿学院"), ("major", "会计学"), ("graduated_on", "2010年6月"),
        ]);
        let page = browser.submit(form).await.expect(200).is_at("/profile/education");
        assert_eq!(page.link("返回报名"), "/apply/x7/form");
        // 保存 with a slip, and without: the next part that is still empty.
        let page = browser.get(&format!("/profile/work{sent}")).await;
        let form = page.form("/profile/work").set("occupation", "employed");
        let page = browser.submit(form).await.expect(422);
        assert_eq!(page.link("返回报名"), "/apply/x7/form");
        let form = page.form("/profile/work").set("occupation", "unemployed");
        let page = browser.submit(form).await.expect(200).is_at("/profile");
        assert_eq!(page.link("返回报名"), "/apply/x7/form");
        // Nothing but an application is a way back.
        for foreign in ["//evil.example/apply/", "/account/close", "/apply/x%0a"] {
            browser.get(&format!("/profile?next={foreign}")).await.expect(200).lacks("返回报名");
        }
    }

    async fn slips_are_told_and_everything_typed_is_kept(t: TestApp) {
        let mut browser = t.candidate("林一舟").await.browser();
        let page = browser.get("/profile/work").await;
        let form = page.form("/profile/work").set_all(&[("occupation", "employed"), ("postcode", "42300"), ("address", "南屿市人民路 1 号")]);
        let page = browser.submit(form).await.expect(422).shows("有 2 处需要修改").shows("在职人员请填写工作单位").shows("邮编应为 6 位数字");
        assert_eq!(page.form("/profile/work").value("address"), Some("南屿市人民路 1 号"));
        let page = browser.get("/profile/resume").await;
        let form = page.form("/profile/resume").set_all(&[
            ("from_0", "2005年9月"), ("to_0", "2008年6月"), ("place_0", "南屿一中"), ("role_0", "学生"),
            ("from_1", "2010年9月"), ("to_1", "至今"), ("place_1", "某公司"), ("role_1", "职员"),
        ]);
        let page = browser.submit(form).await.expect(422).shows("之间有空缺");
        let more = browser.submit(page.form("/profile/resume").press("增加几行")).await.expect(200);
        let form = more.form("/profile/resume");
        assert_eq!(form.value("place_1"), Some("某公司"));
        assert!(form.value("from_5").is_some());
        let page = browser.get("/profile/family").await;
        let form = page.form("/profile/family").set_all(&[("name_0", "林大山")]);
        browser.submit(form).await.expect(422).shows("请选择与本人关系");
    }

    async fn educations_are_added_mended_and_removed(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        browser.get("/profile/education").await.expect(200).shows("还没有填写学历");
        for (level, month) in [("31", "2010年6月"), ("21", "2012年6月")] {
            let page = browser.get("/profile/education/new").await;
            let form = page.form("/profile/education/new").set_all(&[
                ("level", level), ("study_mode", "full_time"), ("school", "南屿学院"), ("major", "会计学"), ("graduated_on", month),
            ]);
            browser.submit(form).await.expect(200);
        }
        browser.get("/profile/education").await.shows("大学专科毕业").shows("大学本科毕业");
        let page = browser.get("/profile/education/1").await.expect(200);
        let form = page.form("/profile/education/1").set("school", "南屿职业技术学院");
        browser.submit(form).await.expect(200).shows("南屿职业技术学院");
        browser.get("/profile/education/9").await.expect(404);
        let page = browser.get("/profile/education").await;
        browser.submit(page.form("/profile/education/1/remove")).await.expect(200).shows("已删除").lacks("大学专科毕业");
        // A second press of the same button finds nothing.
        browser.submit(page.form("/profile/education/1/remove")).await.expect(404);
        let stored = profile::find(&t.app, lin.id).await.unwrap();
        assert_eq!(stored.profile.educations.len(), 1);
        assert_eq!(stored.profile.next_education_id(), 3);
    }

    async fn a_draft_is_kept_offered_and_dropped(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        let page = browser.get("/profile/work").await;
        let typed = page.form("/profile/work").set_all(&[("occupation", "employed"), ("employer", "南屿市图书馆")]);
        browser.submit(typed.clone().to("/drafts/profile-work")).await.expect(204);
        // The connection dropped; another device opens the page.
        let mut other = lin.browser();
        let page = other.get("/profile/work").await.shows("没有保存，已为您恢复");
        assert_eq!(page.form("/profile/work").value("employer"), Some("南屿市图书馆"));
        let page = other.submit(page.form("/drafts/profile-work/drop")).await.expect(200).is_at("/profile/work");
        assert_eq!(page.form("/profile/work").value("employer"), Some(""));
        // Saving the form forgets its draft.
        browser.submit(typed.clone().to("/drafts/profile-work")).await.expect(204);
        browser.submit(typed).await.expect(200).shows("保存成功");
        browser.get("/profile/work").await.lacks("已为您恢复");
        browser.post("/drafts/Not.a-form", &[]).await.expect(404);
        browser.post("/drafts/profile-work", &[("employer", &"长".repeat(25_000))]).await.expect(409).shows("太长");
        // Old drafts go.
        browser.post("/drafts/profile-work", &[("employer", "某公司")]).await.expect(204);
        t.clock.advance_days(32);
        while app::account::sweep(&t.system()).await.unwrap() > 0 {}
        assert!(app::draft::find(&lin.ctx(), "profile-work").await.unwrap().is_none());
    }

    async fn another_s_draft_and_profile_stay_his(t: TestApp) {
        let (lin, wang) = (t.candidate("林一舟").await, t.candidate("王五").await);
        let mut browser = lin.browser();
        fill_in(&mut browser).await;
        browser.post("/drafts/profile-work", &[("employer", "林的单位")]).await.expect(204);
        let mut other = wang.browser();
        other.get("/profile/work").await.expect(200).lacks("林的单位").lacks("某软件有限公司");
        other.get("/profile/education/1").await.expect(404);
        assert_eq!(profile::find(&t.app, wang.id).await.unwrap().profile, Profile::default());
    }

    async fn two_tabs_don_t_undo_each_other(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let (mut one, mut two) = (lin.browser(), lin.browser());
        let first = one.get("/profile/work").await;
        let second = two.get("/profile/family").await;
        one.submit(first.form("/profile/work").set("occupation", "unemployed")).await.expect(200);
        two.submit(second.form("/profile/family").set("remarks", "无")).await.expect(200);
        let stored = profile::find(&t.app, lin.id).await.unwrap();
        assert!(stored.profile.work.is_some() && stored.profile.family.is_some());
        assert_eq!(stored.version, 2);
    }

    async fn a_profile_is_unreadable_in_the_database(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        fill_in(&mut browser).await;
        let content: Vec<u8> = t.app.db().scan(db::Crowd::System)
            .one(db::sql!("SELECT content FROM profile WHERE account_id = $1"), db::p![lin.id]).await.unwrap();
        assert!(!String::from_utf8_lossy(&content).contains("南屿"));
    }
}
