//! Applications for a waiver as a file, under the filter that the list shows. What a candidate wrote about his household, and what
//! he sent along, are left out: they are looked at one by one.

use domain::money::Fen;
use domain::payment::{Waiver, WaiverState};
use domain::sheet::Cell;
use serde_json::json;

use super::list::{Asked, page};
use super::list_store::WaiverLine;
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{Ctx, Object, Result};

/// The applications under a filter, in the order of the list.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export(ctx: &Ctx, asked: &Asked, format: Format) -> Result<Copied> {
    take(ctx, &Waivers(asked), format).await
}

struct Waivers<'a>(&'a Asked);

impl Listing for Waivers<'_> {
    type Row = WaiverLine;
    type Place = i64;
    const NAME: &'static str = "减免申请";
    const ACTION: &'static str = "waiver.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("报名序号", 18.0),
        ("姓名", 12.0),
        ("考试", 40.0),
        ("减免类别", 24.0),
        ("减免标准", 16.0),
        ("减免金额（元）", 16.0),
        ("状态", 12.0),
        ("申请时间", 20.0),
        ("审核人", 12.0),
        ("审核时间", 20.0),
        ("审核意见", 48.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "fee_waiver",
            id: 0,
            exam_id: self.0.exam_id,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "state": self.0.state, "by_name": !self.0.name.is_empty() })
    }

    async fn page(&self, ctx: &Ctx, from: Option<i64>) -> Result<(Vec<WaiverLine>, Option<i64>)> {
        let rows = page(ctx, self.0, from, CHUNK).await?;
        let on = next(&rows, |row| row.id);
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &WaiverLine) -> Vec<Cell> {
        let grants = serde_json::from_str::<Waiver>(&row.grants).map(Waiver::words);
        let off = row.off.filter(|_| row.state == WaiverState::Granted.code());
        vec![
            Cell::text(row.registration_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(row.exam.as_str()),
            Cell::text(row.category.as_str()),
            Cell::text(grants.unwrap_or_default()),
            off.map_or(Cell::Empty, |off| Cell::Number(Fen::new(off).yuan())),
            Cell::text(WaiverState::from_code(&row.state).map_or("", WaiverState::label)),
            second(row.asked_at),
            Cell::text(row.decider.as_deref().unwrap_or_default()),
            second(row.decided_at.unwrap_or(0)),
            Cell::text(row.note.as_str()),
        ]
    }
}
