//! The office's list of announcements as a file: titles, not texts.

use domain::announcement::Category;
use domain::sheet::Cell;
use serde_json::json;

use super::{AnnouncementRow, Filter, list};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

/// Every announcement under a filter.
///
/// # Errors
/// `Forbidden`.
pub async fn export(ctx: &Ctx, filter: &Filter, format: Format) -> Result<Copied> {
    take(ctx, &Announcements(filter), format).await
}

struct Announcements<'a>(&'a Filter);

impl Listing for Announcements<'_> {
    type Row = AnnouncementRow;
    type Place = i64;
    const NAME: &'static str = "公告";
    const ACTION: &'static str = "announcement.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("标题", 60.0),
        ("类别", 12.0),
        ("状态", 12.0),
        ("置顶", 8.0),
        ("发布时间", 20.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "announcement",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "state": self.0.state, "not": self.0.other })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<i64>,
    ) -> Result<(Vec<AnnouncementRow>, Option<i64>)> {
        let rows = list(ctx, self.0, from, CHUNK).await?;
        let next = next(&rows, |row| row.id);
        Ok((rows, next))
    }

    fn cells(&self, ctx: &Ctx, row: &AnnouncementRow) -> Vec<Cell> {
        let state = match row.state.as_str() {
            "draft" => "草稿",
            "scheduled" if row.publish_at > ctx.at.micros() => "定时发布",
            "withdrawn" => "已撤回",
            _ => "已发布",
        };
        vec![
            Cell::text(row.title.as_str()),
            Cell::text(Category::parse(&row.category).map_or("", Category::label)),
            Cell::text(state),
            Cell::text(if row.pinned { "是" } else { "" }),
            second(row.publish_at),
        ]
    }
}
