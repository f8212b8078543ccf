//! Tries and codes asked for at the same moment: no more are looked at, and no more are sent, than one after the other.

use std::sync::atomic::{AtomicU64, Ordering};

use app::account::{recover_start, start_signup};
use app::staff::StaffLogin;
use app::{Error, Result, Secret};
use db::{Crowd, p, sql};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{Helpers as _, PASSWORD, from, log_in, login_of};
use crate::invariants::forgets;

const AT_ONCE: usize = 24;
/// Five failures are free, the sixth brings the first delay (`domain::account::throttle`).
const LOOKED_AT: u64 = 6;

/// Wrong logins from one network at the same moment: how many cost a run of argon2, and how many were turned away.
async fn burst(t: &TestApp, number: &str) -> (u64, u64) {
    let before = t.app.passwords().runs();
    let turned_away = AtomicU64::new(0);
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (t, number) = (t.clone(), number.to_owned());
            t.clone().app_task(async move {
                let ctx = from(&t, "10.7.0.0/24");
                app::account::login(&ctx, login_of(&t, &number, "wrong-password", None)).await
            })
        })
        .collect();
    for task in tasks {
        match task.await.unwrap() {
            Err(Error::TooMany(wait)) => {
                assert!(wait.as_secs() <= 60, "{wait:?}");
                turned_away.fetch_add(1, Ordering::SeqCst);
            }
            Err(Error::Fields(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    (
        t.app.passwords().runs() - before,
        turned_away.load(Ordering::SeqCst),
    )
}

/// 忘记密码 asked for at the same moment from many networks: how many codes were made.
async fn asked_to_recover(t: &TestApp, number: &str) -> i64 {
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let (t, number) = (t.clone(), number.to_owned());
            t.clone().app_task(async move {
                let ctx = from(&t, &format!("10.6.{n}.0/24"));
                recover_start(&ctx, &number, t.solved()).await.map(|_| ())
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().expect("it says the same either way");
    }
    codes(t, "recover").await
}

async fn codes(t: &TestApp, purpose: &str) -> i64 {
    let scan = t.app.db().scan(Crowd::System);
    scan.one(
        sql!("SELECT COUNT(*) FROM sms_code WHERE purpose = $1"),
        p![purpose],
    )
    .await
    .unwrap()
}

/// The failures that a network has, and those that one account has.
async fn failures(t: &TestApp) -> (i64, i64) {
    let scan = t.app.db().scan(Crowd::System);
    scan.one(
        sql!(
            "SELECT COALESCE(MAX(CASE WHEN whom = $1 THEN failures END), 0), \
             COALESCE(MAX(CASE WHEN whom <> $1 THEN failures END), 0) FROM throttle"
        ),
        p![&[] as &[u8]],
    )
    .await
    .unwrap()
}

fn is_told_to_wait<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::Fields(fields)) if fields.get("code").is_some_and(|text| text.contains("1 分钟")))
}

both_backends! {
    async fn a_burst_of_wrong_logins_gets_as_many_looks_as_the_same_one_by_one(t: TestApp) {
        let (zhang, nobody) = (t.candidate("张三").await, t.person("无人"));
        let turned_away = AT_ONCE as u64 - LOOKED_AT;
        assert_eq!(burst(&t, &zhang.person.number).await, (LOOKED_AT, turned_away));
        // An unknown number takes the same way.
        assert_eq!(burst(&t, &nobody.number).await, (LOOKED_AT, turned_away));
        // The next look comes with the end of the delay, and there is one.
        t.clock.advance(30);
        assert_eq!(burst(&t, &zhang.person.number).await.0, 1);
        // From elsewhere the owner comes in as if nothing had been.
        let ctx = from(&t, "10.8.0.0/24");
        app::account::login(&ctx, login_of(&t, &zhang.person.number, &zhang.password, None)).await.unwrap();
    }

    async fn control_with_the_delays_forgotten_the_whole_burst_is_looked_at(t: TestApp) {
        let zhang = t.candidate("张三").await;
        forgets(&t, "throttle", "blocked_until", "0").await;
        assert_eq!(burst(&t, &zhang.person.number).await, (AT_ONCE as u64, 0));
    }

    async fn a_burst_of_wrong_logins_of_staff_is_held_the_same_way(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        for username in [officer.username.as_str(), "nobody-here"] {
            let before = t.app.passwords().runs();
            let tasks: Vec<_> = (0..AT_ONCE).map(|_| {
                let (t, username) = (t.clone(), username.to_owned());
                t.clone().app_task(async move {
                    let login = StaffLogin { username, password: Secret::new("wrong-password-1"), captcha: t.solved() };
                    app::staff::begin(&from(&t, "10.7.0.0/24"), login).await.map(|_| ())
                })
            }).collect();
            for task in tasks {
                let answer = task.await.unwrap();
                assert!(matches!(answer, Err(Error::TooMany(_) | Error::Fields(_))), "{answer:?}");
            }
            assert_eq!(t.app.passwords().runs() - before, LOOKED_AT, "{username}");
        }
    }

    async fn logins_that_go_well_leave_nothing_counted(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let ctx = from(&t, "10.7.0.0/24");
        // More than an account's free failures, and a few at the same moment.
        for _ in 0..15 {
            let tasks: Vec<_> = (0..4).map(|_| {
                let (t, ctx) = (t.clone(), ctx.clone());
                let login = login_of(&t, &zhang.person.number, &zhang.password, None);
                t.app_task(async move { app::account::login(&ctx, login).await.map(|_| ()) })
            }).collect();
            for task in tasks {
                task.await.unwrap().unwrap();
            }
        }
        assert_eq!(failures(&t).await, (0, 0));
        // The control: what fails is counted, and the network keeps it when the owner comes in at last.
        for _ in 0..5 {
            let wrong = app::account::login(&ctx, login_of(&t, &zhang.person.number, "wrong-password", None)).await;
            assert!(matches!(wrong, Err(Error::Fields(_))), "{wrong:?}");
        }
        assert_eq!(failures(&t).await, (5, 5));
        // The sixth try brings the delay; it is right, and so the delay is gone with it.
        for _ in 0..2 {
            app::account::login(&ctx, login_of(&t, &zhang.person.number, &zhang.password, None)).await.unwrap();
        }
        assert_eq!(failures(&t).await, (5, 0));
    }

    async fn a_try_that_nobody_had_the_time_to_look_at_is_not_counted(t: TestApp) {
        // Nobody's password costs what one costs today: whoever comes while another is looked at is turned away.
        let nobody = t.person("无人");
        let slow = t.with(|s| (s.password_cost, s.passwords_waiting) = (vault::password::Cost::standard(), 1));
        let tasks: Vec<_> = (0..12).map(|n| {
            let (t, number) = (slow.clone(), nobody.number.clone());
            t.clone().app_task(async move {
                app::account::login(&from(&t, &format!("10.7.{n}.0/24")), login_of(&t, &number, "wrong-password", None)).await
            })
        }).collect();
        let (mut wrong, mut busy) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Err(Error::Fields(_)) => wrong += 1,
                Err(Error::Busy(_)) => busy += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(wrong > 0 && busy > 0, "{wrong} looked at, {busy} turned away");
        // The account's counter stands over all networks.
        assert_eq!(failures(&t).await.1, wrong);
    }

    async fn a_password_asked_for_again_counts_only_when_it_is_wrong(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let zhang = t.candidate_by_sms(&t.person("张三")).await;
        let mut browser = t.browser();
        log_in(&mut browser, &zhang.number, PASSWORD).await.expect(200);
        // Eight right passwords, of which the first changes nothing: the mobile is the same.
        let form = browser.get("/account/mobile").await.expect(200).form("/account/mobile");
        let form = form.set("mobile", &zhang.mobile).set("password", PASSWORD);
        for _ in 0..8 {
            browser.submit(form.clone()).await.expect(422).shows("新号码与现在登记的号码相同");
        }
        // The control: eight wrong ones end in a delay.
        let wrong = form.set("password", "wrong-password");
        for _ in 0..6 {
            browser.submit(wrong.clone()).await.expect(422).shows("密码不对");
        }
        browser.submit(wrong).await.expect(429);
    }

    async fn codes_asked_for_at_the_same_moment_are_one_code(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let zhang = t.candidate_by_sms(&t.person("张三")).await;
        assert_eq!(asked_to_recover(&t, &zhang.number).await, 1);
        t.clock.advance(59);
        assert_eq!(asked_to_recover(&t, &zhang.number).await, 1, "a minute has to pass");
        t.clock.advance(1);
        assert_eq!(asked_to_recover(&t, &zhang.number).await, 2);

        // At sign-up who comes second is told to wait.
        let person = t.person("林一舟");
        let form = app::account::SignupForm {
            name: person.name.clone(), id_type: "01".into(), id_number: person.number.clone(), mobile: person.mobile.clone(), door: String::new(),
        };
        let before = codes(&t, "signup").await;
        let tasks: Vec<_> = (0..8).map(|n| {
            let (t, form) = (t.clone(), form.clone());
            t.clone().app_task(async move { start_signup(&from(&t, &format!("10.5.{n}.0/24")), &form, t.solved()).await.map(|_| ()) })
        }).collect();
        let (mut sent, mut told) = (0, 0);
        for task in tasks {
            let answer = task.await.unwrap();
            sent += usize::from(answer.is_ok());
            told += usize::from(is_told_to_wait(&answer));
        }
        assert_eq!((sent, told), (1, 7));
        assert_eq!(codes(&t, "signup").await - before, 1);
    }

    async fn control_with_the_minute_forgotten_each_is_sent_a_code(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let zhang = t.candidate_by_sms(&t.person("张三")).await;
        forgets(&t, "throttle", "blocked_until", "0").await;
        assert_eq!(asked_to_recover(&t, &zhang.number).await, 8);
        // The day's ten stand all the same: they are counted, one mobile after the other.
        assert_eq!(asked_to_recover(&t, &zhang.number).await, 10);
    }
}
