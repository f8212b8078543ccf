//! 注册 → 登录 → the first password → home, everything around it, and who must not get in (assurance §5).

use std::collections::BTreeMap;

use app::account::session::Kind;
use app::account::{Login, NewPassword, SignupForm, SignupOutcome, claim, correction};
use app::{Actor, Ctx, Error, Secret};
use db::{P, p, sql};
use domain::staff::Role;
use testkit::{Browser, Page, Person, TestApp, both_backends};

const PASSWORD: &str = "清晨的一杯茶要慢慢喝";
const OTHER: &str = "tree-lamp-42-river";

/// Fills in the sign-up form and presses 保存.
async fn sign_up(browser: &mut Browser, person: &Person) -> Page {
    let page = browser
        .get("/signup?door=recruitment&agreed=1")
        .await
        .expect(200);
    let form = page.form("/signup").set_all(&[
        ("name", &person.name),
        ("id_number", &person.number),
        ("mobile", &person.mobile),
        ("agree", "1"),
    ]);
    browser.submit(form).await
}

/// The code of the last SMS to a mobile.
async fn sms_code(t: &TestApp, mobile: &str) -> String {
    t.run_jobs().await;
    let message = t.sms.last_to(mobile).expect("an SMS");
    message
        .params
        .iter()
        .find(|(name, _)| name == "code")
        .map(|(_, code)| code.clone())
        .expect("a code")
}

pub(crate) async fn log_in(browser: &mut Browser, number: &str, password: &str) -> Page {
    let page = browser.get("/login").await.expect(200);
    browser
        .submit(
            page.form("/login")
                .set_all(&[("number", number), ("password", password)]),
        )
        .await
}

async fn choose_password(browser: &mut Browser, page: &Page, password: &str) -> Page {
    browser
        .submit(
            page.form("/activate")
                .set_all(&[("password", password), ("password_again", password)]),
        )
        .await
}

fn from(t: &TestApp, network: &str) -> Ctx {
    Ctx {
        network: network.to_owned(),
        ..t.ctx(Actor::Anonymous)
    }
}

fn login_of(t: &TestApp, number: &str, password: &str, cookie: Option<&str>) -> Login {
    Login {
        number: number.to_owned(),
        password: Secret::new(password),
        door: String::new(),
        captcha: t.solved(),
        activation: cookie.map(str::to_owned),
        device: None,
    }
}

/// A sign-up through the use case: the activation cookie and the activation code.
pub(crate) async fn pending(t: &TestApp, person: &Person) -> (String, String) {
    let form = SignupForm {
        name: person.name.clone(),
        id_type: "01".into(),
        id_number: person.number.clone(),
        mobile: person.mobile.clone(),
        door: String::new(),
    };
    match app::account::start_signup(&t.ctx(Actor::Anonymous), &form, t.solved())
        .await
        .expect("a sign-up")
    {
        SignupOutcome::Created(created) => {
            (created.cookie.expose(), created.activation_code.clone())
        }
        other => panic!("no account: {other:?}"),
    }
}

async fn stored(t: &TestApp, token: &str) -> app::account::session::Session {
    app::account::session::lookup(&t.app, token, t.now())
        .await
        .unwrap()
        .expect("a session")
}

both_backends! {
    async fn the_manual_s_way_from_signup_to_the_platform(t: TestApp) {
        let person = t.person("林一舟");
        let mut browser = t.browser();
        browser.get("/signup").await.expect(200).shows("选择考试类型").shows("公务员考试");
        browser.get("/signup?door=recruitment").await.expect(200).shows("个人信息保护说明").shows("同意，开始注册");
        let page = sign_up(&mut browser, &person).await.expect(200).is_at("/login");
        let page = page.shows("注册成功").shows("证件号码的后 6 位").shows("激活码").shows("事业单位考试");
        assert_eq!(page.form("/login").value("number"), Some(person.number.as_str()));

        let form = page.form("/login").set("password", &person.last_six().to_lowercase());
        let page = browser.submit(form).await.expect(200).is_at("/activate").shows("修改初始密码");
        let weak = choose_password(&mut browser, &page, "1234").await.expect(422);
        let page = weak.shows("密码至少 8 位");
        let page = choose_password(&mut browser, &page, &format!("my{}", person.last_six())).await.expect(422);
        let page = page.shows("密码不能含有证件号码");
        let page = choose_password(&mut browser, &page, PASSWORD).await.expect(200).is_at("/home");
        let page = page.shows("密码修改成功").shows("林一舟，您好").shows("个人信息修改").shows("照片维护");
        assert!(browser.cookie("bk_activation").is_none_or(str::is_empty));

        // 退出, and in again by password from another device; the six digits open nothing any more.
        let page = browser.submit(page.form("/logout")).await.expect(200).is_at("/login");
        page.shows("已退出登录");
        let mut phone = t.browser();
        log_in(&mut phone, &person.number, person.last_six()).await.expect(422).shows("证件号码或密码不对");
        log_in(&mut phone, &person.number.to_lowercase(), PASSWORD).await.expect(200).is_at("/home");
        phone.get("/login").await.is_at("/home");
        phone.get("/messages").await.expect(200).shows("账号已启用");
    }

    async fn with_sms_the_mobile_is_proven_before_anything_is_stored(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let person = t.person("林一舟");
        let mut browser = t.browser();
        let page = sign_up(&mut browser, &person).await.expect(200).shows("核实手机号码");
        let code = sms_code(&t, &person.mobile).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let page = browser.submit(page.form("/signup/code").set("sms_code", wrong)).await.expect(422);
        let page = page.shows("验证码不对");
        let again = browser.submit(page.form("/signup/resend")).await.expect(422).shows("1 分钟后");
        t.clock.advance(61);
        let page = browser.submit(again.form("/signup/resend")).await.expect(200);
        let code = sms_code(&t, &person.mobile).await;
        let page = browser.submit(page.form("/signup/code").set("sms_code", &code)).await.expect(200).is_at("/login");
        let form = page.form("/login").set("password", person.last_six());
        let page = browser.submit(form).await.is_at("/activate");
        choose_password(&mut browser, &page, PASSWORD).await.is_at("/home");
        // A code is good once.
        let mut second = t.browser();
        let page = sign_up(&mut second, &t.person("别人")).await.shows("核实手机号码");
        second.submit(page.form("/signup/code").set("sms_code", &code)).await.expect(422);
    }

    async fn every_slip_of_the_signup_form_is_told_and_nothing_typed_is_lost(t: TestApp) {
        let mut browser = t.browser();
        let page = browser.get("/signup?door=other&agreed=1").await.expect(200);
        let form = page.form("/signup").set_all(&[("name", "张"), ("id_number", "11010519491231002"), ("mobile", "1380000000")]);
        let page = browser.submit(form).await.expect(422);
        let page = page.shows("有 4 处需要修改").shows("姓名至少两个字").shows("居民身份证应为 18 位，您填了 17 位");
        let page = page.shows("手机号码应为 11 位数字，您填了 10 位").shows("同意后才能注册");
        assert_eq!(page.form("/signup").value("mobile"), Some("1380000000"));

        // An old number of fifteen digits comes back converted, for confirmation.
        let form = page.form("/signup").set_all(&[
            ("name", "张三"), ("id_number", "１１０１０５４９１２３１００２"), ("mobile", "138 0000 0000"), ("agree", "1"),
        ]);
        let page = browser.submit(form).await.expect(422).shows("已按规则换算成 18 位");
        // It is no mistake: nothing is marked as one.
        let page = page.shows("请核对证件号码").lacks("处需要修改").lacks("is-invalid");
        let form = page.form("/signup");
        assert_eq!(form.value("id_number"), Some("11010519491231002X"));
        browser.submit(form).await.expect(200).is_at("/login");

        // Somebody with a passport; lower case and spaces are understood.
        let mut other = t.browser();
        let page = other.get("/signup?door=other&agreed=1").await;
        let form = page.form("/signup").set_all(&[
            ("name", "John Smith"), ("id_type", "06"), ("id_number", "e 1234 5678"), ("mobile", "13900000000"), ("agree", "1"),
        ]);
        let page = other.submit(form).await.expect(200).is_at("/login");
        assert_eq!(page.form("/login").value("number"), Some("E12345678"));
    }

    async fn a_number_that_is_taken_gets_a_page_that_says_what_to_do(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = t.browser();
        let page = sign_up(&mut browser, &zhang.person).await.expect(200);
        let page = page.shows("这个证件号码已经注册").shows("不是我注册的").shows("忘记了密码");
        assert_eq!(page.links("不是我注册的"), ["/claim"]);
        // Fifteen digits of the same person are the same number; only old numbers have that form.
    }

    async fn the_digits_alone_never_open_an_account(t: TestApp) {
        let person = t.person("林一舟");
        let (cookie, _) = pending(&t, &person).await;
        for round in 0..300 {
            let ctx = from(&t, &format!("10.{}.{}.0/24", round / 250, round % 250));
            let answer = app::account::login(&ctx, login_of(&t, &person.number, person.last_six(), None)).await;
            assert!(matches!(answer, Err(Error::Fields(_) | Error::TooMany(_))), "round {round}: {answer:?}");
            t.clock.advance(2);
        }
        // The owner isn't locked out by all this: her cookie has a counter of its own.
        let owner = app::account::login(&t.ctx(Actor::Anonymous), login_of(&t, &person.number, person.last_six(), Some(&cookie))).await;
        assert_eq!(owner.unwrap().kind, Kind::Activation);
    }

    async fn ten_thousand_tries_with_number_and_digits_open_nothing(t: TestApp) {
        // Twenty tries at one person from twenty networks are free of delay: with a list of 500 people, every try is looked at.
        const PEOPLE: u32 = 500;
        const TRIES: u32 = 20;
        let mut people = Vec::new();
        for n in 0..PEOPLE {
            let person = t.person(&format!("考生{}", char::from_u32(0x4e00 + n).unwrap()));
            let (cookie, _) = pending(&t, &person).await;
            people.push((person, cookie));
        }
        let before = t.app.passwords().runs();
        let attackers: Vec<_> = people.chunks(10).enumerate().map(|(attacker, victims)| {
            let (t, victims) = (t.clone(), victims.to_vec());
            t.clone().app_task(async move {
                for number in 0..TRIES {
                    for (victim, (person, _)) in victims.iter().enumerate() {
                        let ctx = from(&t, &format!("10.{attacker}.{}.0/24", number * 10 + u32::try_from(victim).unwrap()));
                        let login = login_of(&t, &person.number, person.last_six(), None);
                        let answer = app::account::login(&ctx, login).await;
                        assert!(matches!(answer, Err(Error::Fields(_))), "{number}: {answer:?}");
                    }
                }
            })
        }).collect();
        for attacker in attackers {
            attacker.await.unwrap();
        }
        assert_eq!(t.app.passwords().runs() - before, u64::from(PEOPLE * TRIES), "each try was looked at");
        let sessions: i64 = t.app.db().scan(db::Crowd::System).one(sql!("SELECT COUNT(*) FROM session"), p![]).await.unwrap();
        assert_eq!(sessions, 0);
        // The owners come in as if nothing had been.
        for (person, cookie) in people.iter().step_by(50) {
            let login = login_of(&t, &person.number, person.last_six(), Some(cookie));
            let owner = app::account::login(&t.ctx(Actor::Anonymous), login).await;
            assert_eq!(owner.unwrap().kind, Kind::Activation);
        }
    }

    async fn control_with_the_cookie_check_off_the_digits_hijack(t: TestApp) {
        let person = t.person("林一舟");
        pending(&t, &person).await;
        let open = t.with(|s| s.policy.manual_open = true);
        let hijack = app::account::login(&open.ctx(Actor::Anonymous), login_of(&open, &person.number, person.last_six(), None)).await;
        assert_eq!(hijack.unwrap().kind, Kind::Activation);
    }

    async fn a_cookie_opens_its_own_account_only_and_only_while_it_is_young(t: TestApp) {
        let (zhang, li) = (t.person("张三"), t.person("李四"));
        let (cookie_of_zhang, _) = pending(&t, &zhang).await;
        let (cookie_of_li, _) = pending(&t, &li).await;
        let ctx = t.ctx(Actor::Anonymous);
        let foreign = app::account::login(&ctx, login_of(&t, &zhang.number, zhang.last_six(), Some(&cookie_of_li))).await;
        assert!(matches!(foreign, Err(Error::Fields(_))));
        t.clock.advance(31 * 60);
        let late = app::account::login(&t.ctx(Actor::Anonymous), login_of(&t, &zhang.number, zhang.last_six(), Some(&cookie_of_zhang))).await;
        assert!(matches!(late, Err(Error::Fields(_))));
    }

    async fn nothing_of_the_sign_up_opens_an_account_that_has_a_password(t: TestApp) {
        let person = t.person("林一舟");
        let (cookie, code) = pending(&t, &person).await;
        let ctx = t.ctx(Actor::Anonymous);
        let half = app::account::login(&ctx, login_of(&t, &person.number, person.last_six(), Some(&cookie))).await.unwrap();
        let second = app::account::login(&ctx, login_of(&t, &person.number, person.last_six(), Some(&cookie))).await.unwrap();
        let session = stored(&t, &half.token.expose()).await;
        let stale = stored(&t, &second.token.expose()).await;
        let chosen = NewPassword { password: Secret::new(PASSWORD), again: Secret::new(PASSWORD) };
        app::account::set_first(&ctx, &session, chosen.clone()).await.unwrap();
        // The other half-open session is dead with its kind.
        assert!(app::account::set_first(&ctx, &stale, chosen).await.is_err());
        assert!(app::account::session::lookup(&t.app, &second.token.expose(), t.now()).await.unwrap().is_none());
        let replay = app::account::login(&ctx, login_of(&t, &person.number, person.last_six(), Some(&cookie))).await;
        assert!(matches!(replay, Err(Error::Fields(_))));
        let request = app::account::Activation {
            number: person.number.clone(), activation_code: code, sms_code: String::new(), door: String::new(), captcha: t.solved(),
        };
        assert!(matches!(app::account::activate(&ctx, request).await, Err(Error::Fields(_))));
    }

    async fn owner_and_attacker_race_and_the_cookie_wins(t: TestApp) {
        let person = t.person("林一舟");
        let (cookie, _) = pending(&t, &person).await;
        let mut tasks = Vec::new();
        for number in 0..16 {
            let (t, person, cookie) = (t.clone(), person.clone(), (number == 7).then(|| cookie.clone()));
            tasks.push(t.clone().app_task(async move {
                let ctx = from(&t, &format!("10.9.{number}.0/24"));
                let owner = cookie.is_some();
                let login = login_of(&t, &person.number, person.last_six(), cookie.as_deref());
                (owner, app::account::login(&ctx, login).await.is_ok())
            }));
        }
        let mut winners = Vec::new();
        for task in tasks {
            let (owner, won) = task.await.unwrap();
            if won {
                winners.push(owner);
            }
        }
        assert_eq!(winners, [true]);
    }

    async fn a_stolen_database_holds_nothing_that_six_digits_verify(t: TestApp) {
        let person = t.person("林一舟");
        pending(&t, &person).await;
        let rows: Vec<(Option<String>, Vec<u8>, Vec<u8>)> = t.app.db().scan(db::Crowd::System).rows(
            sql!("SELECT password_hash, activation_cookie_hash, id_number FROM account WHERE state = 'pending'"),
            &[] as &[P<'_>],
        ).await.unwrap();
        assert_eq!(rows.len(), 1);
        let (password_hash, cookie_hash, number) = &rows[0];
        assert_eq!(*password_hash, None);
        assert_eq!(cookie_hash.len(), 32);
        assert!(!contains(number, person.last_six().as_bytes()));
    }

    async fn another_device_comes_in_by_the_activation_code_once(t: TestApp) {
        let person = t.person("林一舟");
        let mut browser = t.browser();
        sign_up(&mut browser, &person).await.is_at("/login");
        let sheet = browser.get("/signup/activation").await.expect(200).shows("首次登录激活码");
        let code = sheet.main().split_whitespace().find(|word| word.len() == 14 && word.matches('-').count() == 2).unwrap().to_owned();
        let pdf = browser.get("/signup/activation/pdf").await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));

        let mut phone = t.browser();
        let page = phone.get("/first-login").await.expect(200);
        let wrong = page.form("/first-login").set_all(&[("number", &person.number), ("activation_code", "0000-0000-0000")]);
        let page = phone.submit(wrong).await.expect(422).shows("激活码或短信验证码不对");
        let right = page.form("/first-login").set_all(&[("number", &person.number), ("activation_code", &code.to_lowercase())]);
        let page = phone.submit(right.clone()).await.expect(200).is_at("/activate");
        phone.get("/profile").await.is_at("/activate");
        choose_password(&mut phone, &page, PASSWORD).await.is_at("/home");
        let mut third = t.browser();
        let page = third.get("/first-login").await;
        let used = page.form("/first-login").set_all(&[("number", &person.number), ("activation_code", &code)]);
        third.submit(used).await.expect(422);
    }

    async fn another_device_comes_in_by_sms(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let person = t.person("林一舟");
        let mut browser = t.browser();
        let page = sign_up(&mut browser, &person).await;
        let code = sms_code(&t, &person.mobile).await;
        browser.submit(page.form("/signup/code").set("sms_code", &code)).await.is_at("/login");
        t.clock.advance(120);
        let mut phone = t.browser();
        let page = phone.get("/first-login").await.expect(200);
        let page = phone.submit(page.form("/first-login").set_all(&[("number", &person.number), ("by", "sms")])).await.expect(200);
        let code = sms_code(&t, &person.mobile).await;
        phone.submit(page.form("/first-login/code").set("sms_code", &code)).await.expect(200).is_at("/activate");
        // Somebody unknown sees the same page, and no SMS leaves.
        let sent = t.sms.sent().len();
        let mut stranger = t.browser();
        let unknown = t.person("无人");
        let page = stranger.get("/first-login").await;
        stranger.submit(page.form("/first-login").set_all(&[("number", &unknown.number), ("by", "sms")])).await.expect(200).shows("验证码已发到");
        t.run_jobs().await;
        assert_eq!(t.sms.sent().len(), sent);
    }

    async fn an_unfinished_signup_lapses_after_a_day_and_frees_the_number(t: TestApp) {
        let person = t.person("林一舟");
        pending(&t, &person).await;
        t.clock.advance_hours(25);
        while app::account::sweep(&t.system()).await.unwrap() > 0 {}
        pending(&t, &person).await;
        // Without the sweep, too: the next sign-up frees it by itself.
        t.clock.advance_hours(25);
        pending(&t, &person).await;
    }

    async fn a_captcha_is_good_once(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = t.browser();
        let page = browser.get("/login").await;
        let token = page.form("/login").value("captcha_token").unwrap().to_owned();
        let answer = browser.captcha_answer(&token).unwrap();
        let form = page.form("/login").set_all(&[("number", &zhang.person.number), ("password", "wrong-password")]).set("captcha", &answer);
        browser.submit(form.clone()).await.expect(422).shows("证件号码或密码不对");
        browser.submit(form.clone().set("password", &zhang.password)).await.expect(422).shows("已经用过");
        browser.submit(form.without_captcha().set("captcha", "????").set("password", &zhang.password)).await.expect(422).shows("验证码不对");
        log_in(&mut browser, &zhang.person.number, &zhang.password).await.is_at("/home");
    }

    async fn a_proof_of_work_stands_for_the_picture(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = t.browser();
        let page = browser.get("/login").await;
        let form = page.form("/login").without_captcha().set_all(&[("number", &zhang.person.number), ("password", &zhang.password)]);
        browser.submit(form.clone().set("captcha_proof", "1")).await.expect(422).shows("验证码不对");
        let page = browser.get("/login").await;
        let token = page.form("/login").value("captcha_token").unwrap().to_owned();
        let proof = work(&token);
        let form = page.form("/login").without_captcha().set_all(&[
            ("number", &zhang.person.number), ("password", &zhang.password), ("captcha_proof", &proof.to_string()),
        ]);
        browser.submit(form).await.expect(200).is_at("/home");
    }

    async fn known_and_unknown_numbers_look_the_same(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let zhang = t.candidate_by_sms(&t.person("张三")).await;
        let unknown = t.person("无人");
        let mut pages = Vec::new();
        for number in [zhang.number.as_str(), unknown.number.as_str()] {
            let mut browser = t.browser();
            let wrong = log_in(&mut browser, number, "wrong-password").await;
            let page = browser.get("/recover").await;
            let recover = browser.submit(page.form("/recover").set("number", number)).await;
            let mut claimant = t.browser();
            let page = claimant.get("/claim").await;
            let claim = claimant.submit(page.form("/claim").set_all(&[
                ("name", "李四"), ("id_number", number), ("mobile", "13700000000"), ("statement", "有人用我的号码注册，请核实处理。"),
            ])).await;
            let strip = |page: &Page| (page.status.as_u16(), page.main().replace(number, "N"));
            pages.push((strip(&wrong), strip(&recover), strip(&claim)));
        }
        assert_eq!(pages[0], pages[1]);
    }

    async fn a_forgotten_password_comes_back_by_sms(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let zhang = t.candidate_by_sms(&t.person("张三")).await;
        let mut browser = t.browser();
        let page = browser.get("/recover").await.expect(200);
        let page = browser.submit(page.form("/recover").set("number", &zhang.number)).await.expect(200).shows("设置新密码");
        let code = sms_code(&t, &zhang.mobile).await;
        let form = page.form("/recover/code").set("sms_code", &code);
        let weak = form.clone().set_all(&[("password", "short"), ("password_again", "short")]);
        let page = browser.submit(weak).await.expect(422).shows("密码至少 8 位");
        let personal = format!("xx{}", &zhang.mobile[3..]);
        let wrong_code = page.form("/recover/code").set("sms_code", "1").set_all(&[("password", &personal), ("password_again", &personal)]);
        let page = browser.submit(wrong_code).await.expect(422).lacks("密码不能含有手机号码");
        let personal = page.form("/recover/code").set("sms_code", &code).set_all(&[("password", &personal), ("password_again", &personal)]);
        let page = browser.submit(personal).await.expect(422).shows("密码不能含有手机号码");
        let right = page.form("/recover/code").set("sms_code", &code).set_all(&[("password", OTHER), ("password_again", OTHER)]);
        browser.submit(right.clone()).await.expect(200).is_at("/home").shows("密码已修改");
        let mut replay = t.browser();
        replay.get("/recover").await;
        let page = replay.post("/recover/code", &[("sealed", right.value("sealed").unwrap()), ("sms_code", &code), ("password", PASSWORD), ("password_again", PASSWORD)]).await;
        page.expect(422);
        log_in(&mut replay, &zhang.number, OTHER).await.is_at("/home");
    }

    async fn a_new_password_ends_every_other_session(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut here = zhang.browser();
        let mut there = t.browser();
        log_in(&mut there, &zhang.person.number, &zhang.password).await.is_at("/home");
        let page = here.get("/account/password").await.expect(200);
        let form = page.form("/account/password").set_all(&[("old_password", "wrong"), ("password", OTHER), ("password_again", OTHER)]);
        let page = here.submit(form).await.expect(422).shows("原密码不对");
        let form = page.form("/account/password").set_all(&[("old_password", &zhang.password), ("password", OTHER), ("password_again", PASSWORD)]);
        let page = here.submit(form).await.expect(422).shows("两次输入的密码不一致");
        let form = page.form("/account/password").set_all(&[("old_password", &zhang.password), ("password", OTHER), ("password_again", OTHER)]);
        here.submit(form).await.expect(200).is_at("/account").shows("密码已修改");
        there.get("/account").await.is_at("/login");
        here.get("/account").await.expect(200).is_at("/account");
        assert!(app::account::session::lookup(&t.app, &zhang.token, t.now()).await.unwrap().is_none());
    }

    async fn a_candidate_sees_and_ends_sessions(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut here = zhang.browser();
        let mut there = t.browser();
        log_in(&mut there, &zhang.person.number, &zhang.password).await.is_at("/home");
        let page = here.get("/account/sessions").await.expect(200).shows("当前设备");
        assert_eq!(page.forms().iter().filter(|form| form.path() == "/account/sessions").count(), 2);
        let one = page.forms().into_iter().find(|form| form.value("which").is_some_and(|w| w != "others")).unwrap();
        here.submit(one).await.expect(200).is_at("/account/sessions");
        there.get("/home").await.is_at("/login");
        log_in(&mut there, &zhang.person.number, &zhang.password).await.is_at("/home");
        let page = here.get("/account/sessions").await;
        here.submit(page.form_with("让其他设备全部退出")).await.expect(200);
        there.get("/home").await.is_at("/login");
        here.get("/home").await.expect(200).is_at("/home");
        // A session ends by itself when nobody uses it.
        t.clock.advance_hours(3);
        here.get("/home").await.is_at("/login");
    }

    async fn a_form_survives_the_end_of_its_session(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let page = browser.get("/profile/work").await.expect(200);
        let form = page.form("/profile/work").set_all(&[("occupation", "employed"), ("employer", "南屿市图书馆")]);
        t.clock.advance_hours(3);
        let page = browser.submit(form).await.expect(401).shows("考生登录").shows("刚才填的内容还在");
        let login = page.form("/login").set_all(&[("number", &zhang.person.number), ("password", &zhang.password)]);
        let page = browser.submit(login).await.expect(200).shows("继续填写");
        let page = browser.submit(page.form_with("继续填写")).await.expect(200).shows("刚才填的内容还在");
        let form = page.form("/profile/work");
        assert_eq!(form.value("employer"), Some("南屿市图书馆"));
        browser.submit(form).await.expect(200).shows("保存成功");
    }

    async fn tries_are_slowed_and_the_owner_s_device_is_not(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut owner = t.browser();
        log_in(&mut owner, &zhang.person.number, &zhang.password).await.is_at("/home");
        let page = owner.get("/home").await;
        owner.submit(page.form("/logout")).await.is_at("/login");
        let mut stranger = t.browser();
        for _ in 0..6 {
            log_in(&mut stranger, &zhang.person.number, "wrong-password").await.expect(422);
        }
        let page = log_in(&mut stranger, &zhang.person.number, &zhang.password).await.expect(429);
        page.shows("尝试的次数太多").shows("账号没有被锁定");
        log_in(&mut owner, &zhang.person.number, &zhang.password).await.expect(200).is_at("/home");
        t.clock.advance_hours(2);
        log_in(&mut stranger, &zhang.person.number, &zhang.password).await.expect(200).is_at("/home");
    }

    async fn the_mobile_changes_with_the_password_and_a_code(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let page = browser.get("/account/mobile").await.expect(200);
        let form = page.form("/account/mobile").set_all(&[("mobile", "13800009999"), ("password", "wrong")]);
        let page = browser.submit(form).await.expect(422).shows("密码不对");
        let form = page.form("/account/mobile").set_all(&[("mobile", "13800009999"), ("password", &zhang.password)]);
        browser.submit(form).await.expect(200).is_at("/account").shows("138****9999").shows("手机号码已修改");
        let sms = t.with(|s| s.policy.sms = true);
        let mut browser = zhang.at(&sms).browser();
        let page = browser.get("/account/mobile").await.expect(200);
        let form = page.form("/account/mobile").set_all(&[("mobile", "13800008888"), ("password", &zhang.password)]);
        let page = browser.submit(form).await.expect(200).shows("核实手机号码");
        let code = sms_code(&sms, "13800008888").await;
        let page = browser.submit(page.form("/account/mobile/code").set("sms_code", "1")).await.expect(422);
        browser.submit(page.form("/account/mobile/code").set("sms_code", &code)).await.is_at("/account").shows("138****8888").shows("已核实");
    }

    async fn a_claim_of_the_real_owner_frees_the_number_by_two_people(t: TestApp) {
        let squatter = t.candidate("李四").await;
        let mut owner = t.browser();
        let page = owner.get("/claim").await.expect(200);
        let form = page.form("/claim").set_all(&[
            ("name", "王五"), ("id_number", &squatter.person.number), ("mobile", "13700000000"), ("statement", "太短"),
        ]);
        let page = owner.submit(form).await.expect(422).shows("10 至 500 个字");
        let form = page.form("/claim").set("statement", "有人用我的身份证号注册，请核实处理。");
        let page = owner.submit(form.clone().file("evidence", "a.gif", "image/gif", b"GIF89a")).await.expect(422);
        page.shows("请上传 JPG、PNG 或 PDF 文件");
        let page = owner.get("/claim").await;
        let form = page.form("/claim").set_all(&[
            ("name", "王五"), ("id_number", &squatter.person.number), ("mobile", "13700000000"),
            ("statement", "有人用我的身份证号注册，请核实处理。"),
        ]);
        owner.submit(form.file("evidence", "card.png", "image/png", b"\x89PNG\r\n\x1a\nrest")).await.expect(200).shows("申诉已提交");
        let first = t.staff(&[Role::ExamOfficer]).await;
        let second = t.staff(&[Role::ExamOfficer]).await;
        let (ctx, other) = (first.ctx().await, second.ctx().await);
        let row = claim::list(&ctx, "open", None).await.unwrap().remove(0);
        assert!(claim::evidence(&ctx, &row.public_id).await.unwrap().bytes.starts_with(b"\x89PNG"));
        claim::check(&ctx, &row.public_id, "电话核实").await.unwrap();
        squatter.browser().get("/home").await.is_at("/login");
        let frozen = app::account::login(&t.ctx(Actor::Anonymous), login_of(&t, &squatter.person.number, &squatter.password, None)).await;
        assert!(matches!(frozen, Err(Error::Fields(_))));
        let same = claim::decide(&ctx, &row.public_id, true, "同一人").await;
        assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");
        claim::decide(&other, &row.public_id, true, "证件相符").await.unwrap();
        let person = Person { name: "王五".into(), ..squatter.person.clone() };
        pending(&t, &person).await;
    }

    async fn a_refused_claim_wakes_the_account_as_it_was(t: TestApp) {
        let holder = t.candidate("李四").await;
        let form = claim::ClaimForm {
            id_number: holder.person.number.clone(), name: "王五".into(), mobile: "13700000000".into(),
            statement: "有人用我的身份证号注册，请核实处理。".into(),
        };
        claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved()).await.unwrap();
        claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved()).await.unwrap();
        let (first, second) = (t.staff(&[Role::ExamOfficer]).await.ctx().await, t.staff(&[Role::ExamOfficer]).await.ctx().await);
        let open = claim::list(&first, "open", None).await.unwrap();
        assert_eq!(open.len(), 1, "the same claimant is heard once");
        claim::check(&first, &open[0].public_id, "核对").await.unwrap();
        claim::decide(&second, &open[0].public_id, false, "证件不符").await.unwrap();
        let mut browser = t.browser();
        log_in(&mut browser, &holder.person.number, &holder.password).await.is_at("/home");
        browser.get("/messages").await.shows("账号申诉进展");
    }

    async fn an_identity_is_corrected_by_two_people_after_the_candidate_asked(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let page = browser.get("/profile/correction").await.expect(200);
        let form = page.form("/profile/correction").set_all(&[
            ("name", "张叁"), ("id_number", &zhang.person.number), ("reason", "注册时姓名打错了一个字，以证件为准。"),
        ]);
        let page = browser.submit(form.clone()).await.expect(422).shows("请上传证件照片");
        let _ = page;
        let page = browser.submit(form.file("evidence", "card.jpg", "image/jpeg", b"\xff\xd8\xff\xe0rest")).await;
        page.expect(200).is_at("/profile").shows("已提交");
        let (first, second) = (t.staff(&[Role::ExamOfficer]).await.ctx().await, t.staff(&[Role::ExamOfficer]).await.ctx().await);
        let own = app::approval::list(&first, "open", None, 50).await.unwrap().remove(0);
        assert!(correction::is_own(&own));
        assert!(correction::evidence(&first, &own).await.is_ok());
        app::approval::decide(&first, &own.public_id, true, "证件相符").await.unwrap();
        browser.get("/account").await.shows("张三");
        let passed = app::approval::list(&first, "open", None, 50).await.unwrap().remove(0);
        let same = app::approval::decide(&first, &passed.public_id, true, "再批").await;
        assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");
        app::approval::decide(&second, &passed.public_id, true, "同意").await.unwrap();
        let mut browser = t.browser();
        log_in(&mut browser, &zhang.person.number, &zhang.password).await.shows("张叁，您好");
    }

    async fn a_candidate_takes_a_copy_and_leaves(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let page = browser.get("/account").await.expect(200).lacks(&zhang.person.number);
        let copy = browser.submit(page.form("/account/copy")).await.expect(200);
        let copy: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&copy.body).unwrap();
        assert_eq!(copy["证件号码"], zhang.person.number.as_str());
        let page = browser.get("/account/close").await.expect(200);
        let page = browser.submit(page.form("/account/close").set("password", &zhang.password)).await.expect(422).shows("请勾选");
        let page = browser.submit(page.form("/account/close").set_all(&[("password", "wrong"), ("sure", "1")])).await.expect(422).shows("密码不对");
        let page = browser.submit(page.form("/account/close").set_all(&[("password", &zhang.password), ("sure", "1")])).await;
        page.expect(200).is_at("/login").shows("账号已注销");
        browser.get("/home").await.is_at("/login");
        // The number is free again; nothing of the person stays in the row.
        pending(&t, &zhang.person).await;
        let rows: Vec<(String, Option<String>)> = t.app.db().scan(db::Crowd::System).rows(
            sql!("SELECT name, password_hash FROM account WHERE id = $1"), p![zhang.id],
        ).await.unwrap();
        assert_eq!(rows, [(String::new(), None)]);
    }

    async fn anonymous_pages_commit_nothing(t: TestApp) {
        let before = t.commits();
        let mut browser = t.browser();
        for path in ["/signup", "/signup?door=other", "/signup?door=other&agreed=1", "/login", "/login?door=recruitment", "/first-login", "/recover", "/claim", "/captcha/new"] {
            browser.get(path).await.expect(200);
        }
        assert_eq!(t.commits(), before);
    }

    async fn no_number_stands_in_clear_anywhere_in_the_database(t: TestApp) {
        let person = t.person("林一舟");
        let mut browser = t.browser();
        sign_up(&mut browser, &person).await.is_at("/login");
        let tables: Vec<(String, String, String)> = t.app.db().scan(db::Crowd::System).rows(
            sql!("SELECT action, object_kind, detail FROM audit_entry"), &[] as &[P<'_>],
        ).await.unwrap();
        assert!(tables.iter().any(|(action, _, _)| action == "account.signup"));
        for (action, _, detail) in &tables {
            assert!(!detail.contains(&person.number) && !detail.contains(&person.mobile), "{action}");
        }
        if t.app.db().backend() == db::Backend::Sqlite {
            for name in ["baokao.db", "baokao.db-wal"] {
                let bytes = std::fs::read(t.folder().join(name)).unwrap_or_default();
                for canary in [&person.number, &person.mobile] {
                    assert!(!contains(&bytes, canary.as_bytes()), "{name} holds a canary");
                }
            }
        }
    }
}

/// What the page's script looks for: a number whose hash with the token begins with zero bits.
fn work(token: &str) -> u32 {
    use sha2::{Digest, Sha256};
    (0u32..)
        .find(|number| {
            let hash = Sha256::digest(format!("{token}:{number}").as_bytes());
            u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros()
                >= web::captcha::WORK_BITS
        })
        .unwrap()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// What a log line of a whole sign-up and login says.
#[test]
fn no_number_or_password_is_ever_logged() {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber)
        .expect("each test has a process of its own");
    testkit::run(TestApp::sqlite, |t| async move {
        let t = t.with(|s| s.policy.sms = true);
        let person = t.person("林一舟");
        let mut browser = t.browser();
        let page = sign_up(&mut browser, &person).await;
        let code = sms_code(&t, &person.mobile).await;
        browser
            .submit(page.form("/signup/code").set("sms_code", &code))
            .await
            .is_at("/login");
        log_in(&mut browser, &person.number, PASSWORD)
            .await
            .expect(422);
        let page = log_in(&mut browser, &person.number, person.last_six())
            .await
            .is_at("/activate");
        choose_password(&mut browser, &page, PASSWORD)
            .await
            .is_at("/home");
        let text = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
        assert!(!text.is_empty());
        for secret in [
            person.number.as_str(),
            person.mobile.as_str(),
            PASSWORD,
            code.as_str(),
        ] {
            assert!(!text.contains(secret), "the log holds {secret:?}");
        }
    });
}

/// What the helpers above need of a test's application.
trait Helpers {
    /// Runs something beside the test.
    fn app_task<F>(self, work: F) -> testkit::tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;
    /// A candidate with a verified mobile: signed up with SMS on.
    async fn candidate_by_sms(&self, person: &Person) -> Person;
}

impl Helpers for TestApp {
    fn app_task<F>(self, work: F) -> testkit::tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        testkit::tokio::spawn(work)
    }

    async fn candidate_by_sms(&self, person: &Person) -> Person {
        let mut browser = self.browser();
        let page = sign_up(&mut browser, person).await;
        let code = sms_code(self, &person.mobile).await;
        let page = browser
            .submit(page.form("/signup/code").set("sms_code", &code))
            .await
            .is_at("/login");
        let page = browser
            .submit(page.form("/login").set("password", person.last_six()))
            .await
            .is_at("/activate");
        choose_password(&mut browser, &page, PASSWORD)
            .await
            .is_at("/home");
        self.clock.advance(120);
        person.clone()
    }
}
