//! The signed QR of a ticket, as it is printed.

use app::ticket;
use domain::staff::Role;
use domain::ticket::pass::{self, Group, Pass};
use domain::time::Timestamp;
use testkit::{TestApp, both_backends, codes_of};
use vault::SeededEntropy;

use crate::arrangement::{applied, find, patient, seat, straight};

const OPEN: &str = "2026-04-07 09:00";

both_backends! {
    async fn the_qr_of_a_ticket_says_who_sits_where_and_is_signed(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟", "欧阳喆䶮"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        seat(&t, &officer.ctx().await, &exam, "甲").await;
        t.clock.set(OPEN);
        let keys = t.app.ticket_keys();
        for (who, application) in &people {
            let own = ticket::own(&who.ctx(), application).await.unwrap();
            let code = own.code(&t.app);
            let place = &own.content.sessions[0];
            let ends = Timestamp::parse_local("2026-04-12 10:30").unwrap();
            let expected = Pass {
                exam: exam.id,
                plan: 1,
                expires: pass::expiry(ends).unwrap(),
                ticket_no: own.content.ticket_no.clone(),
                seats: vec![Group { sessions: vec![1], room: place.room.parse().unwrap(), seat: place.seat.parse().unwrap() }],
                name: own.content.name.clone(),
            };
            assert_eq!(keys.open(&code), Some(expected));
            assert!(!code.contains(&own.content.id_number));

            // What is on the paper, where there are tools to read it.
            let mut browser = who.browser();
            let link = format!("/tickets/{application}");
            let page = browser.get(&link).await.expect(200);
            let pdf = browser.submit(page.form(&format!("{link}/print"))).await.expect(200);
            if let Some(codes) = codes_of(&pdf.body) {
                assert!(codes.contains(&code), "{codes:?}");
                assert!(codes.contains(&own.content.ticket_no), "{codes:?}");
            }

            // Printed before the keys were rotated: good after it, and nowhere else.
            let mut ring = (*t.keyring).clone();
            ring.rotate(&SeededEntropy::new(7));
            assert!(ring.ticket_keys().open(&code).is_some());
            let other = vault::Keyring::generate(&SeededEntropy::new(8));
            assert_eq!(other.ticket_keys().open(&code), None);
        }
    }

    async fn a_later_plan_is_named_in_tickets_printed_after_it(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        for seed in ["甲", "乙"] {
            seat(&t, &officer, &exam, seed).await;
        }
        t.clock.set(OPEN);
        let own = ticket::own(&people[0].0.ctx(), &people[0].1).await.unwrap();
        assert_eq!(t.app.ticket_keys().open(&own.code(&t.app)).unwrap().plan, 2);
    }

    async fn a_sample_is_good_nowhere(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        seat(&t, &officer, &exam, "甲").await;
        let pdf = ticket::sample(&officer, &*find(&t, &exam).await).await.unwrap();
        let Some(codes) = codes_of(&pdf) else { return };
        let code = codes.iter().find(|code| code.starts_with(pass::PREFIX)).unwrap();
        let read = pass::read(code).unwrap().pass;
        assert_eq!((read.exam, read.expires, read.name.as_str()), (0, 0, "样张"));
        assert_eq!(t.app.ticket_keys().open(code), None);
    }
}
