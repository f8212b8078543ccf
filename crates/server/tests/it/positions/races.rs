//! Two at once: two cancellations, a payment that lands in between, two candidates who want the last place.

use app::Error;
use app::exam::decision::{self, Single, carry};
use domain::payment::{OrderState, Outcome, RefundReason};
use domain::staff::Role;
use testkit::tokio;
use testkit::{TestApp, TestPosition, both_backends, submitted};

use super::*;
use crate::payment::stage;

both_backends! {
    async fn of_two_who_ask_at_once_one_is_told_to_wait_and_two_who_confirm_at_once_confirm_once(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let desk = Desk::of(&t).await;
        let (one, two) = (desk.one.ctx().await, desk.two.ctx().await);
        let now = found(&t, &exam).await;
        let single = Single { outcome: "cancel".into(), headcount: String::new(), reason: REASON.into() };
        let a = decision::draft_single(&one, &now, exam.position(POSITION), &single).await.unwrap();
        let b = decision::draft_single(&two, &now, exam.position(POSITION), &single).await.unwrap();
        let (text_a, text_b) = (notice(), notice());
        let (x, y) = tokio::join!(decision::ask(&one, &now, &a, &text_a), decision::ask(&two, &now, &b, &text_b));
        let (asked, other) = match (x, y) {
            (Ok(()), no) => { assert_eq!(refusal(no), "decision_open"); (a, &two) }
            (no, Ok(())) => { assert_eq!(refusal(no), "decision_open"); (b, &one) }
            both => panic!("neither was told to wait: {both:?}"),
        };
        let third = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let (x, y) = tokio::join!(
            decision::decide(other, &now, &asked, true, ""),
            decision::decide(&third, &now, &asked, true, "")
        );
        let lost = match (x, y) { (Ok(()), no) | (no, Ok(())) => no, both => panic!("{both:?}") };
        assert!(matches!(lost, Err(Error::Conflict(_))), "{lost:?}");
        t.run_jobs().await;
        assert_eq!(titles(&lin).await.iter().filter(|title| *title == "报考岗位已取消").count(), 1);
        assert_eq!(standing(&lin, &id).await[0], "ended");
        sound(&t).await;
    }

    async fn the_control_without_the_index_both_are_asked_for(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let desk = Desk::of(&t).await;
        crate::invariants::run(&t, &["DROP INDEX position_decision_open"]).await;
        asked(&desk.one.ctx().await, &t, &exam, POSITION).await;
        asked(&desk.two.ctx().await, &t, &exam, POSITION).await;
    }

    async fn the_control_a_position_that_is_open_again_takes_people(t: TestApp) {
        let exam = t.recruitment(with_reapply).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        cancelled(&t, &exam, POSITION).await;
        let su = t.ready("苏晓").await;
        assert_eq!(refusal(moves(&su, &exam, POSITION).await), "position_cancelled");
        // Without the rule that looks at it, the place itself is refused: nobody slips in between a look and a commit.
        crate::invariants::run(&t, &["UPDATE position SET state = 'open' WHERE code = '0301'"]).await;
        assert_eq!(moves(&su, &exam, POSITION).await.unwrap(), Some(Event::Submit));
        assert_eq!(standing(&lin, &id).await[0], "live");
    }

    async fn an_application_that_commits_as_the_position_goes_is_gone_through_with_the_others(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let desk = Desk::of(&t).await;
        let lin = t.ready("林一舟").await;
        let id = asked(&desk.one.ctx().await, &t, &exam, POSITION).await;
        let now = found(&t, &exam).await;
        decision::decide(&desk.two.ctx().await, &now, &id, true, "").await.unwrap();
        let row = decision::find(&desk.one.ctx().await, &now, &id).await.unwrap().row;
        let ctx = t.system();
        let (saved, flipped) = tokio::join!(moves(&lin, &exam, POSITION), carry::carry_some(&ctx, row.id, 10));
        flipped.unwrap();
        t.run_jobs().await;
        match saved {
            Ok(_) => {
                let mine = app::application::mine(&lin.ctx()).await.unwrap();
                assert_eq!(mine[0].row.end_reason, "position_cancelled");
            }
            no => assert!(["position_cancelled", "position_full"].contains(&refusal(no))),
        }
        sound(&t).await;
    }

    async fn who_asks_does_not_confirm(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let desk = Desk::of(&t).await;
        let one = desk.one.ctx().await;
        let id = asked(&one, &t, &exam, POSITION).await;
        let now = found(&t, &exam).await;
        assert_eq!(refusal(decision::decide(&one, &now, &id, true, "").await), "same_person");
        t.run_jobs().await;
        assert!(!exam::positions::figures(&t.app, &now).await.unwrap().of(decision::find(&one, &now, &id).await.unwrap().items[0].0.position_id).cancelled);
        // The database holds it, too.
        let same = app_db_same_person(&t, &id).await;
        assert!(same, "the CHECK behind it");
        let two = desk.two.ctx().await;
        assert!(field(decision::decide(&two, &now, &id, false, "").await, "note").contains("原因"));
        decision::decide(&two, &now, &id, false, "还有补报名").await.unwrap();
        // Refused, another one can be asked for.
        asked(&one, &t, &exam, POSITION).await;
    }

    async fn a_payment_that_lands_between_the_cut_and_the_message_goes_back(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        let desk = Desk::of(&s.t).await;
        let id = asked(&desk.one.ctx().await, &s.t, &s.exam, POSITION).await;
        let now = found(&s.t, &s.exam).await;
        decision::decide(&desk.two.ctx().await, &now, &id, true, "").await.unwrap();
        let row = decision::find(&desk.one.ctx().await, &now, &id).await.unwrap().row;
        // The position is gone, its applicants haven't been gone through.
        carry::carry_some(&s.t.system(), row.id, 10).await.unwrap();
        assert!(s.notice(&number).await);
        assert_eq!(s.track().await, "paid");
        s.t.run_jobs().await;
        s.work().await;
        assert_eq!(standing(&s.lin, &s.application).await, ["ended", "position_cancelled", "none", "refunded"]);
        assert_eq!(s.bank.book().balance().get(), 0);
        s.balances().await;
        sound(&s.t).await;
    }

    async fn a_payment_that_lands_after_he_is_over_goes_back(t: TestApp) {
        lands_after(&t, false).await;
    }

    async fn a_payment_that_lands_while_he_may_choose_anew_goes_back(t: TestApp) {
        lands_after(&t, true).await;
    }

    async fn of_two_who_want_the_last_place_one_gets_it_and_the_other_still_may_choose(t: TestApp) {
        let positions = [
            TestPosition { name: POSITION, ..TestPosition::default() },
            TestPosition { name: OTHER, capacity: 1, ..TestPosition::default() },
        ];
        let exam = t.recruitment_with(with_reapply, &positions).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let a = submitted(&lin, &exam, POSITION).await;
        let b = submitted(&su, &exam, POSITION).await;
        t.clock.set("2026-03-24 09:00");
        cancelled(&t, &exam, POSITION).await;
        let (x, y) = tokio::join!(moves(&lin, &exam, OTHER), moves(&su, &exam, OTHER));
        let (full, loser, id) = match (x, y) {
            (Ok(Some(Event::Move)), no) => (no, &su, &b),
            (no, Ok(Some(Event::Move))) => (no, &lin, &a),
            both => panic!("{both:?}"),
        };
        assert_eq!(refusal(full), "position_full");
        assert_eq!(standing(loser, id).await, ["live", "", "none", "none"]);
        sound(&t).await;
    }
}

/// Whether the database refuses one person's two words.
async fn app_db_same_person(t: &TestApp, public_id: &str) -> bool {
    let forged = format!(
        "UPDATE position_decision SET decided_by = asked_by, state = 'running' WHERE public_id = '{public_id}'"
    );
    crate::invariants::refused(t, &forged).await
}

/// A payment of which the product hears after the position was cancelled.
async fn lands_after(t: &TestApp, reapplies: bool) {
    let mut s = stage(t).await;
    if reapplies {
        s.exam =
            s.t.recruitment(|settings| {
                settings.steps.review = domain::exam::steps::ReviewStep::None;
                with_reapply(settings);
            })
            .await;
        let (lin, id, order) = crate::payment::owing(&s.t, &s.exam, "苏晓").await;
        (s.lin, s.application, s.order) = (lin, id, order);
    }
    let number = s.begin().await;
    assert!(s.bank.pay(&number));
    cancelled(&s.t, &s.exam, POSITION).await;
    assert_eq!(s.state().await, OrderState::Voided);
    let channel_no = s.bank.book().trades[&number].channel_no.clone();
    let told = s.settle(&s.paid(&number, &channel_no, s.t.now())).await;
    // The timer may have asked the channel before the notice came.
    let back = matches!(told.outcome, Outcome::SentBack(_) | Outcome::AlreadyApplied);
    assert!(back, "{told:?}");
    s.work().await;
    let refunds = s.history().await.refunds;
    let reasons: Vec<_> = refunds
        .iter()
        .map(|refund| (refund.reason.as_str(), refund.state.as_str()))
        .collect();
    assert_eq!(reasons, [(RefundReason::Cancelled.code(), "succeeded")]);
    assert_eq!(s.bank.book().balance().get(), 0);
    let life = if reapplies { "live" } else { "ended" };
    assert_eq!(standing(&s.lin, &s.application).await[0], life);
    s.balances().await;
    sound(&s.t).await;
}
