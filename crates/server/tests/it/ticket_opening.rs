//! 分批打印: everybody from his own second on, told on his page, set in the exam's settings.

use app::exam::change;
use app::exam::part::{Draft as _, Part, SeatingDraft};
use app::{Error, ticket};
use domain::exam::Phase;
use domain::staff::Role;
use domain::ticket::{Stagger, opens_for};
use testkit::{TestApp, both_backends};

use crate::arrangement::{applied, find, patient, seat, straight};
use crate::invariants::rows::text_of;

const STAGGER: Stagger = Stagger {
    groups: 4,
    minutes: 10,
};

fn code(result: app::Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

both_backends! {
    async fn everybody_prints_from_his_own_second_on(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(|settings| {
            straight(settings);
            settings.stagger = STAGGER;
        }).await;
        let people = applied(&t, &exam, &["林一舟", "欧阳喆", "何小宁", "周明远"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        seat(&t, &officer.ctx().await, &exam, "甲").await;
        let window = find(&t, &exam).await.window(Phase::Ticket).unwrap();
        let mut order = Vec::new();
        for (at, (_, application)) in people.iter().enumerate() {
            let sql = format!("SELECT registration_no FROM application WHERE public_id = '{application}'");
            let number = text_of(&t, &sql).await;
            order.push((opens_for(window, STAGGER, &number), at));
        }
        order.sort_unstable();
        for (opens, at) in &order {
            let (who, application) = &people[*at];
            t.clock.set_to(opens.plus_seconds(-1));
            assert_eq!(code(ticket::own(&who.ctx(), application).await), "ticket_not_yet");
            let mut browser = who.browser();
            let own = opens.to_chinese_minute();
            browser.get("/tickets").await.expect(200).shows("未到打印时间").shows("您的打印时间从").shows(&format!("{own} 起可以打印，届时请再来"));
            browser.get(&format!("/tickets/{application}")).await.shows(&format!("打印分批进行，您的打印时间从 {own} 起"));
            t.clock.set_to(*opens);
            ticket::own(&who.ctx(), application).await.unwrap();
            browser.get("/tickets").await.expect(200).shows("可打印准考证");
        }
        // All close together.
        for (who, application) in &people {
            t.clock.set_to(window.close().plus_seconds(-1));
            ticket::own(&who.ctx(), application).await.unwrap();
            t.clock.set_to(window.close());
            assert_eq!(code(ticket::own(&who.ctx(), application).await), "ticket_over");
        }
        let groups: std::collections::BTreeSet<_> = order.iter().map(|(opens, _)| *opens).collect();
        assert!(groups.len() > 1, "consecutive numbers are in different groups");
        officer.browser().get(&format!("/office/tickets/{}", exam.public_id)).await.expect(200).shows("分 4 批，每批相隔 10 分钟");
    }

    async fn the_settings_say_it_in_words_and_refuse_what_does_not_fit(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut desk = officer.browser();
        let address = format!("/office/exams/{}/seating", exam.public_id);
        let form = desk.get(&address).await.expect(200).form(&address);
        assert_eq!((form.value("stagger_groups"), form.value("stagger_minutes")), (Some("1"), Some("0")));
        for (groups, minutes, told) in [
            ("13", "10", "应为 1 到 12 之间的整数"), ("6", "121", "应为 0 到 120 之间的整数"), ("6", "0", "请填写每批相隔的分钟数"),
        ] {
            let wrong = form.clone().set("stagger_groups", groups).set("stagger_minutes", minutes);
            let page = desk.submit(wrong).await.expect(422).shows(told);
            assert_eq!(page.form(&address).value("stagger_groups"), Some(groups));
        }
        let page = desk.submit(form.set("stagger_groups", "６").set("stagger_minutes", "30")).await.expect(200);
        page.shows("分批打印准考证").shows("分 6 批，每批相隔 30 分钟");

        // Whoever needs 110 minutes can't be left with 60.
        let ctx = officer.ctx().await;
        let narrow = t.recruitment(|settings| {
            straight(settings);
            testkit::moved(settings, Phase::Ticket, "2026-04-07 09:00", "2026-04-07 10:00");
            settings.stagger = STAGGER;
        }).await;
        let now = find(&t, &narrow).await;
        let wide = SeatingDraft { stagger_groups: "12".into(), ..SeatingDraft::of(&now) };
        let refused = change::draft_part(&ctx, &now, Part::Seating, &wide).await;
        assert!(matches!(refused, Err(Error::Fields(errors)) if errors.get("stagger_groups").is_some()));
        let mut draft = ticket::TicketDraft::of(&now);
        draft.closes = "2026-04-07 09:30".into();
        draft.notice = "带好身份证。".into();
        draft.reason = "打印时间调整".into();
        let refused = ticket::amend(&ctx, &now, now.row.version, &draft).await;
        assert!(matches!(refused, Err(Error::Fields(errors)) if errors.get("closes").is_some()));
    }
}
