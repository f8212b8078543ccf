//! 退库: refunds of money that was handed over to the treasury (payments §8, `offline_treasury`). No channel can send it back.
//!
//! Such a refund is asked for and approved like any other. Where the timer would send it ([`rest`]) it waits for a list instead: somebody
//! makes one ([`make`]), takes it to the fiscal office as a file ([`export`]), and enters day and voucher once it was paid back
//! ([`enter`]); another person confirms ([`decide`]), and the timer settles it refund by refund ([`settle_due`]). What the fiscal office
//! doesn't pay is taken off first ([`take_off`]), and is on the next list.

mod export;
mod list;
mod paid;
mod store;

pub use export::export;
pub use list::{Treasury, lines, list, make, overview, take_off};
pub(super) use paid::settle_due;
pub use paid::{decide, enter};
pub use store::{LineRow, ListRow};

use db::{Command, Lane, Tx};
use domain::money::Fen;
use serde_json::json;

use super::reconcile;
use super::refund::store::RefundRow;
use super::store::{self as orders, AttemptRow, OrderRow};
use crate::message::{self, Notice};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// How such a refund goes.
pub(super) const METHOD: &str = "offline_treasury";

/// What the losers of a race read.
const GONE: &str = "清单刚有变化，请刷新后再办理";

fn object(id: i64) -> Object {
    Object {
        kind: "treasury_list",
        id,
        exam_id: 0,
    }
}

/// Whether a refund is of money that was handed over; then it waits for a list, and no channel hears of it.
pub(super) async fn rest(
    ctx: &Ctx,
    refund: &RefundRow,
    order: &OrderRow,
    attempt: &AttemptRow,
) -> Result<bool> {
    if !reconcile::handed(&mut ctx.app.db().read(), attempt).await? {
        return Ok(false);
    }
    let command = Rest {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        refund: refund.clone(),
        order: order.clone(),
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(true)
}

struct Rest {
    app: App,
    stamp: Stamp,
    refund: RefundRow,
    order: OrderRow,
}

impl Command for Rest {
    const NAME: &'static str = "payment.treasury_rest";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (refund, order) = (&self.refund, &self.order);
        let mut trail = self.stamp.trail();
        orders::order_lock(tx, order.id).await?;
        if store::refund_by_treasury(tx, refund.id, refund.version).await? == 0 {
            // Another worker was faster.
            return Ok(());
        }
        let at = trail.at().micros();
        store::line_insert(tx, (refund.id, order.id), refund.amount, at).await?;
        let object = Object {
            kind: "refund",
            id: refund.id,
            exam_id: order.exam_id,
        };
        let detail = json!({ "refund_no": refund.refund_no, "method": METHOD });
        trail
            .audit(tx, "payment.treasury_rest", object, detail)
            .await?;
        let number = domain::payment::number::grouped(&order.order_no);
        let notice = Notice {
            kind: "payment",
            title: "退款由财政部门退库".to_owned(),
            body: format!(
                "缴费单 {number} 的退款 {} 元已批准。这笔费用已缴入国库，不能原路退回，由财政部门退到您的账户，时间会长一些，进度请看缴费单。",
                Fen::new(refund.amount).yuan()
            ),
            link: format!("/payments/{}", order.public_id),
            sms: None,
        };
        message::notify(tx, &mut trail, &self.app, order.account_id, &notice).await
    }
}
