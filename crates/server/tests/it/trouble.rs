//! Trouble: a session that ends in the middle of a form, a captcha sent twice, a database that is away.

use testkit::{TestApp, both_backends};

both_backends! {
    async fn what_was_typed_survives_a_session_that_ended_meanwhile(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let form = browser.get("/profile").await.expect(200).form("/profile").set("native_place", "南屿市临溪县");
        t.clock.advance_hours(3);

        let page = browser.submit(form).await.expect(401).shows("登录已过期");
        let login = page.form("/login").set("number", &zhang.person.number).set("password", &zhang.password);
        let page = browser.submit(login).await.expect(200);

        let page = browser.submit(page.form("/profile")).await.expect(200).shows("刚才填的内容还在");
        assert_eq!(page.form("/profile").value("native_place"), Some("南屿市临溪县"));
    }

    async fn what_was_typed_for_one_account_is_never_shown_to_another(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let li = t.candidate("李四").await;
        let mut browser = zhang.browser();
        let form = browser.get("/profile").await.expect(200).form("/profile").set("native_place", "南屿市临溪县");
        t.clock.advance_hours(3);

        let page = browser.submit(form).await.expect(401);
        let login = page.form("/login").set("number", &li.person.number).set("password", &li.password);
        let page = browser.submit(login).await;
        assert!(!page.html().contains("南屿市临溪县"));
        browser.get("/profile").await.expect(200).lacks("南屿市临溪县");
    }

    async fn a_captcha_is_good_once(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = t.browser();
        let page = browser.get("/login").await.expect(200);
        let form = page.form("/login");
        let answer = browser.captcha_answer(form.value("captcha_token").unwrap()).unwrap();
        let form = form
            .set("captcha", &answer)
            .set("number", &zhang.person.number)
            .set("password", "wrong-password-1");
        browser.submit(form.clone()).await.shows("证件号码或密码不对");
        browser.submit(form.set("password", &zhang.password)).await.shows("这个验证码已经用过");
    }

    async fn with_the_database_away_the_page_says_so_and_pages_from_memory_stay(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let form = browser.get("/profile").await.expect(200).form("/profile");
        let form = form.set("ethnicity", "01").set("political", "13").set("marital", "10");
        let places = ["native", "birth", "hukou", "origin"];
        let form = places.iter().fold(form.set("disability", "0"), |form, place| {
            form.set(&format!("{place}_province"), "43").set(&format!("{place}_place"), "南屿市临溪县")
        });
        t.app.db().clone().close().await;
        let page = browser.submit(form).await.expect(503);
        assert!(page.header("retry-after").is_some());
        assert!(!page.text().contains("异常"));
        t.browser().get("/privacy").await.expect(200);
    }

    async fn more_than_a_form_may_hold_is_refused_with_a_page(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let form = browser.get("/profile").await.expect(200).form("/profile");
        browser.submit(form.set("native_place", &"长".repeat(200_000))).await.expect(413);
    }

    async fn a_form_from_a_page_that_stood_open_too_long_comes_back_filled_in(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let form = browser.get("/profile").await.expect(200).form("/profile").set("native_place", "南屿市临溪县");
        // The same person, logged in anew in another tab: the page's token belongs to the session before.
        let page = browser.get("/login").await;
        if let Some(login) = page.forms().into_iter().find(|form| form.path() == "/login") {
            browser.submit(login.set("number", &zhang.person.number).set("password", &zhang.password)).await;
            let page = browser.submit(form).await;
            assert_eq!(page.form("/profile").value("native_place"), Some("南屿市临溪县"));
        }
    }
}
