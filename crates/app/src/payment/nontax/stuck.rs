//! A line that can't be settled: finance is asked about it, once, and it waits for the answer.

use db::{Command, Lane, Tx};
use serde_json::json;

use super::super::store as orders;
use super::super::ticket::store as tickets;
use super::super::ticket::{self, Ticket};
use super::super::work;
use super::{CHANNEL, store};
use crate::{Ctx, Error, Result, Stamp};

/// What the question is among the 异常单.
pub(in crate::payment) const KIND: &str = "list_line";
/// What has become of the line until it is answered.
const OUTCOME: &str = "stuck";
/// So many are open at most. Where more lines fail they fail alike: what mends those mends the others, which are tried in every round.
const MOST: i64 = 20;

/// Asks about a line that fails by itself, not for trouble with the database. `false`: nobody can be asked about another one now.
pub(super) async fn ask(ctx: &Ctx, of: (i64, i64), error: &Error) -> bool {
    let command = Ask {
        stamp: Stamp::of(ctx),
        of,
        why: why(error),
    };
    match ctx.app.db().write(Lane::Background, command).await {
        Ok(more) => more,
        Err(error) => {
            tracing::warn!(batch = of.0, line = of.1, %error, "nobody can be asked about a line");
            true
        }
    }
}

/// Why it fails, in the words of finance.
fn why(error: &Error) -> String {
    match error {
        Error::Refused(no) => no.title.clone(),
        Error::Conflict(_) => "缴费单或者报名一直有变化".to_owned(),
        _ => "系统出错，请联系系统管理员查看运行日志".to_owned(),
    }
}

struct Ask {
    stamp: Stamp,
    of: (i64, i64),
    why: String,
}

impl Command for Ask {
    const NAME: &'static str = "payment.nontax_stuck";
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let (batch_id, line) = self.of;
        let Some((order_id, code, amount, _, voucher)) =
            store::row_open(tx, batch_id, line).await?
        else {
            return Ok(true);
        };
        orders::order_lock(tx, order_id).await?;
        let number = format!("{code}:{voucher}");
        // Another list may have told of the same payment. Who answers at this moment sees this line as well, or it is asked about anew.
        let asked = tickets::discrepancy_keep(tx, KIND, &number).await?;
        if !asked && tickets::discrepancies_counted(tx, KIND).await? >= MOST {
            return Ok(false);
        }
        // Another worker may have been faster.
        if store::row_settled(tx, batch_id, line, OUTCOME).await? == 0 || asked {
            return Ok(true);
        }
        let detail = format!(
            "到账清单第 {line} 行（凭证号 {voucher}）没能入账：{}。处理好以后写明结果结案，系统会再次入账",
            self.why
        );
        let ticket = Ticket {
            kind: KIND,
            channel: CHANNEL,
            number: &number,
            order_id,
            amount,
            detail: &detail,
            urgent: false,
        };
        let told = json!({ "kind": KIND, "order": order_id });
        ticket::open(tx, &mut self.stamp.trail(), &ticket, told).await?;
        Ok(true)
    }
}

/// Somebody answered: what the question was about is tried again, and asked about again if it still fails.
pub(in crate::payment) async fn try_again(
    tx: &mut Tx,
    (order_id, number): (i64, &str),
) -> Result<()> {
    store::rows_again(tx, order_id, number).await?;
    tx.wake(work::TOPIC);
    Ok(())
}
