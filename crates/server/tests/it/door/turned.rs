//! Whom the door turns away: wrong codes, wrong times, no place, taken back.

use app::{Ctx, Error, door};
use http::StatusCode;
use serde_json::json;
use testkit::{TestApp, both_backends};

use super::{MORNING, NAMES, code, code_of, field, json_of, opened, say};
use crate::arrangement::find;

both_backends! {
    async fn a_phone_is_turned_away_too_early_too_late_without_a_place_and_when_taken_back(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|form| {
            form.opens = "2026-04-12T08:00".into();
            form.closes = "2026-04-12T12:00".into();
            form.devices = "2".into();
        }).await;
        let key = code_of(&d.t, &pass);
        d.t.clock.set("2026-04-12 07:59");
        assert_eq!(code(door::join(&d.ctx(), &key, "王老师").await), "door_early");
        d.t.clock.set(MORNING);
        // Wrong in every way in which a code is.
        assert_eq!(field(door::join(&d.ctx(), "K7QF-29WD-MX4T", "王老师").await, "code"), "授权码不对，请核对授权单");
        assert!(!field(door::join(&d.ctx(), "!!", "王老师").await, "code").is_empty());
        for holder in ["", "  ", "一二三四五六七八九十一二三四五六七八九十一", "王 13800000000"] {
            assert!(!field(door::join(&d.ctx(), &key, holder).await, "holder").is_empty(), "{holder}");
        }
        let mut phone = d.t.browser();
        let page = say(&mut phone, "/door/devices", "", &json!({ "code": "x", "holder": "王老师" })).await.expect(422);
        assert_eq!(json_of(&page)["fields"]["code"], "授权码不对，请核对授权单");
        say(&mut phone, "/door/devices", "", &json!({})).await.expect(400);

        let (one, _) = d.joined(&pass, "王老师").await;
        let (two, device) = d.joined(&pass, "李老师").await;
        assert_eq!(code(door::join(&d.ctx(), &key, "赵老师").await), "door_full");

        // A phone that is taken back gives its place to another, and hands nothing in, not even what is under way.
        let officer = d.at_now();
        let phones = door::devices(&officer, &pass).await.unwrap();
        door::revoke_device(&officer, &pass, phones[1].id).await.unwrap();
        assert!(matches!(door::revoke_device(&officer, &pass, phones[1].id).await, Err(Error::Conflict(_))));
        assert_eq!(code(door::authenticate(&d.ctx(), &two).await), "door_revoked");
        assert_eq!(code(door::mark(&d.ctx(), &device, vec![d.mark(0, 1, "present", 0)]).await), "door_revoked");
        let (three, _) = d.joined(&pass, "赵老师").await;

        // Seen again later: noted once in a while.
        d.t.clock.set("2026-04-12 09:30");
        door::authenticate(&d.ctx(), &one).await.unwrap();
        let seen: Vec<i64> = door::devices(&d.at_now(), &pass).await.unwrap().iter().map(|phone| phone.seen_at).collect();
        assert_eq!(seen[0], d.t.now().micros());

        // After the close no names, but what was noted before; two days later nothing.
        d.t.clock.set("2026-04-12 12:00");
        assert_eq!(code(door::join(&d.ctx(), &key, "钱老师").await), "door_over");
        let late = door::authenticate(&d.ctx(), &one).await.unwrap();
        assert_eq!(code(door::roster(&d.ctx(), &late, "", 500).await), "door_over");
        assert_eq!(code(door::photos(&d.ctx(), &late, &[]).await), "door_over");
        assert_eq!(code(door::news(&d.ctx(), &late, 0).await), "door_over");
        assert_eq!(code(door::about(&d.ctx(), &late).await), "door_over");
        let taken = door::mark(&d.ctx(), &late, vec![d.mark(0, 2, "present", -7200)]).await.unwrap();
        assert_eq!(taken.kept.len(), 1);
        d.t.clock.set("2026-04-14 12:00");
        assert_eq!(code(door::authenticate(&d.ctx(), &one).await), "door_over");

        d.t.clock.set(MORNING);
        door::revoke(&d.at_now(), &pass).await.unwrap();
        assert!(matches!(door::revoke(&d.at_now(), &pass).await, Err(Error::Conflict(_))));
        for token in [&one, &three] {
            assert_eq!(code(door::authenticate(&d.ctx(), token).await), "door_revoked");
        }
        assert_eq!(code(door::join(&d.ctx(), &key, "钱老师").await), "door_revoked");
        for token in ["", "x", &"A".repeat(43)] {
            assert_eq!(code(door::authenticate(&d.ctx(), token).await), "door_unknown");
        }
        let page = say(&mut phone, "/door/roster", &one, &json!({ "after": "", "limit": 9 })).await.expect(403);
        assert_eq!(json_of(&page)["code"], "door_revoked");
        let exam = find(&d.t, &d.exam).await;
        let now = door::pass(&d.at_now(), &exam, &pass.public_id).await.unwrap();
        assert_eq!(code(door::slips(&d.at_now(), &exam, Some(&now)).await), "door_no_slip");
        assert_eq!(code(door::slips(&d.at_now(), &exam, None).await), "door_no_slip");
    }

    async fn of_a_crowd_at_once_no_more_phones_come_in_than_there_are_places(t: TestApp) {
        const PLACES: usize = 5;
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|form| form.devices = PLACES.to_string()).await;
        let key = code_of(&d.t, &pass);
        let tasks: Vec<_> = (0..40).map(|n| {
            let (ctx, key) = (d.ctx(), key.clone());
            testkit::tokio::spawn(async move { door::join(&ctx, &key, &format!("监考{n}")).await })
        }).collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        let (joined, full): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(joined.len(), PLACES);
        for answer in full {
            assert_eq!(code(answer), "door_full");
        }
        let exam = find(&d.t, &d.exam).await;
        let row = door::pass(&d.officer, &exam, &pass.public_id).await.unwrap();
        let phones = door::devices(&d.officer, &pass).await.unwrap();
        assert_eq!((row.devices, phones.len()), (5, PLACES));
    }

    async fn guesses_at_codes_are_slowed_down_by_network(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        let key = code_of(&d.t, &pass);
        let from = |network: &str| Ctx { network: network.into(), ..d.ctx() };
        let wrong = "0000-0000-0000";
        for _ in 0..101 {
            assert!(!field(door::join(&from("10.8.1.0/24"), wrong, "王老师").await, "code").is_empty());
        }
        // Right or wrong, this network waits; another doesn't.
        assert!(matches!(door::join(&from("10.8.1.0/24"), &key, "王老师").await, Err(Error::TooMany(_))));
        door::join(&from("10.8.2.0/24"), &key, "王老师").await.unwrap();
        d.t.clock.advance(15);
        door::join(&from("10.8.1.0/24"), &key, "李老师").await.unwrap();
        // And over HTTP, in JSON.
        let mut phone = d.t.browser();
        let mut last = StatusCode::OK;
        for _ in 0..103 {
            let page = say(&mut phone, "/door/devices", "", &json!({ "code": wrong, "holder": "王老师" })).await;
            last = page.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    }
}
