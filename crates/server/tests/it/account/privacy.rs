//! What is kept of a person: a copy for him, nothing in clear, nothing after he has left.

use std::collections::BTreeMap;

use db::{P, p, sql};
use testkit::{TestApp, both_backends};

use super::{PASSWORD, choose_password, contains, log_in, pending, sign_up, sms_code};

both_backends! {
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
