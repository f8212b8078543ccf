//! 清除: everything of a rehearsal and of its candidates goes, a few hundred rows at a time.
//!
//! The commit that asks for it shuts the exam and freezes its accounts, so that nothing new comes about. The job then goes through
//! the tables in an order that foreign keys allow, again and again until a look finds nothing; the stored content of a file goes
//! before its row. Where it is follows from what is still there: a crash goes on by itself, and two workers do no harm. The last commit
//! removes accounts and exam. What stays is the trail and one row that says how many of each kind went.
//!
//! Each feature lists its own tables (`wipe_store::WIPE`). A new table with something of an exam or a candidate must be added to
//! its feature's list: the test `after_a_wipe_nothing_refers_to_it` fails until it is.

use std::collections::BTreeMap;

use db::{Command, Crowd, Lane, Sql, Tx, p, record};
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::wipe_store as store;
use crate::chunks::{self, Over};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Object, Result, Stamp, object};

/// Files in one commit.
const FILES: i64 = 50;
/// A commit ends after the statement that reaches so many rows.
const ROWS: u64 = 300;

record! {
    /// A wipe: asked for, running, or done; done, it is the certificate.
    #[derive(Debug, Clone)]
    pub struct WipeRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub title: String,
        pub code: String,
        pub state: String,
        pub planned: String,
        pub removed: String,
        pub asked_by: i64,
        pub asked_at: i64,
        pub finished_at: Option<i64>,
        pub version: i64,
    }
}

impl WipeRow {
    /// What there was when it was asked for, by kind.
    pub fn planned(&self) -> BTreeMap<String, i64> {
        serde_json::from_str(&self.planned).unwrap_or_default()
    }

    /// What has gone, by kind.
    pub fn removed(&self) -> BTreeMap<String, i64> {
        serde_json::from_str(&self.removed).unwrap_or_default()
    }

    /// Whether all is gone.
    pub fn is_done(&self) -> bool {
        self.state == "done"
    }
}

/// A statement that removes some rows of a table: those of the rehearsal `$1`, or those that hang on the file `$1`.
#[derive(Debug)]
pub(crate) struct Wipe {
    /// What people call it.
    pub(crate) kind: &'static str,
    /// The table.
    pub(crate) table: &'static str,
    pub(crate) sql: Sql,
}

/// Every statement in its order: what hangs on something goes before that.
fn steps() -> impl Iterator<Item = &'static Wipe> {
    [
        crate::setback::wipe_store::WIPE,
        crate::payment::wipe_store::WIPE,
        crate::waiver::wipe_store::WIPE,
        crate::review::wipe_store::WIPE,
        crate::door::wipe_store::WIPE,
        crate::ticket::wipe_store::WIPE,
        crate::arrangement::wipe_store::WIPE,
        crate::venue::wipe_store::WIPE,
        crate::selection::wipe_store::WIPE,
        crate::score::wipe_store::WIPE,
        crate::message::wipe_store::WIPE,
        crate::statistics::wipe_store::WIPE,
        crate::application::wipe_store::WIPE,
        crate::profile::wipe_store::WIPE,
        crate::draft::wipe_store::WIPE,
        crate::account::wipe_store::WIPE,
        crate::approval::wipe_store::WIPE,
        crate::staff::wipe_store::WIPE,
        crate::announcement::wipe_store::WIPE,
        crate::archive::wipe_store::WIPE,
        crate::carried::wipe_store::WIPE,
        super::own_wipe_store::WIPE,
        crate::exam::wipe_store::WIPE,
        crate::application::wipe_store::LAST,
        crate::account::wipe_store::LAST,
        crate::exam::wipe_store::LAST,
    ]
    .into_iter()
    .flatten()
}

/// What goes with a file, the file last.
fn of_file() -> impl Iterator<Item = &'static Wipe> {
    [
        crate::photo::wipe_store::OF_FILE,
        crate::application::wipe_store::OF_FILE,
        crate::waiver::wipe_store::OF_FILE,
        crate::archive::wipe_store::OF_FILE,
        crate::announcement::wipe_store::OF_FILE,
        object::wipe_store::OF_FILE,
    ]
    .into_iter()
    .flatten()
}

/// Rows that are no `object` and yet have a content in the store.
static STORED: [&Wipe; 2] = [
    &crate::arrangement::wipe_store::STORED,
    &crate::ticket::wipe_store::STORED,
];

/// The tables that a wipe empties of a rehearsal: for the test that looks whether any was forgotten.
pub fn tables() -> Vec<&'static str> {
    let all = steps().chain(of_file()).chain(STORED);
    all.map(|step| step.table).collect()
}

/// What would go, by kind: for the page that asks.
///
/// # Errors
/// Trouble with the database.
pub async fn there(ctx: &Ctx, exam: &Exam) -> Result<Vec<(String, i64)>> {
    Ok(store::there(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?)
}

/// The wipes that there were, newest first, for those who may make exams.
///
/// # Errors
/// `Forbidden`.
pub async fn list(ctx: &Ctx) -> Result<Vec<WipeRow>> {
    ctx.allow(domain::staff::Permission::ExamEdit)?;
    Ok(store::wipes(&mut ctx.app.db().scan(Crowd::Staff)).await?)
}

/// Has a rehearsal wiped; the certificate's public id. `typed` is its title, with or without the mark.
///
/// # Errors
/// `NotFound` for a real exam; `Fields` under `title`; `Conflict` if it was asked for already.
pub async fn ask(ctx: &Ctx, public_id: &str, typed: &str) -> Result<String> {
    let exam = super::find(ctx, public_id).await?;
    let bare = domain::rehearsal::untitled;
    if bare(typed) != bare(exam.title()) {
        return Err(Error::field(
            "title",
            "与考试名称不一致，请照上面的名称填写",
        ));
    }
    let planned: BTreeMap<String, i64> = there(ctx, &exam).await?.into_iter().collect();
    let command = Ask {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        exam_id: exam.id(),
        planned: serde_json::to_string(&planned)
            .map_err(|e| Error::internal("rehearsal_wipe.planned", e))?,
    };
    let wipe = ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    ctx.app.sessions().clear();
    Ok(wipe)
}

struct Ask {
    stamp: Stamp,
    app: App,
    exam_id: i64,
    planned: String,
}

impl Command for Ask {
    const NAME: &'static str = "rehearsal.wipe_ask";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let exam = exam::find_in(tx, &self.app, self.exam_id).await?;
        if !exam.is_rehearsal() {
            return Err(Error::NotFound);
        }
        if store::wipe_of(tx, exam.id()).await?.is_some() {
            return Err(Error::Conflict("这场演练已经在清除"));
        }
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let row = WipeRow {
            id,
            public_id: trail.public_id(id).to_string(),
            exam_id: exam.id(),
            title: exam.title().to_owned(),
            code: exam.row.code.clone(),
            state: String::new(),
            planned: self.planned.clone(),
            removed: String::new(),
            asked_by: self.stamp.actor_id(),
            asked_at: self.stamp.at.micros(),
            finished_at: None,
            version: 1,
        };
        store::wipe_insert(tx, &row).await?;
        // From now on nobody enters, applies or pays: nothing new comes about behind the job's back.
        exam::shut(tx, exam.id()).await?;
        crate::account::freeze_rehearsal(tx, exam.id()).await?;
        chunks::enqueue::<Carry>(tx, trail.id()?, id, self.stamp.at).await?;
        let object = Object {
            kind: "exam",
            id: exam.id(),
            exam_id: exam.id(),
        };
        let detail = json!({ "title": row.title, "code": row.code });
        trail.audit(tx, "rehearsal.wipe", object, detail).await?;
        Ok(row.public_id)
    }
}

/// Carries a wipe out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Carry {
    /// `rehearsal_wipe.id`.
    pub wipe: i64,
}

impl Job for Carry {
    type State = App;
    const NAME: &'static str = "rehearsal.wipe";
    const QUEUE: &'static str = "archive";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        let next = || async { wipe_some(&Ctx::system(app), self.wipe).await };
        chunks::work(run, "条已清除", next).await
    }
}

impl Over for Carry {
    fn over(wipe: i64) -> Self {
        Self { wipe }
    }
}

/// Gives wipes whose job died another one.
///
/// # Errors
/// Trouble with the database.
pub async fn resume(ctx: &Ctx) -> Result<()> {
    let rows = store::wipes_open(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Carry>(ctx, &rows).await
}

/// The next chunk. How many rows have gone by now; `None` once nothing is left.
///
/// # Errors
/// `Conflict` if another worker did something meanwhile; `NotFound`, also for what isn't a rehearsal.
pub async fn wipe_some(ctx: &Ctx, wipe: i64) -> Result<Option<i64>> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let row = store::wipe_by_id(&mut scan, wipe)
        .await?
        .ok_or(Error::NotFound)?;
    if row.is_done() {
        return Ok(None);
    }
    only_rehearsal(ctx, row.exam_id).await?;
    let files = store::files(&mut scan, row.exam_id, FILES).await?;
    let stored = store::stored(&mut scan, row.exam_id, FILES).await?;
    // First the content, then the row: a crash between the two leaves a row that says too much, never a file that nobody knows.
    let paths = files.iter().filter_map(|file| file.path.as_deref());
    let paths = paths.chain(stored.iter().map(|one| one.path.as_str()));
    object::wipe(&ctx.app, paths.filter(|path| !path.is_empty())).await?;
    let worked_on = store::worked_on(&mut scan, row.exam_id).await?;
    let command = Chunk {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        row,
        files: files.into_iter().map(|file| file.id).collect(),
        stored,
        worked_on,
    };
    let removed = ctx.app.db().write(Lane::Background, command).await?;
    if removed.is_none() {
        ctx.app.exams().forget();
        ctx.app.board().reload(&ctx.app).await?;
    }
    Ok(removed)
}

/// Whatever a row says: nothing of a real exam is ever removed here.
async fn only_rehearsal(ctx: &Ctx, exam_id: i64) -> Result<()> {
    match exam::find_by_id(&ctx.app, exam_id).await {
        Ok(exam) if exam.is_rehearsal() => Ok(()),
        Ok(_) => Err(Error::NotFound),
        // Its row went, what hung on it is gone as well: the last look was broken off.
        Err(Error::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

struct Chunk {
    app: App,
    stamp: Stamp,
    row: WipeRow,
    files: Vec<i64>,
    /// Rows of other tables whose content has gone.
    stored: Vec<store::StoredRow>,
    /// Rows that jobs are over.
    worked_on: Vec<i64>,
}

impl Command for Chunk {
    const NAME: &'static str = "rehearsal.wipe_chunk";
    /// How many rows have gone by now; `None` once nothing is left.
    type Out = Option<i64>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Option<i64>> {
        const MOVED: Error = Error::Conflict("另一个任务正在清除");
        let row = &self.row;
        match exam::find_in(tx, &self.app, row.exam_id).await {
            Ok(exam) if !exam.is_rehearsal() => return Err(Error::NotFound),
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
        let mut removed = row.removed();
        let mut gone = 0;
        let mut count = |kind: &str, rows: u64| {
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            if rows > 0 {
                *removed.entry(kind.to_owned()).or_default() += rows;
            }
        };
        for id in &self.files {
            for step in of_file() {
                let rows = tx.exec(step.sql.clone(), p![*id]).await?;
                gone += rows;
                count(step.kind, rows);
            }
        }
        for one in &self.stored {
            for step in STORED.iter().filter(|step| step.table == one.table_name) {
                let rows = tx.exec(step.sql.clone(), p![one.id]).await?;
                gone += rows;
                count(step.kind, rows);
            }
        }
        for row in &self.worked_on {
            jobs::forget(tx, &chunks::key(*row)).await?;
        }
        if self.files.is_empty() && self.stored.is_empty() {
            for step in steps() {
                let rows = tx.exec(step.sql.clone(), p![row.exam_id]).await?;
                gone += rows;
                count(step.kind, rows);
                if gone >= ROWS {
                    break;
                }
            }
        }
        let total = removed.values().sum();
        let json = serde_json::to_string(&removed)
            .map_err(|e| Error::internal("rehearsal_wipe.removed", e))?;
        let at = self.stamp.at.micros();
        let over = gone == 0;
        let keys = (row.id, row.version);
        if store::wipe_advance(tx, keys, &json, over.then_some(at)).await? == 0 {
            return Err(MOVED);
        }
        if !over {
            return Ok(Some(total));
        }
        let object = Object {
            kind: "exam",
            id: row.exam_id,
            exam_id: row.exam_id,
        };
        let detail = json!({ "title": row.title, "removed": removed });
        let mut trail = self.stamp.trail();
        trail.audit(tx, "rehearsal.wiped", object, detail).await?;
        Ok(None)
    }
}
