//! The office's people: the way in, the second factor, roles, and being put out.

use app::staff::{StaffLogin, Work};
use app::{Actor, Error, Secret};
use domain::staff::Role;
use testkit::{Browser, TestApp, TestPosition, TestStaff, both_backends, totp_code};

use crate::application::submitted;

/// Gives name and password in a browser; where that leads.
pub(crate) async fn first_step(
    browser: &mut Browser,
    username: &str,
    password: &str,
) -> testkit::Page {
    let page = browser.get("/office/login").await.expect(200);
    browser
        .submit(
            page.form("/office/login")
                .set("username", username)
                .set("password", password),
        )
        .await
}

/// What the page shows behind a label of its definition list.
pub(crate) fn shown(page: &testkit::Page, label: &str) -> String {
    let html = page.html();
    let after = html
        .split_once(&format!("<dt>{label}</dt>"))
        .expect(label)
        .1;
    let cell = after.split_once("</dd>").unwrap().0;
    cell.rsplit_once("</span>")
        .map_or(cell, |(inside, _)| inside)
        .rsplit('>')
        .next()
        .unwrap()
        .trim()
        .to_owned()
}

/// The admin's page of one account.
pub(crate) async fn open(desk: &mut Browser, username: &str) -> testkit::Page {
    let link = desk.get("/office/staff").await.expect(200).link(username);
    desk.get(&link).await
}

pub(crate) async fn logged_in(t: &TestApp, staff: &TestStaff) -> Browser {
    let mut browser = t.browser();
    first_step(&mut browser, &staff.username, &staff.password)
        .await
        .is_at("/office/login/code");
    let page = browser.get("/office/login/code").await.expect(200);
    browser
        .submit(page.form("/office/login/code").set("otp", &staff.code()))
        .await
        .expect(200)
        .is_at("/office");
    browser
}

/// Two half-open sessions set up the second factor at the same moment: how many succeed.
async fn enrolled_at_once(t: &TestApp, officer: &TestStaff) -> usize {
    let ctx = t.ctx(Actor::Anonymous);
    let half = async || {
        let login = StaffLogin {
            username: officer.username.clone(),
            password: Secret::new(officer.password.clone()),
            captcha: t.solved(),
        };
        let half = app::staff::begin(&ctx, login).await.unwrap();
        app::account::session::lookup(&t.app, &half.token.expose(), t.now())
            .await
            .unwrap()
            .unwrap()
    };
    let (one, two) = (half().await, half().await);
    let mine = app::staff::enrollment(&ctx, &one).await.unwrap();
    let theirs = app::staff::enrollment(&ctx, &two).await.unwrap();
    let (my_code, their_code) = (
        totp_code(&mine.secret, t.now()),
        totp_code(&theirs.secret, t.now()),
    );
    let (first, second) = testkit::tokio::join!(
        app::staff::enroll(&ctx, &one, &mine.sealed, &my_code),
        app::staff::enroll(&ctx, &two, &theirs.sealed, &their_code),
    );
    usize::from(first.is_ok()) + usize::from(second.is_ok())
}

both_backends! {
    async fn an_invited_person_chooses_a_password_sets_up_the_app_and_is_in(t: TestApp) {
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let mut browser = admin.browser();
        let page = browser.get("/office/staff/new").await.expect(200);
        let form = page.form("/office/staff/new").set("username", "Wang.Min").set("name", "王敏");
        let form = form.unset("role").unset("exam").unset("scope");
        let form = form.add("role", "photo_reviewer").add("exam", "all").add("scope", "");
        let page = browser.submit(form).await.expect(200).shows("只在这里显示一次");
        let password = shown(&page, "初始密码");

        let mut theirs = t.browser();
        first_step(&mut theirs, "wang.min", &password).await.is_at("/office/login/code").shows("设置自己的密码");
        let page = theirs.get("/office").await;
        let page = page.is_at("/office/login/code");
        let weak = page.form("/office/login/password").set("password", "short-1").set("password_again", "short-1");
        theirs.submit(weak).await.expect(422).shows("12");
        let page = theirs.get("/office/login/code").await;
        let form = page.form("/office/login/password");
        let form = form.set("password", "mihoutao-qingwa-7").set("password_again", "mihoutao-qingwa-7");
        let page = theirs.submit(form).await.expect(200).shows("绑定验证器");
        assert!(page.html().contains("<svg"), "a QR code");
        let secret = shown(&page, "密钥");
        let wrong = page.form("/office/login/enroll").set("otp", "000000");
        let page = theirs.submit(wrong).await.expect(422).shows("动态码不对");
        assert_eq!(shown(&page, "密钥"), secret, "the app holds this one already");
        let right = page.form("/office/login/enroll").set("otp", &totp_code(&secret, t.now()));
        theirs.submit(right).await.expect(200).is_at("/office").shows("照片审核").lacks("操作日志");

        browser.get("/office/staff").await.expect(200).shows("王敏").shows("已绑定");
        // The first password is nobody's any more.
        first_step(&mut t.browser(), "wang.min", &password).await.expect(422).shows("用户名或密码不对");
    }

    async fn a_role_for_one_exam_is_never_widened_by_saving_its_page(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let person = t.staff_with(&[(Role::FirstReviewer, exam.id, "市图书馆".into())]).await;
        app::exam::close(&t.system(), &exam.public_id).await.unwrap();
        t.archived(&exam.public_id).await;
        let mut desk = admin.browser();
        let page = open(&mut desk, &person.username).await.expect(200);
        let path = page.path().to_owned();
        let form = page.form(&path);
        assert_eq!(form.values("exam")[0], exam.public_id, "an archived exam that is held is shown");
        let page = desk.submit(form.set("name", "改名")).await.expect(200).shows("账号已保存：改名");
        let held = || async { app::staff::grants(&t.app, person.id).await.unwrap().0 };
        let before = held().await;
        assert_eq!((before.len(), before[0].exam_id), (1, exam.id));

        // Every exam is something that one says. Nothing, and what doesn't exist, isn't it.
        let with = |role: &str, one: &str| {
            let form = page.form(&path).unset("role").unset("exam").unset("scope");
            form.add("role", role).add("exam", one).add("scope", "")
        };
        for wrong in ["", "0000000000000000"] {
            let again = desk.submit(with("first_reviewer", wrong)).await.expect(422).shows("请选择考试，或者选“全部考试”");
            assert_eq!(again.form(&path).values("role")[0], "first_reviewer", "what was chosen stays");
            assert_eq!(held().await, before, "{wrong:?}");
        }
        desk.submit(with("emperor", "all")).await.expect(422).shows("没有这个角色");
        assert_eq!(held().await, before);
        let new = desk.get("/office/staff/new").await.expect(200).form("/office/staff/new");
        let new = new.set("username", "wang.min").set("name", "王敏").unset("role").unset("exam").unset("scope");
        let new = new.add("role", "auditor").add("exam", "").add("scope", "");
        desk.submit(new).await.expect(422).shows("请选择考试，或者选“全部考试”");
        // The control: said, it holds for all.
        desk.submit(with("first_reviewer", "all")).await.expect(200).shows("账号已保存：");
        assert_eq!(held().await[0].exam_id, 0);
    }

    async fn a_unit_that_the_position_table_does_not_have_is_a_slip_of_the_pen(t: TestApp) {
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let exam = t.recruitment(|_| {}).await;
        let mut desk = admin.browser();
        let page = desk.get("/office/staff/new").await.expect(200);
        let units = app::exam::positions::table(&t.app, &app::exam::find(&t.app, &exam.public_id).await.unwrap()).await.unwrap();
        let unit = units.departments()[0].clone();
        assert!(page.html().contains(&format!("<option value=\"{unit}\">")), "the units are offered");
        let with = |name: &str, one: &str, unit: &str| {
            let form = page.form("/office/staff/new").set("username", name).set("name", "许初审");
            let form = form.unset("role").unset("exam").unset("scope");
            form.add("role", "first_reviewer").add("exam", one).add("scope", unit)
        };
        let wrong = desk.submit(with("xu.a", &exam.public_id, "县委宣传郎")).await.expect(422);
        wrong.shows("岗位表里没有主管部门“县委宣传郎”");
        // The control: a unit of the table; and what is for every exam is not held against one table.
        desk.submit(with("xu.b", &exam.public_id, &unit)).await.expect(200).shows("账号已建立");
        desk.submit(with("xu.c", "all", "县委宣传郎")).await.expect(200).shows("账号已建立");
    }

    async fn a_time_code_opens_the_office_once(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        t.clock.advance(60);
        logged_in(&t, &officer).await;
        let mut browser = t.browser();
        first_step(&mut browser, &officer.username, &officer.password).await;
        let page = browser.get("/office/login/code").await;
        let again = page.form("/office/login/code").set("otp", &officer.code());
        browser.submit(again).await.expect(422).shows("已用过");
        // The control: the next code is good.
        t.clock.advance(30);
        let page = browser.get("/office/login/code").await;
        let next = page.form("/office/login/code").set("otp", &officer.code());
        browser.submit(next).await.expect(200).is_at("/office");
    }

    async fn a_password_alone_opens_nothing(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = t.browser();
        first_step(&mut browser, &officer.username, &officer.password).await;
        for path in ["/office", "/office/announcements", "/office/search", "/office/account"] {
            browser.get(path).await.is_at("/office/login/code");
        }
    }

    async fn tries_are_delayed_and_never_lock(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = t.browser();
        for _ in 0..6 {
            first_step(&mut browser, &officer.username, "wrong-password-1").await.expect(422).shows("用户名或密码不对");
        }
        first_step(&mut browser, &officer.username, &officer.password).await.expect(429).shows("账号没有被锁定");
        // Somebody elsewhere guessing doesn't keep the owner out.
        let mut elsewhere = t.browser();
        first_step(&mut elsewhere, &officer.username, &officer.password).await.is_at("/office/login/code");
        // The delay ends by itself.
        t.clock.advance(31);
        first_step(&mut browser, &officer.username, &officer.password).await.is_at("/office/login/code");
        // A name that doesn't exist gets the same words.
        first_step(&mut t.browser(), "nobody", "wrong-password-1").await.expect(422).shows("用户名或密码不对");
    }

    async fn the_admin_ends_a_delay(t: TestApp) {
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = t.browser();
        for _ in 0..6 {
            first_step(&mut browser, &officer.username, "wrong-password-1").await;
        }
        first_step(&mut browser, &officer.username, &officer.password).await.expect(429);
        let mut desk = admin.browser();
        let page = open(&mut desk, &officer.username).await.expect(200);
        desk.submit(page.form_with("解除登录等待")).await.expect(200);
        first_step(&mut browser, &officer.username, &officer.password).await.is_at("/office/login/code");
    }

    async fn who_is_disabled_is_out_at_once(t: TestApp) {
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let other = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = officer.browser();
        browser.get("/office/announcements").await.expect(200).is_at("/office/announcements");
        app::staff::disable(&admin.ctx().await, &officer.username).await.unwrap();
        browser.get("/office/announcements").await.is_at("/office/login");
        first_step(&mut t.browser(), &officer.username, &officer.password).await.expect(422);
        // The control: the other one stays in.
        other.browser().get("/office/announcements").await.expect(200).is_at("/office/announcements");
        app::staff::enable(&admin.ctx().await, &officer.username).await.unwrap();
        first_step(&mut t.browser(), &officer.username, &officer.password).await.is_at("/office/login/code");
    }

    async fn other_roles_hold_from_the_next_request_on(t: TestApp) {
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let person = t.staff(&[Role::PhotoReviewer]).await;
        let mut browser = person.browser();
        browser.get("/office/photos").await.expect(200);
        browser.get("/office/audit").await.expect(403);
        let mut desk = admin.browser();
        let page = open(&mut desk, &person.username).await.expect(200);
        let path = page.path().to_owned();
        let form = page.form(&path).unset("role").unset("exam").unset("scope");
        let form = form.add("role", "auditor").add("exam", "all").add("scope", "");
        desk.submit(form).await.expect(200).shows("账号已保存：");
        browser.get("/office/photos").await.expect(403).shows("没有权限");
        browser.get("/office/audit").await.expect(200).shows("staff.change");
        // A form that was open meanwhile changes nothing.
        let stale = page.form(&path).set("name", "别名");
        desk.submit(stale).await.expect(409);
    }

    async fn nobody_changes_his_own_roles_or_shuts_himself_out(t: TestApp) {
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let ctx = admin.ctx().await;
        let own = app::staff::own(&ctx).await.unwrap();
        let all = vec![(Role::ExamOfficer, 0, String::new())];
        let refused = app::staff::change(&ctx, &own.row.public_id, own.version, ("我", ""), all.clone()).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        assert!(matches!(app::staff::disable(&ctx, &admin.username).await, Err(Error::Refused(_))));
        // The control: another admin may.
        let other = t.staff(&[Role::SecurityAdmin]).await;
        let ctx = other.ctx().await;
        app::staff::change(&ctx, &own.row.public_id, own.version, ("我", ""), all).await.unwrap();
    }

    async fn one_person_never_holds_both_levels_of_a_review(t: TestApp) {
        let new = |grants| app::staff::NewStaff {
            username: "liang.ji".into(),
            name: "梁季".into(),
            unit: String::new(),
            grants,
            password: Secret::new("mihoutao-qingwa-7"),
            must_change_password: true,
        };
        let both = vec![(Role::FirstReviewer, 0, String::new()), (Role::SecondReviewer, 7, String::new())];
        let refused = app::staff::create(&t.system(), new(both)).await;
        assert!(matches!(refused, Err(Error::Fields(_))), "{refused:?}");
        let apart = vec![(Role::FirstReviewer, 6, String::new()), (Role::SecondReviewer, 7, String::new())];
        app::staff::create(&t.system(), new(apart)).await.unwrap();
    }

    async fn those_who_run_the_system_see_no_candidate(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let found = app::account::office::search(
            &t.staff(&[Role::ExamOfficer]).await.ctx().await,
            &app::account::office::Search { number: lin.person.number.clone(), ..Default::default() },
        )
        .await
        .unwrap();
        let page = format!("/office/candidates/{}", found[0].public_id);
        for role in [Role::SysAdmin, Role::SecurityAdmin] {
            let mut browser = t.staff(&[role]).await.browser();
            for path in ["/office/search", page.as_str(), "/office/claims", "/office/photos"] {
                browser.get(path).await.expect(403);
            }
            browser.get("/office/approvals").await.expect(200).lacks("林一舟");
            browser.get("/office").await.expect(200).lacks("查找考生");
        }
        // The control.
        t.staff(&[Role::ExamOfficer]).await.browser().get(&page).await.expect(200).shows("林一舟");
    }

    async fn a_changed_password_ends_every_other_session(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let (mut here, mut there) = (officer.browser(), officer.browser());
        there.get("/office/account").await.expect(200).shows(&officer.username);
        let page = here.get("/office/account/password").await.expect(200);
        let form = page.form("/office/account/password").set("password", "shiliu-huapen-93").set("password_again", "shiliu-huapen-93");
        here.submit(form.clone().set("current_password", "not-the-one-1")).await.expect(422).shows("现在的密码不对");
        here.submit(form.set("current_password", &officer.password)).await.expect(200).shows("密码已修改");
        here.get("/office").await.expect(200).is_at("/office");
        there.get("/office").await.is_at("/office/login");
        let page = here.get("/office").await;
        here.submit(page.form("/office/logout")).await.is_at("/office/login").shows("已退出登录");
        here.get("/office").await.is_at("/office/login");
    }

    async fn a_reset_password_is_changed_at_the_next_login(t: TestApp) {
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = officer.browser();
        let mut desk = admin.browser();
        let page = open(&mut desk, &officer.username).await.expect(200);
        let page = desk.get(&page.link("重置密码…")).await.expect(200);
        let page = desk.submit(page.form_with("确认重置密码")).await.expect(200);
        let password = shown(&page, "初始密码");
        browser.get("/office").await.is_at("/office/login");
        let mut browser = t.browser();
        let page = first_step(&mut browser, &officer.username, &password).await.shows("设置自己的密码");
        // Whoever didn't ask for it learns who did it.
        let page = page.shows("重置了您的密码。").shows("如果不是您本人要求的");
        let form = page.form("/office/login/password").set("password", "shiliu-huapen-93").set("password_again", "shiliu-huapen-93");
        // The second factor stays hers: taking it away is another matter.
        let page = browser.submit(form).await.expect(200).shows("输入动态码");
        browser.submit(page.form_with("返回登录页")).await.is_at("/office/login");
        browser.get("/office").await.is_at("/office/login");
    }

    async fn what_follows_is_told_before_an_account_is_shut_or_its_password_reset(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let application = submitted(&lin, &exam, "数字资源管理").await;
        let reviewer = t.staff_named("王敏", &[Role::FirstReviewer]).await;
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        app::review::claim(&reviewer.ctx().await, &application).await.unwrap();
        let mut theirs = reviewer.browser();
        theirs.get("/office").await.expect(200).is_at("/office");
        let mut desk = admin.browser();
        let page = open(&mut desk, &reviewer.username).await.expect(200);
        for form in page.forms() {
            assert!(!form.path().ends_with("/reset") && !form.path().ends_with("/disable"), "one click does {}", form.path());
        }
        let reset = desk.get(&page.link("重置密码…")).await.expect(200).shows("王敏").shows(&reviewer.username);
        reset.shows("1 处登录立即退出").shows("原密码作废").shows("1 条资格审查").shows("验证器不变");
        let sure = desk.get(&page.link("停用账号…")).await.expect(200).shows("王敏").shows("1 处登录立即退出");
        let sure = sure.shows("已领取没有审完的 1 条资格审查").shows("不能登录");
        // So far nothing has happened.
        theirs.get("/office").await.expect(200).is_at("/office");
        desk.submit(sure.form_with("确认停用账号")).await.expect(200).shows("账号已停用：王敏").shows("启用账号").lacks("重置密码");
        theirs.get("/office").await.is_at("/office/login");
        // What can't be done isn't asked about.
        let at = page.path().to_owned();
        for what in ["reset", "disable"] {
            desk.get(&format!("{at}/{what}")).await.is_at(&at);
        }
        // A control: a clean desk has nothing to hand back.
        let other = t.staff_named("赵静", &[Role::FirstReviewer]).await;
        let page = open(&mut desk, &other.username).await.expect(200);
        desk.get(&page.link("停用账号…")).await.expect(200).lacks("已领取").shows("赵静");
    }

    async fn only_one_of_two_sessions_sets_up_the_second_factor(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        crate::invariants::run(&t, &["UPDATE staff SET totp_secret = NULL"]).await;
        assert_eq!(enrolled_at_once(&t, &officer).await, 1);
    }

    async fn control_with_the_first_one_forgotten_both_sessions_set_it_up(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        crate::invariants::forgets(&t, "staff", "totp_secret", "NULL").await;
        crate::invariants::forgets(&t, "staff", "totp_last_step", "0").await;
        crate::invariants::run(&t, &["UPDATE staff SET totp_secret = NULL"]).await;
        assert_eq!(enrolled_at_once(&t, &officer).await, 2);
    }

    async fn a_half_open_session_acts_for_nobody(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let login = StaffLogin {
            username: officer.username.clone(),
            password: Secret::new(officer.password.clone()),
            captcha: t.solved(),
        };
        let ctx = t.ctx(Actor::Anonymous);
        let half = app::staff::begin(&ctx, login).await.unwrap();
        let stored = app::account::session::lookup(&t.app, &half.token.expose(), t.now()).await.unwrap().unwrap();
        assert!(stored.permissions().is_empty());
        assert!(matches!(app::staff::enrollment(&ctx, &stored).await, Err(Error::Forbidden)));
    }

    async fn a_page_that_is_not_there_keeps_the_office_around_it(t: TestApp) {
        let mut officer = t.staff(&[Role::ExamOfficer]).await.browser();
        let page = officer.get("/office/exams/0000000000000000").await.expect(404).shows("没有找到这个页面").shows("返回工作台");
        page.shows("考试管理").shows("退出").lacks("网上支付说明").lacks("网上报名服务平台");
        officer.get("/office/audit").await.expect(403).shows("没有权限").shows("考试管理");
        // Before the login there is no menu to show.
        let page = t.browser().get("/office/nothing").await.expect(404).shows("没有找到这个页面");
        page.lacks("考试管理").lacks("网上支付说明");
        // The candidates' site stays as it was.
        t.browser().get("/nothing").await.expect(404).shows("网上支付说明").lacks("考务管理");
    }

    async fn the_menu_says_on_every_page_how_much_waits(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let spec = domain::photo::PhotoSpec::default();
        app::photo::upload(&lin.ctx(), &imaging::drawn::portrait(1), &spec).await.unwrap();
        let count = "照片审核<span class=\"bk-count\">1</span>";
        let mut reviewer = t.staff(&[Role::PhotoReviewer]).await.browser();
        let page = reviewer.get("/office/account").await.expect(200);
        assert!(page.html().contains(count), "{}", page.html());
        // What one has just done shows at once, what others do within seconds.
        let page = reviewer.get("/office/photos").await.expect(200);
        let page = reviewer.submit(page.form("/office/photos/claim")).await.expect(200);
        reviewer.submit(page.form("/office/photos").set("choice-0", "approve")).await.expect(200);
        assert!(!reviewer.get("/office/account").await.expect(200).html().contains(count));
        // Who may not do it sees neither the entry nor its count.
        reviewer.get("/office/account").await.expect(200).lacks("账号申诉");
    }

    async fn the_list_names_the_roles_and_is_filtered_by_them(t: TestApp) {
        let finance = t.staff(&[Role::FinanceOfficer, Role::ScoreOfficer]).await;
        let mut admin = t.staff(&[Role::SecurityAdmin]).await.browser();
        admin.get("/office/staff").await.expect(200).shows("财务管理员").shows("成绩管理员").shows("共 2 人");
        let page = admin.get("/office/staff?role=finance_officer").await.expect(200).shows("共 1 人");
        page.shows(&finance.username);
        admin.get("/office/staff?role=photo_reviewer").await.expect(200).shows("没有符合条件的账号");
    }

    async fn the_desk_shows_what_waits(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let spec = domain::photo::PhotoSpec::default();
        app::photo::upload(&lin.ctx(), &imaging::drawn::portrait(1), &spec).await.unwrap();
        let mut reviewer = t.staff(&[Role::PhotoReviewer]).await.browser();
        reviewer.get("/office").await.expect(200).shows("照片待审").shows("1 张");
        let all = [Role::ExamOfficer, Role::FinanceOfficer, Role::ScoreOfficer, Role::SecondReviewer];
        let mut officer = t.staff(&all).await.browser();
        officer.get("/office").await.expect(200).shows("没有要处理的事").shows("没有正在进行的考试");
    }

    async fn the_desk_counts_reviews_within_ones_own_exams_and_units(t: TestApp) {
        let positions = [
            TestPosition { name: "馆员", ..TestPosition::default() },
            TestPosition { name: "讲解员", employer: "市博物馆", ..TestPosition::default() },
        ];
        let exam = t.recruitment_with(|_| {}, &positions).await;
        let other = t.recruitment_with(|_| {}, &positions).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        submitted(&lin, &exam, "馆员").await;
        submitted(&su, &exam, "讲解员").await;
        submitted(&su, &other, "讲解员").await;
        let museum = || "市博物馆".to_owned();
        for (grants, wanted) in [
            (vec![(0, String::new())], 3),
            (vec![(exam.id, String::new())], 2),
            (vec![(exam.id, museum())], 1),
            (vec![(0, museum())], 2),
            (vec![(exam.id, museum()), (other.id, String::new())], 2),
            (vec![(exam.id, "市体育馆".to_owned())], 0),
        ] {
            let roles: Vec<_> = grants.iter().cloned().map(|(exam, unit)| (Role::FirstReviewer, exam, unit)).collect();
            let reviewer = t.staff_with(&roles).await.ctx().await;
            let waiting = app::staff::waiting(&reviewer).await.unwrap();
            let first = waiting.iter().find(|(work, _)| *work == Work::FirstReview).map_or(0, |(_, count)| *count);
            assert_eq!(first, wanted, "{grants:?}");
            assert!(waiting.iter().all(|(work, _)| *work != Work::SecondReview), "{grants:?}: not their level");
        }
        // The same number stands on the page.
        let reviewer = t.staff_with(&[(Role::FirstReviewer, exam.id, museum())]).await;
        reviewer.browser().get("/office").await.expect(200).shows("资格待初审").shows("1 人");
    }
}
