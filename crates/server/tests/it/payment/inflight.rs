//! A create call that is on its way while somebody else gives the order up.

use std::time::Duration;

use app::payment::{self, Started};
use domain::payment::OrderState;
use simulators::sandbox::{AnswerFault, Faults};
use testkit::{TestApp, both_backends, tokio};

use super::{refused, stage};

fn slow(create: AnswerFault) -> Faults {
    Faults {
        lose_notices: true,
        create,
        create_delay_millis: 1_500,
        ..Faults::default()
    }
}

both_backends! {
    async fn an_order_is_not_voided_while_the_channel_is_being_told_of_it(t: TestApp) {
        let s = stage(&t).await;
        s.bank.set_faults(slow(AnswerFault::None));
        let (pays, voids) = (s.ctx(), s.ctx());
        let desk = payment::Payer::default();
        let (started, voided) = tokio::join!(payment::pay(&pays, &s.order, "sandbox", &desk), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            payment::void(&voids, &s.order).await
        });
        assert_eq!(refused(voided), "confirming");
        assert!(matches!(started.unwrap(), Started::Cashier(_)));
        s.bank.set_faults(Faults { lose_notices: true, ..Faults::default() });
        let number = s.history().await.attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.t.run_jobs().await;
        assert_eq!(s.state().await, OrderState::Paid);
        s.balances().await;
    }

    async fn money_for_an_attempt_that_was_given_up_too_soon_is_found(t: TestApp) {
        let s = stage(&t).await;
        // The call takes longer than anybody waits for it, and its answer is lost.
        s.bank.set_faults(slow(AnswerFault::LostAfter));
        let pays = s.ctx();
        let desk = payment::Payer::default();
        let (started, voided) = tokio::join!(payment::pay(&pays, &s.order, "sandbox", &desk), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            s.t.clock.advance(60);
            payment::void(&s.ctx(), &s.order).await
        });
        assert!(voided.unwrap());
        assert_eq!(started.unwrap(), Started::Confirming);
        assert_eq!(s.history().await.attempts[0].state, "failed");
        assert_eq!(s.state().await, OrderState::Voided);
        s.bank.set_faults(Faults { lose_notices: true, ..Faults::default() });
        let number = s.history().await.attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.t.run_jobs().await;
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(s.track().await, "paid");
        s.balances().await;
    }

    async fn a_cashier_that_opens_after_the_order_was_given_up_is_closed_again(t: TestApp) {
        let s = stage(&t).await;
        s.bank.set_faults(slow(AnswerFault::None));
        let pays = s.ctx();
        let desk = payment::Payer::default();
        let (started, voided) = tokio::join!(payment::pay(&pays, &s.order, "sandbox", &desk), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            s.t.clock.advance(60);
            payment::void(&s.ctx(), &s.order).await
        });
        assert!(voided.unwrap());
        assert_eq!(refused(started), "order_not_open");
        let number = s.history().await.attempts[0].merchant_no.clone();
        assert!(!s.bank.pay(&number));
    }
}
