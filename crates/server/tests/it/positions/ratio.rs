//! 开考比例: the proposal, what staff make of it, and what becomes of it.

use app::Error;
use app::exam::decision::{self, Single};
use app::exam::positions;
use domain::exam::PositionOutcome;
use domain::exam::steps::ReviewStep;
use domain::staff::Role;
use testkit::{TestApp, both_backends, submitted};

use super::*;

fn choice(outcome: &str, headcount: &str, reason: &str) -> Single {
    Single {
        outcome: outcome.into(),
        headcount: headcount.into(),
        reason: reason.into(),
    }
}

/// An exam at 3:1 that counts who applied: two posts each, five people for one position, two for another, none for the third.
async fn short(t: &TestApp) -> (TestExam, Vec<(TestCandidate, String)>) {
    let exam = t
        .recruitment(|settings| {
            settings.open_ratio = Some(3);
            settings.steps.review = ReviewStep::None;
            settings.steps.payment = domain::exam::steps::PaymentStep::None;
            settings.fees.rule = domain::payment::fee::FeeRule::Free;
            settings.windows.payment = None;
        })
        .await;
    let mut people = Vec::new();
    for (name, position) in [
        ("张三", POSITION),
        ("李四", POSITION),
        ("王五", POSITION),
        ("赵六", POSITION),
        ("钱七", POSITION),
        ("孙八", OTHER),
        ("周九", OTHER),
    ] {
        let who = t.ready(name).await;
        let id = submitted(&who, &exam, position).await;
        people.push((who, id));
    }
    (exam, people)
}

both_backends! {
    async fn five_for_two_posts_at_three_to_one_cut_it_to_one_and_two_cancel_it(t: TestApp) {
        let (exam, people) = short(&t).await;
        let desk = Desk::of(&t).await;
        let (one, two) = (desk.one.ctx().await, desk.two.ctx().await);
        let now = found(&t, &exam).await;
        assert_eq!(refusal(decision::draft_ratio(&one, &now).await), "ratio_too_early");
        t.clock.set("2026-03-20 17:00");
        let (one, two) = (app::Ctx { at: t.now(), ..one }, app::Ctx { at: t.now(), ..two });
        let id = decision::draft_ratio(&one, &now).await.unwrap();
        let seen = decision::find(&one, &now, &id).await.unwrap();
        let proposals: Vec<_> = seen.items.iter().map(|(item, _)| {
            (item.code.as_str(), item.applied, item.proposal.as_str(), item.proposed)
        }).collect();
        assert_eq!(proposals, [("0301", 5, "cut", 1), ("0302", 0, "cancel", 0), ("0303", 2, "cancel", 0)]);
        // The page shows the same, a few seconds later.
        app::statistics::fold(&t.app).await.unwrap();
        let standings = decision::standings(&t.app, &now).await.unwrap();
        let first = &standings[0];
        assert_eq!((first.ratio.needed, first.ratio.reached(2), first.proposal()), (6, "2.5:1".into(), (PositionOutcome::Cut, 1)));

        // Otherwise than proposed needs a reason; nonsense is no choice.
        let (vacant, single) = (exam.position("财务会计"), exam.position(OTHER));
        assert!(field(decision::choose(&one, &now, &id, vacant, &choice("keep", "", "")).await, "reason").contains("原因"));
        assert!(field(decision::choose(&one, &now, &id, exam.position(POSITION), &choice("cut", "2", "")).await, "headcount").contains("1 至 1"));
        assert!(!field(decision::choose(&one, &now, &id, vacant, &choice("sell", "", "")).await, "outcome").is_empty());
        decision::choose(&one, &now, &id, vacant, &choice("keep", "", "财务急需，经批准保留")).await.unwrap();
        decision::choose(&one, &now, &id, single, &choice("cancel", "", "")).await.unwrap();
        let seen = decision::find(&one, &now, &id).await.unwrap();
        assert_eq!(seen.counts, (1, 1, 1));
        let (title, body) = decision::notice(&now, &seen);
        assert!(title.contains("取消部分岗位、核减招聘人数") && body.contains("由 2 人核减为 1 人"), "{title}\n{body}");
        decision::ask(&one, &now, &id, &notice()).await.unwrap();
        assert!(matches!(decision::choose(&one, &now, &id, vacant, &choice("cancel", "", "")).await, Err(Error::Conflict(_))));
        decision::decide(&two, &now, &id, true, "").await.unwrap();
        t.run_jobs().await;

        let now = found(&t, &exam).await;
        let table = positions::table(&t.app, &now).await.unwrap();
        let figures = positions::figures(&t.app, &now).await.unwrap();
        let after: Vec<_> = table.items().iter().map(|item| {
            (item.position.code.as_str(), item.position.headcount, figures.of(item.id).cancelled)
        }).collect();
        assert_eq!(after, [("0301", 1, false), ("0302", 2, false), ("0303", 2, true)]);
        for (at, (who, id)) in people.iter().enumerate() {
            let cut = at < 5;
            let told = titles(who).await;
            assert_eq!(told.contains(&"报考岗位核减招聘人数".to_owned()), cut, "{told:?}");
            assert_eq!(standing(who, id).await[0], if cut { "live" } else { "ended" });
        }
        let history = app::exam::amendment::history(&t.app, &table.items()[0]).await.unwrap();
        assert_eq!(history[0].changes[0].clause(), "招聘人数由“2”改为“1”");
        assert_eq!(history[0].row.told, 5);
        let done = decision::list(&one, &now, None, 10).await.unwrap();
        assert_eq!(done[0].state, "done");
        sound(&t).await;
    }

    async fn what_was_counted_has_to_hold_when_it_is_confirmed(t: TestApp) {
        let (exam, people) = short(&t).await;
        let desk = Desk::of(&t).await;
        t.clock.set("2026-03-20 17:00");
        let (one, two) = (desk.one.ctx().await, desk.two.ctx().await);
        let now = found(&t, &exam).await;
        let id = decision::draft_ratio(&one, &now).await.unwrap();
        decision::ask(&one, &now, &id, &notice()).await.unwrap();
        // Somebody is taken out in between: five become two, and the proposal is another one.
        for (_, application) in people.iter().take(3) {
            let row = format!("UPDATE application SET life = 'ended', end_reason = 'disqualified' WHERE public_id = '{application}'");
            let place = "UPDATE position SET taken = taken - 1 WHERE code = '0301'";
            let count = "INSERT INTO application_delta (id, exam_id, unit, position_id, hour, applied, pending, first_approved, \
                         returned, rejected, appealed, approved, due, paid) SELECT (SELECT COALESCE(MAX(id), 0) + 1 \
                         FROM application_delta), exam_id, unit, id, 0, -1, 0, 0, 0, 0, 0, 0, 0, -1 FROM position WHERE code = '0301'";
            crate::invariants::run(&t, &[row.as_str(), place, count]).await;
        }
        let late = decision::decide(&two, &now, &id, true, "").await;
        assert!(matches!(late, Err(Error::Conflict(text)) if text.contains("人数有变化")), "{late:?}");
        decision::withdraw(&one, &now, &id).await.unwrap();
        assert!(matches!(decision::withdraw(&one, &now, &id).await, Err(Error::Conflict(_))));
        let again = decision::draft_ratio(&one, &now).await.unwrap();
        let seen = decision::find(&one, &now, &again).await.unwrap();
        assert_eq!((seen.items[0].0.proposal.as_str(), seen.items[0].0.applied), ("cancel", 2));
        // Everything kept is nothing to confirm.
        for (item, _) in &seen.items {
            decision::choose(&one, &now, &again, &item.public_id, &choice("keep", "", "经批准全部保留")).await.unwrap();
        }
        assert_eq!(refusal(decision::ask(&one, &now, &again, &notice()).await), "decision_empty");
    }

    async fn a_position_that_was_amended_in_between_is_looked_at_again(t: TestApp) {
        let (exam, _) = short(&t).await;
        let desk = Desk::of(&t).await;
        t.clock.set("2026-03-20 17:00");
        let (one, two) = (desk.one.ctx().await, desk.two.ctx().await);
        let now = found(&t, &exam).await;
        let id = decision::draft_ratio(&one, &now).await.unwrap();
        decision::ask(&one, &now, &id, &notice()).await.unwrap();
        let draft = app::exam::amendment::draft_one(&two, &now, exam.position(POSITION), &typed(&[("headcount", "4")])).await.unwrap();
        app::exam::amendment::publish(&two, &now, &draft, &notice()).await.unwrap();
        let now = found(&t, &exam).await;
        let late = decision::decide(&two, &now, &id, true, "").await;
        assert!(matches!(late, Err(Error::Conflict(text)) if text.contains("被更正或取消")), "{late:?}");
    }

    async fn where_enough_came_there_is_nothing_to_decide(t: TestApp) {
        let exam = t.recruitment(|settings| settings.open_ratio = None).await;
        t.clock.set("2026-03-24 09:00");
        let one = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = found(&t, &exam).await;
        assert_eq!(refusal(decision::draft_ratio(&one, &now).await), "ratio_kept");
        let single = decision::draft_single(&one, &now, exam.position(POSITION), &choice("keep", "", REASON)).await;
        assert!(!field(single, "outcome").is_empty());
        let single = decision::draft_single(&one, &now, exam.position(POSITION), &choice("cut", "1", "略")).await;
        assert!(!field(single, "reason").is_empty());
        let warnings = decision::warnings(&now, t.now());
        assert!(warnings[0].contains("立即终止"), "{warnings:?}");
    }

    async fn an_officer_of_another_exam_reaches_nothing(t: TestApp) {
        let (exam, other) = (t.recruitment(|_| {}).await, t.recruitment(|_| {}).await);
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let stranger = t.staff_with(&[(Role::ExamOfficer, other.id, String::new())]).await.ctx().await;
        let now = found(&t, &exam).await;
        let id = asked(&officer, &t, &exam, POSITION).await;
        let draft = app::exam::amendment::draft_one(&officer, &now, exam.position(OTHER), &typed(&[("headcount", "3")])).await.unwrap();
        let position = exam.position(POSITION);
        let theirs = found(&t, &other).await;
        let no = |answer: Result<(), Error>| assert!(matches!(answer, Err(Error::Forbidden)), "{answer:?}");
        no(decision::find(&stranger, &now, &id).await.map(|_| ()));
        no(decision::list(&stranger, &now, None, 10).await.map(|_| ()));
        no(decision::decide(&stranger, &now, &id, true, "").await);
        no(decision::withdraw(&stranger, &now, &id).await);
        no(decision::ask(&stranger, &now, &id, &notice()).await);
        no(decision::choose(&stranger, &now, &id, position, &choice("keep", "", REASON)).await);
        no(decision::draft_ratio(&stranger, &now).await.map(|_| ()));
        no(decision::draft_single(&stranger, &now, position, &choice("cancel", "", REASON)).await.map(|_| ()));
        no(app::exam::amendment::find(&stranger, &now, &draft).await.map(|_| ()));
        no(app::exam::amendment::list(&stranger, &now, None, 10).await.map(|_| ()));
        no(app::exam::amendment::publish(&stranger, &now, &draft, &notice()).await);
        no(app::exam::amendment::discard(&stranger, &now, &draft).await);
        no(app::exam::amendment::recount(&stranger, &now, &draft).await);
        no(app::exam::amendment::draft_one(&stranger, &now, position, &typed(&[("headcount", "3")])).await.map(|_| ()));
        no(app::exam::amendment::draft_import(&stranger, &now, "表.xlsx", b"x").await.map(|_| ()));
        // By way of his own exam neither.
        assert!(matches!(decision::find(&stranger, &theirs, &id).await, Err(Error::NotFound)));
        assert!(matches!(app::exam::amendment::find(&stranger, &theirs, &draft).await, Err(Error::NotFound)));
        // The control: there he may.
        decision::list(&stranger, &theirs, None, 10).await.unwrap();
    }
}
