//! 账号申诉 as a file, under the filter that the list shows. The claimant's mobile is left out: it is looked at one by one.

use domain::sheet::Cell;
use serde_json::json;

use super::claim::{Asked, page, state_label};
use super::claim_store::ClaimRow;
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

/// The claims under a filter, in the order of the list.
///
/// # Errors
/// `Forbidden` to who doesn't work at the candidate desk.
pub async fn export(ctx: &Ctx, asked: &Asked, format: Format) -> Result<Copied> {
    take(ctx, &Claims(asked), format).await
}

struct Claims<'a>(&'a Asked);

impl Listing for Claims<'_> {
    type Row = ClaimRow;
    type Place = i64;
    const NAME: &'static str = "账号申诉";
    const ACTION: &'static str = "account.claims_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("申诉人", 12.0),
        ("账号上的姓名", 14.0),
        ("说明", 60.0),
        ("提交时间", 20.0),
        ("状态", 12.0),
        ("核实人", 12.0),
        ("核实时间", 20.0),
        ("决定人", 12.0),
        ("决定时间", 20.0),
        ("核实情况", 48.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "account_claim",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "state": self.0.state, "by_name": !self.0.name.is_empty() })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<ClaimRow>, Option<i64>)> {
        let rows = page(ctx, self.0, from, CHUNK).await?;
        let on = next(&rows, |row| row.id);
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &ClaimRow) -> Vec<Cell> {
        let name = |name: &Option<String>| Cell::text(name.as_deref().unwrap_or_default());
        vec![
            Cell::text(row.name.as_str()),
            Cell::text(row.account_name.as_str()),
            Cell::text(row.statement.as_str()),
            second(row.created_at),
            Cell::text(state_label(&row.state)),
            name(&row.checker),
            second(row.checked_at.unwrap_or(0)),
            name(&row.decider),
            second(row.decided_at.unwrap_or(0)),
            Cell::text(row.note.as_str()),
        ]
    }
}
