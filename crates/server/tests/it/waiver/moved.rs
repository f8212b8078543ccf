//! What becomes of a waiver when its application moves or ends.

use app::waiver::{self, Granted};
use app::{application, payment};
use domain::application::Event;
use domain::exam::steps::ReviewStep;
use domain::money::Fen;
use domain::payment::{FeeRule, OrderState, Waiver};
use testkit::{TestApp, both_backends};

use super::*;
use crate::payment::{stage, stage_with};
use crate::positions::{POSITION, cancelled, moves, standing, with_reapply};

const OTHER: &str = "信息系统运维";

both_backends! {
    async fn moving_to_another_position_keeps_what_was_granted(t: TestApp) {
        let s = stage_with(&t, half).await;
        let id = asked(&s.lin, &s.application, HALF).await;
        let (_, one) = finance(&s).await;
        waiver::grant(&one, &id, "").await.unwrap();
        assert_eq!(moves(&s.lin, &s.exam, OTHER).await.unwrap(), Some(Event::Move));
        let bill = payment::payable(&s.ctx(), &s.application).await.unwrap();
        assert_eq!((bill.view.row.fee, bill.order.unwrap().amount), (5_000, 5_000));
        assert_eq!(state(&s.lin, &s.application).await, "granted");
        sound(&s).await;
    }

    async fn moving_keeps_who_owes_nothing_free_and_who_waits_waiting(t: TestApp) {
        let s = stage(&t).await;
        let id = asked(&s.lin, &s.application, FULL).await;
        assert_eq!(moves(&s.lin, &s.exam, OTHER).await.unwrap(), Some(Event::Move));
        assert_eq!((state(&s.lin, &s.application).await, s.track().await.as_str()), ("pending", "due"));
        let (_, one) = finance(&s).await;
        assert_eq!(waiver::grant(&one, &id, "").await.unwrap(), Granted::Now);
        assert_eq!(moves(&s.lin, &s.exam, POSITION).await.unwrap(), Some(Event::Move));
        assert_eq!(s.track().await, "waived");
        assert!(payment::payable(&s.ctx(), &s.application).await.unwrap().order.is_none());
        sound(&s).await;
    }

    async fn an_application_that_ends_takes_what_nobody_decided_with_it(t: TestApp) {
        let s = stage(&t).await;
        let id = asked(&s.lin, &s.application, FULL).await;
        application::withdraw(&s.ctx(), &s.application).await.unwrap();
        assert_eq!(state(&s.lin, &s.application).await, "void");
        let (_, one) = finance(&s).await;
        assert!(waiver::grant(&one, &id, "").await.is_err());
        // A new application asks anew.
        let again = testkit::submitted(&s.lin, &s.exam, POSITION).await;
        assert_ne!(again, s.application);
        asked(&s.lin, &again, FULL).await;
        sound(&s).await;
    }

    async fn a_cancelled_position_sends_the_rest_back_while_a_part_is_on_its_way(t: TestApp) {
        let s = stage_with(&t, half).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let ((_, one), (_, two)) = (finance(&s).await, finance(&s).await);
        let id = asked(&s.lin, &s.application, HALF).await;
        waiver::grant(&one, &id, "").await.unwrap();
        let refund = s.history().await.refunds[0].public_id.clone();
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        assert_eq!(s.state().await, OrderState::Refunding);
        cancelled(&s.t, &s.exam, POSITION).await;
        s.work().await;
        let history = s.history().await;
        let sums: Vec<i64> = history.refunds.iter().map(|one| one.amount).collect();
        assert_eq!(sums, [5_000, 5_000]);
        assert_eq!(history.state, OrderState::Refunded);
        assert_eq!(standing(&s.lin, &s.application).await, ["ended", "position_cancelled", "none", "refunded"]);
        assert_eq!(s.bank.book().balance().get(), 0);
        sound(&s).await;
    }

    async fn a_cancelled_position_overtakes_a_refund_that_waits_for_the_second_person(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let (_, one) = finance(&s).await;
        let id = asked(&s.lin, &s.application, FULL).await;
        waiver::grant(&one, &id, "").await.unwrap();
        cancelled(&s.t, &s.exam, POSITION).await;
        s.work().await;
        assert_eq!(state(&s.lin, &s.application).await, "void");
        assert_eq!((s.state().await, s.bank.book().balance().get()), (OrderState::Refunded, 0));
        sound(&s).await;
    }

    async fn waiting_for_another_position_he_keeps_his_waiver(t: TestApp) {
        let s = stage_with(&t, |settings| { half(settings); with_reapply(settings); }).await;
        let id = asked(&s.lin, &s.application, HALF).await;
        let (_, one) = finance(&s).await;
        waiver::grant(&one, &id, "").await.unwrap();
        s.t.clock.set("2026-03-22 09:00");
        cancelled(&s.t, &s.exam, POSITION).await;
        assert_eq!(state(&s.lin, &s.application).await, "granted");
        assert_eq!(standing(&s.lin, &s.application).await, ["live", "", "none", "none"]);
    }

    async fn a_waiver_of_a_fixed_sum_is_counted_from_the_new_fee(t: TestApp) {
        let s = stage_with(&t, |settings| {
            settings.steps.review = ReviewStep::None;
            settings.fees.rule = FeeRule::Flat { amount: Fen::new(3_000) };
            settings.fees.waiver.categories[0].grants = Waiver::Amount { amount: Fen::new(5_000) };
        }).await;
        let id = asked(&s.lin, &s.application, FULL).await;
        let (_, one) = finance(&s).await;
        waiver::grant(&one, &id, "").await.unwrap();
        // More than the fee: nothing is left, and the fee stays as it was.
        assert_eq!(s.track().await, "waived");
        assert_eq!(own(&s.lin, &s.application).await.row.off, Some(3_000));
        sound(&s).await;
    }
}
