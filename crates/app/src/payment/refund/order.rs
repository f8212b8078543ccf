//! What a refund means for its order and its application.

use db::Tx;
use domain::application::Event;
use domain::payment::OrderEvent;
use domain::payment::refund::Earlier;

use super::super::order_state;
use super::super::store::{self as orders, OrderRow};
use super::finish::Finish;
use super::store::RefundRow;
use super::{back, earlier, goes_back, on_its_way, start};
use crate::application;
use crate::{Error, Result, Trail};

impl Finish {
    /// A refund that its channel refused is paid back by hand: what it goes back of is on its way back again. The refund stands as done
    /// already, or its application would have another one raised.
    pub(super) async fn taken_up(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
    ) -> Result<()> {
        let order = orders::order_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        if order.credited_attempt != Some(row.attempt_id) {
            return Ok(());
        }
        start(tx, &order).await?;
        let whole = goes_back(tx, &order, row.attempt_id).await?;
        let application = application::store::application_by_id(tx, order.application_id).await?;
        if whole && application.is_some_and(|row| row.payment == "paid") {
            let id = order.application_id;
            application::advance(tx, trail, &self.app, id, Event::StartRefund, "").await?;
        }
        Ok(())
    }

    /// The credited payment went back, whole or in part.
    pub(super) async fn order_refunded(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
    ) -> Result<()> {
        let (order, earlier) = self.standing(tx).await?;
        let all = back(&earlier) >= order.amount;
        if !all && earlier.iter().any(on_its_way) {
            return Ok(());
        }
        let event = if all {
            OrderEvent::RefundedAll
        } else {
            OrderEvent::RefundedPart
        };
        let state = order_state(&order)?;
        let Ok((next, _)) = state.on(event) else {
            // A channel that had refused, or a person, and now says that the money went back: the order counts as paid.
            let why = "已按未退处理的退款，渠道又通知退款成功。请核实这张缴费单还算不算已缴费";
            return self.too_much(tx, trail, row, why).await;
        };
        orders::order_set_state(tx, order.id, state.code(), next.code()).await?;
        if all {
            self.tell_application(tx, trail, &order, Event::FinishRefund)
                .await?;
        }
        Ok(())
    }

    /// The channel refused to send the credited payment back: it is ours as before, and may be asked back anew.
    pub(super) async fn undone(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        row: &RefundRow,
    ) -> Result<()> {
        let (order, earlier) = self.standing(tx).await?;
        if order.credited_attempt != Some(row.attempt_id) || earlier.iter().any(on_its_way) {
            return Ok(());
        }
        let event = if back(&earlier) > 0 {
            OrderEvent::RefundFailedAfterPart
        } else {
            OrderEvent::RefundFailed
        };
        let state = order_state(&order)?;
        let Ok((next, _)) = state.on(event) else {
            return Err(Error::inconsistent("payment_order.state"));
        };
        orders::order_set_state(tx, order.id, state.code(), next.code()).await?;
        self.tell_application(tx, trail, &order, Event::AbandonRefund)
            .await
    }

    /// The order now, and what goes back of the payment that credits it.
    pub(super) async fn standing(&self, tx: &mut Tx) -> Result<(OrderRow, Vec<Earlier>)> {
        let order = orders::order_by_id(tx, self.order.id)
            .await?
            .ok_or(Error::NotFound)?;
        let earlier = earlier(tx, order.id, order.credited_attempt.unwrap_or(0)).await?;
        Ok((order, earlier))
    }

    pub(super) async fn tell_application(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        order: &OrderRow,
        event: Event,
    ) -> Result<()> {
        let id = order.application_id;
        let row = application::store::application_by_id(tx, id).await?;
        if row.is_some_and(|row| row.payment == "refunding") {
            application::advance(tx, trail, &self.app, id, event, "").await?;
        }
        Ok(())
    }
}
