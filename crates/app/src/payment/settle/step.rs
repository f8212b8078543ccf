//! One decision on its way into the tables.

use db::Tx;
use domain::application::Event;
use domain::payment::evidence::{Evidence, News, PaidNews, Source};
use domain::payment::{
    AttemptState, OrderEffect, OrderEvent, OrderState, Outcome, RefundReason, Settlement,
};
use domain::time::Timestamp;
use serde_json::json;

use super::found::Found;
use super::keep::{alert, outcome_code};
use crate::application::{self, Extra};
use crate::payment::ledger::{self, FEES, Posting, SURPLUS, channel_book};
use crate::payment::reconcile::{self, Booked, Moved};
use crate::payment::store::{self, OrderRow};
use crate::payment::{attempt_state, order_state, refund, work};
use crate::{App, Error, Object, Result, Trail};

/// One decision on its way into the tables.
pub(super) struct Step<'a> {
    pub app: &'a App,
    pub found: &'a Found,
    pub evidence: &'a Evidence,
    pub decided: &'a Settlement,
}

impl Step<'_> {
    pub(super) fn paid(&self) -> Option<&PaidNews> {
        match &self.evidence.news {
            News::Paid(paid) => Some(paid),
            _ => None,
        }
    }

    pub(super) async fn apply(
        &mut self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
    ) -> Result<(OrderState, AttemptState)> {
        let (order, attempt) = (&self.found.order, &self.found.attempt);
        let (order_was, attempt_was) = (order_state(order)?, attempt_state(attempt)?);
        // Who gives way does so first: at most one attempt credits an order.
        if let Outcome::TookOver { from } = &self.decided.outcome {
            self.give_way(tx, trail, from).await?;
        }
        if let Some(next) = self.decided.attempt {
            store::attempt_set_state(
                tx,
                attempt.id,
                attempt_was.code(),
                next.code(),
                !next.is_asked(),
            )
            .await?;
            if let (true, Some(paid)) = (next.has_money(), self.paid()) {
                let at = paid.paid_at.micros();
                store::attempt_set_money(tx, attempt.id, &paid.channel_no, paid.amount.get(), at)
                    .await?;
                if next == AttemptState::Succeeded {
                    store::order_credit(tx, order.id, attempt.id, at).await?;
                }
            }
        }
        let mut order_now = order_was;
        if let Some(next) = self.decided.order {
            store::order_set_state(tx, order.id, order_was.code(), next.code()).await?;
            order_now = next;
        }
        for effect in &self.decided.effects {
            self.follow(tx, trail, *effect).await?;
        }
        if let Some((number, reason)) = &self.decided.refund {
            self.send_back(tx, trail, number, *reason).await?;
        }
        let attempt_now = self.decided.attempt.unwrap_or(attempt_was);
        if order_now == OrderState::Paying && attempt_now.is_final() {
            order_now = self.attempts_over(tx).await?;
        }
        if self.decided.order.is_some() || self.decided.attempt.is_some() {
            let object = Object {
                kind: "payment_order",
                id: order.id,
                exam_id: order.exam_id,
            };
            let detail = json!({
                "source": self.evidence.source.code(),
                "outcome": outcome_code(&self.decided.outcome),
                "order": order_now.code(),
                "attempt": attempt_now.code(),
            });
            trail.audit(tx, "payment.settle", object, detail).await?;
        }
        Ok((order_now, attempt_now))
    }

    /// The order waits for a new attempt once none is open any more.
    async fn attempts_over(&self, tx: &mut Tx) -> Result<OrderState> {
        for other in self
            .found
            .attempts
            .iter()
            .filter(|row| row.id != self.found.attempt.id)
        {
            if !attempt_state(other)?.is_final() {
                return Ok(OrderState::Paying);
            }
        }
        let (next, _) = OrderState::Paying
            .on(OrderEvent::AttemptsOver)
            .map_err(|_| Error::inconsistent("payment_order.state"))?;
        store::order_set_state(
            tx,
            self.found.order.id,
            OrderState::Paying.code(),
            next.code(),
        )
        .await?;
        Ok(next)
    }

    /// The attempt that was credited until now becomes a surplus: its money moves to the other book.
    async fn give_way(&self, tx: &mut Tx, trail: &mut Trail<'_>, from: &str) -> Result<()> {
        let Some(old) = self
            .found
            .attempts
            .iter()
            .find(|row| row.merchant_no == from)
        else {
            return Err(Error::inconsistent("payment_attempt"));
        };
        let (was, now) = (AttemptState::Succeeded, AttemptState::Surplus);
        store::attempt_set_state(tx, old.id, was.code(), now.code(), true).await?;
        let moved = Posting {
            debit: FEES,
            credit: SURPLUS,
            amount: old.received.unwrap_or(old.amount),
            of: (old.order_id, old.id, 0),
        };
        ledger::post(tx, trail, &moved).await
    }

    async fn follow(&self, tx: &mut Tx, trail: &mut Trail<'_>, effect: OrderEffect) -> Result<()> {
        let order = &self.found.order;
        match effect {
            OrderEffect::PostReceipt => {
                let Some(paid) = self.paid() else {
                    return Ok(());
                };
                let credit = match self.decided.outcome {
                    // What isn't decided yet goes back unless two people say otherwise.
                    Outcome::SentBack(_) | Outcome::Hold(_) => SURPLUS,
                    _ => FEES,
                };
                let posting = Posting {
                    debit: &channel_book(&self.evidence.channel),
                    credit,
                    amount: paid.amount.get(),
                    of: (order.id, self.found.attempt.id, 0),
                };
                ledger::post(tx, trail, &posting).await?;
                let booked = Booked {
                    order,
                    channel: &self.evidence.channel,
                    number: &self.evidence.merchant_no,
                    what: Moved::Came,
                    amount: paid.amount.get(),
                    at: paid.paid_at.micros(),
                    by_bill: self.evidence.source == Source::Bill,
                };
                reconcile::booked(tx, trail, &booked).await
            }
            OrderEffect::AdvanceApplication => self.advance(tx, trail).await,
            OrderEffect::CloseOthers => {
                store::attempts_hurry(tx, order.id, trail.at().micros()).await?;
                tx.wake(work::TOPIC);
                Ok(())
            }
            OrderEffect::Alert => {
                alert(tx, trail, self.evidence, order.id, &self.decided.outcome).await
            }
            OrderEffect::Notify => self.tell(tx, trail).await,
            // The refund stands in the decision itself; postings of refunds belong to refunds.
            OrderEffect::RefundSurplus | OrderEffect::PostRefund => Ok(()),
        }
    }

    async fn advance(&self, tx: &mut Tx, trail: &mut Trail<'_>) -> Result<()> {
        let paid_at = self.paid().map(|paid| paid.paid_at);
        advance(tx, trail, self.app, &self.found.order, paid_at).await
    }

    async fn send_back(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        number: &str,
        reason: RefundReason,
    ) -> Result<()> {
        let row = self
            .found
            .attempts
            .iter()
            .find(|row| row.merchant_no == number);
        let row = row.ok_or(Error::inconsistent("payment_attempt"))?;
        let amount = self
            .paid()
            .filter(|_| row.id == self.found.attempt.id)
            .map_or(row.received.unwrap_or(row.amount), |paid| paid.amount.get());
        refund::raise_surplus(tx, trail, (row.order_id, row.id), amount, reason).await
    }
}

/// Tells the application that the fee is paid.
pub(in crate::payment) async fn advance(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    order: &OrderRow,
    paid_at: Option<Timestamp>,
) -> Result<()> {
    let id = order.application_id;
    let row = application::store::application_by_id(tx, id)
        .await?
        .ok_or(Error::NotFound)?;
    let event = if row.life == "ended" {
        Event::AcceptLate
    } else {
        Event::Pay
    };
    let extra = Extra {
        paid_at,
        ..Extra::default()
    };
    application::advance_with(tx, trail, app, id, event, &extra).await?;
    Ok(())
}
