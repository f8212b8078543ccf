//! 异常单 as a file, under the filter that the list shows.

use domain::money::Fen;
use domain::sheet::Cell;
use serde_json::json;

use super::DiscrepancyRow;
use super::list::{Mismatches, discrepancy_title, mismatches};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

/// The discrepancies under a filter, in the order of the list.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export(ctx: &Ctx, asked: &Mismatches, format: Format) -> Result<Copied> {
    take(ctx, &Rows(asked), format).await
}

struct Rows<'a>(&'a Mismatches);

impl Listing for Rows<'_> {
    type Row = DiscrepancyRow;
    type Place = i64;
    const NAME: &'static str = "异常单";
    const ACTION: &'static str = "payment.discrepancies_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("时间", 20.0),
        ("类别", 24.0),
        ("渠道", 14.0),
        ("缴费单号", 20.0),
        ("商户单号或退款单号", 28.0),
        ("金额（元）", 12.0),
        ("情况", 48.0),
        ("负责人", 12.0),
        ("核查结果", 48.0),
        ("核查人", 12.0),
        ("核查时间", 20.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "discrepancy",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "state": self.0.state, "kind": self.0.kind, "not": self.0.other, "owner": self.0.owner })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<i64>,
    ) -> Result<(Vec<DiscrepancyRow>, Option<i64>)> {
        let rows = mismatches(ctx, self.0, from, CHUNK).await?;
        let on = next(&rows, |row| row.id);
        Ok((rows, on))
    }

    fn cells(&self, ctx: &Ctx, row: &DiscrepancyRow) -> Vec<Cell> {
        let text = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or_default());
        vec![
            second(row.created_at),
            Cell::text(discrepancy_title(&row.kind)),
            Cell::text(ctx.app.channels().name(&row.channel)),
            text(&row.order_no),
            Cell::text(row.merchant_no.as_str()),
            Cell::Number(Fen::new(row.amount).yuan()),
            Cell::text(row.detail.as_str()),
            text(&row.owner),
            Cell::text(row.note.as_str()),
            text(&row.resolver),
            second(row.resolved_at.unwrap_or(0)),
        ]
    }
}
