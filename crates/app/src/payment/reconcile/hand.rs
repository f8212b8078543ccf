//! 缴库: the money of a closed day as a file for the treasury, and that it was handed over.

use db::{Command, Lane, Query, Tx};
use domain::money::Fen;
use domain::payment::reconcile::account_like;
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;

use super::bill_store::{self as store, BillRow};
use super::hand_store::{self as hands, HandRow};
use super::{GONE, load, object};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::payment::store::AttemptRow;
use crate::{Ctx, Error, Object, Result, Stamp};

async fn closed(ctx: &Ctx, public_id: &str) -> Result<BillRow> {
    ctx.allow(Permission::Finance)?;
    let id = store::bill_id_of(&mut ctx.app.db().read(), public_id).await?;
    let bill = load(ctx, id.ok_or(Error::NotFound)?).await?;
    if bill.step != "closed" {
        return Err(Error::refused(
            "not_closed",
            "还不能缴库",
            "关账以后才能生成缴库文件。",
        ));
    }
    Ok(bill)
}

/// The payments of a closed day as a file.
///
/// # Errors
/// `Refused` for a day that isn't closed.
pub async fn treasury_file(ctx: &Ctx, public_id: &str, format: Format) -> Result<Copied> {
    let bill = closed(ctx, public_id).await?;
    let span = bill.span()?;
    take(ctx, &Rows { bill, span }, format).await
}

struct Rows {
    bill: BillRow,
    span: (i64, i64),
}

impl Listing for Rows {
    type Row = HandRow;
    type Place = (i64, i64);
    const NAME: &'static str = "缴库";
    const ACTION: &'static str = "payment.treasury_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("缴费单号", 20.0),
        ("缴款人", 12.0),
        ("报名序号", 18.0),
        ("考试", 40.0),
        ("支付时间", 20.0),
        ("渠道", 14.0),
        ("渠道交易号", 32.0),
        ("商户单号", 28.0),
        ("金额（元）", 14.0),
        ("手续费（元）", 14.0),
        ("已退（元）", 14.0),
        ("应缴（元）", 14.0),
    ];

    fn object(&self) -> Object {
        object(self.bill.id)
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "day": self.bill.day, "channel": self.bill.channel })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<(i64, i64)>,
    ) -> Result<(Vec<HandRow>, Option<(i64, i64)>)> {
        ctx.allow(Permission::Finance)?;
        let bill = &self.bill;
        let account = account_of(bill);
        let of = (bill.channel.as_str(), account.as_str());
        let from = from.unwrap_or((self.span.0 - 1, i64::MAX));
        let mut scan = ctx.app.db().scan(db::Crowd::Staff);
        let rows = hands::hand_rows(&mut scan, of, from, self.span.1, until(bill)).await?;
        debug_assert_eq!(CHUNK, 500, "the statement reads as many as a chunk has");
        let on = next(&rows, |row| (row.paid_at, row.id));
        Ok((rows, on))
    }

    fn cells(&self, ctx: &Ctx, row: &HandRow) -> Vec<Cell> {
        let yuan = |sum: i64| Cell::Number(Fen::new(sum).yuan());
        vec![
            Cell::text(row.order_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(row.registration_no.as_str()),
            Cell::text(row.exam.as_str()),
            second(row.paid_at),
            Cell::text(ctx.app.channels().name(&self.bill.channel)),
            Cell::text(row.channel_no.as_str()),
            Cell::text(row.merchant_no.as_str()),
            yuan(row.amount),
            yuan(row.fee),
            yuan(row.refunded),
            yuan(row.amount - row.refunded),
        ]
    }
}

/// Whether a payment was handed over to the treasury: with its day, as what credited an order by then.
pub(in crate::payment) async fn handed(q: &mut impl Query, attempt: &AttemptRow) -> Result<bool> {
    let Some(paid_at) = attempt.paid_at else {
        return Ok(false);
    };
    let early = super::is_early(&attempt.channel);
    let day = domain::payment::reconcile::date_of(paid_at, early).to_string();
    let account = account_like(&attempt.channel, &attempt.merchant);
    let of = (attempt.channel.as_str(), account.as_str(), day.as_str());
    let Some(at) = hands::handed_at(q, of).await? else {
        return Ok(false);
    };
    Ok(hands::credited_by(q, (attempt.order_id, attempt.id), at).await? > 0)
}

fn account_of(bill: &BillRow) -> String {
    account_like(&bill.channel, &bill.merchant)
}

/// Until when what went back is taken off.
fn until(bill: &BillRow) -> i64 {
    bill.handed_at.unwrap_or(i64::MAX)
}

/// What the file of a closed day comes to now, in 分.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn to_hand(ctx: &Ctx, bill: &BillRow) -> Result<i64> {
    ctx.allow(Permission::Finance)?;
    let account = account_of(bill);
    let of = (bill.channel.as_str(), account.as_str());
    let mut scan = ctx.app.db().scan(db::Crowd::Staff);
    Ok(hands::hand_total(&mut scan, of, bill.span()?).await?)
}

/// Says that the money of a closed day was handed over to the treasury, and how much: what its file comes to at this moment.
///
/// # Errors
/// `Refused` for a day that isn't closed, and while money of it is looked into or on its way back, which no file would have right; `Fields`
/// under `amount` for another sum; `Conflict` if somebody said so already.
pub async fn hand_over(ctx: &Ctx, public_id: &str, amount: &str) -> Result<()> {
    let bill = closed(ctx, public_id).await?;
    let amount =
        Fen::parse_yuan(amount).map_err(|error| Error::field("amount", error.to_string()))?;
    let command = Hand {
        stamp: Stamp::of(ctx),
        span: bill.span()?,
        bill,
        amount,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Hand {
    stamp: Stamp,
    span: (i64, i64),
    bill: BillRow,
    amount: Fen,
}

impl Command for Hand {
    const NAME: &'static str = "payment.hand_over";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let account = account_of(&self.bill);
        let of = (self.bill.channel.as_str(), account.as_str());
        if hands::bill_hand(tx, self.bill.id, self.amount.get(), by, at).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        // Two may still say that it counts, and then it would be on no file.
        if hands::undecided(tx, of, self.span).await? {
            return Err(Error::refused(
                "undecided",
                "还不能登记缴库",
                "这一天有收到的款正在核查，算不算收入还没有定。请先在异常单里由两人办理，再登记缴库。",
            ));
        }
        // The channel would send back what the treasury has.
        let moving = hands::hand_moving(tx, of, self.span).await?;
        if moving > 0 {
            return Err(Error::refused(
                "refunds_moving",
                "还不能登记缴库",
                format!(
                    "这一天的收款有 {moving} 笔退款正在办理，还不知道退不退得成。请等退款有了结果，重新导出缴库文件，再登记缴库。"
                ),
            ));
        }
        let total = hands::hand_total(tx, of, self.span).await?;
        if total != self.amount.get() {
            return Err(Error::field(
                "amount",
                format!(
                    "这一天现在应缴 {} 元。导出以后又有退款的，请重新导出缴库文件核对",
                    Fen::new(total).yuan()
                ),
            ));
        }
        let detail = json!({ "day": self.bill.day, "channel": self.bill.channel, "sum": total });
        self.stamp
            .trail()
            .audit(tx, "payment.hand_over", object(self.bill.id), detail)
            .await
    }
}
