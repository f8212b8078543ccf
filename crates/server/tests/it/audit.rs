//! The trail: read by those who may, and every kind of tampering shows.

use app::staff::StaffLogin;
use app::{Actor, Secret, audit};
use db::{Command, Lane, Tx, p, sql};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

/// Somebody with a database client.
struct Tamper(&'static str);

impl Command for Tamper {
    const NAME: &'static str = "test.tamper";
    type Out = ();
    type Err = app::Error;

    async fn run(&self, tx: &mut Tx) -> app::Result<()> {
        match self.0 {
            "edit" => {
                tx.exec(sql!("UPDATE audit_entry SET detail = '{}' WHERE action = 'staff.create' AND detail <> '{}'"), p![]).await?
            }
            "delete" => {
                tx.exec(sql!("DELETE FROM audit_entry WHERE id = (SELECT MIN(id) FROM audit_entry)"), p![]).await?
            }
            "insert" => {
                tx.exec(
                    sql!(
                        "INSERT INTO audit_entry (id, at, actor_kind, actor_id, action, object_kind, object_id, exam_id, \
                         request_id, detail, key_version, mac) SELECT id + 1000000, at, actor_kind, actor_id, \
                         'staff.forged', object_kind, object_id, exam_id, request_id, detail, key_version, mac \
                         FROM audit_entry WHERE id = (SELECT MAX(id) FROM audit_entry)"
                    ),
                    p![],
                )
                .await?
            }
            _ => tx.exec(sql!("DELETE FROM audit_link WHERE seq = 2"), p![]).await?,
        };
        Ok(())
    }
}

async fn violations(t: &TestApp) -> Vec<String> {
    let mac = t.app.audit_mac();
    audit::verify(t.app.db(), mac.as_ref(), t.now())
        .await
        .unwrap()
        .violations
}

async fn sealed(t: &TestApp) {
    t.staff(&[Role::ExamOfficer]).await;
    t.candidate("林一舟").await;
    audit::seal_all(&t.system()).await.unwrap();
}

both_backends! {
    async fn an_untouched_trail_holds(t: TestApp) {
        sealed(&t).await;
        assert_eq!(violations(&t).await, Vec::<String>::new());
        let recent = audit::recheck(&t.staff(&[Role::Auditor]).await.ctx().await).await.unwrap();
        assert!(recent.entries > 3 && recent.links == recent.entries);
    }

    async fn an_edited_entry_is_found(t: TestApp) {
        sealed(&t).await;
        t.app.db().write(Lane::Interactive, Tamper("edit")).await.unwrap();
        assert!(violations(&t).await.iter().any(|v| v.contains("内容与校验码不一致")));
        let auditor = t.staff(&[Role::Auditor]).await;
        auditor.browser().get("/office/audit/check").await.expect(200).shows("处不一致");
    }

    async fn a_deleted_entry_is_found(t: TestApp) {
        sealed(&t).await;
        t.app.db().write(Lane::Interactive, Tamper("delete")).await.unwrap();
        assert!(violations(&t).await.iter().any(|v| v.contains("已被删除")));
    }

    async fn a_forged_entry_is_found(t: TestApp) {
        sealed(&t).await;
        t.app.db().write(Lane::Interactive, Tamper("insert")).await.unwrap();
        assert!(violations(&t).await.iter().any(|v| v.contains("内容与校验码不一致")));
    }

    async fn a_removed_link_is_found(t: TestApp) {
        sealed(&t).await;
        t.app.db().write(Lane::Interactive, Tamper("link")).await.unwrap();
        let found = violations(&t).await;
        assert!(found.iter().any(|v| v.contains("缺失")), "{found:?}");
        assert!(found.iter().any(|v| v.contains("接不上")), "{found:?}");
    }

    async fn a_sealer_that_stands_still_shows(t: TestApp) {
        t.staff(&[Role::ExamOfficer]).await;
        t.clock.advance(120);
        assert!(violations(&t).await.iter().any(|v| v.contains("没有入链")));
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        auditor.get("/office/audit").await.expect(200).shows("没有入链，请通知运维人员");
        audit::seal_all(&t.system()).await.unwrap();
        assert_eq!(violations(&t).await, Vec::<String>::new());
        auditor.get("/office/audit").await.expect(200).shows("已入链").lacks("请通知运维人员");
    }

    async fn what_committed_just_before_a_long_stop_is_linked_afterwards(t: TestApp) {
        sealed(&t).await;
        t.candidate("苏晓").await;
        // The server stops before the sealer's next round, and is back a day later.
        t.clock.advance_hours(24);
        assert!(violations(&t).await.iter().any(|v| v.contains("没有入链")));
        while audit::seal(&t.system()).await.unwrap() > 0 {}
        assert_eq!(violations(&t).await, Vec::<String>::new());
    }

    async fn the_trail_is_filtered_and_paged(t: TestApp) {
        sealed(&t).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        for n in 0..110 {
            let draft = app::announcement::AnnouncementDraft {
                category: "notice".into(),
                title: format!("公告{n}"),
                body: "<p>正文</p>".into(),
                ..Default::default()
            };
            app::announcement::save(&officer.ctx().await, None, &draft).await.unwrap();
        }
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let page = auditor.get("/office/audit?object=announcement").await.expect(200).shows("announcement.save");
        let page = page.lacks("account.signup");
        assert_eq!(page.html().matches("<tr><td").count(), 50);
        let rows = |page: &testkit::Page| page.html().split("<tr><td").skip(1).map(str::to_owned).collect::<Vec<_>>();
        let page = page.lacks("上一页").lacks("回到第一页");
        let second = auditor.get(&page.link("下一页")).await.expect(200).lacks("回到第一页");
        let third = auditor.get(&second.link("下一页")).await.expect(200).lacks("下一页");
        assert_eq!((rows(&second).len(), rows(&third).len()), (50, 10));
        // Back the same way: the filter stays, and each page is the one that was left.
        let back = auditor.get(&third.link("上一页")).await.expect(200);
        assert_eq!(rows(&back), rows(&second));
        let first = auditor.get(&back.link("上一页")).await.expect(200).lacks("上一页");
        assert_eq!(rows(&first), rows(&page));
        assert_eq!(third.link("回到第一页"), back.link("上一页"));
        auditor.get(&format!("/office/audit?username={}", officer.username)).await.expect(200).shows("announcement.save");
        auditor.get("/office/audit?username=nobody").await.expect(200).shows("没有这个用户名或姓名的工作人员");
        auditor.get("/office/audit?kind=candidate").await.expect(200).lacks("announcement.save");
        auditor.get("/office/audit?from=2030-01-01").await.expect(200).shows("没有符合条件的记录");
        auditor.get("/office/audit?action=account.signup&until=2030-01-01").await.expect(200).shows("account.signup");
    }

    async fn a_day_of_the_trail_holds_that_day_and_no_other_whatever_else_is_asked(t: TestApp) {
        sealed(&t).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        for (day, times) in [("2026-04-01", 3), ("2026-04-02", 60), ("2026-04-03", 4)] {
            t.clock.set(&format!("{day} 09:00"));
            for n in 0..times {
                let draft = app::announcement::AnnouncementDraft {
                    category: "notice".into(),
                    title: format!("{day} 的第 {n} 条"),
                    body: "<p>正文</p>".into(),
                    ..Default::default()
                };
                app::announcement::save(&officer.ctx().await, None, &draft).await.unwrap();
                t.clock.advance(60);
            }
        }
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let (name, action) = (&officer.username, "announcement.save");
        for filter in [
            String::new(),
            format!("action={action}"),
            format!("username={name}"),
            "object=announcement".to_owned(),
            "kind=staff&object=announcement".to_owned(),
            format!("username={name}&action={action}"),
            format!("action={action}&object=announcement"),
            format!("action={action}&kind=staff"),
            "action=account.signup&not=1&object=announcement".to_owned(),
        ] {
            for sort in ["", "&sort=at"] {
                for (from, until, saved) in [("2026-04-01", "2026-04-01", 3), ("2026-04-02", "2026-04-02", 60),
                    ("2026-04-03", "2026-04-03", 4), ("2026-04-01", "2026-04-03", 67)] {
                    let path = format!("/office/audit?{filter}&from={from}&until={until}{sort}");
                    let mut page = auditor.get(&path).await.expect(200);
                    let mut seen = page.html().matches(&format!("<small>{action}</small>")).count();
                    while page.html().contains("下一页") {
                        page = auditor.get(&page.link("下一页")).await.expect(200);
                        seen += page.html().matches(&format!("<small>{action}</small>")).count();
                    }
                    assert_eq!(seen, saved, "{path}");
                }
            }
        }
    }

    async fn a_number_or_a_name_finds_what_happened_to_it_and_nothing_else(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, other) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let id = crate::application::submitted(&lin, &exam, "数字资源管理").await;
        crate::application::submitted(&other, &exam, "数字资源管理").await;
        let reviewer = t.staff_named("王敏", &[Role::FirstReviewer]).await;
        crate::review::approve(&reviewer.ctx().await, &id).await;
        t.run_jobs().await;
        let number: String = t
            .app
            .db()
            .scan(db::Crowd::System)
            .one(db::sql!("SELECT registration_no FROM application WHERE account_id = $1"), db::p![lin.id])
            .await
            .unwrap();
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let mut of = async |query: &str| {
            let page = auditor.get(&format!("/office/audit?{query}")).await.expect(200);
            let shown = page.html().matches("<tr><td").count();
            (shown, page)
        };
        // All that happened to him: signed up, applied, was approved; told by the number that people know.
        let (all, page) = of(&format!("number={number}")).await;
        let page = page.shows("account.signup").shows("application.advance").shows("payment.raise").shows(&number).shows("生成缴费单");
        assert!(!page.main().contains(&other.person.name) && page.main().contains("王敏"), "{}", page.main());
        assert_eq!(of(&format!("number=%20{number}&sort=at")).await.0, all);
        let (one, _) = of(&format!("number={number}&action=account.signup")).await;
        assert_eq!(one, 1);
        assert_eq!(of(&format!("number={number}&action=account.signup&not=1")).await.0, all - 1);
        assert_eq!(of(&format!("number={number}&object=application&kind=staff")).await.0, 1);
        assert_eq!(of(&format!("number={number}&username=%E7%8E%8B%E6%95%8F")).await.0, 2);
        assert_eq!(of(&format!("number={number}&until=2020-01-01")).await.0, 0);
        of("number=000000").await.1.shows("没有这个编号");
        let (_, page) = of(&format!("number={}", reviewer.username)).await;
        page.shows("staff.create").lacks("application.advance");
        // By name; of two with one name it is said who they are.
        let (his, _) = of("username=%E7%8E%8B%E6%95%8F&action=application.advance").await;
        assert_eq!(his, 1);
        let twin = t.staff_named("王敏", &[Role::FirstReviewer]).await;
        of("username=%E7%8E%8B%E6%95%8F").await.1.shows("有 2 个人叫这个名字").shows(&twin.username).shows(&reviewer.username);
        assert_eq!(of(&format!("username={}&action=application.advance", reviewer.username)).await.0, 1);
    }

    async fn the_trail_is_exported_under_its_filter_and_the_copy_is_recorded(t: TestApp) {
        sealed(&t).await;
        let auditor = t.staff(&[Role::Auditor]).await;
        let mut browser = auditor.browser();
        let page = browser.get("/office/audit?action=%E6%B3%A8%E5%86%8C").await.expect(200).shows("account.signup").lacks("staff.create");
        let form = page.form("/office/audit/export").set("format", "xlsx");
        let file = browser.submit(form).await.expect(200);
        let book = documents::xlsx::read(&file.body).unwrap();
        let rows: Vec<Vec<String>> = book[0].rows.iter().map(|row| row.iter().map(|cell| cell.raw().to_owned()).collect()).collect();
        assert_eq!(rows[0][3], "动作");
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert_eq!((rows[1][1].as_str(), rows[1][3].as_str(), rows[1][4].as_str()), ("未登录", "注册", "account.signup"));
        browser.get("/office/audit?action=audit.export").await.expect(200).shows("导出操作日志");
        let page = browser.get("/office/audit").await;
        let nobody = page.form("/office/audit/export").to("/office/audit/export?username=nobody");
        browser.submit(nobody).await.expect(422).shows("没有这个用户名或姓名的工作人员");
    }

    async fn a_login_names_who_came_in_and_one_that_failed_whose_account_was_tried(t: TestApp) {
        let wang = t.staff_named("王敏", &[Role::PhotoReviewer]).await;
        let auditor = t.staff_named("陈静", &[Role::Auditor]).await;
        let ctx = auditor.ctx().await;
        let listed = async |username: &str, action: &str| {
            let filter = audit::Filter { username: username.into(), action: action.into(), ..Default::default() };
            let rows = audit::entries(&ctx, &filter, None, 50).await.unwrap();
            rows.into_iter().map(|row| (row.action, row.actor_kind, row.actor, row.object)).collect::<Vec<_>>()
        };
        let (name, own) = (Some("王敏".to_owned()), "staff".to_owned());
        let by_her = |action: &str| (action.to_owned(), own.clone(), name.clone(), name.clone());
        assert_eq!(listed(&wang.username, "").await, [by_her("staff.login"), by_her("staff.password_accepted")]);

        // Whoever doesn't know the password may be anybody: the trail says whose account he tried, not that she did it.
        t.clock.advance(60);
        for username in [wang.username.as_str(), "nobody"] {
            let login = StaffLogin {
                username: username.into(),
                password: Secret::new("not-the-password-1"),
                captcha: t.solved(),
            };
            app::staff::begin(&t.ctx(Actor::Anonymous), login).await.unwrap_err();
        }
        let tried = |whose: Option<String>| ("staff.login_failed".to_owned(), "anonymous".to_owned(), None, whose);
        assert_eq!(listed(&wang.username, "staff.login_failed").await, [tried(name.clone())]);
        assert_eq!(listed("", "staff.login_failed").await, [tried(None), tried(name.clone())]);
        assert_eq!(listed(&auditor.username, "staff.login_failed").await, []);
        let mut browser = auditor.browser();
        let page = browser.get(&format!("/office/audit?username={}", wang.username)).await.expect(200);
        let page = page.shows("未登录（试登 王敏，未成功）").lacks("没有这个用户名");
        let file = browser.submit(page.form("/office/audit/export").set("format", "xlsx")).await.expect(200);
        let book = documents::xlsx::read(&file.body).unwrap();
        let actors: Vec<_> = book[0].rows.iter().skip(1).map(|row| row[2].raw().to_owned()).collect();
        assert_eq!(actors, ["未登录（试登 王敏，未成功）", "王敏", "王敏"]);
        browser.get("/office/audit?action=staff.login_failed").await.expect(200).shows("试登，没有这个用户名");
    }

    async fn the_trail_holds_no_number_and_no_secret(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let search = app::account::office::Search { number: lin.person.number.clone(), ..Default::default() };
        let found = app::account::office::search(&officer.ctx().await, &search).await.unwrap();
        let reason = format!("电话 {} 核对", lin.person.mobile);
        let value = app::account::office::Masked::IdNumber;
        app::account::office::unmask(&officer.ctx().await, &found[0].public_id, value, &reason).await.unwrap();
        let ctx = t.staff(&[Role::Auditor]).await.ctx().await;
        let rows = audit::entries(&ctx, &audit::Filter::default(), None, 500).await.unwrap();
        assert!(rows.iter().any(|row| row.action == "account.unmask"));
        for row in rows {
            for secret in [&lin.person.number, &lin.person.mobile, &lin.password, &officer.password] {
                assert!(!row.detail.contains(secret.as_str()), "{}: {}", row.action, row.detail);
            }
        }
    }
}
