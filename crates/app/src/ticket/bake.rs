//! 预生成: the tickets of an exam are set before its candidates come for them.
//!
//! A tick ([`bake_due`]) finds exams whose tickets can be printed soon, or can be now, and whose tickets are made of something else
//! than when they were last set (a later plan, other settings, another template); a job ([`Bake`]) sets them, some at a time, each
//! step one commit, taking its turns among the requests that compute. What a person changes later is found out by his own ticket's
//! digest when he prints.

use db::{Command, Crowd, Lane, Tx};
use domain::exam::Phase;
use domain::staff::Permission;
use domain::window::Standing;
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};

use super::cache::{self, Kept, Paper};
use super::file_store::{self as store, BakeRow};
use super::template::{self, Layout};
use super::{content, store as tickets};
use crate::application::store as applications;
use crate::chunks::{self, Over};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, Stamp};

/// Tickets in one step.
const STEP: i64 = 20;
/// How long before the window it begins: a weekend.
const HOURS_BEFORE: i64 = 72;

/// How far it is, for the office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Baked {
    /// Tickets that are set.
    pub made: i64,
    /// Of so many.
    pub total: i64,
    /// Whether the job is at it.
    pub running: bool,
    /// Bytes that they take.
    pub bytes: i64,
}

/// How far the tickets of an exam are set ahead; `None` before it began, and where the operator has switched it off.
///
/// # Errors
/// `Forbidden`; trouble with the database.
pub async fn baked(ctx: &Ctx, exam: &Exam) -> Result<Option<Baked>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    if !ctx.app.policy().ticket_cache {
        return Ok(None);
    }
    let Some(row) = store::bake_of_exam(&mut ctx.app.db().read(), exam.id()).await? else {
        return Ok(None);
    };
    let bytes = store::files_size(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    Ok(Some(Baked {
        made: row.made,
        total: row.total,
        running: row.state == "running",
        bytes,
    }))
}

/// Sees to it that the tickets of all exams that open soon are set. Jobs that died get a successor.
///
/// # Errors
/// Trouble with the database.
pub async fn bake_due(ctx: &Ctx) -> Result<()> {
    if !ctx.app.policy().ticket_cache {
        return Ok(());
    }
    let now = ctx.app.now();
    let soon = now.plus_seconds(HOURS_BEFORE * 3600);
    let until = (now.micros(), soon.micros());
    let due = store::exams_due(&mut ctx.app.db().scan(Crowd::System), until).await?;
    for exam_id in due {
        let exam = exam::find_by_id(&ctx.app, exam_id).await?;
        let stamp = made_of(&exam, &template::layout(&ctx.app, &exam).await?);
        let row = store::bake_of_exam(&mut ctx.app.db().read(), exam_id).await?;
        if row.as_ref().is_some_and(|row| row.stamp == stamp) {
            continue;
        }
        let command = Start {
            stamp: Stamp::of(ctx),
            exam_id,
            old: row.map(|row| (row.id, row.stamp)),
            made_of: stamp,
            total: crate::arrangement::people_seated(&ctx.app, &exam).await?,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let running = store::bakes_running(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Bake>(ctx, &running).await
}

/// What all tickets of an exam are made of.
fn made_of(exam: &Exam, layout: &Layout) -> String {
    let row = &exam.row;
    format!(
        "{}:{}:{}:{}:{}",
        row.seat_plan,
        row.settings_version,
        row.positions_amendment,
        layout.version,
        layout.digest.get(..16).unwrap_or_default()
    )
}

struct Start {
    stamp: Stamp,
    exam_id: i64,
    /// The row that there is, and what its tickets were made of.
    old: Option<(i64, String)>,
    made_of: String,
    total: i64,
}

impl Command for Start {
    const NAME: &'static str = "ticket.start_bake";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (new, job) = (trail.id()?, trail.id()?);
        let at = self.stamp.at;
        let (id, begun) = match &self.old {
            None => {
                let keys = (new, self.exam_id);
                let begun =
                    store::bake_insert(tx, keys, &self.made_of, self.total, at.micros()).await?;
                (new, begun)
            }
            Some((id, old)) => {
                let stamps = (old.as_str(), self.made_of.as_str());
                let begun = store::bake_restart(tx, *id, stamps, self.total, at.micros()).await?;
                (*id, begun)
            }
        };
        if begun == 1 {
            chunks::enqueue::<Bake>(tx, job, id, at).await?;
        }
        Ok(())
    }
}

/// Sets the tickets of an exam ahead.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bake {
    /// `ticket_bake.id`.
    pub bake: i64,
}

impl Job for Bake {
    type State = App;
    const NAME: &'static str = "ticket.bake";
    const QUEUE: &'static str = "ticket";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        // A context for each step: what holds is asked at the clock's time.
        let next = || async { bake_some(&Ctx::system(app), self.bake).await };
        chunks::work(run, "张准考证已生成", next).await
    }
}

impl Over for Bake {
    fn over(bake: i64) -> Self {
        Self { bake }
    }
}

/// The next step: some tickets, in one commit. How many are set by now, of how many; `None` once all are, the window is over, or
/// tickets are made of something else by now, which [`bake_due`] sees to.
///
/// # Errors
/// `Conflict` if another worker did this step meanwhile.
pub async fn bake_some(ctx: &Ctx, id: i64) -> Result<Option<(i64, i64)>> {
    let app = &ctx.app;
    let row = store::bake_by_id(&mut app.db().read(), id).await?;
    let row = row.ok_or(Error::NotFound)?;
    if row.state != "running" || !app.policy().ticket_cache {
        return Ok(None);
    }
    let exam = exam::find_by_id(app, row.exam_id).await?;
    let layout = template::layout(app, &exam).await?;
    if made_of(&exam, &layout) != row.stamp {
        return Ok(None);
    }
    let from = (exam.row.seat_plan, row.reached);
    let people = store::seated_after(&mut app.db().scan(Crowd::System), from, STEP).await?;
    let window = exam.window(Phase::Ticket);
    let closed = window.is_none_or(|window| window.standing(ctx.at) == Standing::After);
    let mut step = Step {
        stamp: Stamp::of(ctx),
        to: people.last().copied().filter(|_| !closed),
        made: 0,
        kept: Vec::new(),
        longer: Vec::new(),
        row,
    };
    let mut failed = 0;
    for application_id in people.iter().filter(|_| !closed) {
        match one(app, &exam, &layout, *application_id, &mut step).await {
            Ok(()) => {}
            // A ticket that can't be set stands in nobody else's way; he who prints it is told why.
            Err(Error::Refused(_) | Error::NotFound | Error::Internal { .. }) => failed += 1,
            Err(error) => {
                cache::delete(app, step.paths()).await;
                return Err(error);
            }
        }
    }
    if failed > 0 {
        tracing::warn!(exam = exam.id(), failed, "tickets can't be set ahead");
    }
    let paths = step.paths();
    match app.db().write(Lane::Background, step).await {
        Ok((stale, done)) => {
            cache::delete(app, stale).await;
            Ok(done)
        }
        Err(error) => {
            cache::delete(app, paths).await;
            Err(error)
        }
    }
}

/// Sets one ticket, unless it is or nobody may print it.
async fn one(
    app: &App,
    exam: &Exam,
    layout: &Layout,
    application_id: i64,
    step: &mut Step,
) -> Result<()> {
    let mut read = app.db().read();
    let row = applications::application_by_id(&mut read, application_id)
        .await?
        .ok_or(Error::NotFound)?;
    if !content::done(exam, &row)? {
        return Ok(());
    }
    let seats = tickets::own_seats(&mut read, application_id).await?;
    let known = store::file_find(&mut read, application_id).await?;
    let plan = content::plan(&seats)?;
    let (card, pass) = content::content(app, exam, &row, &seats).await?;
    let code = super::pass::text(app, &pass, &card.ticket_no);
    let paper = Paper::of(exam, &row, (card, code), plan, layout);
    step.made += 1;
    if let Some(known) = known.as_ref().filter(|row| row.digest == paper.digest()) {
        if known.expires_at != paper.expires_at() {
            let longer = (application_id, known.digest.clone(), paper.expires_at());
            step.longer.push(longer);
        }
        return Ok(());
    }
    let set = cache::set(app, &paper).await;
    let bytes = set.inspect_err(|_| step.made -= 1)?;
    let old = known.map(|row| row.path);
    match cache::put(app, &paper, &bytes, old).await {
        Some(kept) => step.kept.push(kept),
        None => step.made -= 1,
    }
    Ok(())
}

struct Step {
    stamp: Stamp,
    row: BakeRow,
    /// The last application of this step; `None` when nobody is left.
    to: Option<i64>,
    made: i64,
    kept: Vec<Kept>,
    /// Tickets that are as they were, with the time until when they are kept now.
    longer: Vec<(i64, String, i64)>,
}

impl Step {
    fn paths(&self) -> Vec<String> {
        let paths = self.kept.iter().map(|kept| kept.path().to_owned());
        paths.collect()
    }
}

impl Command for Step {
    const NAME: &'static str = "ticket.bake_step";
    /// Files that aren't needed any more, and how far it is.
    type Out = (Vec<String>, Option<(i64, i64)>);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out> {
        let at = self.stamp.at;
        let Some(to) = self.to else {
            store::bake_finish(tx, &self.row, at.micros()).await?;
            return Ok((Vec::new(), None));
        };
        if store::bake_advance(tx, &self.row, to, self.made).await? == 0 {
            return Err(Error::Conflict("另一个任务正在预生成准考证"));
        }
        let mut stale = Vec::new();
        for kept in &self.kept {
            stale.extend(kept.name(tx, at).await?);
        }
        for (application_id, digest, until) in &self.longer {
            store::file_extend(tx, *application_id, digest, *until).await?;
        }
        Ok((stale, Some((self.row.made + self.made, self.row.total))))
    }
}
