//! 找回账号 at the counter: two people, a code on paper, a password that only the owner knows.

use app::account::{Login, claim, office, recovery};
use app::{Actor, Error, Secret, approval};
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, TestCandidate, TestStaff, both_backends};

use crate::invariants::run;
use crate::staff::shown;

async fn desk(t: &TestApp) -> TestStaff {
    t.staff(&[Role::ExamOfficer]).await
}

/// The candidate's address in the office.
async fn address(who: &TestStaff, candidate: &TestCandidate) -> String {
    let search = office::Search {
        number: candidate.person.number.clone(),
        ..office::Search::default()
    };
    let found = office::search(&who.ctx().await, &search).await.unwrap();
    found[0].public_id.clone()
}

/// The first person asks; the request's public id.
async fn asked(who: &TestStaff, candidate: &TestCandidate) -> String {
    let id = address(who, candidate).await;
    recovery::request(&who.ctx().await, &id, "忘记密码，已核对身份证原件")
        .await
        .unwrap();
    let open = approval::list(&who.ctx().await, "open", None, 10).await;
    open.unwrap()[0].public_id.clone()
}

/// Asked and approved: the activation code.
async fn recovered(t: &TestApp, candidate: &TestCandidate) -> String {
    let id = asked(&desk(t).await, candidate).await;
    let second = desk(t).await.ctx().await;
    let slip = recovery::decide(&second, &id, true, "已再次核对身份证").await;
    slip.unwrap().unwrap().code
}

async fn first_login(browser: &mut Browser, number: &str, code: &str) -> Page {
    let page = browser.get("/first-login").await.expect(200);
    let form = page.form("/first-login").set_all(&[
        ("number", number),
        ("by", "code"),
        ("activation_code", code),
    ]);
    browser.submit(form).await
}

fn login(t: &TestApp, candidate: &TestCandidate, password: &str) -> Login {
    Login {
        number: candidate.person.number.clone(),
        password: Secret::new(password),
        door: String::new(),
        captcha: t.solved(),
        activation: None,
        device: None,
    }
}

/// Whether the last SMS to a mobile carries a code.
async fn code_came(t: &TestApp, mobile: &str) -> bool {
    t.run_jobs().await;
    let last = t.sms.last_to(mobile);
    last.is_some_and(|sms| sms.params.iter().any(|(name, _)| name == "code"))
}

/// The candidate proves a mobile with a code.
async fn prove(t: &TestApp, who: &TestCandidate, mobile: &str) {
    t.clock.advance(120);
    let password = Secret::new(who.password.clone());
    let sealed = app::account::change_mobile_start(&who.ctx(), mobile, password)
        .await
        .unwrap()
        .expect("a code is sent");
    let code = crate::account::sms_code(t, mobile).await;
    app::account::change_mobile_finish(&who.ctx(), &sealed, &code)
        .await
        .unwrap();
    t.clock.advance(120);
}

both_backends! {
    async fn two_people_recover_an_account_and_its_owner_sets_a_new_password(t: TestApp) {
        let lin = t.ready("林一舟").await;
        let (one, two) = (desk(&t).await, desk(&t).await);
        let (mut first, mut second) = (one.browser(), two.browser());
        let mut theirs = lin.browser();
        theirs.get("/home").await.expect(200);

        let page = t.browser().get("/recover").await.expect(200);
        page.shows("携带本人有效身份证件").shows("两名工作人员").shows("激活码");
        let home = format!("/office/candidates/{}", address(&one, &lin).await);
        let page = first.get(&home).await.expect(200);
        let page = first.get(&page.link("找回账号")).await.expect(200).shows("当面核对");
        let form = page.form(&format!("{home}/recovery"));
        first.submit(form.clone()).await.expect(422).shows("请写明原因");
        first.submit(form.clone().set("reason", &format!("核对了{}", lin.person.number))).await.expect(422).shows("不要写证件号码");
        let form = form.set("reason", "忘记密码，已核对身份证原件");
        first.submit(form.clone()).await.expect(200).is_at(&home).shows("已提交");
        first.submit(form).await.expect(409);
        theirs.get("/home").await.expect(200).is_at("/home");

        // Who asked can't decide.
        let page = first.get("/office/approvals").await.expect(200);
        let link = page.link("找回账号");
        first.get(&link).await.expect(200).shows("须由另一位工作人员复核").lacks("同意后原密码作废");
        let id = link.rsplit('/').next().unwrap();
        let own = recovery::decide(&one.ctx().await, id, true, "我自己同意").await;
        assert!(matches!(own, Err(Error::Refused(refusal)) if refusal.code == "same_person"));

        let page = second.get(&link).await.expect(200).shows("林一舟").shows("再次当面核对");
        let page = page.lacks(&lin.person.number);
        let form = page.form(&link).set("note", "已再次核对身份证").press("同意");
        let page = second.submit(form.clone()).await.expect(200).shows("只在这里显示一次").shows("打印");
        let code = shown(&page, "激活码");
        second.get(&link).await.expect(200).lacks(&code);
        second.submit(form).await.expect(409);

        // The old password is void, whoever was logged in is out.
        theirs.get("/home").await.is_at("/login");
        let old = app::account::login(&t.ctx(Actor::Anonymous), login(&t, &lin, &lin.password)).await;
        assert!(matches!(old, Err(Error::Fields(_))));
        let mut phone = t.browser();
        first_login(&mut phone, &lin.person.number, "AAAA-BBBB-CCCC").await.expect(422);
        let page = first_login(&mut phone, &lin.person.number, &code).await.expect(200).is_at("/activate");
        phone.get("/profile").await.is_at("/activate");
        let form = page.form("/activate").set("password", "xinmima-2026-zhou").set("password_again", "xinmima-2026-zhou");
        phone.submit(form).await.expect(200).is_at("/home");
        let page = phone.get("/profile/work").await.expect(200);
        assert_eq!(page.form("/profile/work").value("employer"), Some("某软件有限公司"));
        first_login(&mut t.browser(), &lin.person.number, &code).await.expect(422);
        app::account::login(&t.ctx(Actor::Anonymous), login(&t, &lin, "xinmima-2026-zhou")).await.unwrap();
    }

    async fn control_the_note_of_who_asked_is_what_keeps_one_person_from_deciding(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let one = desk(&t).await;
        let id = asked(&one, &lin).await;
        run(&t, &["UPDATE approval SET requested_by = 0"]).await;
        let own = recovery::decide(&one.ctx().await, &id, true, "没有人拦着我").await;
        assert!(own.unwrap().is_some());
    }

    async fn the_six_digits_alone_open_nothing_while_an_account_waits(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        recovered(&t, &lin).await;
        // From many networks, with time between, so that no throttle is what refuses.
        for n in 0..20 {
            t.clock.advance(600);
            let ctx = app::Ctx { network: format!("203.0.{n}.0/24"), ..t.ctx(Actor::Anonymous) };
            let tried = app::account::login(&ctx, login(&t, &lin, lin.person.last_six())).await;
            assert!(tried.is_err(), "try {n}");
        }
        // The control: with the proof switched off, the same digits would open it.
        t.clock.advance(24 * 3600);
        let open = t.with(|setup| setup.policy.manual_open = true);
        let su = open.candidate("苏晓").await;
        recovered(&open, &su).await;
        let tried = app::account::login(&open.ctx(Actor::Anonymous), login(&open, &su, su.person.last_six())).await;
        assert!(tried.is_ok());
    }

    async fn the_lost_mobile_opens_nothing_after_a_recovery_at_the_counter(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let t = t.with(|setup| setup.policy.sms = true);
        let lin = lin.at(&t);
        let mobile = "13800008888";
        prove(&t, &lin, mobile).await;
        // The proof that follows is not empty: before the counter, this SIM card gets a code.
        let anybody = t.ctx(Actor::Anonymous);
        app::account::recover_start(&anybody, &lin.person.number, t.solved()).await.unwrap();
        assert!(code_came(&t, mobile).await);
        let code = recovered(&t, &lin).await;
        t.clock.advance(120);
        assert!(!code_came(&t, mobile).await, "the notice is what came last");
        let anybody = t.ctx(Actor::Anonymous);
        app::account::activation_code_send(&anybody, &lin.person.number, t.solved()).await.unwrap();
        assert!(!code_came(&t, mobile).await, "whoever holds the lost phone could open the account");

        let mut browser = t.browser();
        let page = first_login(&mut browser, &lin.person.number, &code).await.expect(200).is_at("/activate");
        let form = page.form("/activate").set("password", "xinmima-2026-zhou").set("password_again", "xinmima-2026-zhou");
        browser.submit(form).await.expect(200).is_at("/home");
        t.clock.advance(120);
        let anybody = t.ctx(Actor::Anonymous);
        app::account::recover_start(&anybody, &lin.person.number, t.solved()).await.unwrap();
        assert!(!code_came(&t, mobile).await);
        // Whoever still has that mobile proves it anew, with the password.
        let mut renewed = lin.clone();
        renewed.password = "xinmima-2026-zhou".into();
        prove(&t, &renewed, mobile).await;
        let again = app::account::change_mobile_start(&renewed.ctx(), mobile, Secret::new("xinmima-2026-zhou")).await;
        assert!(matches!(again, Err(Error::Fields(_))), "proven, there is nothing to change: {again:?}");
    }

    async fn control_the_mark_of_a_proven_mobile_is_what_brings_the_code(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let t = t.with(|setup| setup.policy.sms = true);
        recovered(&t, &lin.at(&t)).await;
        run(&t, &["UPDATE account SET mobile_verified_at = 1"]).await;
        app::account::activation_code_send(&t.ctx(Actor::Anonymous), &lin.person.number, t.solved()).await.unwrap();
        assert!(code_came(&t, &lin.person.mobile).await);
    }

    async fn a_claim_freezes_an_account_that_waits_and_gives_it_back_as_it_was(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let code = recovered(&t, &lin).await;
        let form = claim::ClaimForm {
            id_number: lin.person.number.clone(), name: "王五".into(), mobile: "13700000000".into(),
            statement: "有人用我的身份证号注册，请核实处理。".into(),
        };
        claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved()).await.unwrap();
        let (first, second) = (desk(&t).await.ctx().await, desk(&t).await.ctx().await);
        let row = claim::list(&first, "open", None).await.unwrap().remove(0);
        claim::check(&first, &row.public_id, "电话核实").await.unwrap();
        first_login(&mut t.browser(), &lin.person.number, &code).await.expect(422);
        claim::decide(&second, &row.public_id, false, "证件不符").await.unwrap();
        first_login(&mut t.browser(), &lin.person.number, &code).await.expect(200).is_at("/activate");
    }

    async fn a_code_that_nobody_used_ends_and_the_account_stays_its_owners(t: TestApp) {
        let lin = t.ready("林一舟").await;
        let code = recovered(&t, &lin).await;
        t.clock.advance_hours(25);
        t.run_jobs().await;
        first_login(&mut t.browser(), &lin.person.number, &code).await.expect(422);
        // The number isn't free: this was no sign-up that somebody gave up.
        let form = app::account::SignupForm {
            name: "占号者".into(),
            id_type: domain::id_number::IdType::ResidentCard.code().into(),
            id_number: lin.person.number.clone(),
            mobile: "13900000009".into(),
            door: String::new(),
        };
        let taken = app::account::start_signup(&t.ctx(Actor::Anonymous), &form, t.solved()).await.unwrap();
        assert!(matches!(taken, app::account::SignupOutcome::Taken), "{taken:?}");
        let code = recovered(&t, &lin).await;
        first_login(&mut t.browser(), &lin.person.number, &code).await.expect(200).is_at("/activate");
    }

    async fn a_request_that_is_refused_changes_nothing(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let id = asked(&desk(&t).await, &lin).await;
        let mut second = desk(&t).await.browser();
        let link = format!("/office/approvals/{id}");
        let page = second.get(&link).await.expect(200);
        let form = page.form(&link).set("note", "与证件不符").press("不同意");
        second.submit(form).await.expect(200).is_at("/office/approvals");
        lin.browser().get("/home").await.expect(200).is_at("/home");
        app::account::login(&t.ctx(Actor::Anonymous), login(&t, &lin, &lin.password)).await.unwrap();
    }
}
