//! Rows of confirmed files become receipts, one by one.

use db::{Command, Crowd, Lane, Tx};
use domain::payment::fiscal::Change;
use domain::payment::number::grouped;
use serde_json::json;

use super::super::store as orders;
use super::numbers::{Stand, stand};
use super::store::{self, FitRow};
use super::{number_store, receipt};
use crate::message::{self, Notice};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Rows taken over in one round of the timer.
const ROUND: i64 = 100;

/// Takes rows over; how many.
pub(in crate::payment) async fn apply_due(ctx: &Ctx) -> Result<usize> {
    let due = store::rows_due(&mut ctx.app.db().scan(Crowd::System), ROUND).await?;
    let mut done = 0;
    for of in &due {
        let command = Take {
            app: ctx.app.clone(),
            stamp: Stamp::of(ctx),
            of: *of,
        };
        match ctx.app.db().write(Lane::Background, command).await {
            Ok(()) => done += 1,
            Err(Error::Conflict(_)) => {}
            Err(error) => {
                tracing::warn!(import = of.0, line = of.1, %error, "a receipt can't be taken over");
            }
        }
    }
    Ok(done)
}

struct Take {
    app: App,
    stamp: Stamp,
    of: (i64, i64),
}

impl Command for Take {
    const NAME: &'static str = "payment.fiscal_take";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        // First: of two who take over its last rows at once, neither would see what the other has done, and it would stay open for ever.
        if store::import_hold(tx, self.of.0).await? == 0 {
            return Ok(());
        }
        let Some(row) = store::row_open(tx, self.of).await? else {
            return Ok(());
        };
        orders::order_lock(tx, row.order_id).await?;
        let order = store::fit_by_id(tx, row.order_id)
            .await?
            .ok_or(Error::inconsistent("fiscal_row.order_id"))?;
        let told = receipt(
            &row.code,
            &row.number,
            &row.check_code,
            &row.issued_on,
            row.amount,
        )?;
        let known = order.known()?;
        let change = Change::of(&told, known.as_ref());
        // The order may have been refunded, and the number used or given up, since the file was looked at.
        let outcome = match stand(tx, row.order_id, &told).await? {
            _ if change == Change::Same => "same",
            Stand::Past => "same",
            Stand::Free if order.fit(&told, known.as_ref()).is_ok() => "taken",
            Stand::Free | Stand::Taken(_) => "left_out",
        };
        store::row_done(tx, self.of, outcome).await?;
        store::import_done(tx, self.of.0).await?;
        if outcome != "taken" {
            return Ok(());
        }
        let mut trail = self.stamp.trail();
        let of = (order.order_id, order.exam_id, self.of.0);
        number_store::receipt_put(tx, of, &told, trail.at().micros()).await?;
        // Another order may have had the number, reversed, since it was looked at above; from here on none can take it.
        if stand(tx, row.order_id, &told).await? != Stand::Free {
            return Err(Error::Conflict("这个票据号码刚被用过"));
        }
        let object = Object {
            kind: "payment_order",
            id: order.order_id,
            exam_id: order.exam_id,
        };
        let before = known.as_ref().map(|known| {
            json!({ "code": known.code, "number": known.number, "check": known.check,
                    "issued_on": known.issued_on.to_string(), "amount": known.amount.get(), "red_no": order.red_no })
        });
        let detail = json!({
            "order_no": order.order_no, "code": told.code, "number": told.number, "check": told.check,
            "issued_on": told.issued_on.to_string(), "amount": told.amount.get(), "before": before,
        });
        trail
            .audit(tx, "payment.fiscal_receipt", object, detail)
            .await?;
        let notice = notice(&order, &told, change);
        message::notify(tx, &mut trail, &self.app, order.account_id, &notice).await
    }
}

fn notice(order: &FitRow, told: &domain::payment::fiscal::Receipt, change: Change) -> Notice {
    let (title, what) = match change {
        Change::Changed => ("财政电子票据已更正", "的财政电子票据已更正，以这次的为准"),
        _ => ("财政电子票据已开具", "的财政电子票据已开具"),
    };
    Notice {
        kind: "payment",
        title: title.to_owned(),
        body: format!(
            "缴费单 {} {what}：票据代码 {}，票据号码 {}，校验码 {}，金额 {} 元。可在缴费单页面查看。",
            grouped(&order.order_no),
            told.code,
            told.number,
            told.check,
            told.amount.yuan()
        ),
        link: format!("/payments/{}", order.public_id),
        sms: None,
    }
}
