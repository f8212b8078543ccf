//! Tries at the same moment: no code is compared a sixth time, no failure is forgotten. On PostgreSQL two transactions
//! read the same count unless the database itself adds.

use app::account::{change_mobile_finish, change_mobile_start, confirm_signup, start_signup};
use app::{Ctx, Error, Secret};
use db::{p, sql};
use testkit::{TestApp, TestCandidate, both_backends};

use super::{Helpers as _, from, login_of, sms_code};
use crate::invariants::{forgets, run};

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

/// Wrong codes at the same moment, each from another network: how many were compared.
async fn guessed(t: &TestApp) -> usize {
    let zhang = t.candidate("张三").await;
    let t = t.with(|s| s.policy.sms = true);
    let (sealed, wrong) = asked(&t, &zhang).await;
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|n| {
            let (ctx, sealed, wrong) = (on(&t, &zhang, n), sealed.clone(), wrong.clone());
            t.clone()
                .app_task(async move { change_mobile_finish(&ctx, &sealed, &wrong).await })
        })
        .collect();
    let mut tried = 0;
    for task in tasks {
        tried += usize::from(compared(&task.await.unwrap()));
    }
    tried
}

/// Counts as one shouldn't: reads, waits, writes.
struct Careless;

impl db::Command for Careless {
    const NAME: &'static str = "test.careless_count";
    type Out = ();
    type Err = db::DbError;

    async fn run(&self, tx: &mut db::Tx) -> db::DbResult<()> {
        let count: i64 = tx
            .one(sql!("SELECT tries FROM setback WHERE id = 1"), p![])
            .await?;
        if tx.backend() == db::Backend::Postgres {
            let _: Vec<i64> = tx
                .rows(sql!("SELECT CAST(1 AS BIGINT) FROM pg_sleep(0.05)"), p![])
                .await?;
        }
        tx.exec(
            sql!("UPDATE setback SET tries = $1 WHERE id = 1"),
            p![count + 1],
        )
        .await?;
        Ok(())
    }
}

both_backends! {
    async fn guesses_at_the_same_moment_share_the_five_tries_of_a_code(t: TestApp) {
        assert_eq!(guessed(&t).await, 5);
    }

    async fn control_with_the_tries_forgotten_every_guess_is_compared(t: TestApp) {
        forgets(&t, "sms_code", "tries", "0").await;
        assert_eq!(guessed(&t).await, AT_ONCE);
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

    async fn control_failures_that_are_read_and_then_written_get_lost_where_commands_run_side_by_side(t: TestApp) {
        run(&t, &["INSERT INTO setback (kind, id, tries, until) VALUES ('order', 1, 0, 0)"]).await;
        let tasks: Vec<_> = (0..AT_ONCE).map(|_| {
            let t = t.clone();
            t.clone().app_task(async move { t.app.db().write(db::Lane::Interactive, Careless).await })
        }).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let most: i64 = t.app.db().scan(db::Crowd::System).one(sql!("SELECT tries FROM setback"), p![]).await.unwrap();
        match t.app.db().backend() {
            db::Backend::Sqlite => assert_eq!(usize::try_from(most).unwrap(), AT_ONCE, "one writer at a time"),
            db::Backend::Postgres => assert!(usize::try_from(most).unwrap() < AT_ONCE, "the test above would notice: {most}"),
        }
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

    async fn a_stranger_who_signs_up_with_a_mobile_leaves_its_owner_the_codes(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let zhang = t.candidate_by_sms(&t.person("张三")).await;
        let stranger = t.person("陌生人");
        let form = app::account::SignupForm {
            name: stranger.name.clone(), id_type: "01".into(), id_number: stranger.number.clone(), mobile: zhang.mobile.clone(), door: String::new(),
        };
        let mut refused = None;
        for n in 0..12 {
            let ctx = from(&t, &format!("10.5.{n}.0/24"));
            if let Err(error) = start_signup(&ctx, &form, t.solved()).await {
                refused = Some(format!("{error:?}"));
            }
            t.clock.advance(61);
        }
        // The control: the stranger's own budget for this mobile is used up.
        assert!(refused.is_some_and(|error| error.contains("10 次")));
        let before = sms_code(&t, &zhang.mobile).await;
        t.clock.advance(61);
        app::account::recover_start(&from(&t, "10.4.0.0/24"), &zhang.number, t.solved()).await.unwrap();
        assert_ne!(sms_code(&t, &zhang.mobile).await, before, "the owner gets a code");
    }

    async fn asking_for_code_after_code_is_slowed_down_by_network(t: TestApp) {
        let t = t.with(|s| s.policy.sms = true);
        let ctx = from(&t, "10.3.0.0/24");
        let mut answers = Vec::new();
        let mut last = String::new();
        for n in 0..21 {
            let person = t.person(&format!("考生{}", char::from_u32(0x4e00 + n).unwrap()));
            let form = app::account::SignupForm {
                name: person.name.clone(), id_type: "01".into(), id_number: person.number.clone(), mobile: person.mobile.clone(), door: String::new(),
            };
            let app::account::SignupOutcome::CodeSent { sealed, .. } = start_signup(&ctx, &form, t.solved()).await.unwrap() else {
                panic!("no code was sent");
            };
            t.clock.advance(61);
            answers.push(app::account::resend_signup(&Ctx { at: t.now(), ..ctx.clone() }, &sealed).await.map(|_| ()));
            last = sealed;
        }
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let slowed = app::account::resend_signup(&Ctx { at: t.now(), ..ctx.clone() }, &last).await;
        assert!(matches!(slowed, Err(Error::TooMany(_))), "{slowed:?}");
        // The control: another network is told of the minute that has to pass, not of too many tries.
        let other = app::account::resend_signup(&from(&t, "10.3.1.0/24"), &last).await;
        assert!(matches!(other, Err(Error::Fields(_))), "{other:?}");
    }

    async fn claims_at_one_number_are_slowed_down_whether_it_has_an_account_or_not(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let nobody = t.person("无人");
        let file = |number: &str, mobile: u32, network: &str| {
            let form = app::account::claim::ClaimForm {
                id_number: number.to_owned(), name: "王五".into(), mobile: format!("1370000{mobile:04}"),
                statement: "有人用我的身份证号注册，请核实处理。".into(),
            };
            let (ctx, solved) = (from(&t, network), t.solved());
            async move { app::account::claim::file(&ctx, &form, None, solved).await }
        };
        let mut told = Vec::new();
        for number in [&zhang.person.number, &nobody.number] {
            let mut answers = Vec::new();
            for n in 0..6 {
                answers.push(matches!(file(number, n, "10.2.0.0/24").await, Err(Error::TooMany(_))));
            }
            told.push(answers);
        }
        assert_eq!(told[0], [false, false, false, false, true, true]);
        assert_eq!(told[0], told[1]);
        // The control: the true owner, from elsewhere, is heard all the same.
        file(&zhang.person.number, 99, "10.2.1.0/24").await.unwrap();
        let claims: i64 = t.app.db().scan(db::Crowd::System).one(sql!("SELECT COUNT(*) FROM account_claim"), p![]).await.unwrap();
        assert_eq!(claims, 5);
    }
}
