//! What the public and the office see of exams and positions.

use app::exam::positions::{self, Filter};
use app::exam::preset::Preset;
use app::exam::{self, setup};
use domain::eligibility::{EducationLevel, Facts, Studies, Verdict};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{BROKEN, COUNTY, INTERVIEW, PROFESSIONAL, officer, published, refusal};

both_backends! {
    async fn positions_are_found_by_words_unit_education_major_and_headcount(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Recruitment, "NY-15", COUNTY).await;
        let count = async |filter: Filter| positions::search(&t.app, &exam, &filter).await.unwrap().total;
        let all = count(Filter::default()).await;
        assert!(all >= 150);
        assert_eq!(count(Filter { words: "记者".into(), ..Filter::default() }).await, 1);
        assert_eq!(count(Filter { words: "县博物馆 文物".into(), ..Filter::default() }).await, 1);
        assert_eq!(count(Filter { unit: "县图书馆".into(), ..Filter::default() }).await, 3);
        let college = count(Filter { education: Some(EducationLevel::College), ..Filter::default() }).await;
        let master = count(Filter { education: Some(EducationLevel::Master), ..Filter::default() }).await;
        assert!(0 < college && college < all && master == all, "{college} {master} {all}");
        let nurse = Filter { major: "护理学".into(), words: "人民医院".into(), ..Filter::default() };
        assert_eq!(count(nurse).await, 1);
        assert!(count(Filter { headcount: 5, ..Filter::default() }).await < 12);
        let page = positions::search(&t.app, &exam, &Filter { page: 999, ..Filter::default() }).await.unwrap();
        assert_eq!((page.page, page.last()), (page.pages, all));
        // 我能报的岗位.
        let facts = Facts {
            sex: Some("女".into()),
            birth_date: "1996-05-01".parse().ok(),
            studies: vec![Studies {
                level: Some(EducationLevel::Bachelor),
                degree: Some(domain::eligibility::Degree::Bachelor),
                study_mode: "全日制".into(),
                major: "汉语言文学".into(),
                ..Studies::default()
            }],
            ..Facts::default()
        };
        let page = positions::positions_with_verdicts(&t.app, &exam, &facts, &Filter::default()).await.unwrap();
        let v = page.verdicts;
        assert_eq!(v.all, v.pass + v.manual + v.fail);
        assert!(v.pass > 5 && v.fail > 30, "{v:?}");
        let fails = Filter { verdict: Some(Verdict::Fail), ..Filter::default() };
        let page = positions::positions_with_verdicts(&t.app, &exam, &facts, &fails).await.unwrap();
        assert_eq!(page.total, v.fail);
        let possible = Filter { possible: true, ..Filter::default() };
        let open = positions::positions_with_verdicts(&t.app, &exam, &facts, &possible).await.unwrap();
        assert_eq!(open.total, v.pass + v.manual);
        assert!(open.shown.iter().all(|one| one.report.as_ref().unwrap().verdict != Verdict::Fail));
        let men = page.shown.iter().chain(&[]).all(|one| !one.report.as_ref().unwrap().reason.is_empty());
        assert!(men);
    }

    async fn everybody_reads_the_exam_and_its_positions_without_an_account(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Recruitment, "NY-16", COUNTY).await;
        let id = exam.public_id();
        let mut browser = t.browser();
        let before = t.app.db().stats().commits;
        browser.get(&format!("/exams/{id}")).await.expect(200).shows("网上报名").shows("岗位");
        let page = browser.get(&format!("/exams/{id}/positions?q=%E5%8C%BB%E9%99%A2&education=college")).await;
        let page = page.expect(200).shows("全科医师").lacks("符合").shows("登录");
        let detail = page.links("详细")[0].clone();
        browser.get(&detail).await.expect(200).shows("岗位条件").shows("县卫生健康局");
        browser.get(&format!("/exams/{id}/positions?q=zzz")).await.expect(200).shows("没有找到岗位");
        browser.get(&format!("/exams/{id}/positions/nonsense")).await.expect(404);
        assert_eq!(t.app.db().stats().commits, before, "anonymous pages write nothing");
        let candidate = t.candidate("林一舟").await;
        let page = candidate.browser().get(&format!("/exams/{id}/positions")).await.expect(200);
        page.shows("需人工审核").shows("自动比对");
        let broken = published(&t, &ctx, Preset::Recruitment, "NY-17", BROKEN).await;
        let page = browser.get(&format!("/exams/{}/positions", broken.public_id())).await.expect(200);
        assert!(page.html().contains("=1+1") && !page.html().contains("<b>加粗</b>"));
        let exam = published(&t, &ctx, Preset::Professional, "NY-18", PROFESSIONAL).await;
        let page = browser.get(&format!("/exams/{}", exam.public_id())).await.expect(200);
        page.shows("免考基础科目").shows("60.00");
    }

    async fn the_office_sets_up_imports_publishes_extends_and_closes(t: TestApp) {
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        browser.get("/office/exams").await.expect(200).shows("没有考试");
        let page = browser.get("/office/exams/new").await.expect(200);
        let page = browser.submit(page.form("/office/exams/new").set("title", "")).await;
        let page = page.expect(422).shows("请填写考试名称");
        let form = page
            .form("/office/exams/new")
            .set("title", "南屿县2026年公开招聘")
            .set("code", "NY2026-01")
            .set("source", "preset:recruitment");
        let page = browser.submit(form).await.expect(200).shows("检查并发布").shows("请设置网上报名");
        let home = page.path().to_owned();
        let path = |part: &str| format!("{home}/{part}");
        // Each part opens and is saved as it is, or with what was missing.
        let page = browser.get(&path("basics")).await.expect(200);
        let form = page.form(&path("basics")).set("organizer", "南屿县人力资源和社会保障局").set("counted_to", "2026-03-11");
        browser.submit(form).await.expect(200).is_at(&home).shows("基本信息已保存：南屿县2026年公开招聘");
        for part in ["steps", "fees", "photo", "agreement", "seating", "scores"] {
            let page = browser.get(&path(part)).await.expect(200);
            browser.submit(page.form(&path(part))).await.expect(200).is_at(&home);
        }
        // What a part lacks stands on its own page, too.
        browser.get(&path("table")).await.expect(200).shows("这一部分还缺").shows("请导入岗位表");
        let page = browser.get(&path("windows")).await.expect(200).shows("这一部分还缺").shows("请设置网上报名");
        let mut form = page.form(&path("windows"));
        for (key, to) in [
            ("registration_open", "2026-03-18T09:00"),
            ("registration_close", "2026-03-17T09:00"),
        ] {
            form = form.set(key, to);
        }
        let page = browser.submit(form).await.expect(422).shows("结束时间应晚于开始时间");
        let mut form = page.form(&path("windows"));
        for (key, to) in [
            ("registration_close", "2026-03-20T17:00"),
            ("review_open", "2026-03-18T09:00"),
            ("review_close", "2026-03-21T17:00"),
            ("payment_open", "2026-03-18T09:00"),
            ("payment_close", "2026-03-23T17:00"),
            ("ticket_open", "2026-04-07T09:00"),
            ("ticket_close", "2026-04-12T09:00"),
            ("sitting_open", "2026-04-12T09:00"),
            ("sitting_close", "2026-04-12T17:00"),
        ] {
            form = form.set(key, to);
        }
        browser.submit(form).await.expect(200).is_at(&home);
        browser.get(&path("windows")).await.expect(200).lacks("这一部分还缺");
        let page = browser.get(&path("papers")).await.expect(200).shows("这一部分还缺").shows("请填写考试科目和时间");
        let version = page.form(&path("papers")).value("version").unwrap().to_owned();
        let fields = [
            ("version", version.as_str()),
            ("class", ""), ("code", "11"), ("name", "综合知识"),
            ("starts", "2026-04-12T09:00"), ("ends", "2026-04-12T11:00"),
            ("class", ""), ("code", ""), ("name", ""), ("starts", ""), ("ends", ""),
        ];
        let csrf = page.form(&path("papers")).value("_csrf").unwrap().to_owned();
        let mut all = vec![("_csrf", csrf.as_str())];
        all.extend(fields);
        browser.post(&path("papers"), &all).await.expect(200).is_at(&home);
        // A question, changed and removed.
        // Its kind comes first; then only what that kind needs is asked.
        let page = browser.get(&path("questions/new")).await.expect(200).lacks("最多字数");
        let page = browser.get(&page.link("一行文字")).await.expect(200);
        let form = page.form(&path("questions/new")).set("label", "服务地点");
        let only = |form: &testkit::Form| {
            let mut names: Vec<_> = form.names().into_iter().map(str::to_owned).collect();
            names.retain(|name| !["_csrf", "version", "label", "hint", "required", "positions", "education", "seen_by"].contains(&name.as_str()));
            names.dedup();
            names
        };
        assert_eq!(only(&form), ["kind", "max", "shortest", "form", "mask"]);
        let page = browser.submit(form).await.expect(200).shows("服务地点");
        let asked = page.link("修改");
        for (kind, names) in [
            ("long", vec!["kind", "max", "shortest"]),
            ("choice", vec!["kind", "options"]),
            ("many", vec!["kind", "options", "most"]),
            ("date", vec!["kind", "from", "to"]),
            ("number", vec!["kind", "min", "max"]),
            ("file", vec!["kind", "types", "max_kb", "max_files"]),
        ] {
            let page = browser.get(&format!("{}?kind={kind}", path("questions/new"))).await.expect(200);
            assert_eq!(only(&page.form(&path("questions/new"))), names, "{kind}");
        }
        let page = browser.get(&asked).await.expect(200).shows("最多字数");
        let page = browser.get(&format!("{asked}{}", page.link("单选"))).await.expect(200);
        let form = page.form(&asked).set("options", "是");
        let page = browser.submit(form).await.expect(422).shows("至少要有两个选项").shows("类型：单选");
        let form = page.form(&asked).set("options", "是\n否");
        let page = browser.submit(form).await.expect(200).shows("单选：是、否");
        let form = page.form(&format!("{asked}/remove"));
        browser.submit(form).await.expect(200).shows("没有附加问题");
        // Import: a bad file, a table with errors given up, the right one confirmed.
        let page = browser.get(&path("import")).await.expect(200);
        let form = page.form(&path("import")).file("file", "岗位表.xlsx", "application/octet-stream", b"not a workbook");
        browser.submit(form).await.expect(422).shows(".xlsx");
        let form = page.form(&path("import")).file("file", "坏表.xlsx", "application/octet-stream", BROKEN);
        let page = browser.submit(form).await.expect(200).shows("现在还没有写入任何数据").shows("与第 3 行重复");
        assert!(page.html().contains("&#60;script&#62;") && !page.html().contains("<script>alert"));
        let preview = page.path().to_owned();
        browser.get(&format!("{preview}?show=warnings")).await.expect(200).shows("已按上一行填为");
        browser.get(&format!("{preview}/file")).await.expect(200);
        let list = browser.get(&format!("{preview}/problems")).await.expect(200);
        assert!(list.header("content-type").unwrap().contains("spreadsheet"));
        browser.submit(page.form(&format!("{preview}/discard"))).await.expect(200).shows("已放弃");
        let page = browser.get(&path("import")).await;
        let form = page.form(&path("import")).file("file", "岗位表.xlsx", "application/octet-stream", COUNTY);
        let page = browser.submit(form).await.expect(200).shows("导入无误的");
        let preview = page.path().to_owned();
        browser.submit(page.form(&format!("{preview}/confirm"))).await.expect(200).shows("已导入").shows("记者");
        browser.get(&path("table?q=%E5%8C%BB%E5%B8%88&page=1")).await.expect(200).shows("全科医师");
        let table = browser.get(&path("table/export?q=%E5%8C%BB%E5%B8%88")).await.expect(200);
        let sheets = documents::xlsx::read(&table.body).unwrap();
        assert_eq!(sheets[0].height(), 5, "a header and the physicians' positions");
        // Publish, extend, close, archive.
        let page = browser.get(&path("publish")).await.expect(200).lacks("没有完成");
        browser.submit(page.form(&path("publish"))).await.expect(200).shows("已发布");
        t.browser().get(&home.replace("/office", "")).await.expect(200);
        let page = browser.get(&path("extend")).await.expect(200);
        // Every window is folded until it is chosen; one that has to be mended, or was typed into, is open.
        let unfolded = |page: &testkit::Page| page.html().matches(r#"<details class="bk-fold" open"#).count();
        let folded = page.html().matches(r#"<details class="bk-fold""#).count();
        assert_eq!((folded, unfolded(&page)), (domain::exam::Phase::ALL.len(), 0));
        let wrong = page.form(&path("extend")).set("reason", "顺延").set("score_open", "2026-05-08T10:00");
        let again = browser.submit(wrong).await.expect(422);
        assert_eq!(unfolded(&again), 1);
        let form = page
            .form(&path("extend"))
            .set("reason", "节假日顺延")
            .set("score_open", "2026-05-08T10:00")
            .set("score_close", "2026-06-08T10:00");
        let page = browser.submit(form).await.expect(200).shows("逐项对比").shows("成绩查询时间").shows("补充公告");
        let change = page.path().to_owned();
        browser.submit(page.form(&change)).await.expect(200).shows("已公布");
        browser.get(&home).await.expect(200).shows("节假日顺延");
        browser.get(&path("changes")).await.expect(200).shows("第 1 版").shows("节假日顺延");
        let page = browser.get(&path("close")).await.expect(200);
        let page = browser.submit(page.form(&path("close"))).await.expect(200).shows("报名已结束");
        // What follows is the archive's own page.
        browser.get(&page.link("归档")).await.expect(200);
        browser.get("/office/exams?state=draft").await.expect(200).shows("没有考试");
        // Unpublish, on another exam.
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Interview, "NY-19", INTERVIEW).await;
        let home = format!("/office/exams/{}", exam.public_id());
        let page = browser.get(&home).await.expect(200);
        browser.submit(page.form(&format!("{home}/unpublish"))).await.expect(200).shows("草稿");
    }

    async fn applications_show_in_the_counts_of_their_position(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let position = exam.positions[0].0.clone();
        let lin = t.ready("林一舟").await;
        let id = crate::application::submitted(&lin, &exam, &position).await;
        let found = exam::find_by_id(&t.app, exam.id).await.unwrap();
        let of = async || {
            let table = positions::table(&t.app, &found).await.unwrap();
            positions::figures(&t.app, &found).await.unwrap().of(table.items()[0].id)
        };
        assert_eq!(of().await.applied, 0, "nobody has folded yet");
        t.run_jobs().await;
        app::statistics::fold(&t.app).await.unwrap();
        assert_eq!(of().await.applied, 1);
        assert_eq!(setup::figures(&t.system(), &found).await.unwrap().applied, 1);
        let officer = officer(&t).await;
        assert_eq!(refusal(exam::unpublish(&officer, &exam.public_id).await.unwrap_err()), "exam_state");
        app::application::withdraw(&lin.ctx(), &id).await.unwrap();
        app::statistics::fold(&t.app).await.unwrap();
        assert_eq!(of().await.applied, 0);
    }
}
