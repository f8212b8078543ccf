//! 作废 (manual 1.2.3.3): the channel is asked before an order is given up.

use db::{Command, Lane, Tx};
use domain::payment::{OrderEvent, OrderState};
use serde_json::json;

use super::ask::{self, Closing};
use super::{attempt_state, order_state, pay, store};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Voids an order of the asking candidate. `Ok(false)`: it turned out to be paid, and stays.
///
/// # Errors
/// `Refused` while a payment is in doubt, or when the order isn't open.
pub async fn void(ctx: &Ctx, order: &str) -> Result<bool> {
    let account_id = ctx.candidate()?;
    let row = store::order_by_public_id(&mut ctx.app.db().read(), order)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    match ask::close_all(ctx, row.id).await? {
        Closing::Closed => {}
        Closing::Paid => return Ok(false),
        Closing::Doubt => return Err(pay::confirming()),
    }
    let command = Close {
        stamp: Stamp::of(ctx),
        order_id: row.id,
        event: OrderEvent::Void,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Voids or expires an order whose attempts are all final. `false`: it was paid meanwhile.
pub(super) struct Close {
    pub(super) stamp: Stamp,
    pub(super) order_id: i64,
    pub(super) event: OrderEvent,
}

impl Command for Close {
    const NAME: &'static str = "payment.close";
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let mut trail = self.stamp.trail();
        store::order_lock(tx, self.order_id).await?;
        let row = store::order_by_id(tx, self.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        let state = order_state(&row)?;
        if state == OrderState::Paid {
            return Ok(false);
        }
        for attempt in store::attempts_of(tx, row.id).await? {
            if !attempt_state(&attempt)?.is_final() {
                return Err(pay::confirming());
            }
        }
        let Ok((next, _)) = state.on(self.event) else {
            return Err(Error::Conflict("缴费单刚有变化，请看最新状态后再办理"));
        };
        store::order_set_state(tx, row.id, state.code(), next.code()).await?;
        store::order_close(tx, row.id, self.stamp.at.micros()).await?;
        let object = Object {
            kind: "payment_order",
            id: row.id,
            exam_id: row.exam_id,
        };
        let detail = json!({ "order_no": row.order_no, "state": next.code() });
        trail.audit(tx, "payment.void", object, detail).await?;
        Ok(true)
    }
}
