//! The timer's rounds, through the registry that serves: a long queue, rows that can't be handled, orders that wait.

use app::payment;
use domain::payment::OrderState;
use simulators::bank::{Call, Fate};
use testkit::{TestApp, both_backends};

use super::{CHANNEL, Stage, owing, stage};
use crate::invariants::run;

/// Copies of the order of `s` at the head of the queue of what is overdue, whose exam isn't there: nobody can close them.
async fn poison(s: &Stage, count: u32) {
    run(&s.t, &["DROP INDEX payment_order_live"]).await;
    for n in 0..count {
        let copy = format!(
            "INSERT INTO payment_order (id, public_id, order_no, application_id, exam_id, account_id, amount, state, \
             expires_at, created_at, version) SELECT {n} + 1, 'poison-{n}', 'poison-{n}', application_id, 1, account_id, \
             amount, 'unpaid', created_at, created_at, 1 FROM payment_order WHERE public_id = '{}'",
            s.order
        );
        run(&s.t, &[&copy]).await;
    }
}

both_backends! {
    async fn one_tick_asks_about_more_attempts_than_one_round_takes(t: TestApp) {
        let s = stage(&t).await;
        // Each cashier runs out before the next is opened: 45 attempts wait to be looked into.
        for _ in 0..45 {
            s.begin().await;
            s.t.clock.advance(31 * 60);
        }
        s.t.run_jobs().await;
        let open = s.history().await.attempts.iter().filter(|row| row.state != "closed").count();
        assert_eq!(open, 0);
    }

    async fn orders_that_cannot_be_closed_do_not_keep_the_others_from_it_nor_money_from_going_back(t: TestApp) {
        let s = stage(&t).await;
        let deadline = s.history().await.deadline();
        // Money that came too late waits to go back.
        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        payment::pay(&wang.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
        let number = payment::find(&wang.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        let channel_no = s.bank.book().trades[&number].channel_no.clone();
        s.settle(&s.paid(&number, &channel_no, deadline)).await;
        // A sound order waits to expire, behind 25 that can't.
        poison(&s, 25).await;
        s.t.clock.set_to(deadline.plus_seconds(3600));
        s.t.run_jobs().await;
        s.refunds_told().await;
        assert_eq!(payment::find(&wang.ctx(), &order).await.unwrap().refunds[0].state, "succeeded");
        assert_eq!(s.state().await, OrderState::Expired);
    }

    async fn an_order_in_doubt_is_looked_at_again_and_closed_when_the_channel_answers(t: TestApp) {
        let s = stage(&t).await;
        let deadline = s.history().await.deadline();
        s.t.clock.set_to(deadline.plus_seconds(-300));
        s.begin().await;
        s.bank.tell_always(Call::Query, Fate::ServerError);
        for _ in 0..20 {
            s.t.clock.advance(120);
            s.t.run_jobs().await;
            assert!(s.state().await.is_open());
        }
        s.bank.tell_always(Call::Query, Fate::Fair);
        for _ in 0..4 {
            s.t.clock.advance(3600);
            s.t.run_jobs().await;
        }
        assert_eq!(s.state().await, OrderState::Expired);
        assert_eq!(payment::unpaid(&s.ctx()).await.unwrap().len(), 0);
    }
}
