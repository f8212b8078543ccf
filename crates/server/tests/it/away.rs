//! PostgreSQL can't be reached: what is known is shown, everything else says so, and all is well when it is back.

use testkit::{Browser, Page, TestApp, TestExam};

/// An exam and a notice, and a visitor who has seen the pages that everybody opens.
async fn portal(t: &TestApp) -> (TestExam, Browser) {
    let exam = t.recruitment(|_| {}).await;
    let draft = app::announcement::AnnouncementDraft {
        category: "notice".into(),
        title: "公开招聘公告".into(),
        body: "<p>正文</p>".into(),
        ..Default::default()
    };
    let id = app::announcement::save(&t.system(), None, &draft)
        .await
        .unwrap();
    app::announcement::publish(&t.system(), &id, None)
        .await
        .unwrap();
    t.app.board().reload(&t.app).await.unwrap();
    let mut visitor = t.browser();
    for path in known(&exam) {
        visitor.get(&path).await.expect(200);
    }
    (exam, visitor)
}

fn known(exam: &TestExam) -> [String; 6] {
    let exam = format!("/exams/{}", exam.public_id);
    let positions = format!("{exam}/positions");
    [
        "/".into(),
        "/news".into(),
        "/privacy".into(),
        "/login".into(),
        exam,
        positions,
    ]
}

fn refused(page: Page) -> Page {
    let page = page
        .expect(503)
        .shows("暂时不能办理")
        .shows("请几分钟后再试")
        .lacks("PostgreSQL");
    assert_eq!(page.header("retry-after"), Some("30"));
    page
}

/// Past what the portal takes for fresh, with nobody's session remembered.
fn later(t: &TestApp) {
    t.clock.advance(60);
    t.app.sessions().clear();
}

#[test]
fn the_portal_shows_what_it_knows_while_postgresql_is_cut_off() {
    testkit::run(TestApp::on_a_line, |t| async move {
        let (exam, mut visitor) = portal(&t).await;
        let mut zhang = t.candidate("张三").await.browser();
        later(&t);
        t.line().cut();
        for path in known(&exam) {
            visitor.get(&path).await.expect(200);
            // With a cookie that nobody can look up, too.
            zhang.get(&path).await.expect(200);
        }
        let page = visitor.get("/").await;
        page.shows("2026年市直事业单位公开招聘")
            .shows("公开招聘公告");
        let positions = format!("/exams/{}/positions", exam.public_id);
        visitor.get(&positions).await.shows("数字资源管理");
        // The control: a process that never read them has nothing to show.
        let fresh = t.with(|_| {});
        refused(fresh.browser().get("/").await);
        t.clock.advance_hours(5);
        let page = visitor.get("/").await.expect(200);
        page.shows("2026年市直事业单位公开招聘");

        t.line().mend();
        later(&t);
        let other = t.recruitment(|settings| settings.number = 2).await;
        let page = visitor.get(&format!("/exams/{}", other.public_id)).await;
        page.expect(200);
    });
}

#[test]
fn pages_that_need_postgresql_say_when_to_come_again_and_work_when_it_is_back() {
    testkit::run(TestApp::on_a_line, |t| async move {
        let zhang = t.candidate("张三").await;
        let officer = t.staff(&[domain::staff::Role::ExamOfficer]).await;
        let (mut browser, mut office) = (zhang.browser(), officer.browser());
        let form = browser
            .get("/profile/work")
            .await
            .expect(200)
            .form("/profile/work")
            .set("occupation", "unemployed")
            .set("address", "南屿市人民路 1 号");
        later(&t);
        t.line().cut();
        refused(browser.get("/profile/work").await);
        refused(browser.submit(form.clone()).await);
        refused(office.get("/office/exams").await);
        let mut stranger = t.browser();
        let page = stranger.get("/login").await.expect(200);
        let login = page
            .form("/login")
            .set("number", &zhang.person.number)
            .set("password", &zhang.password);
        refused(stranger.submit(login).await);

        t.line().mend();
        later(&t);
        let page = browser.submit(form).await.expect(200);
        page.shows("保存成功");
        office.get("/office/exams").await.expect(200);
        let page = stranger.get("/login").await.expect(200);
        let login = page
            .form("/login")
            .set("number", &zhang.person.number)
            .set("password", &zhang.password);
        stranger.submit(login).await.expect(200).is_at("/home");
    });
}

#[test]
fn a_postgresql_that_is_silent_keeps_nobody_waiting_for_ever() {
    testkit::run(TestApp::on_a_line, |t| async move {
        let (exam, mut visitor) = portal(&t).await;
        let mut zhang = t.candidate("张三").await.browser();
        zhang.get("/profile").await.expect(200);
        later(&t);
        t.line().silence();
        let page = visitor.get("/").await.expect(200);
        page.shows("2026年市直事业单位公开招聘");
        visitor
            .get(&format!("/exams/{}", exam.public_id))
            .await
            .expect(200);
        refused(zhang.get("/profile").await);

        t.line().mend();
        later(&t);
        zhang.get("/profile").await.expect(200);
        visitor.get("/").await.expect(200);
    });
}

#[test]
fn many_visitors_at_once_all_see_the_portal_while_postgresql_is_silent() {
    testkit::run(TestApp::on_a_line, |t| async move {
        let (_, _) = portal(&t).await;
        later(&t);
        t.line().silence();
        let crowd: Vec<_> = (0..50)
            .map(|_| {
                let mut visitor = t.browser();
                testkit::tokio::spawn(async move { visitor.get("/").await.status })
            })
            .collect();
        for visitor in crowd {
            assert_eq!(visitor.await.unwrap(), 200);
        }
    });
}

#[test]
fn whoever_loses_the_line_at_his_commit_is_not_told_that_nothing_was_saved() {
    testkit::run(TestApp::on_a_line, |t| async move {
        let mut browser = t.candidate("张三").await.browser();
        let page = browser.get("/profile/work").await.expect(200);
        let form = page.form("/profile/work").set("occupation", "unemployed");
        t.line().cut_at_commit();
        let page = browser
            .submit(form.clone().set("address", "南屿市解放路 2 号"))
            .await;
        page.expect(503)
            .shows("不能确定是否已经保存")
            .shows("请稍后打开相应页面核对")
            .lacks("没有保存任何")
            .lacks("内容没有保存");
        t.line().mend();
        let page = browser.get("/profile/work").await.expect(200);
        let stored = page.form("/profile/work");
        assert_eq!(
            stored.value("address"),
            Some("南屿市解放路 2 号"),
            "it was stored"
        );
        // The control: cut before that, nothing is stored, and the page says so.
        t.line().cut();
        let page = browser
            .submit(form.set("address", "南屿市人民路 1 号"))
            .await;
        refused(page).shows("刚才的内容没有保存");
        t.line().mend();
        let page = browser.get("/profile/work").await.expect(200);
        let stored = page.form("/profile/work");
        assert_eq!(stored.value("address"), Some("南屿市解放路 2 号"));
    });
}
