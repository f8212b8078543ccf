//! Refunds that meet something else: a payment that takes over, a sum that changed.

use app::payment;
use domain::payment::OrderState;
use domain::staff::Role;
use simulators::sandbox::Forgery;
use testkit::{TestApp, both_backends};

use super::{Stage, refused, stage};
use crate::invariants::run;

/// A paid order; the number of its payment.
async fn paid(s: &Stage) -> String {
    let number = s.begin().await;
    assert!(s.bank.pay(&number));
    assert!(s.notice(&number, Forgery::None).await);
    number
}

/// Two people of finance.
async fn pair(s: &Stage) -> (app::Ctx, app::Ctx) {
    let one = s.t.staff(&[Role::FinanceOfficer]).await;
    let two = s.t.staff(&[Role::FinanceOfficer]).await;
    (one.ctx().await, two.ctx().await)
}

/// Asks for the whole sum back; the refund.
async fn requested(s: &Stage, one: &app::Ctx) -> String {
    payment::request_refund(one, &s.order, "agency")
        .await
        .unwrap();
    let detail = payment::detail(one, &s.order).await.unwrap();
    detail.refunds.last().unwrap().public_id.clone()
}

both_backends! {
    async fn a_payment_that_takes_over_calls_off_the_refund_that_somebody_asked_for(t: TestApp) {
        let s = stage(&t).await;
        let start = s.t.now();
        let early = s.begin().await;
        s.t.clock.advance(31 * 60);
        let late = s.begin().await;
        assert!(s.bank.pay_at(&early, start.plus_seconds(300)));
        assert!(s.bank.pay(&late));
        assert!(s.notice(&late, Forgery::None).await);
        let (one, two) = pair(&s).await;
        let refund = requested(&s, &one).await;
        // The earlier payment is told: the later one goes back by itself, whole.
        assert!(s.notice(&early, Forgery::None).await);
        let approved = payment::decide_refund(&two, &refund, true).await;
        assert!(matches!(approved, Err(app::Error::Conflict(_))), "{approved:?}");
        s.t.run_jobs().await;
        let refunds = s.history().await.refunds;
        let back: i64 = refunds.iter().filter(|row| row.state == "succeeded").map(|row| row.amount).sum();
        assert_eq!(back, 10_000);
        assert_eq!(refunds.iter().filter(|row| row.state == "failed").count(), 1);
        assert_eq!(s.bank.book().balance(), 10_000);
        assert_eq!(s.state().await, OrderState::Paid);
        s.balances().await;
    }

    async fn no_approval_sends_back_more_than_came(t: TestApp) {
        let s = stage(&t).await;
        paid(&s).await;
        let (one, two) = pair(&s).await;
        let refund = requested(&s, &one).await;
        run(&s.t, &["UPDATE refund SET amount = amount + 1"]).await;
        assert_eq!(refused(payment::decide_refund(&two, &refund, true).await), "refund_amount");
        run(&s.t, &["UPDATE refund SET amount = amount - 1"]).await;
        payment::decide_refund(&two, &refund, true).await.unwrap();
    }
}
