//! What the books learn of a day that is over: a day that was compared already is compared again; one that is closed stands still, and a
//! person hears of it.

use db::Tx;
use domain::money::Fen;
use domain::payment::reconcile::date_of;
use serde_json::json;

use super::revenue_store as revenues;
use super::step_store as steps;
use super::{GONE, SETTLING, is_early};
use crate::payment::store::OrderRow;
use crate::payment::ticket::{self, Ticket};
use crate::{Error, Result, Trail};

/// The ticket of money that came for a day that was closed.
const AFTER_CLOSE: &str = "paid_after_close";

/// What moved at a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::payment) enum Moved {
    /// Money came.
    Came,
    /// It went back.
    Back,
    /// It had never come.
    Undone,
}

/// A movement at a channel that was booked now.
#[derive(Debug, Clone, Copy)]
pub(in crate::payment) struct Booked<'a> {
    pub order: &'a OrderRow,
    pub channel: &'a str,
    /// Our number of the attempt or of the refund.
    pub number: &'a str,
    pub what: Moved,
    pub amount: i64,
    /// When, by the channel's clock, in microseconds.
    pub at: i64,
    /// Whether a line of a bill proved it.
    pub by_bill: bool,
}

/// Keeps the day of a movement right.
///
/// # Errors
/// `Conflict` if the day is being closed right now: the same again finds it closed.
pub(in crate::payment) async fn booked(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    it: &Booked<'_>,
) -> Result<()> {
    let day = date_of(it.at, is_early(it.channel));
    // Nearly all of them: no bill of today is compared yet.
    if day >= trail.at().date() {
        return Ok(());
    }
    let Some(bill) = steps::bill_standing(tx, it.channel, &day.to_string()).await? else {
        return Ok(());
    };
    // It is a comparison that settles this, and before ours is compared. The day is held until the commit: it doesn't go on to ours without it.
    if it.by_bill && steps::bill_settling(tx, bill.id, SETTLING).await? == 1 {
        return Ok(());
    }
    match bill.step.as_str() {
        "waiting" => return Ok(()),
        "closed" => {}
        _ => {
            let at = trail.at().micros();
            return match steps::bill_stale(tx, bill.id, at).await? {
                0 => Err(Error::Conflict(GONE)),
                _ => Ok(()),
            };
        }
    }
    let sums = match it.what {
        Moved::Came => [1, it.amount, 0, 0],
        Moved::Back => [0, 0, 1, it.amount],
        Moved::Undone => [-1, -it.amount, 0, 0],
    };
    revenues::revenue_add(tx, (bill.id, bill.run), it.order.exam_id, sums).await?;
    let what = match it.what {
        Moved::Came => "又收到",
        Moved::Undone => "经核查没有收到",
        // The day's bill lists it, and what isn't handed over yet is reckoned when it is.
        Moved::Back => return Ok(()),
    };
    let then = match (bill.handed_at, it.what) {
        (None, _) => "收入已更正；这一天还没有缴库，缴库文件按更正后的生成",
        (Some(_), Moved::Came) => "收入已更正；这一天已经缴库，请另行补缴",
        (Some(_), _) => "收入已更正；这一天已经缴库，请与财政部门核对多缴的款",
    };
    let detail = format!(
        "{day} 已关账，{what} {} 元。{then}",
        Fen::new(it.amount).yuan()
    );
    let ticket = Ticket {
        kind: AFTER_CLOSE,
        channel: it.channel,
        number: it.number,
        order_id: it.order.id,
        amount: it.amount,
        detail: &detail,
        urgent: true,
    };
    let told = json!({ "kind": AFTER_CLOSE, "bill": bill.id, "order": it.order.id });
    ticket::open(tx, trail, &ticket, told).await?;
    Ok(())
}
