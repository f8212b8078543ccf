//! 到场情况: how many are in, by site and room, and who isn't.

use db::Crowd;
use domain::door::MarkKind;
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;

use super::presence_store::{self, MissingRow, RoomCount, SiteCount};
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::exam::Exam;
use crate::{Ctx, Object, Result};

/// The plan and session that is asked about.
fn of(exam: &Exam, session: i64) -> (i64, i64, i64) {
    (exam.id(), exam.row.seat_plan, session)
}

/// The sites in a session, after one of them, one more than `limit`.
pub async fn of_sites(
    ctx: &Ctx,
    exam: &Exam,
    session: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<SiteCount>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(presence_store::site_counts(&mut scan, of(exam, session), after, limit + 1).await?)
}

/// The rooms of a site in a session, after one of them, one more than `limit`.
pub async fn of_rooms(
    ctx: &Ctx,
    exam: &Exam,
    (session, site_no): (i64, i64),
    after: i64,
    limit: i64,
) -> Result<Vec<RoomCount>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let of = of(exam, session);
    Ok(presence_store::room_counts(&mut scan, of, site_no, after, limit + 1).await?)
}

/// Whom a list of those who didn't come is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// The session.
    pub session: i64,
    /// The site; `None` for all.
    pub site: Option<i64>,
}

/// Who has a seat and wasn't let in, by room and seat, after one of them.
pub async fn missing(
    ctx: &Ctx,
    exam: &Exam,
    wanted: Missing,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<MissingRow>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let sites = wanted.site.map_or((i64::MIN, i64::MAX), |no| (no, no));
    let after = after.unwrap_or((i64::MIN, i64::MIN));
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let of = of(exam, wanted.session);
    Ok(presence_store::missing_after(&mut scan, of, sites, after, limit).await?)
}

/// The same as a file.
pub async fn export_missing(
    ctx: &Ctx,
    exam: &Exam,
    wanted: Missing,
    format: Format,
) -> Result<Copied> {
    take(ctx, &Absent { exam, wanted }, format).await
}

struct Absent<'a> {
    exam: &'a Exam,
    wanted: Missing,
}

impl Listing for Absent<'_> {
    type Row = MissingRow;
    type Place = (i64, i64);
    const NAME: &'static str = "未到名单";
    const ACTION: &'static str = "door.missing_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("场次", 8.0),
        ("考点号", 8.0),
        ("考点", 30.0),
        ("考场号", 10.0),
        ("座位号", 8.0),
        ("准考证号", 20.0),
        ("报名序号", 20.0),
        ("姓名", 14.0),
        ("核验情况", 12.0),
        ("说明", 30.0),
        ("核验时间", 20.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "exam",
            id: self.exam.id(),
            exam_id: self.exam.id(),
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({ "session": self.wanted.session, "site_no": self.wanted.site })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<(i64, i64)>,
    ) -> Result<(Vec<MissingRow>, Option<(i64, i64)>)> {
        let rows = missing(ctx, self.exam, self.wanted, from, CHUNK).await?;
        let on = next(&rows, |row| (row.room_no, row.seat_no));
        Ok((rows, on))
    }

    fn cells(&self, _: &Ctx, row: &MissingRow) -> Vec<Cell> {
        let number = |number: i64| Cell::text(number.to_string());
        vec![
            number(self.wanted.session),
            number(row.site_no),
            Cell::text(row.site_name.as_str()),
            Cell::text(crate::arrangement::room_text(row.room_no)),
            number(row.seat_no),
            Cell::text(row.ticket_no.as_str()),
            Cell::text(row.registration_no.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(row.standing()),
            Cell::text(row.note.as_str()),
            second(row.marked_at),
        ]
    }
}

impl MissingRow {
    /// What was said last, in a word.
    pub fn standing(&self) -> &'static str {
        MarkKind::from_code(&self.kind).map_or("未核验", MarkKind::label)
    }
}
