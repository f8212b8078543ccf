//! Granted after the payment: the difference goes back by the word of two people, and the application goes on.

use app::payment::{self, History};
use app::waiver::{self, Granted};
use app::{Ctx, Error, application};
use domain::payment::OrderState;
use simulators::bank::RefundState;
use testkit::{TestApp, both_backends};

use super::*;
use crate::payment::{refused, stage, stage_with};

async fn paid(s: &Stage) {
    let number = s.begin().await;
    assert!(s.bank.pay(&number));
    assert!(s.notice(&number).await);
}

/// The refund that was raised last.
fn last(history: &History) -> String {
    history.refunds.last().expect("a refund").public_id.clone()
}

/// Granted by one, with what the refund is called.
async fn proposed(s: &Stage, category: &str, one: &Ctx) -> String {
    let id = asked(&s.lin, &s.application, category).await;
    assert_eq!(
        waiver::grant(one, &id, "").await.unwrap(),
        Granted::Proposed
    );
    last(&s.history().await)
}

both_backends! {
    async fn the_whole_fee_goes_back_and_the_application_stays(t: TestApp) {
        let s = stage(&t).await;
        paid(&s).await;
        let ((_, one), (_, two)) = (finance(&s).await, finance(&s).await);
        let refund = proposed(&s, FULL, &one).await;
        s.work().await;
        assert_eq!(s.bank.book().refunds.len(), 0);
        assert_eq!(refused(payment::decide_refund(&one, &refund, true, "").await), "same_person");
        assert_eq!((state(&s.lin, &s.application).await, s.track().await.as_str()), ("proposed", "paid"));
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        assert_eq!((state(&s.lin, &s.application).await, s.track().await.as_str()), ("granted", "waived"));
        s.work().await;
        assert_eq!(s.state().await, OrderState::Refunded);
        let view = application::own(&s.ctx(), &s.application).await.unwrap();
        assert_eq!((view.row.life.as_str(), view.row.payment.as_str()), ("live", "waived"));
        assert_eq!(s.bank.book().balance().get(), 0);
        assert!(titles(&s.ctx()).await.iter().any(|title| title.starts_with("减免申请已通过")));
        sound(&s).await;
    }

    async fn a_part_goes_back_and_he_counts_as_paid(t: TestApp) {
        let s = stage_with(&t, half).await;
        paid(&s).await;
        let ((_, one), (_, two)) = (finance(&s).await, finance(&s).await);
        let refund = proposed(&s, HALF, &one).await;
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        assert_eq!((s.state().await, s.track().await.as_str()), (OrderState::Refunding, "paid"));
        s.work().await;
        let history = s.history().await;
        assert_eq!((history.state, history.order.amount), (OrderState::PartRefunded, 10_000));
        let view = application::own(&s.ctx(), &s.application).await.unwrap();
        assert_eq!((view.row.life.as_str(), view.row.payment.as_str(), view.row.fee), ("live", "paid", 5_000));
        assert_eq!(s.bank.book().balance().get(), 5_000);
        sound(&s).await;
    }

    async fn refused_by_the_second_person_it_is_for_the_first_again(t: TestApp) {
        let s = stage(&t).await;
        paid(&s).await;
        let ((_, one), (_, two)) = (finance(&s).await, finance(&s).await);
        let refund = proposed(&s, FULL, &one).await;
        payment::decide_refund(&two, &refund, false, "证明已过期").await.unwrap();
        let own = own(&s.lin, &s.application).await;
        assert_eq!((own.state.code(), own.row.refund_id, s.track().await.as_str()), ("pending", None, "paid"));
        waiver::reject(&one, &own.row.public_id, "证明已过期，请重新开具").await.unwrap();
        assert_eq!(s.track().await, "paid");
        sound(&s).await;
    }

    async fn a_channel_that_refuses_is_asked_again_for_what_was_waived_and_no_more(t: TestApp) {
        let s = stage_with(&t, half).await;
        paid(&s).await;
        let ((_, one), (_, two)) = (finance(&s).await, finance(&s).await);
        let refund = proposed(&s, HALF, &one).await;
        s.slow_refunds(true);
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        s.work().await;
        s.refunds_end(RefundState::Failed).await;
        assert_eq!((s.state().await, s.track().await.as_str()), (OrderState::Paid, "paid"));
        assert_eq!(s.open_discrepancies().await, ["refund_failed"]);
        s.slow_refunds(false);
        payment::request_refund(&one, &s.order, "waived").await.unwrap();
        let history = s.history().await;
        assert_eq!(history.refunds.last().unwrap().amount, 5_000);
        payment::decide_refund(&two, &last(&history), true, "").await.unwrap();
        s.work().await;
        assert_eq!((s.state().await, s.track().await.as_str()), (OrderState::PartRefunded, "paid"));
        assert_eq!(s.bank.book().balance().get(), 5_000);
        sound(&s).await;
    }

    async fn where_only_who_has_not_paid_may_ask_who_has_may_not(t: TestApp) {
        let s = stage_with(&t, |settings| settings.fees.waiver.after_payment = false).await;
        let asks = async || waiver::ask(&s.ctx(), &s.application, &form(FULL), &[("a.png", PNG)]).await;
        paid(&s).await;
        assert_eq!(refused(asks().await), "waiver_closed");
        // The control: before it he may.
        let (su, su_app, _) = crate::payment::owing(&s.t, &s.exam, "苏晓").await;
        asked(&su, &su_app, FULL).await;
    }

    async fn nothing_is_granted_while_another_refund_is_in_the_works(t: TestApp) {
        let s = stage(&t).await;
        paid(&s).await;
        let ((_, one), (_, two)) = (finance(&s).await, finance(&s).await);
        let id = asked(&s.lin, &s.application, FULL).await;
        payment::request_refund(&one, &s.order, "agency").await.unwrap();
        assert_eq!(refused(waiver::grant(&two, &id, "").await), "refund_amount");
        let refund = last(&s.history().await);
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        assert!(matches!(waiver::grant(&one, &id, "").await, Err(Error::Refused(_))));
        s.work().await;
        // All his money is back: he has left, and what he asked for with him.
        assert_eq!(state(&s.lin, &s.application).await, "void");
        sound(&s).await;
    }
}
