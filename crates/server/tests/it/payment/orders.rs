//! Orders: voided, in doubt, expired, and what money in time does to them.

use app::application;
use app::payment::{self, Asked, Started};
use domain::payment::{AttemptState, OrderState, Outcome};
use simulators::bank::{Call, Fate, TradeState};
use testkit::{TestApp, both_backends};

use super::{CHANNEL, refused, stage};

both_backends! {
    async fn what_was_paid_at_the_channel_cannot_be_voided(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(!payment::void(&s.ctx(), &s.order).await.unwrap());
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(s.track().await, "paid");
        s.balances().await;
    }

    async fn a_voided_order_is_closed_at_the_channel_and_another_can_be_raised(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(payment::void(&s.ctx(), &s.order).await.unwrap());
        assert_eq!(s.state().await, OrderState::Voided);
        assert_eq!(s.bank.book().trades[&number].state, TradeState::Closed);
        assert!(!s.bank.pay(&number));
        assert_eq!(payment::unpaid(&s.ctx()).await.unwrap().len(), 0);
        assert_eq!(refused(payment::pay(&s.ctx(), &s.order, CHANNEL, &payment::Payer::default()).await), "order_not_open");

        let again = payment::raise_again(&s.ctx(), &s.application).await.unwrap();
        assert_ne!(again, s.order);
        assert_eq!(payment::raise_again(&s.ctx(), &s.application).await.unwrap(), again);
        assert!(matches!(payment::pay(&s.ctx(), &again, CHANNEL, &payment::Payer::default()).await.unwrap(), Started::Cashier(_)));
        let number = payment::find(&s.ctx(), &again).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        assert_eq!(s.track().await, "paid");
        // Paid, there is nothing to raise: the button leads to what is there.
        assert_eq!(payment::raise_again(&s.ctx(), &s.application).await.unwrap(), again);
        s.balances().await;
    }

    async fn in_doubt_nothing_is_voided_and_nothing_is_called_failed(t: TestApp) {
        let s = stage(&t).await;
        s.begin().await;
        for fate in [Fate::ServerError, Fate::LostAfter, Fate::BadSignature, Fate::Truncated] {
            s.bank.tell_always(Call::Query, fate);
            assert_eq!(refused(payment::void(&s.ctx(), &s.order).await), "confirming");
            s.t.clock.advance(11);
            assert_eq!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::Confirming);
            assert_eq!(s.state().await, OrderState::Paying);
        }
        assert_eq!(s.history().await.attempts[0].state, AttemptState::Unknown.code());
    }

    async fn a_create_answer_that_is_lost_is_asked_for_again_under_the_same_number(t: TestApp) {
        let s = stage(&t).await;
        s.bank.tell(Call::Create, Fate::LostAfter);
        assert_eq!(payment::pay(&s.ctx(), &s.order, CHANNEL, &payment::Payer::default()).await.unwrap(), Started::Confirming);
        let first = s.begin().await;
        assert_eq!(s.begin().await, first);
        assert_eq!(s.history().await.attempts.len(), 1);
        assert_eq!(s.bank.book().trades.len(), 1);
    }

    async fn the_time_of_payment_decides_not_the_time_of_the_news(t: TestApp) {
        let s = stage(&t).await;
        let deadline = s.history().await.deadline();
        s.t.clock.set_to(deadline.plus_seconds(-300));
        let number = s.begin().await;
        s.bank.tell_always(Call::Query, Fate::ServerError);
        assert!(s.bank.pay_at(&number, deadline.plus_seconds(-1)));
        // In doubt, the order doesn't expire.
        s.t.clock.set_to(deadline.plus_seconds(600));
        s.work().await;
        assert_eq!(s.state().await, OrderState::Paying);
        s.bank.tell_always(Call::Query, Fate::Fair);
        s.t.clock.advance(7200);
        s.work().await;
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(s.track().await, "paid");
        s.balances().await;
    }

    async fn an_unpaid_order_expires_with_its_application_and_money_paid_in_time_revives_both(t: TestApp) {
        let s = stage(&t).await;
        let deadline = s.history().await.deadline();
        s.t.clock.set_to(deadline.plus_seconds(-300));
        let number = s.begin().await;
        s.t.clock.set_to(deadline.plus_seconds(3600));
        s.work().await;
        s.work().await;
        assert_eq!(s.state().await, OrderState::Expired);
        let view = application::own(&s.ctx(), &s.application).await.unwrap();
        assert_eq!((view.row.life.as_str(), view.row.end_reason.as_str()), ("ended", "unpaid"));

        let settled = s.settle(&s.paid(&number, "SLATE", deadline.plus_seconds(-1))).await;
        assert_eq!(settled.outcome, Outcome::Credited { late: true });
        assert_eq!(s.state().await, OrderState::Paid);
        let view = application::own(&s.ctx(), &s.application).await.unwrap();
        assert_eq!((view.row.life.as_str(), view.row.payment.as_str()), ("live", "paid"));
        let told = app::message::inbox(&s.ctx(), None).await.unwrap();
        let told: Vec<_> = told.iter().filter(|row| row.kind == "payment").collect();
        assert!(told.len() == 1 && told[0].title.starts_with("缴费已补记：") && told[0].body.contains("起可以打印"), "{told:?}");
    }
}
