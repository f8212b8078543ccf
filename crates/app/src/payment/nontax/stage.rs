//! Taking a list of the bank's in: kept as it came, then stored chunk by chunk, each a commit that says how far it is.

use db::{Command, Crowd, Lane, Tx};
use domain::staff::Permission;
use jobs::{Job, JobError, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::list::{Counted, List, checked, rows_json};
use super::paid::object;
use super::store::{self, BatchRow};
use super::{CHUNK, Uploaded};
use crate::chunks::{self, Over};
use crate::object::{self as objects, NewObject, Owner};
use crate::{App, Ctx, Error, Result, Stamp};

/// What such files are in the table of stored files.
const KIND: &str = "nontax";
const GONE: &str = "这份清单刚有变化，请刷新后再看";

/// Takes a list: all of its lines can be read, or none is stored. The public id of it, also of one that was taken before.
///
/// # Errors
/// `Fields` under `file` for a file that can't be read.
pub async fn upload(ctx: &Ctx, file_name: &str, bytes: Vec<u8>) -> Result<Uploaded<String>> {
    ctx.allow(Permission::Finance)?;
    if bytes.is_empty() {
        return Err(Error::field("file", "请选择代收银行的到账清单"));
    }
    let counted = {
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        match checked(&mut scan, bytes.clone()).await? {
            Ok(counted) => counted,
            Err(problems) => return Ok(Uploaded::Bad(problems)),
        }
    };
    let name = objects::shown_name(file_name);
    let kept = objects::prepare(
        &ctx.app,
        KIND,
        Owner::Staff(ctx.actor.id()),
        ("application/octet-stream", &name),
        &bytes,
    )
    .await?;
    let command = Begin {
        stamp: Stamp::of(ctx),
        file_name: name,
        counted,
        kept,
    };
    let (batch, known) = ctx.app.db().write(Lane::Interactive, command).await?;
    if known {
        return Ok(Uploaded::Again(batch.public_id));
    }
    // A short list is there at once; the rest of a long one is the job's.
    match store_lines(ctx, &batch, bytes, None, 1).await {
        Ok(()) | Err(Error::Conflict(_)) => Ok(Uploaded::Taken(batch.public_id)),
        Err(error) => Err(error),
    }
}

struct Begin {
    stamp: Stamp,
    file_name: String,
    counted: Counted,
    kept: NewObject,
}

impl Command for Begin {
    const NAME: &'static str = "payment.nontax_begin";
    /// The list, and whether it was there.
    type Out = (BatchRow, bool);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(BatchRow, bool)> {
        if let Some(known) = store::batch_by_hash(tx, &self.counted.hash).await? {
            return Ok((known, true));
        }
        let mut trail = self.stamp.trail();
        let object_id = objects::insert(tx, &mut trail, &self.kept).await?;
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = store::BatchInsert {
            id,
            public_id: &public_id,
            file_name: &self.file_name,
            file_hash: &self.counted.hash,
            object_id,
            rows: self.counted.rows,
            amount: self.counted.amount,
            by: trail.actor_id(),
            at: trail.at().micros(),
        };
        store::batch_insert(tx, &row).await?;
        let detail = json!({
            "rows": self.counted.rows, "amount": self.counted.amount, "hash": self.counted.hash,
        });
        trail
            .audit(tx, "payment.nontax_upload", object(id), detail)
            .await?;
        let job = trail.id()?;
        chunks::enqueue::<Read>(tx, job, id, self.stamp.at).await?;
        let row = store::batch_by_id(tx, id).await?;
        Ok((row.ok_or(Error::inconsistent("nontax_batch"))?, false))
    }
}

/// Reads the rest of a list in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Read {
    /// `nontax_batch.id`.
    pub batch: i64,
}

impl Job for Read {
    type State = App;
    const NAME: &'static str = "payment.nontax";
    const QUEUE: &'static str = "payment.nontax";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        match read_on(&Ctx::system(app), self.batch, Some(run), usize::MAX).await {
            Ok(()) => Ok(()),
            Err(Error::NotFound) => Err(JobError::fail("what the job was over is gone")),
            Err(error) => Err(JobError::retry(error)),
        }
    }
}

impl Over for Read {
    fn over(batch: i64) -> Self {
        Self { batch }
    }
}

/// Gives lists whose job died another one.
///
/// # Errors
/// Trouble with the database.
pub async fn resume(ctx: &Ctx) -> Result<()> {
    let rows = store::batches_reading(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Read>(ctx, &rows).await
}

/// Stores so many chunks more of a list, from where it is.
///
/// # Errors
/// `NotFound`; `Conflict` if somebody else is at it; trouble with the database.
pub async fn read_on(ctx: &Ctx, batch: i64, run: Option<&Run>, chunks: usize) -> Result<()> {
    let row = store::batch_by_id(&mut ctx.app.db().scan(Crowd::System), batch).await?;
    let row = row.ok_or(Error::NotFound)?;
    if !row.is_reading() {
        return Ok(());
    }
    let object = row
        .object_id
        .ok_or(Error::inconsistent("nontax_batch.object_id"))?;
    let bytes = objects::read(&ctx.app, object).await?.bytes;
    store_lines(ctx, &row, bytes, run, chunks).await
}

async fn store_lines(
    ctx: &Ctx,
    batch: &BatchRow,
    bytes: Vec<u8>,
    run: Option<&Run>,
    chunks: usize,
) -> Result<()> {
    let changed = || Error::inconsistent("a bank's list changed while it was read");
    let mut list = List::open(bytes).await?.map_err(|_| changed())?;
    let (mut stored, mut passed) = (batch.stored.unwrap_or(batch.rows), 0);
    let mut left = chunks;
    while stored < batch.rows && left > 0 {
        let piece;
        (list, piece) = list.next().await?;
        let count = i64::try_from(piece.lines.len()).unwrap_or(i64::MAX);
        if !piece.problems.is_empty() || (piece.last && passed + count < batch.rows) {
            return Err(changed());
        }
        // Chunks are cut at the same lines each time: one is there whole, or not at all.
        if passed < stored {
            passed += count;
            continue;
        }
        let command = Store {
            batch: batch.id,
            from: stored,
            count,
            rows: rows_json(&piece.lines),
        };
        ctx.app.db().write(Lane::Background, command).await?;
        (stored, passed, left) = (stored + count, passed + count, left - 1);
        if let Some(run) = run {
            let told = run.progress(stored, batch.rows, "行已读入").await;
            told.map_err(|error| Error::internal("the job was called off", error))?;
        }
    }
    Ok(())
}

struct Store {
    batch: i64,
    from: i64,
    count: i64,
    rows: String,
}

impl Command for Store {
    const NAME: &'static str = "payment.nontax_store";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::batch_store(tx, self.batch, self.from, self.count).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        // A line whose code is nobody's gets no row; it stays in the kept file ([`super::strange`]).
        store::rows_insert(tx, self.batch, &self.rows).await?;
        Ok(())
    }
}

/// A chunk is no larger than what one statement takes.
const _: () = assert!(CHUNK <= 1_000, "one JSON text");
