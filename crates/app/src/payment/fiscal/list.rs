//! The receipts that are there, those to be reversed, and the table of orders that have none.

use db::{Command, Crowd, Lane, Tx};
use domain::money::Fen;
use domain::payment::number;
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;

use super::super::store as orders;
use super::list_store::{self as lists, Asked, BareRow, ReceiptRow};
use super::{number_store, numbers, object, store};
use crate::copy::{CHUNK, Copied, Format, Listing, next, take};
use crate::{Ctx, Error, Object, Result, Stamp};

/// What is asked for. Empty and 0 mean any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// `exam.id`.
    pub exam_id: i64,
    /// `red` for those to be reversed, `reversed`.
    pub state: String,
    /// 缴费单号 or 票据号码, as typed.
    pub number: String,
}

/// A page of receipts, the newest orders first, from behind `from` on.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn list(
    ctx: &Ctx,
    search: &Search,
    from: Option<i64>,
    limit: i64,
) -> Result<Vec<ReceiptRow>> {
    ctx.allow(Permission::Finance)?;
    let typed = number::typed(&search.number);
    let ours = typed.starts_with("JF");
    let asked = Asked {
        exam_id: search.exam_id,
        state: &search.state,
        order_no: if ours { &typed } else { "" },
        number: if ours { "" } else { &typed },
        before: from.unwrap_or(i64::MAX),
        limit,
    };
    Ok(lists::receipts(&mut ctx.app.db().scan(Crowd::Staff), &asked).await?)
}

/// The receipts under a filter as a file.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export(ctx: &Ctx, search: &Search, format: Format) -> Result<Copied> {
    take(ctx, &Receipts(search), format).await
}

struct Receipts<'a>(&'a Search);

impl Listing for Receipts<'_> {
    type Row = ReceiptRow;
    type Place = i64;
    const NAME: &'static str = "财政电子票据";
    const ACTION: &'static str = "payment.fiscal_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("缴费单号", 20.0),
        ("缴款人", 12.0),
        ("考试", 40.0),
        ("票据代码", 14.0),
        ("票据号码", 16.0),
        ("校验码", 12.0),
        ("开票日期", 14.0),
        ("金额（元）", 14.0),
        ("已退（元）", 14.0),
        ("冲红", 14.0),
        ("红票号码", 16.0),
    ];

    fn object(&self) -> Object {
        object(0)
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "exam": self.0.exam_id, "state": self.0.state, "number": !self.0.number.is_empty() })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<ReceiptRow>, Option<i64>)> {
        let rows = list(ctx, self.0, from, CHUNK).await?;
        let on = next(&rows, |row| row.order_id);
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &ReceiptRow) -> Vec<Cell> {
        let yuan = |sum: i64| Cell::Number(Fen::new(sum).yuan());
        let red = if row.red_at.is_some() {
            "已冲红"
        } else if row.to_reverse() {
            "待冲红"
        } else {
            ""
        };
        vec![
            Cell::text(row.order_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(row.exam.as_str()),
            Cell::text(row.code.as_str()),
            Cell::text(row.number.as_str()),
            Cell::text(row.check_code.as_str()),
            Cell::text(row.issued_on.as_str()),
            yuan(row.amount),
            yuan(row.back),
            Cell::text(red),
            Cell::text(row.red_no.as_deref().unwrap_or_default()),
        ]
    }
}

/// The table to be filled in: paid orders that have no receipt, of an exam (0 for all).
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn template(ctx: &Ctx, exam_id: i64, format: Format) -> Result<Copied> {
    take(ctx, &Bare(exam_id), format).await
}

struct Bare(i64);

impl Listing for Bare {
    type Row = BareRow;
    type Place = i64;
    const NAME: &'static str = "待开票据";
    const ACTION: &'static str = "payment.fiscal_template";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("缴费单号", 20.0),
        ("缴款人", 12.0),
        ("收费项目", 44.0),
        ("金额（元）", 14.0),
        ("票据代码", 14.0),
        ("票据号码", 16.0),
        ("校验码", 12.0),
        ("开票日期", 14.0),
    ];

    fn object(&self) -> Object {
        object(0)
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "exam": self.0 })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<BareRow>, Option<i64>)> {
        ctx.allow(Permission::Finance)?;
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let rows = lists::bare(&mut scan, self.0, from.unwrap_or(0), CHUNK).await?;
        let on = next(&rows, |row| row.order_id);
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &BareRow) -> Vec<Cell> {
        vec![
            Cell::text(row.order_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(format!("考试考务费：{}", row.exam)),
            Cell::Number(Fen::new(row.left).yuan()),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
        ]
    }
}

/// Says that the receipt of a refunded order was reversed, by the number of the red one.
///
/// # Errors
/// `Fields` under `red_no`, also for a number that is used already; `Refused` for one that needn't be; `Conflict` if somebody said so
/// already.
pub async fn reverse(ctx: &Ctx, order_no: &str, red_no: &str) -> Result<()> {
    ctx.allow(Permission::Finance)?;
    let red_no: String = domain::text::to_half_width(red_no)
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    if !(6..=20).contains(&red_no.len()) || !red_no.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::field("red_no", "红票号码应为 6 至 20 位数字"));
    }
    let command = Reverse {
        stamp: Stamp::of(ctx),
        order_no: number::typed(order_no),
        red_no,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Reverse {
    stamp: Stamp,
    order_no: String,
    red_no: String,
}

impl Command for Reverse {
    const NAME: &'static str = "payment.fiscal_red";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let order = store::fit_by_no(tx, &self.order_no)
            .await?
            .ok_or(Error::NotFound)?;
        // A file may be bringing another receipt at this moment.
        orders::order_lock(tx, order.order_id).await?;
        let order = store::fit_by_id(tx, order.order_id)
            .await?
            .ok_or(Error::NotFound)?;
        let receipt = order.known()?.ok_or(Error::NotFound)?;
        if !order.settled().to_reverse(receipt.amount) {
            return Err(Error::refused(
                "not_to_reverse",
                "不用冲红",
                "这张票据的金额与现在的收款一致。",
            ));
        }
        let mut trail = self.stamp.trail();
        let who = (trail.actor_id(), trail.at().micros());
        let of = (order.order_id, order.version.unwrap_or(0));
        if number_store::receipt_red(tx, of, &self.red_no, who).await? == 0 {
            return Err(Error::Conflict("这张票据刚有变化，请刷新后再办理"));
        }
        let unfit = numbers::red_unfit(tx, order.order_id, &receipt.code, &self.red_no).await?;
        if let Some(message) = unfit {
            return Err(Error::field("red_no", message));
        }
        let red_no = self.red_no.as_str();
        match number_store::past_put(tx, order.order_id, &receipt, red_no, who.1).await {
            // Somebody says it of another receipt at this moment.
            Err(error) if error.violates("fiscal_past", &["code", "red_no"]) => {
                return Err(Error::field("red_no", "这个红票号码刚被登记，请核对"));
            }
            other => other?,
        };
        let object = Object {
            kind: "payment_order",
            id: order.order_id,
            exam_id: order.exam_id,
        };
        let detail =
            json!({ "order_no": order.order_no, "number": receipt.number, "red_no": self.red_no });
        trail.audit(tx, "payment.fiscal_red", object, detail).await
    }
}
