//! What two people decide as a file, under the filter that the list shows.

use domain::sheet::Cell;
use serde_json::json;

use super::{ApprovalRow, Asked, Kind, page, state_label};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

/// The requests under a filter, newest first: of the kinds that the asker may decide.
///
/// # Errors
/// `Forbidden` to who isn't staff.
pub async fn export(ctx: &Ctx, asked: &Asked, format: Format) -> Result<Copied> {
    take(ctx, &Requests(asked), format).await
}

struct Requests<'a>(&'a Asked);

impl Listing for Requests<'_> {
    type Row = ApprovalRow;
    type Place = i64;
    const NAME: &'static str = "双人复核";
    const ACTION: &'static str = "approval.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("事项", 18.0),
        ("原因", 48.0),
        ("提出人", 12.0),
        ("提出时间", 20.0),
        ("状态", 12.0),
        ("复核人", 12.0),
        ("复核时间", 20.0),
        ("核对情况", 48.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "approval",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({
            "state": self.0.state,
            "kind": self.0.kind.map(Kind::code),
            "not": self.0.other,
        })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<ApprovalRow>, Option<i64>)> {
        let rows = page(ctx, self.0, from, CHUNK).await?;
        let on = next(&rows, |row| row.id);
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &ApprovalRow) -> Vec<Cell> {
        let asker = row.requester.as_deref().unwrap_or("考生本人");
        let decider = row.decider.as_deref().unwrap_or_default();
        vec![
            Cell::text(Kind::title(&row.kind)),
            Cell::text(row.reason.as_str()),
            Cell::text(asker),
            second(row.requested_at),
            Cell::text(state_label(&row.state)),
            Cell::text(decider),
            second(row.decided_at.unwrap_or(0)),
            Cell::text(row.note.as_str()),
        ]
    }
}
