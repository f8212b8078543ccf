//! Tables that people upload: read, staged under a batch, looked at, then confirmed by one flip of a pointer.
//!
//! Batch states `staging → staged → confirmed`, or `discarded` from either. Positions and subjects are this feature's own
//! ([`upload`], [`confirm`]); `arrangement` and `score` stage their rows in their own tables and use [`begin`], [`problems`],
//! [`finish`] and [`confirm_in`] for the batch. Rows go in chunks on the background lane: nobody waits behind an import.

mod command_line;
mod preview;
mod table;

pub use command_line::{FileReport, ImportFile, import_file};
pub use preview::{Change, Preview, Summary, preview};
pub(super) use table::{capacity, read_table};
pub use table::{confirm, upload};

use db::{Command, Crowd, Lane, Tx};
use serde_json::json;

use super::import_store::{self as store, BatchInsert, BatchRow, ProblemRow};
use super::position_store;
use crate::object::{self, File, NewObject, Owner};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

/// Rows staged by one command.
pub(crate) const CHUNK: usize = 250;
/// Problems kept and shown; a table with more is the wrong table.
pub const MOST_PROBLEMS: usize = 2_000;

/// What a batch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 岗位表.
    Positions,
    /// 科目表.
    Subjects,
    /// 考场编排.
    Seats,
    /// 成绩.
    Scores,
    /// 考场.
    Rooms,
}

impl Kind {
    /// The stored code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Positions => "positions",
            Self::Subjects => "subjects",
            Self::Seats => "seats",
            Self::Scores => "scores",
            Self::Rooms => "rooms",
        }
    }
}

/// A batch being staged.
#[derive(Debug, Clone)]
pub struct Batch {
    /// `import_batch.id`: what staged rows carry.
    pub id: i64,
    /// What URLs carry.
    pub public_id: String,
}

/// Keeps the uploaded file and opens a batch for its rows. The caller has checked who asks.
pub(crate) async fn begin(
    ctx: &Ctx,
    exam_id: i64,
    kind: Kind,
    (file_name, bytes): (&str, &[u8]),
) -> Result<Batch> {
    const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let owner = Owner::Staff(ctx.actor.id());
    let object = object::prepare(&ctx.app, "import", owner, (XLSX, file_name), bytes).await?;
    let file_name = object::shown_name(file_name);
    let command = Begin {
        stamp: Stamp::of(ctx),
        exam_id,
        kind,
        file_name,
        object,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Begin {
    stamp: Stamp,
    exam_id: i64,
    kind: Kind,
    file_name: String,
    object: NewObject,
}

impl Command for Begin {
    const NAME: &'static str = "exam.import_begin";
    type Out = Batch;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Batch> {
        let mut trail = self.stamp.trail();
        let object_id = object::insert(tx, &mut trail, &self.object).await?;
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = BatchInsert {
            id,
            public_id: &public_id,
            exam_id: self.exam_id,
            kind: self.kind.code(),
            file_name: &self.file_name,
            object_id,
            by: self.stamp.actor_id(),
            at: self.stamp.at.micros(),
        };
        store::batch_insert(tx, &row).await?;
        let object = Object {
            kind: "import_batch",
            id,
            exam_id: self.exam_id,
        };
        let detail = json!({ "kind": self.kind.code(), "file": self.file_name });
        trail.audit(tx, "exam.import_begin", object, detail).await?;
        Ok(Batch { id, public_id })
    }
}

/// Keeps what couldn't be read, in chunks; call it once per batch. More than [`MOST_PROBLEMS`] are cut off.
pub(crate) async fn problems(ctx: &Ctx, batch_id: i64, problems: &[ProblemRow]) -> Result<()> {
    let kept = problems.get(..MOST_PROBLEMS).unwrap_or(problems);
    for (chunk, rows) in kept.chunks(CHUNK).enumerate() {
        let first = i64::try_from(chunk * CHUNK).unwrap_or(i64::MAX);
        let command = Problems {
            batch_id,
            first,
            rows: rows.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok(())
}

struct Problems {
    batch_id: i64,
    first: i64,
    rows: Vec<ProblemRow>,
}

impl Command for Problems {
    const NAME: &'static str = "exam.import_problems";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for (item, row) in (self.first..).zip(&self.rows) {
            let texts = (
                row.severity.as_str(),
                row.field.as_str(),
                row.cell.as_str(),
                row.message.as_str(),
            );
            store::problem_insert(tx, self.batch_id, (row.line, item), texts).await?;
        }
        Ok(())
    }
}

/// Rows read, good, bad.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) read: usize,
    pub(crate) good: usize,
    pub(crate) bad: usize,
}

/// Everything is staged: the batch can be looked at and confirmed.
pub(crate) async fn finish(
    ctx: &Ctx,
    batch_id: i64,
    counts: Counts,
    summary: &serde_json::Value,
) -> Result<()> {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let rows = (number(counts.read), number(counts.good), number(counts.bad));
    let command = Finish {
        batch_id,
        rows,
        summary: summary.to_string(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Finish {
    batch_id: i64,
    rows: (i64, i64, i64),
    summary: String,
}

impl Command for Finish {
    const NAME: &'static str = "exam.import_finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::batch_staged(tx, self.batch_id, self.rows, &self.summary).await? == 0 {
            return Err(Error::Conflict("这次导入已被放弃，请重新上传"));
        }
        Ok(())
    }
}

/// Marks a staged batch as confirmed, in the transaction that flips the caller's pointer to it.
///
/// # Errors
/// `Conflict` if it isn't staged any more: confirmed by somebody else, or given up.
pub(crate) async fn confirm_in(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    batch: &BatchRow,
    by: i64,
) -> Result<()> {
    let who = (by, trail.at().micros());
    if store::batch_set_state(tx, batch.id, "staged", "confirmed", who).await? == 0 {
        return Err(Error::Conflict("这次导入已确认或已放弃，请回到列表查看"));
    }
    let object = Object {
        kind: "import_batch",
        id: batch.id,
        exam_id: batch.exam_id,
    };
    let detail = json!({ "kind": batch.kind, "rows": batch.rows_good, "left_out": batch.rows_bad });
    trail.audit(tx, "exam.import_confirm", object, detail).await
}

/// A batch of an exam. The caller has checked who asks.
///
/// # Errors
/// `NotFound` also for a batch of another exam.
pub async fn find(app: &App, exam_id: i64, public_id: &str) -> Result<BatchRow> {
    store::batch_by_public_id(&mut app.db().read(), public_id)
        .await?
        .filter(|batch| batch.exam_id == exam_id)
        .ok_or(Error::NotFound)
}

/// The last uploads of an exam, newest first.
pub async fn recent(app: &App, exam_id: i64, kind: Kind) -> Result<Vec<BatchRow>> {
    Ok(store::batches_of(&mut app.db().scan(Crowd::Staff), exam_id, kind.code()).await?)
}

/// What couldn't be read in a batch, errors first, in the order of the table.
pub async fn problems_of(app: &App, batch_id: i64) -> Result<Vec<ProblemRow>> {
    let most = i64::try_from(MOST_PROBLEMS).unwrap_or(i64::MAX);
    Ok(store::problems_of(&mut app.db().scan(Crowd::Staff), batch_id, most).await?)
}

/// The uploaded file of a batch.
pub async fn file(app: &App, batch: &BatchRow) -> Result<File> {
    object::read(app, batch.object_id).await
}

/// 放弃: the batch is given up and its staged positions and subjects go. Rows that other features staged are theirs to remove.
pub async fn discard(ctx: &Ctx, batch: &BatchRow) -> Result<()> {
    let command = Discard {
        stamp: Stamp::of(ctx),
        batch: batch.clone(),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    while ctx
        .app
        .db()
        .write(Lane::Background, Drop { batch_id: batch.id })
        .await?
        > 0
    {}
    Ok(())
}

struct Discard {
    stamp: Stamp,
    batch: BatchRow,
}

impl Command for Discard {
    const NAME: &'static str = "exam.import_discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        let id = self.batch.id;
        let changed = store::batch_set_state(tx, id, "staged", "discarded", who).await?
            + store::batch_set_state(tx, id, "staging", "discarded", who).await?;
        if changed == 0 {
            return Err(Error::Conflict("这次导入已确认或已放弃，请回到列表查看"));
        }
        let object = Object {
            kind: "import_batch",
            id,
            exam_id: self.batch.exam_id,
        };
        self.stamp
            .trail()
            .audit(tx, "exam.import_discard", object, json!({}))
            .await
    }
}

struct Drop {
    batch_id: i64,
}

impl Command for Drop {
    const NAME: &'static str = "exam.import_drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let subjects = position_store::subjects_drop(tx, self.batch_id).await?;
        let chunk = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        Ok(subjects + position_store::positions_drop(tx, self.batch_id, chunk).await?)
    }
}
