//! 注册 → 登录 → the first password → home, on one device and on another.

use testkit::{TestApp, both_backends};

use super::{PASSWORD, choose_password, log_in, pending, sign_up, sms_code};

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
        // A step of the login that is behind him: on to the platform, not in circles.
        phone.get("/activate").await.expect(200).is_at("/home");
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

    async fn anonymous_pages_commit_nothing(t: TestApp) {
        let before = t.commits();
        let mut browser = t.browser();
        for path in ["/signup", "/signup?door=other", "/signup?door=other&agreed=1", "/login", "/login?door=recruitment", "/first-login", "/recover", "/claim", "/captcha/new"] {
            browser.get(path).await.expect(200);
        }
        assert_eq!(t.commits(), before);
    }
}
