//! Tries at the same moment: no code is compared a sixth time, no failure is forgotten. On PostgreSQL two transactions
//! read the same count unless the database itself adds.

use app::account::{change_mobile_finish, change_mobile_start, confirm_signup, start_signup};
use app::{Ctx, Error, Secret};
use db::{p, sql};
use testkit::{TestApp, TestCandidate, both_backends};

use super::{Helpers as _, from, login_of, sms_code};
use crate::invariants::run;

const AT_ONCE: usize = 16;
const MOBILE: &str = "13800008888";

/// 修改手机号 up to the page of the code: the sealed form and a code that is wrong.
async fn asked(t: &TestApp, who: &TestCandidate) -> (String, String) {
    let password = Secret::new(who.password.clone());
    let sealed = change_mobile_start(&who.at(t).ctx(), MOBILE, password)
        .await
        .unwrap()
        .expect("a code is sent");
    let code = sms_code(t, MOBILE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    (sealed, wrong.to_owned())
}

fn on(t: &TestApp, who: &TestCandidate, network: usize) -> Ctx {
    Ctx {
        network: format!("10.8.{network}.0/24"),
        ..who.at(t).ctx()
    }
}

/// Whether a code was compared and found wrong, not turned away.
fn compared(answer: &app::Result<()>) -> bool {
    format!("{answer:?}").contains("验证码不对")
}

both_backends! {
    async fn guesses_at_the_same_moment_share_the_five_tries_of_a_code(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let t = t.with(|s| s.policy.sms = true);
        let (sealed, wrong) = asked(&t, &zhang).await;
        let tasks: Vec<_> = (0..AT_ONCE).map(|n| {
            let (ctx, sealed, wrong) = (on(&t, &zhang, n), sealed.clone(), wrong.clone());
            t.clone().app_task(async move { change_mobile_finish(&ctx, &sealed, &wrong).await })
        }).collect();
        let mut tried = 0;
        for task in tasks {
            tried += usize::from(compared(&task.await.unwrap()));
        }
        assert_eq!(tried, 5);
    }

    async fn control_with_the_count_wiped_every_guess_is_compared(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let t = t.with(|s| s.policy.sms = true);
        let (sealed, wrong) = asked(&t, &zhang).await;
        let mut tried = 0;
        for n in 0..AT_ONCE {
            tried += usize::from(compared(&change_mobile_finish(&on(&t, &zhang, n), &sealed, &wrong).await));
            run(&t, &["UPDATE sms_code SET tries = 0"]).await;
        }
        assert_eq!(tried, AT_ONCE);
    }

    async fn failures_at_the_same_moment_are_all_counted(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let tasks: Vec<_> = (0..AT_ONCE).map(|n| {
            let (t, number) = (t.clone(), zhang.person.number.clone());
            t.clone().app_task(async move {
                let ctx = from(&t, &format!("10.7.{n}.0/24"));
                app::account::login(&ctx, login_of(&t, &number, "wrong-password", None)).await.is_err()
            })
        }).collect();
        for task in tasks {
            assert!(task.await.unwrap());
        }
        let most: i64 = t.app.db().scan(db::Crowd::System).one(sql!("SELECT MAX(failures) FROM throttle"), p![]).await.unwrap();
        assert_eq!(usize::try_from(most).unwrap(), AT_ONCE);
    }

    async fn the_page_of_a_code_is_slowed_down_like_every_other(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let t = t.with(|s| s.policy.sms = true);
        let (sealed, wrong) = asked(&t, &zhang).await;
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(change_mobile_finish(&zhang.at(&t).ctx(), &sealed, &wrong).await);
        }
        assert!(matches!(answers.last(), Some(Err(Error::TooMany(_)))), "{answers:?}");

        t.clock.advance(61);
        let person = t.person("林一舟");
        let form = app::account::SignupForm {
            name: person.name.clone(), id_type: "01".into(), id_number: person.number.clone(), mobile: person.mobile.clone(), door: String::new(),
        };
        let ctx = from(&t, "10.6.0.0/24");
        let app::account::SignupOutcome::CodeSent { sealed, .. } = start_signup(&ctx, &form, t.solved()).await.unwrap() else {
            panic!("no code was sent");
        };
        let right = sms_code(&t, &person.mobile).await;
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(confirm_signup(&ctx, &sealed, "1").await.map(|_| ()));
        }
        assert!(matches!(answers.last(), Some(Err(Error::TooMany(_)))), "{answers:?}");
        // The control: from elsewhere it isn't the delay that refuses, and the code has no tries left.
        let elsewhere = confirm_signup(&from(&t, "10.6.1.0/24"), &sealed, &right).await;
        assert!(format!("{elsewhere:?}").contains("已失效"), "{elsewhere:?}");
    }
}
