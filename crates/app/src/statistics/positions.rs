//! The figures of an exam's positions, and the workbook of both tables.

use documents::xlsx::{ColumnSpec, Writer};
use domain::exam::RatioBasis;
use domain::sheet::Cell;

use super::overview::{overview, units};
use crate::exam::Exam;
use crate::exam::positions::{self, Filter, Shown};
use crate::{Ctx, Error, Result};

/// The positions that the asker may see, with their figures, in the order of the table.
///
/// # Errors
/// `Forbidden` to who may not see the exam.
pub async fn positions(ctx: &Ctx, exam: &Exam) -> Result<Vec<Shown>> {
    let filter = Filter {
        only: units(ctx, exam.id())?,
        ..Filter::default()
    };
    positions::all(&ctx.app, exam, &filter).await
}

/// Whether a position has as many applicants as the opening ratio asks for, of those that count in this exam ([`RatioBasis`]). A
/// cancelled position asks for none.
pub fn reaches(exam: &Exam, one: &Shown, ratio: u32) -> bool {
    let figures = (one.figures.applied, one.figures.approved, one.figures.paid);
    let have = RatioBasis::of(exam.settings.steps).pick(figures);
    let wanted = i64::from(one.item.position.headcount) * i64::from(ratio);
    one.figures.cancelled || have >= wanted
}

/// Units, then positions, as one table: what the page shows and what it has no room for.
///
/// # Errors
/// `Forbidden` to who may not see the exam.
pub async fn export(ctx: &Ctx, exam: &Exam) -> Result<Vec<u8>> {
    let overview = overview(ctx, exam).await?;
    let columns = [
        ("范围", 10.0),
        ("单位", 28.0),
        ("岗位代码", 12.0),
        ("岗位名称", 24.0),
        ("招聘人数", 10.0),
        ("报名", 8.0),
        ("待审核", 8.0),
        ("退回补充", 10.0),
        ("未通过", 8.0),
        ("审核通过", 10.0),
        ("已缴费", 8.0),
    ]
    .map(|(title, width)| ColumnSpec::new(title, width));
    let failed = |e| Error::internal("xlsx", e);
    let mut writer = Writer::new(&exam.sheet("统计"), &columns, ctx.at).map_err(failed)?;
    for (scope, name, tally) in std::iter::once(("合计", "", &overview.total)).chain(
        overview
            .units
            .iter()
            .map(|line| ("单位", line.unit.as_str(), &line.tally)),
    ) {
        let cells = [
            Cell::text(scope),
            Cell::text(name),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::number(tally.applied),
            Cell::number(tally.pending + tally.first_approved),
            Cell::number(tally.returned),
            Cell::number(tally.rejected + tally.appealed),
            Cell::number(tally.approved),
            Cell::number(tally.paid),
        ];
        writer.row(&cells).map_err(failed)?;
    }
    let listed = if exam.has_positions() {
        positions(ctx, exam).await?
    } else {
        Vec::new()
    };
    for one in listed {
        let position = &one.item.position;
        let cells = [
            Cell::text("岗位"),
            Cell::text(&one.item.unit),
            Cell::text(&position.code),
            Cell::text(&position.name),
            Cell::number(i64::from(position.headcount)),
            Cell::number(one.figures.applied),
            Cell::number(one.figures.pending),
            Cell::number(one.figures.returned),
            Cell::number(one.figures.rejected),
            Cell::number(one.figures.approved),
            Cell::number(one.figures.paid),
        ];
        writer.row(&cells).map_err(failed)?;
    }
    writer.finish().map_err(failed)
}
