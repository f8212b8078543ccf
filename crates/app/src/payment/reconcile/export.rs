//! Days, differences and lines as files, under the filters that the lists show.

use domain::money::Fen;
use domain::payment::reconcile::{Class, Kind};
use domain::sheet::Cell;
use serde_json::json;

use super::office::{Place, Search, findings, lines, list};
use super::{BillRow, FindingRow, LineRow, object};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

fn yuan(sum: i64) -> Cell {
    Cell::Number(Fen::new(sum).yuan())
}

/// The days under a filter.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export_bills(ctx: &Ctx, search: &Search, format: Format) -> Result<Copied> {
    take(ctx, &Bills(search), format).await
}

struct Bills<'a>(&'a Search);

/// What people read of where a day stands.
pub(super) fn step_label(row: &BillRow) -> &'static str {
    match row.step.as_str() {
        "waiting" => "等待账单",
        "open" if row.findings == 0 && row.equation().rest() == 0 => "已对平",
        "open" => "有差异",
        "asked" => "待签字",
        "closed" => "已关账",
        _ => "正在比对",
    }
}

impl BillRow {
    /// What people read of where it stands.
    pub fn label(&self) -> &'static str {
        step_label(self)
    }
}

impl Listing for Bills<'_> {
    type Row = BillRow;
    type Place = Place;
    const NAME: &'static str = "对账";
    const ACTION: &'static str = "payment.bills_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("日期", 12.0),
        ("渠道", 14.0),
        ("状态", 12.0),
        ("账单收款笔数", 14.0),
        ("账单收款（元）", 16.0),
        ("账单退款笔数", 14.0),
        ("账单退款（元）", 16.0),
        ("手续费（元）", 14.0),
        ("本系统收款笔数", 16.0),
        ("本系统收款（元）", 18.0),
        ("本系统退款笔数", 16.0),
        ("本系统退款（元）", 18.0),
        ("差异笔数", 12.0),
        ("已说明的差额（元）", 18.0),
        ("未说明的差额（元）", 18.0),
        ("提请人", 12.0),
        ("签字人", 12.0),
        ("关账时间", 20.0),
    ];

    fn object(&self) -> Object {
        object(0)
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "channel": self.0.channel, "group": self.0.group })
    }

    async fn page(&self, ctx: &Ctx, from: Option<Place>) -> Result<(Vec<BillRow>, Option<Place>)> {
        let rows = list(ctx, self.0, from.as_ref(), CHUNK).await?;
        let on = next(&rows, |row| (row.day.clone(), row.id));
        Ok((rows, on))
    }

    fn cells(&self, ctx: &Ctx, row: &BillRow) -> Vec<Cell> {
        let number = |count: i64| Cell::Number(count.to_string());
        let name = |name: &Option<String>| Cell::text(name.as_deref().unwrap_or_default());
        vec![
            Cell::text(row.day.as_str()),
            Cell::text(ctx.app.channels().name(&row.channel)),
            Cell::text(row.label()),
            number(row.payments),
            yuan(row.paid),
            number(row.refunds),
            yuan(row.refunded),
            yuan(row.fee),
            number(row.our_payments),
            yuan(row.our_paid),
            number(row.our_refunds),
            yuan(row.our_refunded),
            number(row.findings),
            yuan(row.named),
            yuan(row.equation().rest()),
            name(&row.asker),
            name(&row.closer),
            second(row.closed_at.unwrap_or(0)),
        ]
    }
}

/// The open differences of a day, of one class or of all (empty).
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export_findings(
    ctx: &Ctx,
    bill: &BillRow,
    class: &str,
    format: Format,
) -> Result<Copied> {
    take(ctx, &Findings(bill, class), format).await
}

struct Findings<'a>(&'a BillRow, &'a str);

impl Listing for Findings<'_> {
    type Row = FindingRow;
    type Place = i64;
    const NAME: &'static str = "对账差异";
    const ACTION: &'static str = "payment.bill_findings_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("类别", 28.0),
        ("收款或退款", 12.0),
        ("账单行", 10.0),
        ("渠道单号", 32.0),
        ("商户单号或退款单号", 28.0),
        ("缴费单号", 20.0),
        ("账单金额（元）", 16.0),
        ("本系统金额（元）", 16.0),
        ("差额（元）", 14.0),
        ("另一日", 12.0),
        ("时间", 20.0),
        ("异常单", 12.0),
        ("负责人", 12.0),
    ];

    fn object(&self) -> Object {
        object(self.0.id)
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "class": self.1 })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<FindingRow>, Option<i64>)> {
        let rows = findings(ctx, self.0.id, self.1, from.unwrap_or(0), CHUNK).await?;
        let on = next(&rows, |row| row.id);
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &FindingRow) -> Vec<Cell> {
        let text = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or_default());
        vec![
            Cell::text(Class::from_code(&row.class).map_or("", Class::label)),
            Cell::text(Kind::from_code(&row.kind).map_or("", Kind::label)),
            if row.seq > 0 {
                Cell::Number(row.seq.to_string())
            } else {
                Cell::Empty
            },
            Cell::text(row.channel_no.as_str()),
            Cell::text(row.our_no.as_str()),
            text(&row.order_no),
            yuan(row.bill_amount),
            yuan(row.our_amount),
            yuan(row.delta),
            Cell::text(row.other_day.as_str()),
            second(row.at),
            Cell::text(match row.ticket_state.as_deref() {
                Some("open") => "待核查",
                Some(_) => "已核查",
                None => "",
            }),
            text(&row.owner),
        ]
    }
}

/// The lines of a day's bill.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export_lines(ctx: &Ctx, bill: &BillRow, format: Format) -> Result<Copied> {
    take(ctx, &Lines(bill), format).await
}

struct Lines<'a>(&'a BillRow);

impl Listing for Lines<'_> {
    type Row = LineRow;
    type Place = i64;
    const NAME: &'static str = "账单明细";
    const ACTION: &'static str = "payment.bill_lines_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("账单行", 10.0),
        ("收款或退款", 12.0),
        ("渠道单号", 32.0),
        ("商户单号或退款单号", 28.0),
        ("金额（元）", 14.0),
        ("手续费（元）", 14.0),
        ("时间", 20.0),
        ("比对结果", 28.0),
    ];

    fn object(&self) -> Object {
        object(self.0.id)
    }

    fn filter(&self) -> serde_json::Value {
        json!({})
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<LineRow>, Option<i64>)> {
        let rows = lines(ctx, self.0, from.unwrap_or(0), CHUNK).await?;
        let on = next(&rows, |row| row.seq);
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &LineRow) -> Vec<Cell> {
        vec![
            Cell::Number(row.seq.to_string()),
            Cell::text(Kind::from_code(&row.kind).map_or("", Kind::label)),
            Cell::text(row.channel_no.as_str()),
            Cell::text(row.our_no.as_str()),
            yuan(row.amount),
            yuan(row.fee),
            second(row.at),
            Cell::text(row.label()),
        ]
    }
}

impl LineRow {
    /// What people read of how it matches.
    pub fn label(&self) -> &'static str {
        match &self.class {
            Some(code) => Class::from_code(code).map_or("", Class::label),
            None => "一致",
        }
    }
}
