//! A refund that comes to nothing after its day was closed: no later bill says that the money stayed, so a person must.

use app::Error;
use app::payment::{self, reconcile};
use db::{Command, Lane, Tx, p, sql};
use domain::payment::{OrderState, RefundState as Back};
use simulators::bank::{Channel as _, Rates, RefundState};
use testkit::{TestApp, both_backends};

use super::{Pay, Stage, day, stage};

/// Our books say that a refund is done, whatever its channel says.
struct Done(String, i64);

impl Command for Done {
    const NAME: &'static str = "test.refund_done";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> app::Result<()> {
        let text = sql!(
            "UPDATE refund SET state = 'succeeded', finished_at = $2, next_query_at = NULL WHERE refund_no = $1"
        );
        tx.exec(text, p![self.0.as_str(), self.1]).await?;
        Ok(())
    }
}

impl Stage {
    /// A refund that the channel took, and whose day was closed by two.
    async fn closed_over(&self, name: &str) -> (Pay, String) {
        let pay = self.paid(name).await;
        self.trio.wechat.bank().set_rates(Rates {
            slow_refunds: 1_000,
            ..Rates::default()
        });
        let back = self.sent_back(&pay).await;
        self.next_morning().await;
        let bill = self.bill(day()).await;
        assert_eq!(
            (bill.equation().rest(), self.found(day()).await),
            (0, vec![("refund_pending".to_owned(), back.clone())])
        );
        reconcile::ask_close(&self.one.ctx().await, &bill.public_id)
            .await
            .unwrap();
        reconcile::sign(&self.two.ctx().await, &bill.public_id, "")
            .await
            .unwrap();
        assert!(self.tickets().await.is_empty());
        (pay, back)
    }

    async fn fails(&self, back: &str, to: RefundState) {
        assert!(self.trio.wechat.bank().finish_refund(back, to));
        self.deliver().await;
        self.t.clock.advance(120);
        self.work().await;
    }
}

both_backends! {
    async fn a_refund_that_fails_after_its_day_was_closed_is_somebodys(t: TestApp) {
        let s = stage(&t).await;
        let (pay, back) = s.closed_over("退迟").await;
        let before = s.bill(day()).await;
        s.fails(&back, RefundState::Failed).await;
        assert_eq!(s.tickets().await, [("refund_after_close".to_owned(), back.clone())]);
        let row = payment::discrepancies(&s.finance().await, "open", None).await.unwrap()[0].clone();
        assert_eq!((row.urgent, row.amount), (1, 10_000));
        assert!(row.detail.contains("2026-03-18 已关账"), "{}", row.detail);
        let history = payment::find(&pay.who.ctx(), &pay.order).await.unwrap();
        assert_eq!((history.state, history.refunds[0].state.as_str()), (OrderState::Paid, Back::Failed.code()));
        // A closed day stands still.
        let after = s.bill(day()).await;
        assert_eq!((after.run, after.named, after.step.as_str()), (before.run, before.named, "closed"));
    }

    async fn so_is_one_that_counted_as_done_and_came_back_once(t: TestApp) {
        let s = stage(&t).await;
        let (pay, back) = s.closed_over("退汇").await;
        s.t.app.db().write(Lane::Interactive, Done(back.clone(), s.t.now().micros())).await.unwrap();
        s.fails(&back, RefundState::Abnormal).await;
        assert_eq!(s.tickets().await, [("refund_after_close".to_owned(), back.clone())]);
        let row = payment::discrepancies(&s.finance().await, "open", None).await.unwrap()[0].clone();
        assert!(row.detail.contains("本系统已记退款成功"), "{}", row.detail);
        // It isn't taken back by itself.
        assert_eq!(payment::find(&pay.who.ctx(), &pay.order).await.unwrap().refunds[0].state, Back::Succeeded.code());
    }
}
