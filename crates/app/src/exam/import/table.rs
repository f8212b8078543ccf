//! 岗位表 and 科目表: from the workbook to staged rows, and the flip that makes them the exam's.

use std::collections::{BTreeMap, BTreeSet};

use db::{Command, Lane, Tx};
use domain::exam::ExamState;
use domain::exam::table::columns::{POSITIONS, SUBJECTS};
use domain::exam::table::positions::PositionRow as ReadPosition;
use domain::exam::table::subjects::SubjectRow as ReadSubject;
use domain::exam::table::{
    PositionTable, ProblemSeverity, Reading, RowProblem, SubjectTable, read_positions,
    read_subjects,
};
use domain::sheet::{Column, Header, Sheet, plain};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::preview::{Change, Summary};
use super::{Batch, CHUNK, Counts, Kind};
use crate::exam::amendment_store;
use crate::exam::catalogue::{self, Exam};
use crate::exam::import_store::{BatchRow, ProblemRow};
use crate::exam::position_store::{self, PositionInsert, SubjectRow};
use crate::exam::positions;
use crate::exam::store::exam_point_positions;
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Larger workbooks aren't position tables.
const LARGEST: usize = 10 * 1024 * 1024;
/// Lines with problems whose other cells are kept for the preview.
const SHOWN_LINES: usize = 500;

/// What was read from a workbook.
enum Table {
    Positions(PositionTable),
    Subjects(SubjectTable),
}

impl Table {
    fn rows_read(&self) -> u32 {
        match self {
            Self::Positions(table) => table.rows_read,
            Self::Subjects(table) => table.rows_read,
        }
    }

    fn problems(&self) -> &[RowProblem] {
        match self {
            Self::Positions(table) => &table.problems,
            Self::Subjects(table) => &table.problems,
        }
    }

    fn good(&self) -> usize {
        match self {
            Self::Positions(table) => table.positions.len(),
            Self::Subjects(table) => table.subjects.len(),
        }
    }
}

/// Reads an uploaded table and stages its rows; nothing is visible before [`confirm`]. Returns the batch's public id.
///
/// # Errors
/// `Fields` under `file` for what isn't a readable workbook; `Refused` for an exam that isn't a draft.
pub async fn upload(ctx: &Ctx, exam: &Exam, file_name: &str, bytes: &[u8]) -> Result<String> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    only_drafts(exam)?;
    let (sheet, table) = opened(exam, bytes).await?;
    let kind = if exam.has_positions() {
        Kind::Positions
    } else {
        Kind::Subjects
    };
    let batch = super::begin(ctx, exam.id(), kind, (file_name, bytes)).await?;
    let (summary, good) = match &table {
        Table::Positions(read) => {
            stage_positions(ctx, exam, &batch, &read.positions).await?;
            (
                position_summary(ctx, exam, &sheet, read).await?,
                read.positions.len(),
            )
        }
        Table::Subjects(read) => {
            stage_subjects(ctx, exam, &batch, &read.subjects).await?;
            (subject_summary(&sheet, read), read.subjects.len())
        }
    };
    let problems: Vec<ProblemRow> = table.problems().iter().map(problem).collect();
    super::problems(ctx, batch.id, &problems).await?;
    let bad = bad_lines(table.problems());
    let counts = Counts {
        read: good + bad,
        good,
        bad,
    };
    let summary = serde_json::to_value(&summary).map_err(|e| Error::internal("summary", e))?;
    super::finish(ctx, batch.id, counts, &summary).await?;
    Ok(batch.public_id)
}

async fn opened(exam: &Exam, bytes: &[u8]) -> Result<(Sheet, Table)> {
    if bytes.is_empty() {
        return Err(Error::field("file", "请选择要导入的 xlsx 文件"));
    }
    if bytes.len() > LARGEST {
        return Err(Error::field("file", "文件超过 10 MB，请只保留要导入的表格"));
    }
    let sheets = sheets(bytes.to_vec()).await?;
    read(exam, sheets)
}

/// The good rows of an uploaded position table, and what can't be read in it.
///
/// # Errors
/// `Fields` under `file` for what isn't a readable workbook.
pub(in crate::exam) async fn read_table(
    exam: &Exam,
    bytes: &[u8],
) -> Result<(Vec<ReadPosition>, Vec<ProblemRow>)> {
    let (_, table) = opened(exam, bytes).await?;
    let problems = table.problems().iter().map(problem).collect();
    match table {
        Table::Positions(table) => Ok((table.positions, problems)),
        Table::Subjects(_) => Err(Error::field("file", "这份文件不是岗位表")),
    }
}

fn only_drafts(exam: &Exam) -> Result<()> {
    if exam.state == ExamState::Draft {
        return Ok(());
    }
    Err(Error::refused(
        "exam_published",
        "考试已经发布，不能再导入",
        "已公布的岗位和科目不能改动。还没有人报名的，可以先撤回发布，再重新导入。",
    ))
}

/// Opens a workbook off the request's thread: a hostile one may take its time, within the reader's limits.
async fn sheets(bytes: Vec<u8>) -> Result<Vec<Sheet>> {
    tokio::task::spawn_blocking(move || documents::xlsx::read(&bytes))
        .await
        .map_err(|e| Error::internal("xlsx", e))?
        .map_err(|refused| Error::field("file", refused.to_string()))
}

/// The sheet that holds the table: the one with the most rows that look like it.
fn read(exam: &Exam, sheets: Vec<Sheet>) -> Result<(Sheet, Table)> {
    let mut best: Option<(Sheet, Table)> = None;
    for sheet in sheets {
        let table = if exam.has_positions() {
            let reading = Reading {
                counted_to: exam.settings.counted_to,
            };
            Table::Positions(read_positions(&sheet, &reading))
        } else {
            Table::Subjects(read_subjects(&sheet, exam.settings.year))
        };
        let better = best.as_ref().is_none_or(|(_, best)| {
            (table.good(), table.rows_read()) > (best.good(), best.rows_read())
        });
        if better {
            best = Some((sheet, table));
        }
    }
    best.ok_or_else(|| Error::field("file", "文件里没有工作表，请检查后重新上传"))
}

fn bad_lines(problems: &[RowProblem]) -> usize {
    let lines: BTreeSet<u32> = problems
        .iter()
        .filter(|one| one.severity == ProblemSeverity::Error && one.row > 0)
        .map(|one| one.row)
        .collect();
    lines.len()
}

fn problem(problem: &RowProblem) -> ProblemRow {
    ProblemRow {
        line: i64::from(problem.row),
        severity: problem.severity.code().to_owned(),
        field: problem.column.clone(),
        cell: problem.cell.chars().take(200).collect(),
        message: problem.message.chars().take(300).collect(),
    }
}

/// The cells of the lines that have problems, by the titles of their columns.
fn cells(
    sheet: &Sheet,
    wanted: &[Column],
    keys: &[&str],
    problems: &[RowProblem],
) -> (Vec<String>, BTreeMap<u32, Vec<String>>) {
    let Some(header) = Header::find(sheet, wanted, 3) else {
        return (Vec::new(), BTreeMap::new());
    };
    let named = |column: &Column| {
        problems
            .iter()
            .any(|one| one.row > 0 && one.column == column.title)
    };
    let there = |column: &&Column| header.column(column.key).is_some();
    let first = keys
        .iter()
        .filter_map(|key| wanted.iter().find(|column| column.key == *key));
    let named = wanted
        .iter()
        .filter(|column| named(column) && !keys.contains(&column.key));
    let shown: Vec<&Column> = first.chain(named).filter(there).collect();
    let lines: BTreeSet<u32> = problems
        .iter()
        .map(|one| one.row)
        .filter(|row| *row > 0)
        .collect();
    let cells = lines
        .into_iter()
        .take(SHOWN_LINES)
        .map(|line| {
            let row = usize::try_from(line).unwrap_or(1).saturating_sub(1);
            let cell = |column: &&Column| {
                plain(header.seen(sheet, row, column.key))
                    .chars()
                    .take(80)
                    .collect::<String>()
            };
            (line, shown.iter().map(cell).collect())
        })
        .collect();
    (
        shown.iter().map(|column| column.title.to_owned()).collect(),
        cells,
    )
}

async fn position_summary(
    ctx: &Ctx,
    exam: &Exam,
    sheet: &Sheet,
    read: &PositionTable,
) -> Result<Summary> {
    let keys = ["code", "name", "employer", "headcount", "education"];
    let (columns, lines) = cells(sheet, POSITIONS, &keys, &read.problems);
    let mut summary = Summary {
        sheet: sheet.name.clone(),
        counted_to: exam.settings.counted_to,
        title: read.title.clone(),
        notes: read.notes.iter().take(20).cloned().collect(),
        headcount: read
            .positions
            .iter()
            .map(|row| u64::from(row.position.headcount))
            .sum(),
        columns,
        lines,
        ..Summary::default()
    };
    let before = positions::table(&ctx.app, exam).await?;
    let old: BTreeMap<&str, _> = before
        .items()
        .iter()
        .map(|item| (item.position.code.as_str(), item))
        .collect();
    let mut kept = 0;
    for row in &read.positions {
        let Some(item) = old.get(row.position.code.as_str()) else {
            summary.added += 1;
            continue;
        };
        kept += 1;
        let changes = Change::between(row.line, &item.position, &row.position);
        if changes.is_empty() {
            summary.same += 1;
        } else {
            summary.changed += 1;
            summary.changes.extend(changes);
        }
    }
    summary.removed = before.items().len().saturating_sub(kept);
    summary.changes.truncate(SHOWN_LINES);
    Ok(summary)
}

fn subject_summary(sheet: &Sheet, read: &SubjectTable) -> Summary {
    let keys = ["level", "specialty", "code", "name", "time"];
    let (columns, lines) = cells(sheet, SUBJECTS, &keys, &read.problems);
    Summary {
        sheet: sheet.name.clone(),
        title: read.title.clone(),
        notes: read.notes.iter().take(20).cloned().collect(),
        added: read.subjects.len(),
        columns,
        lines,
        ..Summary::default()
    }
}

/// The columns under which centres say how many may apply for a position.
const CAPACITY: [&str; 5] = [
    "报名上限",
    "限报人数",
    "报名人数上限",
    "报名限额",
    "报考上限",
];

/// How many may apply for a position; `None` for any number.
pub(in crate::exam) fn capacity(position: &domain::exam::Position) -> Option<i64> {
    position
        .extra
        .iter()
        .find(|(name, _)| CAPACITY.contains(&name.as_str()))
        .and_then(|(_, text)| domain::sheet::clean::whole_number(text))
        .filter(|capacity| *capacity > 0)
        .map(i64::from)
}

async fn stage_positions(
    ctx: &Ctx,
    exam: &Exam,
    batch: &Batch,
    rows: &[ReadPosition],
) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        let count = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let command = StagePositions {
            stamp: Stamp::of(ctx),
            first_id: ctx.app.reserve_ids(count),
            exam_id: exam.id(),
            batch_id: batch.id,
            rows: chunk.iter().map(staged).collect::<Result<_>>()?,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok(())
}

/// A position ready to be written.
struct Staged {
    line: i64,
    position: domain::exam::Position,
    unit: String,
    search: String,
    content: String,
    rules: String,
    capacity: Option<i64>,
}

fn staged(row: &ReadPosition) -> Result<Staged> {
    let mut position = row.position.clone();
    let json = |e| Error::internal("position", e);
    let rules = serde_json::to_string(&position.rules).map_err(json)?;
    position.rules.clear();
    let capacity = capacity(&position);
    let unit = if position.department.is_empty() {
        &position.employer
    } else {
        &position.department
    };
    Ok(Staged {
        line: i64::from(row.line),
        unit: unit.clone(),
        search: position.search_text(),
        content: serde_json::to_string(&position).map_err(json)?,
        rules,
        capacity,
        position,
    })
}

struct StagePositions {
    stamp: Stamp,
    first_id: i64,
    exam_id: i64,
    batch_id: i64,
    rows: Vec<Staged>,
}

impl Command for StagePositions {
    const NAME: &'static str = "exam.stage_positions";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let trail = self.stamp.trail();
        for (id, row) in (self.first_id..).zip(&self.rows) {
            let position = &row.position;
            let insert = PositionInsert {
                id,
                public_id: &trail.public_id(id).to_string(),
                exam_id: self.exam_id,
                batch_id: self.batch_id,
                line: row.line,
                code: &position.code,
                name: &position.name,
                employer: &position.employer,
                department: &position.department,
                unit: &row.unit,
                headcount: i64::from(position.headcount),
                education: &position.education,
                majors: &position.majors,
                search_text: &row.search,
                content: &row.content,
                rules: &row.rules,
                capacity: row.capacity,
            };
            position_store::position_insert(tx, &insert).await?;
        }
        Ok(())
    }
}

async fn stage_subjects(ctx: &Ctx, exam: &Exam, batch: &Batch, rows: &[ReadSubject]) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        let count = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let command = StageSubjects {
            first_id: ctx.app.reserve_ids(count),
            exam_id: exam.id(),
            batch_id: batch.id,
            rows: chunk.iter().map(subject).collect::<Result<_>>()?,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok(())
}

fn subject(row: &ReadSubject) -> Result<SubjectRow> {
    let at = |clock: &str| {
        Timestamp::parse_local(&format!("{} {clock}", row.date))
            .map(Timestamp::micros)
            .ok_or(Error::inconsistent("a subject's time"))
    };
    Ok(SubjectRow {
        id: 0,
        line: i64::from(row.line),
        level: row.level.clone(),
        specialty: row.specialty.clone(),
        code: row.code.clone(),
        name: row.name.clone(),
        session: i64::from(row.session),
        starts_at: at(&row.starts)?,
        ends_at: at(&row.ends)?,
        fee: row.fee.get(),
    })
}

struct StageSubjects {
    first_id: i64,
    exam_id: i64,
    batch_id: i64,
    rows: Vec<SubjectRow>,
}

impl Command for StageSubjects {
    const NAME: &'static str = "exam.stage_subjects";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for (id, row) in (self.first_id..).zip(&self.rows) {
            position_store::subject_insert(tx, (id, self.exam_id, self.batch_id), row).await?;
        }
        Ok(())
    }
}

/// Makes a staged table the exam's: one flip of `exam.positions_batch`.
///
/// # Errors
/// `Conflict` if the batch isn't staged any more or another table was confirmed meanwhile; `Refused` if nothing in it can be
/// imported or the exam isn't a draft.
pub async fn confirm(ctx: &Ctx, exam: &Exam, batch: &BatchRow) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    if batch.rows_good == 0 {
        return Err(Error::refused(
            "import_empty",
            "没有可以导入的行",
            "请按列出的问题修改表格，再重新上传。",
        ));
    }
    let command = Confirm {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        batch: batch.clone(),
        from: exam.row.positions_batch,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    Ok(())
}

struct Confirm {
    stamp: Stamp,
    app: App,
    batch: BatchRow,
    from: i64,
}

impl Command for Confirm {
    const NAME: &'static str = "exam.import_confirm";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let exam = catalogue::find_in(tx, &self.app, self.batch.exam_id).await?;
        only_drafts(&exam)?;
        let wanted = if exam.has_positions() {
            Kind::Positions
        } else {
            Kind::Subjects
        };
        if self.batch.kind != wanted.code()
            || amendment_store::import_is_amendment(tx, self.batch.id).await?
        {
            return Err(Error::NotFound);
        }
        let mut trail = self.stamp.trail();
        super::confirm_in(tx, &mut trail, &self.batch, self.stamp.actor_id()).await?;
        if exam_point_positions(tx, exam.id(), self.from, self.batch.id).await? == 0 {
            return Err(Error::Conflict("另一份表格刚刚导入，请刷新后核对"));
        }
        let object = Object {
            kind: "exam",
            id: exam.id(),
            exam_id: exam.id(),
        };
        let detail = json!({ "from": self.from, "to": self.batch.id });
        trail.audit(tx, "exam.table", object, detail).await
    }
}
