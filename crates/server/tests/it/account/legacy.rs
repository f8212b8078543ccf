//! 原系统账号: brought along by a file and two people, opened by their owners alone (assurance §5, 8).

use app::account::legacy::{self, ImportRow};
use app::account::session::Kind;
use app::account::{Activation, LoggedIn, SignupForm, SignupOutcome, claim, office, recovery};
use app::{Actor, Ctx, Error, approval};
use db::{Crowd, p, sql};
use domain::staff::Role;
use testkit::{Page, Person, TestApp, TestStaff, both_backends};

use super::{
    Helpers as _, PASSWORD, choose_password, from, log_in, login_of, pending, sign_up, sms_code,
};
use crate::invariants::{broken_names, run};

const CSV: &str = "text/csv";

async fn desk(t: &TestApp) -> TestStaff {
    t.staff(&[Role::ExamOfficer]).await
}

fn file(people: &[Person]) -> Vec<u8> {
    let mut text = "姓名,证件类型,证件号码,手机号码\n".to_owned();
    for one in people {
        text.push_str(&format!(
            "{},居民身份证,{},{}\n",
            one.name, one.number, one.mobile
        ));
    }
    text.into_bytes()
}

fn crowd(t: &TestApp, count: u32) -> Vec<Person> {
    (0..count)
        .map(|n| t.person(&format!("考生{}", char::from_u32(0x4e00 + n).unwrap())))
        .collect()
}

/// Uploaded, staged by the job, asked for: the import's public id and the request's.
async fn asked(t: &TestApp, who: &TestStaff, people: &[Person]) -> (String, String) {
    let ctx = who.ctx().await;
    let import = legacy::upload(&ctx, "名单.csv", &file(people), "12")
        .await
        .unwrap();
    t.run_jobs().await;
    legacy::ask_import(&ctx, &import, "原系统导出，已核对")
        .await
        .unwrap();
    let open = approval::list(&ctx, "open", None, 1).await.unwrap();
    (import, open[0].public_id.clone())
}

/// The same, agreed to, and the accounts made.
async fn imported(t: &TestApp, people: &[Person]) -> String {
    let (import, request) = asked(t, &desk(t).await, people).await;
    let second = desk(t).await.ctx().await;
    approval::decide(&second, &request, true, "已核对")
        .await
        .unwrap();
    t.run_jobs().await;
    import
}

async fn row(t: &TestApp, import: &str) -> ImportRow {
    // The figures are told by the timer.
    legacy::tend(&t.system()).await.unwrap();
    legacy::find(&desk(t).await.ctx().await, import)
        .await
        .unwrap()
}

/// State of the newest account of a person.
async fn state(t: &TestApp, person: &Person) -> String {
    let index = t.app.index().index("account.id_number", &person.number);
    t.app
        .db()
        .scan(Crowd::System)
        .one(
            sql!("SELECT state FROM account WHERE id_index = $1 ORDER BY id DESC LIMIT 1"),
            p![&index[..]],
        )
        .await
        .unwrap()
}

async fn accounts(t: &TestApp) -> i64 {
    let living =
        sql!("SELECT COUNT(*) FROM account WHERE state IN ('pending', 'active', 'frozen')");
    t.app
        .db()
        .scan(Crowd::System)
        .one(living, p![])
        .await
        .unwrap()
}

/// 首次登录核实身份 by SMS, up to the page of the code.
async fn code_page(browser: &mut testkit::Browser, number: &str) -> Page {
    let page = browser.get("/first-login").await.expect(200);
    let form = page
        .form("/first-login")
        .set_all(&[("number", number), ("by", "sms")]);
    browser.submit(form).await
}

async fn by_code(t: &TestApp, person: &Person, code: &str) -> app::Result<LoggedIn> {
    let request = Activation {
        number: person.number.clone(),
        activation_code: code.to_owned(),
        sms_code: String::new(),
        door: String::new(),
        captcha: t.solved(),
    };
    app::account::activate(&t.ctx(Actor::Anonymous), request).await
}

async fn codes_to(t: &TestApp, mobile: &str) -> usize {
    t.run_jobs().await;
    let sent = t.sms.sent();
    sent.iter()
        .filter(|sms| sms.to == mobile && sms.template == "code_activate")
        .count()
}

/// Two members of staff hand out an activation code.
async fn slip(t: &TestApp, person: &Person) -> String {
    let (one, two) = (desk(t).await.ctx().await, desk(t).await.ctx().await);
    let search = office::Search {
        number: person.number.clone(),
        ..office::Search::default()
    };
    let found = office::search(&one, &search).await.unwrap();
    recovery::request(&one, &found[0].public_id, "手机换了，已核对身份证原件")
        .await
        .unwrap();
    let open = approval::list(&one, "open", None, 1).await.unwrap();
    let slip = recovery::decide(&two, &open[0].public_id, true, "已再次核对").await;
    slip.unwrap().unwrap().code
}

fn signup(person: &Person) -> SignupForm {
    SignupForm {
        name: person.name.clone(),
        id_type: "01".into(),
        id_number: person.number.clone(),
        mobile: person.mobile.clone(),
        door: String::new(),
    }
}

both_backends! {
    async fn a_list_becomes_accounts_that_their_owners_open_by_sms(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let there = t.candidate_by_sms(&t.person("张三")).await;
        let people = crowd(&t, 3);
        let mut text = String::from_utf8(file(&people)).unwrap();
        text.push_str(&format!("张三,,{},13900000001\n李四,,110105194912310021,13900000002\n王五,护照,E12345678,12\n", there.number));
        text.push_str(&format!("{},,{},13900000004\n", people[0].name, people[0].number));
        let (one, two) = (desk(&t).await, desk(&t).await);
        let (mut first, mut second) = (one.browser(), two.browser());
        let page = first.get("/office/legacy").await.expect(200).shows("还没有导入");
        let page = first.get(&page.link("导入名单")).await.expect(200).shows("不能打开账号");
        let template = first.get(&page.link("下载模板")).await.expect(200);
        let book = documents::xlsx::read(&template.body).unwrap();
        assert_eq!(book[0].seen(0, 3).raw(), "手机号码");
        let form = page.form("/office/legacy/upload");
        let wrong = form.clone().file("file", "名单.csv", CSV, b"a,b\n1,2\n").set("months", "25");
        first.submit(wrong).await.expect(422).shows("没有找到表头").shows("1 至 24");
        let page = first.submit(form.file("file", "名单.csv", CSV, text.as_bytes())).await.expect(200).shows("正在读取");
        let home = page.path().to_owned();
        t.run_jobs().await;
        let page = first.get(&home).await.expect(200).shows("等待核对").shows("没有导入的行").shows("第 2 行是同一个证件号码").shows("已有账号，跳过");
        let main = page.main();
        for number in [&people[0].number, &there.number, &people[0].mobile] {
            assert!(!main.contains(number.as_str()), "in clear");
        }
        assert_eq!(accounts(&t).await, 1, "nothing is made before two people agree");
        // The rows to mend as a file, masked.
        let copy = first.submit(page.form(&format!("{home}/export")).set("format", "csv")).await.expect(200).html();
        assert_eq!(copy.lines().count(), 1 + 4, "{copy}");
        assert!(!copy.contains(&people[0].number[6..]), "{copy}");
        let form = page.form(&format!("{home}/ask"));
        first.submit(form.clone().set("reason", &format!("含{}", people[0].mobile))).await.expect(422).shows("不要写证件号码");
        first.submit(form.set("reason", "原系统导出，已核对")).await.expect(200).is_at(&home).shows("等待另一位工作人员");
        let link = first.get("/office/approvals").await.expect(200).link("建立原系统账号");
        let id = link.rsplit('/').next().unwrap();
        first.get(&link).await.expect(200).shows("须由另一位工作人员复核");
        let own = approval::decide(&one.ctx().await, id, true, "自己同意").await;
        assert!(matches!(own, Err(Error::Refused(refusal)) if refusal.code == "same_person"));
        let page = second.get(&link).await.expect(200).shows("名单.csv").shows("3 人").shows("12 个月");
        second.submit(page.form(&link).set("note", "已核对").press("同意")).await.expect(200);
        t.run_jobs().await;
        assert_eq!(accounts(&t).await, 4);
        first.get(&home).await.expect(200).shows("已完成");
        let staged: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM legacy_entry"), p![]).await.unwrap();
        assert_eq!(staged, 0, "what was staged is gone");

        // The owner: the manual's way doesn't open it, the code to the mobile of the old system does.
        let lin = &people[0];
        let mut phone = t.browser();
        log_in(&mut phone, &lin.number, lin.last_six()).await.expect(422).shows("首次登录核实身份");
        t.clock.advance(61);
        let page = code_page(&mut phone, &lin.number).await.expect(200);
        let code = sms_code(&t, &lin.mobile).await;
        let page = phone.submit(page.form("/first-login/code").set("sms_code", &code)).await.expect(200).is_at("/activate");
        choose_password(&mut phone, &page, PASSWORD).await.expect(200).is_at("/home");
        // The mobile is proven by it, the account is like any other.
        t.clock.advance(120);
        log_in(&mut t.browser(), &lin.number, lin.last_six()).await.expect(422);
        log_in(&mut t.browser(), &lin.number, PASSWORD).await.expect(200).is_at("/home");
        let search = office::Search { number: lin.number.clone(), ..office::Search::default() };
        let found = office::search(&one.ctx().await, &search).await.unwrap();
        assert!(found[0].mobile_verified && found[0].waits_until.is_none(), "{found:?}");
        let search = office::Search { number: people[1].number.clone(), ..office::Search::default() };
        let found = office::search(&one.ctx().await, &search).await.unwrap();
        first.get(&format!("/office/candidates/{}", found[0].public_id)).await.expect(200).shows("未激活（原系统转来）").shows("前未激活的失效");
        let counted = row(&t, home.rsplit('/').next().unwrap()).await;
        assert_eq!((counted.made, counted.activated, counted.waiting(), counted.lapsed), (3, 1, 2, 0));
        first.get("/office/legacy").await.expect(200).shows("名单.csv").shows("已完成");
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        auditor.get("/office/audit?action=account.legacy_make").await.expect(200).shows("建立原系统账号");
        assert_eq!(broken_names(&t).await, [""; 0]);
    }

    async fn thousands_of_tries_with_number_and_digits_open_no_imported_account(t: TestApp) {
        const TRIES: usize = 20;
        let people = crowd(&t, 100);
        imported(&t, &people).await;
        let before = t.app.passwords().runs();
        let attackers: Vec<_> = people.chunks(10).enumerate().map(|(attacker, victims)| {
            let (t, victims) = (t.clone(), victims.to_vec());
            t.clone().app_task(async move {
                for number in 0..TRIES {
                    for (victim, person) in victims.iter().enumerate() {
                        let ctx = from(&t, &format!("10.{attacker}.{}.0/24", number * 10 + victim));
                        let answer = app::account::login(&ctx, login_of(&t, &person.number, person.last_six(), None)).await;
                        assert!(matches!(answer, Err(Error::Fields(_))), "{number}: {answer:?}");
                    }
                }
            })
        }).collect();
        for attacker in attackers {
            attacker.await.unwrap();
        }
        assert_eq!(t.app.passwords().runs() - before, 2_000, "each try was looked at");
        let sessions: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM session WHERE kind <> 'staff'"), p![]).await.unwrap();
        assert_eq!(sessions, 0);
        // Nor does a forged cookie, or an activation code that was never given out.
        let cookie = pending(&t, &t.person("外人")).await.0;
        let foreign = app::account::login(&from(&t, "10.99.0.0/24"), login_of(&t, &people[0].number, people[0].last_six(), Some(&cookie))).await;
        assert!(matches!(foreign, Err(Error::Fields(_))));
        assert!(by_code(&t, &people[0], "AAAA-BBBB-CCCC").await.is_err());
        // The control: with the proof switched off, the digits open it.
        let open = t.with(|s| s.policy.manual_open = true);
        let hijack = app::account::login(&from(&open, "10.98.0.0/24"), login_of(&open, &people[1].number, people[1].last_six(), None)).await;
        assert_eq!(hijack.unwrap().kind, Kind::Activation);
    }

    async fn imported_and_unknown_numbers_look_the_same(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let (lin, unknown) = (t.person("林一舟"), t.person("无人"));
        imported(&t, std::slice::from_ref(&lin)).await;
        let mut pages = Vec::new();
        for person in [&lin, &unknown] {
            let number = person.number.as_str();
            let wrong = log_in(&mut t.browser(), number, person.last_six()).await;
            let mut browser = t.browser();
            let sms = code_page(&mut browser, number).await;
            let form = sms.form("/first-login/code").set("sms_code", "000000");
            let refused = browser.submit(form).await;
            let mut browser = t.browser();
            let page = browser.get("/first-login").await;
            let form = page.form("/first-login").set_all(&[("number", number), ("by", "code"), ("activation_code", "AAAA-BBBB-CCCC")]);
            let code = browser.submit(form).await;
            let mut browser = t.browser();
            let page = browser.get("/recover").await;
            let recover = browser.submit(page.form("/recover").set("number", number)).await;
            // Whoever signs up proves a mobile of his own before he learns whether the number is taken.
            let stranger = Person { mobile: "13800007777".into(), ..person.clone() };
            t.clock.advance(61);
            let signed = sign_up(&mut t.browser(), &stranger).await;
            let sealed = |page: &Page| {
                let text = page.main().replace(number, "N");
                let secret = page.forms().iter().find_map(|form| form.value("sealed").map(str::to_owned));
                (page.status.as_u16(), secret.map_or(text.clone(), |secret| text.replace(&secret, "S")))
            };
            pages.push([&wrong, &sms, &refused, &code, &recover, &signed].map(sealed));
        }
        for (imported, unknown) in pages[0].iter().zip(&pages[1]) {
            assert_eq!(imported, unknown);
        }
        // The control: behind the same page, the one mobile got a code and nobody else did.
        assert_eq!(codes_to(&t, &lin.mobile).await, 1);
        assert_eq!(codes_to(&t, &unknown.mobile).await, 0);
    }

    async fn imported_accounts_wait_for_their_day_and_then_free_the_number(t: TestApp) {
        let people = crowd(&t, 2);
        let fresh = t.person("新人");
        pending(&t, &fresh).await;
        let import = imported(&t, &people).await;
        t.clock.advance_hours(24 * 180);
        t.run_jobs().await;
        // A sign-up has a day, these have a year.
        assert_eq!((state(&t, &fresh).await.as_str(), state(&t, &people[0]).await.as_str()), ("lapsed", "pending"));
        let taken = app::account::start_signup(&t.ctx(Actor::Anonymous), &signup(&people[0]), t.solved()).await.unwrap();
        assert!(matches!(taken, SignupOutcome::Taken), "{taken:?}");
        assert_eq!(broken_names(&t).await, [""; 0]);
        t.clock.advance_hours(24 * 187);
        t.run_jobs().await;
        let counted = row(&t, &import).await;
        assert_eq!((counted.lapsed, counted.waiting(), counted.settled), (2, 0, 1));
        let left: i64 = t.app.db().scan(Crowd::System).one(
            sql!("SELECT COUNT(*) FROM account WHERE legacy_import_id IS NOT NULL AND (name <> '' OR LENGTH(mobile) > 0 OR LENGTH(id_number) > 0)"),
            p![],
        ).await.unwrap();
        assert_eq!(left, 0, "nothing is kept of those who never came");
        assert!(matches!(
            app::account::start_signup(&t.ctx(Actor::Anonymous), &signup(&people[0]), t.solved()).await.unwrap(),
            SignupOutcome::Created(_)
        ));
        assert_eq!(broken_names(&t).await, [""; 0]);
    }

    async fn without_sms_two_members_of_staff_hand_out_a_code(t: TestApp) {
        let people = crowd(&t, 1);
        let lin = &people[0];
        imported(&t, &people).await;
        let code = slip(&t, lin).await;
        // Nobody used it in its day: the account waits on, for another code.
        t.clock.advance_hours(24 * 30);
        t.run_jobs().await;
        assert!(by_code(&t, lin, &code).await.is_err());
        assert_eq!(state(&t, lin).await, "pending");
        assert_eq!(broken_names(&t).await, [""; 0], "an old code is no overdue account");
        let code = slip(&t, lin).await;
        let half = by_code(&t, lin, &code).await.unwrap();
        let mut phone = t.browser();
        phone.set_cookie(web::cookie::CANDIDATE, &half.token.expose());
        let page = phone.get("/activate").await.expect(200);
        choose_password(&mut phone, &page, PASSWORD).await.expect(200).is_at("/home");
        t.clock.advance_hours(24 * 400);
        t.run_jobs().await;
        assert_eq!(state(&t, lin).await, "active");
    }

    async fn the_old_mobile_proves_nothing_once_the_owner_was_at_the_counter(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let people = crowd(&t, 1);
        let lin = &people[0];
        imported(&t, &people).await;
        let ask = || async {
            t.clock.advance(90);
            app::account::activation_code_send(&t.ctx(Actor::Anonymous), &lin.number, t.solved()).await.unwrap();
        };
        ask().await;
        assert_eq!(codes_to(&t, &lin.mobile).await, 1);
        let early = sms_code(&t, &lin.mobile).await;
        slip(&t, lin).await;
        ask().await;
        assert_eq!(codes_to(&t, &lin.mobile).await, 1, "whoever holds the lost phone could open it");
        // Nor does the code that went there before.
        let by_sms = |sms_code: String| Activation {
            number: lin.number.clone(), activation_code: String::new(), sms_code, door: String::new(), captcha: t.solved(),
        };
        assert!(app::account::activate(&t.ctx(Actor::Anonymous), by_sms(early)).await.is_err());
        // The control: without the mark of the counter it would.
        run(&t, &["UPDATE account SET activation_code_hash = NULL WHERE legacy_import_id IS NOT NULL"]).await;
        ask().await;
        assert_eq!(codes_to(&t, &lin.mobile).await, 2);
        let code = sms_code(&t, &lin.mobile).await;
        assert!(app::account::activate(&t.ctx(Actor::Anonymous), by_sms(code)).await.is_ok());
    }

    async fn the_same_list_again_and_two_workers_at_once_make_every_account_once(t: TestApp) {
        let people = crowd(&t, 250);
        let (import, request) = asked(&t, &desk(&t).await, &people).await;
        let second = desk(&t).await.ctx().await;
        approval::decide(&second, &request, true, "已核对").await.unwrap();
        let row_before = legacy::find(&second, &import).await.unwrap();
        let workers: Vec<_> = (0..4).map(|_| {
            let (t, row) = (t.clone(), row_before.clone());
            t.clone().app_task(async move {
                loop {
                    match legacy::make::make_some(&t.system(), &row).await {
                        Ok(true) | Err(Error::Conflict(_)) => {}
                        Ok(false) => break,
                        Err(error) => panic!("{error:?}"),
                    }
                }
            })
        }).collect();
        for worker in workers {
            worker.await.unwrap();
        }
        t.run_jobs().await;
        let first = row(&t, &import).await;
        assert_eq!((first.made, first.missed, first.state.as_str(), accounts(&t).await), (250, 0, "done", 250));
        // The same list, when all are there: nothing to make.
        let ctx = desk(&t).await.ctx().await;
        let again = legacy::upload(&ctx, "名单.csv", &file(&people), "12").await.unwrap();
        t.run_jobs().await;
        let again = row(&t, &again).await;
        assert_eq!((again.rows_good, again.rows_known, again.rows_read), (0, 250, 250));
        let nothing = legacy::ask_import(&ctx, &again.public_id, "再导一次").await;
        assert!(matches!(nothing, Err(Error::Refused(_))));
    }

    async fn of_a_sign_up_and_an_import_at_the_same_moment_one_wins_and_the_other_is_told(t: TestApp) {
        let people = crowd(&t, 60);
        let (import, request) = asked(&t, &desk(&t).await, &people).await;
        let second = desk(&t).await.ctx().await;
        let signups: Vec<_> = people.iter().map(|person| {
            let (t, form) = (t.clone(), signup(person));
            t.clone().app_task(async move {
                app::account::start_signup(&t.ctx(Actor::Anonymous), &form, t.solved()).await
            })
        }).collect();
        approval::decide(&second, &request, true, "已核对").await.unwrap();
        t.run_jobs().await;
        let (mut created, mut taken) = (0, 0);
        for task in signups {
            match task.await.unwrap().unwrap() {
                SignupOutcome::Created(_) => created += 1,
                SignupOutcome::Taken => taken += 1,
                other => panic!("{other:?}"),
            }
        }
        let after = row(&t, &import).await;
        assert_eq!((created + taken, accounts(&t).await), (60, 60), "one account each");
        assert_eq!((after.made, after.missed), (taken, created), "whoever lost is told");
    }

    async fn a_list_that_was_a_mistake_is_taken_back_by_two_people(t: TestApp) {
        let people = crowd(&t, 130);
        let import = imported(&t, &people).await;
        // One owner has come, one is at the page of the first password, one account is disputed.
        let code = slip(&t, &people[0]).await;
        let half = by_code(&t, &people[0], &code).await.unwrap();
        let mut phone = t.browser();
        phone.set_cookie(web::cookie::CANDIDATE, &half.token.expose());
        let page = phone.get("/activate").await;
        choose_password(&mut phone, &page, PASSWORD).await.is_at("/home");
        let code = slip(&t, &people[1]).await;
        let half = by_code(&t, &people[1], &code).await.unwrap();
        let (one, two) = (desk(&t).await, desk(&t).await);
        let (ctx, mut first, mut second) = (one.ctx().await, one.browser(), two.browser());
        legacy::tend(&t.system()).await.unwrap();
        let home = format!("/office/legacy/{import}");
        let page = first.get(&home).await.expect(200);
        let form = page.form(&format!("{home}/withdraw"));
        first.submit(form.clone().set("reason", "无")).await.expect(422).shows("4 至 300");
        first.submit(form.clone().set("reason", "导错了年份的名单")).await.expect(200).shows("接回的申请已提交");
        first.submit(form.set("reason", "导错了年份的名单")).await.expect(409);
        let open = approval::list(&ctx, "open", None, 1).await.unwrap();
        let link = format!("/office/approvals/{}", open[0].public_id);
        let page = second.get(&link).await.expect(200).shows("全部注销").shows("129 人");
        assert_eq!(state(&t, &people[5]).await, "pending", "one person alone takes nothing back");
        second.submit(page.form(&link).set("note", "已核对").press("同意")).await.expect(200);
        t.run_jobs().await;
        let after = row(&t, &import).await;
        assert_eq!((after.state.as_str(), after.activated, after.closed, after.waiting()), ("withdrawn", 1, 129, 0));
        first.get(&home).await.expect(200).shows("已接回");
        phone.get("/home").await.expect(200).is_at("/home");
        let mut late = t.browser();
        late.set_cookie(web::cookie::CANDIDATE, &half.token.expose());
        late.get("/activate").await.is_at("/login");
        assert!(matches!(
            app::account::start_signup(&t.ctx(Actor::Anonymous), &signup(&people[5]), t.solved()).await.unwrap(),
            SignupOutcome::Created(_)
        ));
        assert_eq!(broken_names(&t).await, [""; 0]);
    }

    async fn whoever_lost_the_mobile_can_claim_the_number(t: TestApp) {
        let people = crowd(&t, 1);
        imported(&t, &people).await;
        let form = claim::ClaimForm {
            id_number: people[0].number.clone(), name: people[0].name.clone(), mobile: "13700000000".into(),
            statement: "原系统登记的手机不是我的，请核实处理。".into(),
        };
        claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved()).await.unwrap();
        let (first, second) = (desk(&t).await.ctx().await, desk(&t).await.ctx().await);
        let open = claim::list(&first, "open", None).await.unwrap().remove(0);
        claim::check(&first, &open.public_id, "电话核实").await.unwrap();
        assert_eq!(state(&t, &people[0]).await, "frozen");
        claim::decide(&second, &open.public_id, true, "证件相符").await.unwrap();
        assert_eq!(state(&t, &people[0]).await, "closed");
        assert!(matches!(
            app::account::start_signup(&t.ctx(Actor::Anonymous), &signup(&people[0]), t.solved()).await.unwrap(),
            SignupOutcome::Created(_)
        ));
    }

    async fn a_list_that_nobody_confirms_leaves_nothing(t: TestApp) {
        let people = crowd(&t, 120);
        let one = desk(&t).await;
        let staged = || async {
            let count: i64 = t.app.db().scan(Crowd::System).one(sql!("SELECT COUNT(*) FROM legacy_entry"), p![]).await.unwrap();
            count
        };
        // Given up by hand.
        let import = legacy::upload(&one.ctx().await, "名单.csv", &file(&people), "1").await.unwrap();
        t.run_jobs().await;
        assert_eq!(staged().await, 120);
        let mut first = one.browser();
        let home = format!("/office/legacy/{import}");
        let page = first.get(&home).await.expect(200);
        first.submit(page.form(&format!("{home}/discard"))).await.expect(200).shows("已放弃");
        t.run_jobs().await;
        assert_eq!(staged().await, 0);
        // Refused by the second person: it can be asked for again.
        let (import, request) = asked(&t, &one, &people).await;
        let second = desk(&t).await.ctx().await;
        approval::decide(&second, &request, false, "人数不对").await.unwrap();
        t.run_jobs().await;
        assert_eq!((row(&t, &import).await.state.as_str(), accounts(&t).await), ("staged", 0));
        // Forgotten.
        t.clock.advance_hours(24 * 31);
        t.run_jobs().await;
        t.run_jobs().await;
        assert_eq!((row(&t, &import).await.state.as_str(), staged().await), ("discarded", 0));
        let late = legacy::ask_import(&one.ctx().await, &import, "原系统导出，已核对").await;
        assert!(matches!(late, Err(Error::Conflict(_))));
        let ctx = Ctx { at: t.now(), ..one.ctx().await };
        assert!(matches!(legacy::ask_withdrawal(&ctx, &import, "导错了名单").await, Err(Error::Conflict(_))));
        assert_eq!(broken_names(&t).await, [""; 0]);
    }

    async fn who_shares_a_mobile_with_too_many_is_told_and_a_file_that_is_gone_fails(t: TestApp) {
        let mut people = crowd(&t, 3);
        let mobile = people[0].mobile.clone();
        for n in 0..2 {
            let sharer = Person { mobile: mobile.clone(), ..t.person(&format!("家人{}", char::from_u32(0x4e00 + n).unwrap())) };
            t.candidate_of(sharer).await;
        }
        people[1].mobile = mobile.clone();
        let ctx = desk(&t).await.ctx().await;
        let import = legacy::upload(&ctx, "名单.csv", &file(&people), "1").await.unwrap();
        t.run_jobs().await;
        let staged = row(&t, &import).await;
        assert_eq!((staged.rows_good, staged.rows_bad, staged.rows_read), (2, 1, 3));
        let told = legacy::problems(&ctx, &staged, -1, 10).await.unwrap();
        assert!(told[0].message.contains("最多用于 3 个账号") && told[0].line == 3, "{told:?}");
        // A third one comes before the accounts are made.
        t.candidate_of(Person { mobile, ..t.person("家人丙") }).await;
        legacy::ask_import(&ctx, &import, "原系统导出，已核对").await.unwrap();
        let open = approval::list(&ctx, "open", None, 1).await.unwrap();
        approval::decide(&desk(&t).await.ctx().await, &open[0].public_id, true, "已核对").await.unwrap();
        t.run_jobs().await;
        let after = row(&t, &import).await;
        assert_eq!((after.made, after.missed), (1, 1));
        // An upload that expired before any job came.
        let import = legacy::upload(&ctx, "名单.csv", &file(&people), "1").await.unwrap();
        run(&t, &["DELETE FROM object WHERE kind = 'legacy' AND size > 0"]).await;
        t.run_jobs().await;
        assert_eq!(row(&t, &import).await.state, "failed");
        let mut browser = desk(&t).await.browser();
        browser.get(&format!("/office/legacy/{import}")).await.expect(200).shows("文件没有读完");
    }
}
