//! The orders that wait for a code as a file, for the fiscal office's system.

use domain::money::Fen;
use domain::sheet::Cell;
use serde_json::json;

use super::code_store::WaitingCode;
use super::codes::waiting;
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

/// The orders that wait.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export(ctx: &Ctx, format: Format) -> Result<Copied> {
    take(ctx, &Codes, format).await
}

struct Codes;

impl Listing for Codes {
    type Row = WaitingCode;
    type Place = i64;
    const NAME: &'static str = "待取缴款码";
    const ACTION: &'static str = "payment.nontax_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("缴费单号", 20.0),
        ("缴款人", 12.0),
        ("收费项目", 44.0),
        ("金额（元）", 12.0),
        ("支付截止", 20.0),
        ("缴款码", 24.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "nontax_batch",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({})
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<WaitingCode>, Option<i64>)> {
        let rows = waiting(ctx, from, CHUNK).await?;
        let on = next(&rows, |row| row.order_id);
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &WaitingCode) -> Vec<Cell> {
        vec![
            Cell::text(row.order_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(format!("考试考务费：{}", row.exam)),
            Cell::Number(Fen::new(row.amount).yuan()),
            second(row.expires_at),
            Cell::Empty,
        ]
    }
}
