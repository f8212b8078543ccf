//! Who must not get in: number and six digits alone open nothing (assurance §5).

use app::account::NewPassword;
use app::account::session::Kind;
use app::{Actor, Error, Secret};
use db::{P, p, sql};
use testkit::{Page, TestApp, both_backends};

use super::{Helpers as _, PASSWORD, contains, from, log_in, login_of, pending, stored};

/// Sixteen log in at the same moment with number and digits, one of them with the cookie: who comes in, and is it the owner?
async fn winners(t: &TestApp) -> Vec<bool> {
    let person = t.person("林一舟");
    let (cookie, _) = pending(t, &person).await;
    let mut tasks = Vec::new();
    for number in 0..16 {
        let (t, person, cookie) = (
            t.clone(),
            person.clone(),
            (number == 7).then(|| cookie.clone()),
        );
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
    winners
}

both_backends! {
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
        assert_eq!(winners(&t).await, [true]);
    }

    async fn control_with_the_cookie_check_off_everybody_wins_the_race(t: TestApp) {
        let winners = winners(&t.with(|s| s.policy.manual_open = true)).await;
        assert_eq!((winners.len(), winners.iter().filter(|owner| **owner).count()), (16, 1));
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
}
