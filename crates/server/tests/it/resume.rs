//! A staff session that ends while a form is open: what was typed travels through both steps of the login and comes back.

use domain::staff::Role;
use testkit::{Browser, Page, TestApp, TestStaff, both_backends, totp_code};
use web::Who;

use crate::application::submitted;
use crate::staff::shown;

/// Longer than any session of the office lasts.
const NIGHT: i64 = 9;

/// From the login page that a form led to, through name, password and time code.
async fn log_in(t: &TestApp, browser: &mut Browser, page: &Page, staff: &TestStaff) -> Page {
    let login = page
        .form("/office/login")
        .set("username", &staff.username)
        .set("password", &staff.password);
    let page = browser.submit(login).await.expect(200).shows("输入动态码");
    let code = totp_code(&staff.secret, t.now());
    let form = page.form("/office/login/code").set("otp", &code);
    browser.submit(form).await
}

/// What the page between login and form does by itself where scripts run.
async fn go_on(browser: &mut Browser, page: Page, action: &str) -> Page {
    let page = page.expect(200).shows("登录成功");
    browser.submit(page.form(action)).await
}

both_backends! {
    async fn what_staff_typed_survives_a_session_that_ended_meanwhile(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = officer.browser();
        let address = "/office/announcements/new";
        let form = browser.get(address).await.expect(200).form(address);
        let form = form.set("title", "2026年招聘公告").set("category", "notice").set("body", "<p>写了半天的正文</p>");
        t.clock.advance_hours(NIGHT);

        let page = browser.submit(form).await.expect(401).shows("登录已过期").shows("填的内容还在").lacks("文件");
        let page = log_in(&t, &mut browser, &page, &officer).await;
        let page = go_on(&mut browser, page, address).await;
        let page = page.expect(200).shows("刚才填的内容还在");
        let form = page.form(address);
        assert_eq!(form.value("title"), Some("2026年招聘公告"));
        assert_eq!(form.value("category"), Some("notice"));
        assert!(form.value("body").unwrap().contains("写了半天的正文"));
        browser.get("/office/announcements").await.lacks("2026年招聘公告");
        browser.submit(form).await.expect(200).shows("公告已保存：2026年招聘公告");
    }

    async fn a_wrong_password_and_a_wrong_code_lose_nothing(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = officer.browser();
        let address = "/office/announcements/new";
        let form = browser.get(address).await.form(address).set("title", "不能丢的标题");
        t.clock.advance_hours(NIGHT);
        let page = browser.submit(form).await.expect(401);
        let wrong = page.form("/office/login").set("username", &officer.username).set("password", "falsches-kennwort");
        let page = browser.submit(wrong).await.expect(422).shows("用户名或密码不对");
        let right = page.form("/office/login").set("username", &officer.username).set("password", &officer.password);
        let page = browser.submit(right).await.expect(200);
        let page = browser.submit(page.form("/office/login/code").set("otp", "000000")).await.expect(422);
        let form = page.form("/office/login/code").set("otp", &officer.code());
        let page = browser.submit(form).await;
        let page = go_on(&mut browser, page, address).await;
        assert_eq!(page.form(address).value("title"), Some("不能丢的标题"));
    }

    async fn a_reviewers_decision_comes_back_on_the_bench(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, "数字资源管理").await;
        let reviewer = t.staff(&[Role::FirstReviewer]).await;
        let mut browser = reviewer.browser();
        let bench = format!("/office/reviews/{}/{id}", exam.public_id);
        let decide = format!("{bench}/decide");
        let form = browser.get(&bench).await.expect(200).form(&decide);
        let form = form.set("decision", "return").set("code", "unclear_document").set("reason", "缺单位公章").add("item", "q.proof");
        t.clock.advance_hours(NIGHT);
        let page = browser.submit(form).await.expect(401);
        let page = log_in(&t, &mut browser, &page, &reviewer).await;
        let page = go_on(&mut browser, page, &decide).await.expect(200).shows("刚才填的内容还在");
        let form = page.form(&decide);
        assert_eq!(form.value("decision"), Some("return"));
        assert_eq!(form.value("code"), Some("unclear_document"));
        assert_eq!(form.value("reason").map(str::trim), Some("缺单位公章"));
        assert_eq!(form.values("item"), ["q.proof"]);
        let page = browser.submit(form).await.expect(200);
        drop(page);
        lin.again().await.browser().get("/messages").await.shows("缺单位公章");
    }

    async fn a_decision_about_what_has_changed_meanwhile_is_not_filled_in(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, "数字资源管理").await;
        let (reviewer, other) = (t.staff(&[Role::FirstReviewer]).await, t.staff(&[Role::FirstReviewer]).await);
        let mut browser = reviewer.browser();
        let bench = format!("/office/reviews/{}/{id}", exam.public_id);
        let decide = format!("{bench}/decide");
        let form = browser.get(&bench).await.form(&decide).set("decision", "reject").set("reason", "专业不符");
        let mut faster = other.browser();
        let approve = faster.get(&bench).await.form(&decide).set("decision", "approve");
        faster.submit(approve).await.expect(200);
        t.clock.advance_hours(NIGHT);
        let page = browser.submit(form).await.expect(401);
        let page = log_in(&t, &mut browser, &page, &reviewer).await;
        let page = go_on(&mut browser, page, &decide).await.expect(200).is_at(&bench);
        page.shows("登录期间这一页的内容有变化").lacks("刚才填的内容还在");
    }

    async fn a_file_has_to_be_chosen_again_and_the_page_says_so(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let id = app::announcement::save(&t.system(), None, &app::announcement::AnnouncementDraft {
            category: "notice".into(),
            title: "岗位表".into(),
            body: "<p>见附件</p>".into(),
            ..Default::default()
        }).await.unwrap();
        let edit = format!("/office/announcements/{id}");
        let files = format!("{edit}/files");
        let mut browser = officer.browser();
        let form = browser.get(&edit).await.expect(200).form(&files);
        let form = form.file("file", "岗位表.pdf", "application/pdf", b"%PDF-1.7 jobs");
        t.clock.advance_hours(NIGHT);
        let page = browser.submit(form).await.expect(401).shows("文件没有上传，登录后须重新选择");
        let page = log_in(&t, &mut browser, &page, &officer).await;
        let page = go_on(&mut browser, page, &files).await.expect(200).shows("请重新选择文件").lacks("岗位表.pdf");
        let form = page.form(&files).file("file", "岗位表.pdf", "application/pdf", b"%PDF-1.7 jobs");
        browser.submit(form).await.expect(200).shows("附件已上传：岗位表.pdf");
    }

    async fn a_button_pressed_too_late_leads_back_to_its_page(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let exam = t.recruitment(|_| {}).await;
        let mut browser = officer.browser();
        let overview = format!("/office/exams/{}", exam.public_id);
        let form = browser.get(&overview).await.expect(200).form(&format!("{overview}/unpublish"));
        t.clock.advance_hours(NIGHT);
        let page = browser.submit(form).await.expect(401).shows("刚才的操作没有执行").lacks("填的内容还在");
        let page = log_in(&t, &mut browser, &page, &officer).await;
        page.expect(200).is_at(&overview);
    }

    async fn what_one_member_of_staff_typed_is_never_shown_to_another(t: TestApp) {
        let page = a_colleague_logs_in(&t).await;
        assert!(!page.html().contains("只有我看得到"));
        page.expect(200).is_at("/office/announcements/new").lacks("只有我看得到");
    }

    async fn control_without_the_owner_the_colleague_reads_it(t: TestApp) {
        let open = t.with(|setup| setup.control.no_owner = true);
        let page = a_colleague_logs_in(&open).await;
        assert!(page.html().contains("只有我看得到"));
    }

    async fn a_form_travels_through_a_new_password_and_a_new_second_factor(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = officer.browser();
        let address = "/office/announcements/new";
        let form = browser.get(address).await.form(address).set("title", "换手机以前写的");
        t.clock.advance_hours(NIGHT);
        // By the operator: in the office a second factor takes two people.
        let password = "caomei-xiaochuan-4";
        app::staff::reset(&t.system(), &officer.username, app::Secret::new(password), true).await.unwrap();

        let page = browser.submit(form).await.expect(401);
        let login = page.form("/office/login").set("username", &officer.username).set("password", password);
        let page = browser.submit(login).await.expect(200).shows("设置自己的密码");
        let form = page.form("/office/login/password");
        let form = form.set("password", "mihoutao-qingwa-7").set("password_again", "mihoutao-qingwa-7");
        let page = browser.submit(form).await.expect(200).shows("绑定验证器");
        let secret = shown(&page, "密钥");
        let form = page.form("/office/login/enroll").set("otp", &totp_code(&secret, t.now()));
        let page = browser.submit(form).await;
        let page = go_on(&mut browser, page, address).await;
        assert_eq!(page.form(address).value("title"), Some("换手机以前写的"));
    }
}

/// A form of one member of staff is sent on a shared machine after the session ended, and another one logs in there.
async fn a_colleague_logs_in(t: &TestApp) -> Page {
    let officer = t.staff(&[Role::ExamOfficer]).await;
    let colleague = t.staff(&[Role::ExamOfficer]).await;
    let mut browser = officer.browser();
    let address = "/office/announcements/new";
    let form = browser
        .get(address)
        .await
        .form(address)
        .set("title", "只有我看得到");
    t.clock.advance_hours(NIGHT);
    let page = browser.submit(form).await.expect(401);
    let page = log_in(t, &mut browser, &page, &colleague).await;
    match page
        .forms()
        .iter()
        .any(|form| form.path() == address && form.value("title").is_none())
    {
        true => go_on(&mut browser, page, address).await,
        false => page,
    }
}

#[test]
fn every_form_of_the_office_stands_on_a_page() {
    let forms = server::routes::form_pages();
    let mut seen = 0;
    for (route, page) in &forms {
        if matches!(route.who, Who::Staff(_) | Who::AnyStaff) {
            let page = page.as_deref().unwrap_or_else(|| panic!("{}", route.path));
            // The way out is on every page; everything else stands somewhere.
            assert!(
                page != "/office" || route.path == "/office/logout",
                "{}",
                route.path
            );
            seen += 1;
        }
    }
    assert!(seen > 60, "only {seen} forms were found");
}
