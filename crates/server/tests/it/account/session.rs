//! Logging in, captchas, delays, sessions and how they end, and a forgotten password.

use app::account::session;
use db::{p, sql};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{Helpers as _, OTHER, PASSWORD, log_in, sms_code, work};

both_backends! {
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

    async fn a_session_in_use_ends_a_day_after_the_login(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let lasting = t.with(|s| s.policy.candidate_longest = 400 * 86_400);
        let li = lasting.candidate("李四").await;
        for hour in 1..30 {
            t.clock.advance_hours(1);
            for (token, ends) in [(&zhang.token, 24), (&officer.token, 12)] {
                let found = session::lookup(&t.app, token, t.now()).await.unwrap();
                assert_eq!(found.is_some(), hour < ends, "hour {hour}");
                if let Some(found) = found {
                    session::touch(&t.app, &found, t.now()).await.unwrap();
                }
            }
            // The control: with a longer limit the same use keeps a session alive.
            let found = session::lookup(&lasting.app, &li.token, t.now()).await.unwrap().expect("alive");
            session::touch(&lasting.app, &found, t.now()).await.unwrap();
        }
    }

    async fn a_session_that_was_just_noted_as_used_is_not_noted_again(t: TestApp) {
        let zhang = t.candidate("张三").await;
        t.clock.advance(6 * 60);
        let noted = t.now().micros();
        for _ in 0..3 {
            let found = session::lookup(&t.app, &zhang.token, t.now()).await.unwrap().expect("alive");
            session::touch(&t.app, &found, t.now()).await.unwrap();
            t.clock.advance(1);
        }
        let seen: i64 = t.app.db().scan(db::Crowd::System).one(sql!("SELECT MAX(last_seen_at) FROM session"), p![]).await.unwrap();
        assert_eq!(seen, noted);
        // Five minutes on, it is.
        t.clock.advance(6 * 60);
        let found = session::lookup(&t.app, &zhang.token, t.now()).await.unwrap().expect("alive");
        session::touch(&t.app, &found, t.now()).await.unwrap();
        let seen: i64 = t.app.db().scan(db::Crowd::System).one(sql!("SELECT MAX(last_seen_at) FROM session"), p![]).await.unwrap();
        assert_eq!(seen, t.now().micros());
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
}
