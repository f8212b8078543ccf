//! Tables out: the positions under the filter that is set, with their counts, and what has to be repaired in an upload.

use documents::csv_file;
use documents::xlsx::{ColumnSpec, Writer};
use domain::exam::{PositionOutcome, PositionState};
use domain::sheet::Cell;

use super::catalogue::Exam;
use super::decision::Standing;
use super::import::Preview;
use super::positions::{self, Filter};
use crate::{Ctx, Error, Result};

fn book(name: &str, columns: &[(&str, f64)], ctx: &Ctx) -> Result<Writer> {
    let columns: Vec<ColumnSpec> = columns
        .iter()
        .map(|(title, width)| ColumnSpec::new(*title, *width))
        .collect();
    Writer::new(name, &columns, ctx.at).map_err(|e| Error::internal("xlsx", e))
}

fn written(writer: Writer) -> Result<Vec<u8>> {
    writer.finish().map_err(|e| Error::internal("xlsx", e))
}

/// Columns of the position table as it is exported.
const POSITIONS: [(&str, f64); 18] = [
    ("岗位代码", 12.0),
    ("岗位名称", 24.0),
    ("主管部门", 24.0),
    ("招聘单位", 28.0),
    ("招聘人数", 10.0),
    ("主要条件", 60.0),
    ("报名", 8.0),
    ("待审核", 8.0),
    ("退回补充", 10.0),
    ("未通过", 8.0),
    ("审核通过", 10.0),
    ("已缴费", 8.0),
    ("开考比例", 10.0),
    ("需要人数", 10.0),
    ("计入人数", 10.0),
    ("达到比例", 10.0),
    ("建议", 12.0),
    ("状态", 10.0),
];

fn position_cells(exam: &Exam, one: &positions::Shown) -> [Cell; 18] {
    let position = &one.item.position;
    let standing = Standing::of(exam, std::sync::Arc::clone(&one.item), one.figures);
    let ratio = standing.ratio;
    let (outcome, headcount) = standing.proposal();
    let proposal = match (one.figures.cancelled, ratio.unclear, outcome) {
        (true, ..) => String::new(),
        (_, true, _) => "比例须人工核定".to_owned(),
        (_, _, PositionOutcome::Cut) => format!("核减至 {headcount} 人"),
        _ => outcome.label().to_owned(),
    };
    let state = if one.figures.cancelled {
        PositionState::Cancelled
    } else {
        PositionState::Open
    };
    [
        Cell::text(&position.code),
        Cell::text(&position.name),
        Cell::text(&position.department),
        Cell::text(&position.employer),
        Cell::number(i64::from(position.headcount)),
        Cell::text(one.item.conditions()),
        Cell::number(one.figures.applied),
        Cell::number(one.figures.pending),
        Cell::number(one.figures.returned),
        Cell::number(one.figures.rejected),
        Cell::number(one.figures.approved),
        Cell::number(one.figures.paid),
        Cell::text(if ratio.ratio > 0 {
            format!("{}:1", ratio.ratio)
        } else {
            "不限".to_owned()
        }),
        Cell::number(i64::from(ratio.needed)),
        Cell::number(i64::from(ratio.counted)),
        Cell::text(ratio.reached(position.headcount)),
        Cell::text(proposal),
        Cell::text(state.label()),
    ]
}

/// Every position under a filter, page or not, with its live counts and how it stands against 开考比例.
pub async fn positions_xlsx(ctx: &Ctx, exam: &Exam, filter: &Filter) -> Result<Vec<u8>> {
    let mut writer = book(&exam.sheet("岗位"), &POSITIONS, ctx)?;
    for one in positions::all(&ctx.app, exam, filter).await? {
        let cells = position_cells(exam, &one);
        writer.row(&cells).map_err(|e| Error::internal("xlsx", e))?;
    }
    if exam.is_rehearsal() {
        writer
            .row(&[Cell::text(domain::rehearsal::PAPER)])
            .map_err(|e| Error::internal("xlsx", e))?;
    }
    written(writer)
}

/// The same as CSV.
pub async fn positions_csv(ctx: &Ctx, exam: &Exam, filter: &Filter) -> Result<Vec<u8>> {
    let titles = POSITIONS.map(|(title, _)| title);
    let csv = |e| Error::internal("csv", e);
    let mut writer = csv_file::Writer::new(&titles).map_err(csv)?;
    for one in positions::all(&ctx.app, exam, filter).await? {
        writer.row(&position_cells(exam, &one)).map_err(csv)?;
    }
    if exam.is_rehearsal() {
        writer
            .row(&[Cell::text(domain::rehearsal::PAPER)])
            .map_err(csv)?;
    }
    writer.finish().map_err(csv)
}

/// What has to be repaired, or looked at, in an uploaded table: a line for each, to work through beside it.
pub fn problems_xlsx(ctx: &Ctx, preview: &Preview) -> Result<Vec<u8>> {
    let columns = [
        ("行号", 8.0),
        ("列", 16.0),
        ("表中内容", 30.0),
        ("问题", 60.0),
        ("是否导入", 12.0),
    ];
    let mut writer = book("问题", &columns, ctx)?;
    for problem in &preview.problems {
        let line = if problem.line > 0 {
            Cell::number(problem.line)
        } else {
            Cell::text("全表")
        };
        let kept = if problem.severity == "error" {
            "不导入"
        } else {
            "导入"
        };
        let cells = [
            line,
            Cell::text(&problem.field),
            Cell::text(&problem.cell),
            Cell::text(&problem.message),
            Cell::text(kept),
        ];
        writer.row(&cells).map_err(|e| Error::internal("xlsx", e))?;
    }
    written(writer)
}
