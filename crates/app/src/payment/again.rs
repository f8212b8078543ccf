//! Refunds that their channel couldn't carry out, sent again under their number once the reason is gone: our account was empty, the payer's
//! card can be reached. What a channel refused is asked for anew instead ([`super::request_again`]).

use db::{Command, Lane, Tx};
use domain::payment::{RefundEvent, RefundState};
use domain::staff::Permission;
use serde_json::json;

use super::book_store::{self as store, RefundRow};
use super::{refund_state, work};
use crate::{Ctx, Error, Object, Result, Stamp};

const GONE: Error = Error::Conflict("这笔退款刚有变化，请刷新查看");

async fn find(ctx: &Ctx, public_id: &str) -> Result<RefundRow> {
    ctx.allow(Permission::Finance)?;
    store::refund_by_public_id(&mut ctx.app.db().read(), public_id)
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
        let was = refund_state(row)?;
        let next = was.on(RefundEvent::Retry).map_err(|_| GONE)?;
        let now = Some(trail.at().micros());
        if store::refund_set_state(tx, row.id, row.version, next.code(), now).await? == 0 {
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
