//! Refunds that came to nothing at their channel: sent again under their number once the reason is gone (our account was empty, the
//! payer's card can be reached), or asked for anew where it refused.

use db::{Command, Lane, Tx};
use domain::payment::{OrderState, RefundEvent, RefundReason, RefundState};
use domain::staff::Permission;
use serde_json::json;

use super::super::store as orders;
use super::super::{hold, offline, order_state, refund_state, work};
use super::store::{self as refunds, RefundRow};
use crate::{Ctx, Error, Object, Result, Stamp};

const GONE: Error = Error::Conflict("这笔退款刚有变化，请刷新查看");

async fn find(ctx: &Ctx, public_id: &str) -> Result<RefundRow> {
    ctx.allow(Permission::Finance)?;
    refunds::refund_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// Sends a refund again that its channel couldn't carry out: it was approved, and keeps its number, so that the channel pays once.
///
/// # Errors
/// `Refused` for any other refund.
pub async fn send_again(ctx: &Ctx, refund: &str) -> Result<()> {
    let row = find(ctx, refund).await?;
    if refund_state(&row)? != RefundState::Abnormal {
        return Err(Error::refused(
            "not_abnormal",
            "不能再次提交",
            "只有渠道暂时退不了的退款可以再次提交。",
        ));
    }
    let command = SendAgain {
        stamp: Stamp::of(ctx),
        row,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct SendAgain {
    stamp: Stamp,
    row: RefundRow,
}

impl Command for SendAgain {
    const NAME: &'static str = "payment.refund_send_again";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = &self.row;
        orders::order_lock(tx, row.order_id).await?;
        offline::nothing_entered(tx, row.order_id).await?;
        let was = refund_state(row)?;
        let next = was.on(RefundEvent::Retry).map_err(|_| GONE)?;
        let now = Some(trail.at().micros());
        if refunds::refund_set_state(tx, row.id, row.version, next.code(), now).await? == 0 {
            return Err(GONE);
        }
        tx.wake(work::TOPIC);
        let object = Object {
            kind: "refund",
            id: row.id,
            exam_id: 0,
        };
        let detail = json!({ "refund_no": row.refund_no, "from": was.code(), "to": next.code() });
        trail
            .audit(tx, "payment.refund_again", object, detail)
            .await
    }
}

/// The first person asks anew for money that credits nothing and that its channel didn't send back, as a new refund.
///
/// # Errors
/// `Refused` when nothing of it is left here, or its order is looked into.
pub async fn request_again(ctx: &Ctx, refund: &str) -> Result<()> {
    let command = Again {
        stamp: Stamp::of(ctx),
        row: find(ctx, refund).await?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Again {
    stamp: Stamp,
    row: RefundRow,
}

impl Command for Again {
    const NAME: &'static str = "payment.request_again";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let row = &self.row;
        orders::order_lock(tx, row.order_id).await?;
        let order = orders::order_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        if order_state(&order)? == OrderState::Hold {
            return Err(Error::refused(
                "on_hold",
                "缴费单正在核查",
                "这笔款怎么办，请在异常单里由两人办理。",
            ));
        }
        offline::nothing_entered(tx, order.id).await?;
        let attempts = orders::attempts_of(tx, order.id).await?;
        let refunds = refunds::refunds_of(tx, order.id).await?;
        let attempt = attempts.iter().find(|one| one.id == row.attempt_id);
        let attempt = attempt.ok_or(Error::inconsistent("refund.attempt_id"))?;
        let left = hold::kept_of(attempt, &refunds)?;
        let reason = RefundReason::from_code(&row.reason);
        let (true, Some(reason)) = (left > 0, reason) else {
            return Err(Error::refused(
                "not_refundable",
                "不能申请退款",
                "这笔收款已退回，或者已有退款在办理。",
            ));
        };
        let how = (reason, self.stamp.actor_id(), false);
        let mut trail = self.stamp.trail();
        super::insert(tx, &mut trail, (order.id, attempt.id), left, how).await?;
        Ok(())
    }
}
