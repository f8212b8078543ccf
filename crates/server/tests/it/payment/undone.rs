//! Refunds that meet something else: a payment that takes over, a channel that refuses, a check that begins meanwhile.

use app::payment;
use domain::payment::{AttemptState, OrderState, Outcome};
use domain::staff::Role;
use simulators::bank::RefundState;
use testkit::{TestApp, both_backends};

use super::{Stage, refused, stage};
use crate::invariants::run;

/// A paid order; the number of its payment.
async fn paid(s: &Stage) -> String {
    let number = s.begin().await;
    assert!(s.bank.pay(&number));
    assert!(s.notice(&number).await);
    number
}

/// Two people of finance.
async fn pair(s: &Stage) -> (app::Ctx, app::Ctx) {
    let one = s.t.staff(&[Role::FinanceOfficer]).await;
    let two = s.t.staff(&[Role::FinanceOfficer]).await;
    (one.ctx().await, two.ctx().await)
}

/// The order as its candidate and as finance see it.
async fn both(s: &Stage) -> [(testkit::Browser, String); 2] {
    let finance = s.t.staff(&[Role::FinanceOfficer]).await;
    [
        (s.lin.browser(), format!("/payments/{}", s.order)),
        (finance.browser(), format!("/office/payments/{}", s.order)),
    ]
}

/// Asks for the whole sum back; the refund.
async fn requested(s: &Stage, one: &app::Ctx) -> String {
    payment::request_refund(one, &s.order, "agency")
        .await
        .unwrap();
    let detail = payment::detail(one, &s.order).await.unwrap();
    detail.refunds.last().unwrap().public_id.clone()
}

/// A refund is on its way when the same attempt is told with a second number of the channel; what the channel makes of it.
async fn checked(t: &TestApp, ends: RefundState) -> Stage {
    let s = stage(t).await;
    let number = paid(&s).await;
    let (one, two) = pair(&s).await;
    let refund = requested(&s, &one).await;
    payment::decide_refund(&two, &refund, true, "")
        .await
        .unwrap();
    let settled = s.settle(&s.paid(&number, "SSECOND", s.t.now())).await;
    assert!(matches!(settled.outcome, Outcome::Hold(_)), "{settled:?}");
    assert_eq!(settled.attempt, Some(AttemptState::Succeeded));
    s.slow_refunds(true);
    s.t.run_jobs().await;
    s.refunds_end(ends).await;
    s
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
        assert!(s.notice(&late).await);
        let (one, two) = pair(&s).await;
        let refund = requested(&s, &one).await;
        // The earlier payment is told: the later one goes back by itself, whole.
        assert!(s.notice(&early).await);
        let approved = payment::decide_refund(&two, &refund, true, "").await;
        assert!(matches!(approved, Err(app::Error::Conflict(_))), "{approved:?}");
        s.t.run_jobs().await;
        s.refunds_told().await;
        let refunds = s.history().await.refunds;
        let back: i64 = refunds.iter().filter(|row| row.state == "succeeded").map(|row| row.amount).sum();
        assert_eq!(back, 10_000);
        let ended: Vec<_> = refunds.iter().filter(|row| row.state == "failed").collect();
        assert_eq!(ended.iter().map(|row| row.label()).collect::<Vec<_>>(), ["已由另一笔退款代替"]);
        for (mut browser, address) in both(&s).await {
            let page = browser.get(&address).await.expect(200);
            page.shows("已由另一笔退款代替").lacks("退款未成功");
        }
        assert_eq!(s.bank.book().balance().get(), 10_000);
        assert_eq!(s.state().await, OrderState::Paid);
        s.balances().await;
    }

    async fn a_refund_that_the_second_person_refuses_says_so(t: TestApp) {
        let s = stage(&t).await;
        paid(&s).await;
        let (one, two) = pair(&s).await;
        let refund = requested(&s, &one).await;
        payment::decide_refund(&two, &refund, false, "已另行退款").await.unwrap();
        let row = s.history().await.refunds.remove(0);
        assert_eq!((row.state.as_str(), row.label(), row.queries), ("failed", "未批准", 0));
        assert_eq!(row.approved_by, Some(two.actor.id()));
        for (mut browser, address) in both(&s).await {
            let page = browser.get(&address).await.expect(200);
            page.shows("未批准").lacks("退款未成功");
        }
    }

    async fn no_approval_sends_back_more_than_came(t: TestApp) {
        let s = stage(&t).await;
        paid(&s).await;
        let (one, two) = pair(&s).await;
        let refund = requested(&s, &one).await;
        run(&s.t, &["UPDATE refund SET amount = amount + 1"]).await;
        assert_eq!(refused(payment::decide_refund(&two, &refund, true, "").await), "refund_amount");
        run(&s.t, &["UPDATE refund SET amount = amount - 1"]).await;
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
    }

    async fn a_refund_that_the_channel_refuses_can_be_asked_for_again(t: TestApp) {
        let s = stage(&t).await;
        paid(&s).await;
        let (one, two) = pair(&s).await;
        let refund = requested(&s, &one).await;
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        assert_eq!(s.track().await, "refunding");
        s.t.clock.advance(60);
        s.slow_refunds(true);
        s.t.run_jobs().await;
        s.refunds_end(RefundState::Failed).await;
        assert_eq!((s.state().await, s.track().await.as_str()), (OrderState::Paid, "paid"));
        assert_eq!(s.open_discrepancies().await, ["refund_failed"]);
        assert_eq!(s.bank.book().balance().get(), 10_000);
        assert_eq!(s.history().await.refunds[0].label(), "退款未成功");
        // Who was told that it began is told that it came to nothing, and that he has nothing to do.
        let told = app::message::inbox(&s.ctx(), None).await.unwrap();
        let told: Vec<_> = told.iter().filter(|row| row.title.starts_with("退款")).collect();
        let titles: Vec<_> = told.iter().map(|row| row.title.split('：').next().unwrap()).collect();
        assert_eq!(titles, ["退款未成功", "退款已开始"]);
        let body = &told[0].body;
        assert!(body.contains("100.00 元没有退回") && body.contains("报名和缴费仍然有效"), "{body}");
        s.slow_refunds(false);
        s.t.clock.advance(60);
        let again = requested(&s, &one).await;
        assert_ne!(again, refund);
        payment::decide_refund(&two, &again, true, "").await.unwrap();
        s.t.run_jobs().await;
        s.refunds_told().await;
        assert_eq!((s.state().await, s.track().await.as_str()), (OrderState::Refunded, "refunded"));
        assert_eq!(s.bank.book().balance().get(), 0);
        s.balances().await;
    }

    async fn a_refund_that_succeeds_while_its_order_is_being_checked_ends(t: TestApp) {
        let s = checked(&t, RefundState::Succeeded).await;
        // The order stays with those who check it; the candidate's money is told as it is.
        assert_eq!((s.state().await, s.track().await.as_str()), (OrderState::Hold, "refunded"));
        assert_eq!(s.history().await.refunds[0].state, "succeeded");
        assert_eq!(s.bank.book().balance().get(), 0);
        s.balances().await;
    }

    async fn a_refund_that_fails_while_its_order_is_being_checked_ends(t: TestApp) {
        let s = checked(&t, RefundState::Failed).await;
        assert_eq!((s.state().await, s.track().await.as_str()), (OrderState::Hold, "paid"));
        assert_eq!(s.history().await.refunds[0].state, "failed");
        assert_eq!(s.bank.book().balance().get(), 10_000);
        s.balances().await;
    }
}
