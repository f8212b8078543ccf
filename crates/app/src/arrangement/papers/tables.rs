//! What is printed, as workbooks.

use documents::DocumentError;
use documents::xlsx::{ColumnSpec, Writer};
use domain::arrangement::PaperKind;
use domain::rehearsal;
use domain::sheet::Cell;

use super::make::{Made, Work};
use super::rooms::{Sitting, paper_of, sittings};
use super::site::watches;
use super::step::Step;
use super::{People, sitters};
use crate::arrangement::room_text;
use crate::{Error, Result};

/// Titles and widths.
type Columns = &'static [(&'static str, f64)];

const RANGES: Columns = &[
    ("考点号", 8.0),
    ("考点", 24.0),
    ("考场号", 8.0),
    ("考场名称", 16.0),
    ("场次", 6.0),
    ("科目代码", 10.0),
    ("科目", 24.0),
    ("准考证号起", 18.0),
    ("准考证号止", 18.0),
    ("人数", 8.0),
];
const BAGS: Columns = &[
    ("考点号", 8.0),
    ("考点", 24.0),
    ("考场号", 8.0),
    ("考场名称", 16.0),
    ("场次", 6.0),
    ("科目代码", 10.0),
    ("科目", 24.0),
    ("准考证号起", 18.0),
    ("准考证号止", 18.0),
    ("应装份数", 10.0),
    ("备用份数", 10.0),
];
const CHART: Columns = &[
    ("考点号", 8.0),
    ("考点", 24.0),
    ("考场号", 8.0),
    ("场次", 6.0),
    ("座位号", 8.0),
    ("排", 6.0),
    ("列", 6.0),
    ("准考证号", 18.0),
    ("姓名", 14.0),
];
const SIGN: Columns = &[
    ("考点号", 8.0),
    ("考点", 24.0),
    ("考场号", 8.0),
    ("场次", 6.0),
    ("科目", 24.0),
    ("座位号", 8.0),
    ("准考证号", 18.0),
    ("姓名", 14.0),
    ("证件号码", 22.0),
    ("签名", 14.0),
    ("缺考", 8.0),
];
const RECORD: Columns = &[
    ("考点号", 8.0),
    ("考点", 24.0),
    ("考场号", 8.0),
    ("场次", 6.0),
    ("座位号", 8.0),
    ("准考证号", 18.0),
    ("姓名", 14.0),
    ("缺考", 8.0),
    ("违纪情况", 30.0),
    ("处理", 20.0),
];
const STAFF: Columns = &[
    ("考点号", 8.0),
    ("考点", 24.0),
    ("考场号", 8.0),
    ("考场名称", 16.0),
    ("场次", 6.0),
    ("监考员一", 14.0),
    ("单位", 24.0),
    ("监考员二", 14.0),
    ("单位", 24.0),
];

pub(super) fn written(error: DocumentError) -> Error {
    Error::internal("write a workbook", error)
}

/// A workbook of one kind for the rooms of a step.
pub(super) async fn table(work: &Work<'_>, step: &Step) -> Result<Vec<Made>> {
    let kind = step.unit.kind;
    let columns = match kind {
        PaperKind::Overview | PaperKind::Door => RANGES,
        PaperKind::Bag => BAGS,
        PaperKind::Chart => CHART,
        PaperKind::SignIn => SIGN,
        PaperKind::Record => RECORD,
        PaperKind::Staff => STAFF,
        // These have none, and no step is made for one.
        PaperKind::Label | PaperKind::Tickets | PaperKind::Data => return Ok(Vec::new()),
    };
    let columns: Vec<ColumnSpec> = columns
        .iter()
        .map(|(title, width)| ColumnSpec::new(*title, *width))
        .collect();
    let name = work.exam.sheet(kind.label());
    let mut writer = Writer::new(&name, &columns, work.at()).map_err(written)?;
    let rows = match kind {
        PaperKind::Overview | PaperKind::Door | PaperKind::Bag => ranges(work, step, kind).await?,
        PaperKind::Staff => staff(work, step).await?,
        _ => seats(work, step, kind).await?,
    };
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    for row in &rows {
        writer.row(row).map_err(written)?;
    }
    if work.exam.is_rehearsal() {
        writer
            .row(&[Cell::text(rehearsal::PAPER)])
            .map_err(written)?;
    }
    let bytes = writer.finish().map_err(written)?;
    Ok(vec![Made::table(&work.name(step), bytes)])
}

fn count(number: usize) -> Cell {
    Cell::number(i64::try_from(number).unwrap_or(i64::MAX))
}

async fn ranges(work: &Work<'_>, step: &Step, kind: PaperKind) -> Result<Vec<Vec<Cell>>> {
    let rows = sitters(&work.ctx.app, work.plan.id, &step.rooms, work.wanted).await?;
    let line = |one: &Sitting<'_>| {
        let (first, last) = one.range();
        let mut cells = vec![
            Cell::number(one.room.site_no),
            Cell::text(&one.room.site_name),
            Cell::text(room_text(one.room.room_no)),
            Cell::text(&one.room.room_name),
            Cell::number(one.session),
            Cell::text(&one.code),
            Cell::text(&one.name),
            Cell::text(first),
            Cell::text(last),
            count(one.seats.len()),
        ];
        if kind == PaperKind::Bag {
            cells.push(Cell::number(i64::from(work.wanted.spare)));
        }
        cells
    };
    let list = sittings(&step.rooms, &rows, &work.programme)?;
    Ok(list.iter().map(line).collect())
}

async fn seats(work: &Work<'_>, step: &Step, kind: PaperKind) -> Result<Vec<Vec<Cell>>> {
    let app = &work.ctx.app;
    let rows = sitters(app, work.plan.id, &step.rooms, work.wanted).await?;
    let mut people = People::default();
    if kind.has_numbers() {
        people = people
            .with_numbers(app, &rows, work.wanted.whole_numbers)
            .await?;
    }
    let mut list = Vec::new();
    for room in &step.rooms {
        let pattern = room.pattern(&work.pattern);
        for row in rows.iter().filter(|row| row.room_no == room.room_no) {
            let mut cells = vec![
                Cell::number(room.site_no),
                Cell::text(&room.site_name),
                Cell::text(room_text(room.room_no)),
                Cell::number(row.session),
            ];
            if kind == PaperKind::SignIn {
                cells.push(Cell::text(paper_of(&work.programme, row)?.1));
            }
            cells.push(Cell::number(row.seat_no));
            if kind == PaperKind::Chart {
                let desk = pattern.desk(u32::try_from(row.seat_no).unwrap_or(0));
                cells.push(Cell::number(i64::from(desk.row) + 1));
                cells.push(Cell::number(i64::from(desk.column) + 1));
            }
            cells.push(Cell::text(&row.ticket_no));
            cells.push(Cell::text(&row.name));
            if kind == PaperKind::SignIn {
                cells.push(Cell::text(people.number(row.application_id)));
            }
            list.push(cells);
        }
    }
    Ok(list)
}

async fn staff(work: &Work<'_>, step: &Step) -> Result<Vec<Vec<Cell>>> {
    let (list, _) = watches(work, step).await?;
    let site = step.rooms.first();
    let lines = list.iter().map(|one| {
        let mut cells = vec![
            site.map_or(Cell::Empty, |room| Cell::number(room.site_no)),
            site.map_or(Cell::Empty, |room| Cell::text(&room.site_name)),
            Cell::text(room_text(one.room)),
            Cell::text(&one.room_name),
            Cell::number(i64::from(one.session)),
        ];
        for person in &one.people {
            cells.push(Cell::text(&person.name));
            cells.push(Cell::text(&person.employer));
        }
        cells
    });
    Ok(lines.collect())
}
