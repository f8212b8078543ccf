//! The trail as a file, under the filter that the list shows.

use domain::sheet::Cell;
use serde_json::json;

use super::ListedRow;
use super::list::{Filter, entries};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

/// How a table names what the trail keeps as codes.
pub struct Words<'a> {
    /// Who it was.
    pub actor: &'a (dyn Fn(&ListedRow) -> String + Sync),
    /// Who acts.
    pub kind: &'a (dyn Fn(&str) -> String + Sync),
    /// What was done.
    pub action: &'a (dyn Fn(&str) -> String + Sync),
    /// What was acted on.
    pub object: &'a (dyn Fn(&str) -> String + Sync),
}

impl std::fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").finish_non_exhaustive()
    }
}

/// The entries under a filter as a file. Leaves an entry itself: somebody took a copy.
///
/// # Errors
/// `Fields` under `username` or `number`: there is nobody and nothing of that name. `Forbidden`.
pub async fn export(
    ctx: &Ctx,
    filter: &Filter,
    words: Words<'_>,
    format: Format,
) -> Result<Copied> {
    take(ctx, &Trail { filter, words }, format).await
}

struct Trail<'a> {
    filter: &'a Filter,
    words: Words<'a>,
}

impl Listing for Trail<'_> {
    type Row = ListedRow;
    type Place = (i64, i64);
    const NAME: &'static str = "操作日志";
    const ACTION: &'static str = "audit.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("时间", 20.0),
        ("操作人类别", 12.0),
        ("操作人", 16.0),
        ("动作", 20.0),
        ("动作代码", 28.0),
        ("对象", 14.0),
        ("对象编号", 22.0),
        ("对象名称", 24.0),
        ("内容", 60.0),
        ("请求编号", 16.0),
        ("链号", 10.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "audit_entry",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        let day = |day: Option<domain::time::Date>| day.map(|day| day.to_string());
        json!({
            "kind": self.filter.actor_kind, "action": self.filter.action, "not": self.filter.other,
            "object": self.filter.object_kind, "from": day(self.filter.from), "to": day(self.filter.until),
            "by_name": !self.filter.username.trim().is_empty(),
            "by_number": !self.filter.number.trim().is_empty(),
        })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<(i64, i64)>,
    ) -> Result<(Vec<ListedRow>, Option<(i64, i64)>)> {
        let rows = entries(ctx, self.filter, from, CHUNK).await?;
        let next = next(&rows, |row| (row.at, row.id));
        Ok((rows, next))
    }

    fn cells(&self, _: &Ctx, row: &ListedRow) -> Vec<Cell> {
        vec![
            second(row.at),
            Cell::text((self.words.kind)(&row.actor_kind)),
            Cell::text((self.words.actor)(row)),
            Cell::text((self.words.action)(&row.action)),
            Cell::text(row.action.as_str()),
            Cell::text((self.words.object)(&row.object_kind)),
            Cell::text(row.object_id.to_string()),
            Cell::text(row.object.as_deref().unwrap_or_default()),
            Cell::text(row.detail.as_str()),
            Cell::text(row.request_id.as_str()),
            row.seq.map_or(Cell::Empty, Cell::number),
        ]
    }
}
