//! Refunds by two people of finance: one asks, another decides.

use db::{Command, Crowd, Lane, Tx};
use domain::application::Event;
use domain::payment::{OrderState, RefundReason, RefundState};
use domain::staff::Permission;
use serde_json::json;

use super::super::store as orders;
use super::super::{by_another, offline, refund_state, work};
use super::store::{self as refunds, RefundRow, WaitingRefund};
use crate::application;
use crate::{App, Ctx, Error, Object, Result, Stamp, waiver};

/// Refunds shown at once.
const WAITING: i64 = 50;

/// The refunds that wait for the asker's word: somebody else asked for them.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn refunds_waiting(ctx: &Ctx) -> Result<Vec<WaitingRefund>> {
    ctx.allow(Permission::Finance)?;
    let staff = ctx.staff()?.id;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(refunds::refunds_waiting(&mut scan, staff, WAITING).await?)
}

/// The first person of finance asks for the whole sum of a paid order to go back.
///
/// # Errors
/// `Fields` under `reason`; `Refused` when nothing is left to refund.
pub async fn request_refund(ctx: &Ctx, order: &str, reason: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let allowed = [
        RefundReason::Agency,
        RefundReason::Waived,
        RefundReason::Cancelled,
    ];
    let reason = RefundReason::from_code(reason).filter(|reason| allowed.contains(reason));
    let reason = reason.ok_or_else(|| Error::field("reason", "请选择退款原因"))?;
    let row = orders::order_by_public_id(&mut ctx.app.db().read(), order).await?;
    let command = Request {
        stamp: Stamp::of(ctx),
        order_id: row.ok_or(Error::NotFound)?.id,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Request {
    stamp: Stamp,
    order_id: i64,
    reason: RefundReason,
}

impl Command for Request {
    const NAME: &'static str = "payment.request_refund";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        orders::order_lock(tx, self.order_id).await?;
        let order = orders::order_by_id(tx, self.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        let attempt = order
            .credited_attempt
            .filter(|_| order.state == OrderState::Paid.code());
        let Some(attempt) = attempt else {
            return Err(Error::refused(
                "not_refundable",
                "不能退款",
                "只有已支付的缴费单可以申请退款。",
            ));
        };
        offline::nothing_entered(tx, order.id).await?;
        let left = super::left_of(tx, &order, attempt).await?;
        let left = match self.reason {
            // What a channel didn't send back of a part that was waived, not the whole.
            RefundReason::Waived => {
                let refunds = refunds::refunds_of(tx, order.id).await?;
                let owed = waiver::owed_back(tx, order.application_id, &refunds).await?;
                // Without a waiver it would be the whole sum, and the second person would read that the application stays.
                let owed = owed.filter(|owed| *owed > 0).ok_or_else(|| {
                    Error::field(
                        "reason",
                        "这张缴费单没有要退的减免。减免由考生申请，在减免申请里办理；要退全款的请选其他原因",
                    )
                })?;
                owed.min(left)
            }
            _ => left,
        };
        let how = (self.reason, self.stamp.actor_id(), false);
        super::insert(tx, &mut trail, (order.id, attempt), left, how).await?;
        Ok(())
    }
}

/// The second person approves or refuses a refund; what he saw, or why not, is kept.
///
/// # Errors
/// `Refused` for the person who asked; `Fields` under `note` for a refusal without a reason.
pub async fn decide_refund(ctx: &Ctx, refund: &str, approve: bool, note: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let row = refunds::refund_by_public_id(&mut ctx.app.db().read(), refund).await?;
    let row = row.ok_or(Error::NotFound)?;
    let command = Decide {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        row,
        approve,
        note: crate::reason::second_word(note, approve, 500, "不批准")?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    app: App,
    stamp: Stamp,
    row: RefundRow,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "payment.decide_refund";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        by_another(self.row.requested_by, by, "审批", "申请退款和审批退款")?;
        orders::order_lock(tx, self.row.order_id).await?;
        let row = refunds::refund_by_id(tx, self.row.id)
            .await?
            .ok_or(Error::NotFound)?;
        if refund_state(&row)? != RefundState::Requested {
            return Err(Error::Conflict("这笔退款已有结果，请刷新查看"));
        }
        let object = Object {
            kind: "refund",
            id: row.id,
            exam_id: 0,
        };
        let detail =
            json!({ "refund_no": row.refund_no, "approve": self.approve, "note": self.note });
        trail
            .audit(tx, "payment.decide_refund", object, detail)
            .await?;
        if !self.approve {
            refunds::refund_drop(tx, (row.id, row.version), Some(by), &self.note, at).await?;
            let order = orders::order_by_id(tx, row.order_id)
                .await?
                .ok_or(Error::NotFound)?;
            return waiver::decided(tx, &mut trail, &self.app, (&order, &row), false).await;
        }
        offline::nothing_entered(tx, row.order_id).await?;
        super::check_covered(tx, &row).await?;
        refunds::refund_approve(tx, row.id, by, &self.note, at).await?;
        tx.wake(work::TOPIC);
        let order = orders::order_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        if order.credited_attempt != Some(row.attempt_id) {
            return Ok(());
        }
        super::start(tx, &order).await?;
        waiver::decided(tx, &mut trail, &self.app, (&order, &row), true).await?;
        let id = order.application_id;
        let paid = application::store::application_by_id(tx, id).await?;
        // A part that goes back leaves the rest paid.
        let whole = super::goes_back(tx, &order, row.attempt_id).await?;
        if whole && paid.is_some_and(|row| row.payment == "paid") {
            application::advance(tx, &mut trail, &self.app, id, Event::StartRefund, "").await?;
        }
        Ok(())
    }
}
