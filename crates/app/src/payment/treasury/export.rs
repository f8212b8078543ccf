//! A list as a file, for the fiscal office.

use domain::money::Fen;
use domain::payment::RefundReason;
use domain::sheet::Cell;
use serde_json::json;

use super::object;
use super::store::{LineRow, ListRow};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

/// The refunds of a list.
///
/// # Errors
/// `NotFound`.
pub async fn export(ctx: &Ctx, public_id: &str, format: Format) -> Result<Copied> {
    let list = super::list(ctx, public_id).await?;
    take(ctx, &Rows(list), format).await
}

struct Rows(ListRow);

impl Listing for Rows {
    type Row = LineRow;
    type Place = i64;
    const NAME: &'static str = "退库清单";
    const ACTION: &'static str = "payment.treasury_lines_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("缴费单号", 20.0),
        ("缴款人", 12.0),
        ("收费项目", 44.0),
        ("退款金额（元）", 14.0),
        ("退款原因", 16.0),
        ("原支付渠道", 14.0),
        ("渠道交易号", 32.0),
        ("商户单号", 28.0),
        ("支付时间", 20.0),
        ("退款单号", 28.0),
        ("申请人", 12.0),
        ("审批人", 12.0),
    ];

    fn object(&self) -> Object {
        object(self.0.id)
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "list": self.0.public_id, "rows": self.0.rows })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<LineRow>, Option<i64>)> {
        let rows = super::lines(ctx, self.0.id, from.unwrap_or(0), CHUNK).await?;
        let on = next(&rows, |row| row.refund_id);
        Ok((rows, on))
    }

    fn cells(&self, ctx: &Ctx, row: &LineRow) -> Vec<Cell> {
        let reason = RefundReason::from_code(&row.reason).map_or("退款", RefundReason::label);
        let name = |name: &Option<String>| Cell::text(name.as_deref().unwrap_or("系统"));
        vec![
            Cell::text(row.order_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(format!("考试考务费：{}", row.exam)),
            Cell::Number(Fen::new(row.amount).yuan()),
            Cell::text(reason),
            Cell::text(ctx.app.channels().name(&row.channel)),
            Cell::text(row.channel_no.as_deref().unwrap_or_default()),
            Cell::text(row.merchant_no.as_str()),
            row.paid_at.map_or(Cell::Empty, second),
            Cell::text(row.refund_no.as_str()),
            name(&row.requester),
            name(&row.approver),
        ]
    }
}
