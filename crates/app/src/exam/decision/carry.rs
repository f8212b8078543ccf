//! Carrying a confirmed decision out: a job in chunks, each one commit, that goes on where it was after a crash.
//!
//! First the positions: each cut or cancelled one gets a revision in one amendment, and from that commit on nobody applies
//! for a cancelled one (`position_take` asks for an open position). Then the amendment stands, with its notice. Then, position
//! by position, everybody who is still there goes through `application::advance`.

use db::{Command, Crowd, Lane, Tx};
use domain::application::{Event, State};
use domain::exam::{PositionOutcome, PositionState};
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::word::cancels;
use crate::application;
use crate::chunks::{self, Over};
use crate::exam::amendment::{self, FieldChange, Publication};
use crate::exam::amendment_store::{self, AmendmentInsert, LiveRow, RevisionInsert};
use crate::exam::catalogue;
use crate::exam::decision_store::{self as store, DecisionRow, ItemRow};
use crate::exam::positions;
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Positions in one commit.
const POSITIONS: i64 = 50;
/// Applications in one commit: each has up to a dozen rows.
pub const CHUNK: u32 = 30;
/// Rows that one application may need.
const ROWS_EACH: u32 = 14;

/// Carries a decision out.
#[derive(Debug, Serialize, Deserialize)]
pub struct CarryOut {
    /// `position_decision.id`.
    pub decision: i64,
}

impl Job for CarryOut {
    type State = App;
    const NAME: &'static str = "exam.carry_out";
    const QUEUE: &'static str = "exam";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        // A context for each chunk: what holds is asked at the clock's time.
        let next = || async { carry_some(&Ctx::system(app), self.decision, CHUNK).await };
        chunks::work(run, "人已办理", next).await
    }
}

impl Over for CarryOut {
    fn over(decision: i64) -> Self {
        Self { decision }
    }
}

/// Puts a job in for every decision that is running and has none any more.
pub(in crate::exam) async fn resume(ctx: &Ctx) -> Result<()> {
    let rows = store::decisions_unfinished(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<CarryOut>(ctx, &rows).await
}

/// The next chunk of a decision, at most `chunk` applications; how many have been dealt with by now. `None` once all is done.
///
/// # Errors
/// `Conflict` if somebody moved meanwhile: the same chunk again; `NotFound`.
pub async fn carry_some(ctx: &Ctx, decision: i64, chunk: u32) -> Result<Option<i64>> {
    let app = &ctx.app;
    let mut scan = app.db().scan(Crowd::System);
    let row = store::decision_by_id(&mut scan, decision)
        .await?
        .ok_or(Error::NotFound)?;
    if row.state != "running" {
        return Ok(None);
    }
    let waiting = store::items_in(&mut scan, row.id, "waiting", POSITIONS).await?;
    if !waiting.is_empty() {
        flip(ctx, row, waiting).await?;
        return Ok(Some(0));
    }
    let amendment = amendment_store::amendment_by_id(&mut scan, row.amendment_id).await?;
    if let Some(amendment) = amendment.filter(|amendment| amendment.state == "staging") {
        let command = Stand {
            stamp: Stamp::of(ctx),
            amendment,
            row,
        };
        app.db().write(Lane::Interactive, command).await?;
        app.exams().forget();
        app.exams().forget_figures();
        return Ok(Some(0));
    }
    let flipped = store::items_in(&mut scan, row.id, "flipped", 1).await?;
    if let Some(item) = flipped.into_iter().next() {
        let limit = i64::from(chunk);
        let people =
            amendment_store::live_at(&mut scan, item.position_id, item.reached, limit).await?;
        let done = item.ended + item.waiting;
        walk(ctx, &row, item, people).await?;
        return Ok(Some(done));
    }
    let stamp = Stamp::of(ctx);
    app.db()
        .write(Lane::Background, Finish { stamp, row })
        .await?;
    app.exams().forget_figures();
    Ok(None)
}

/// The next positions: revisions, and nobody applies any more for those that are cancelled.
async fn flip(ctx: &Ctx, row: DecisionRow, waiting: Vec<ItemRow>) -> Result<()> {
    let exam = catalogue::find_by_id(&ctx.app, row.exam_id).await?;
    let table = positions::table(&ctx.app, &exam).await?;
    let mut items = Vec::with_capacity(waiting.len());
    for item in waiting {
        let position = table
            .by_id(item.position_id)
            .ok_or(Error::inconsistent("position_decision_item.position_id"))?;
        let old = &position.position;
        let revision = match PositionOutcome::from_code(&item.outcome) {
            Some(PositionOutcome::Cut) => {
                let mut new = old.clone();
                new.headcount = u32::try_from(item.new_headcount).unwrap_or(0);
                let change = FieldChange::new(
                    "招聘人数",
                    old.headcount.to_string(),
                    new.headcount.to_string(),
                );
                Some(amendment::revision((position, "cut"), &new, &[change])?)
            }
            Some(PositionOutcome::Cancel) => {
                let change = FieldChange::new(
                    "状态",
                    PositionState::Open.label(),
                    PositionState::Cancelled.label(),
                );
                Some(amendment::revision((position, "cancel"), old, &[change])?)
            }
            _ => None,
        };
        items.push((item, revision));
    }
    let command = Flip {
        stamp: Stamp::for_rows(ctx, u32::try_from(items.len()).unwrap_or(0)),
        base: (exam.row.positions_batch, exam.row.positions_amendment),
        row,
        items,
    };
    ctx.app.db().write(Lane::Background, command).await?;
    ctx.app.exams().forget_figures();
    Ok(())
}

struct Flip {
    stamp: Stamp,
    base: (i64, i64),
    row: DecisionRow,
    items: Vec<(ItemRow, Option<RevisionInsert>)>,
}

impl Command for Flip {
    const NAME: &'static str = "exam.decision_flip";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = &self.row;
        let mut amendment = row.amendment_id;
        if amendment == 0 {
            amendment = trail.id()?;
            let insert = AmendmentInsert {
                id: amendment,
                public_id: &trail.public_id(amendment).to_string(),
                exam_id: row.exam_id,
                kind: "decision",
                base: self.base,
                import_id: 0,
                reason: &row.reason,
                notice: (&row.notice_title, &row.notice_body),
                by: row.asked_by.unwrap_or(0),
                at: self.stamp.at.micros(),
            };
            amendment_store::amendment_insert(tx, &insert).await?;
            if store::decision_set_amendment(tx, row.id, amendment).await? == 0 {
                return Err(Error::Conflict(BUSY));
            }
        }
        for (item, revision) in &self.items {
            let of = (item.decision_id, item.position_id);
            let gone = cancels(&item.outcome);
            let to = if gone { "flipped" } else { "done" };
            if store::item_set_state(tx, of, "waiting", to).await? == 0 {
                return Err(Error::Conflict(BUSY));
            }
            if let Some(revision) = revision {
                amendment_store::revision_insert(tx, amendment, revision).await?;
            }
            if gone {
                store::position_cancel(tx, item.position_id).await?;
                let object = Object {
                    kind: "position",
                    id: item.position_id,
                    exam_id: row.exam_id,
                };
                let detail = json!({ "decision": row.id, "reason": item.reason });
                trail
                    .audit(tx, "exam.position_cancel", object, detail)
                    .await?;
            }
        }
        Ok(())
    }
}

const BUSY: &str = "另一个任务正在办理这项处置";

/// The amendment stands, with its notice.
struct Stand {
    stamp: Stamp,
    amendment: amendment_store::AmendmentRow,
    row: DecisionRow,
}

impl Command for Stand {
    const NAME: &'static str = "exam.decision_stand";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let with = Publication {
            reason: self.row.reason.clone(),
            title: self.row.notice_title.clone(),
            body: self.row.notice_body.clone(),
        };
        amendment::stand(tx, &mut trail, &self.amendment, &with).await
    }
}

/// The next applicants of a cancelled position. Where one can't be moved, the others are, and the timer comes back for him.
async fn walk(ctx: &Ctx, row: &DecisionRow, item: ItemRow, people: Vec<LiveRow>) -> Result<()> {
    let command = |people: Vec<LiveRow>, skip: bool| Walk {
        stamp: Stamp::for_rows(ctx, ROWS_EACH * u32::try_from(people.len()).unwrap_or(1)),
        app: ctx.app.clone(),
        note: if item.reason.is_empty() {
            row.reason.clone()
        } else {
            item.reason.clone()
        },
        item: item.clone(),
        people,
        skip,
    };
    let db = ctx.app.db();
    match db
        .write(Lane::Background, command(people.clone(), false))
        .await
    {
        Err(error) if !matches!(error, Error::Conflict(_)) => {
            let Some(first) = people.into_iter().next() else {
                return Err(error);
            };
            let alone = vec![first.clone()];
            match db
                .write(Lane::Background, command(alone.clone(), false))
                .await
            {
                Err(error) if !matches!(error, Error::Conflict(_)) => {
                    tracing::error!(application = first.id, %error, "an applicant of a cancelled position couldn't be moved");
                    db.write(Lane::Background, command(alone, true)).await
                }
                other => other,
            }
        }
        other => other,
    }
}

struct Walk {
    stamp: Stamp,
    app: App,
    item: ItemRow,
    people: Vec<LiveRow>,
    note: String,
    /// Goes past them without doing anything.
    skip: bool,
}

impl Command for Walk {
    const NAME: &'static str = "exam.decision_walk";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let item = &self.item;
        let of = (item.decision_id, item.position_id);
        let Some(last) = self.people.last() else {
            if store::item_set_state(tx, of, "flipped", "done").await? == 0 {
                return Err(Error::Conflict(BUSY));
            }
            return Ok(());
        };
        let mut trail = self.stamp.trail();
        let (mut ended, mut waiting) = (0, 0);
        for person in self.people.iter().filter(|_| !self.skip) {
            match cancel_one(
                tx,
                &mut trail,
                &self.app,
                (person.id, item.position_id),
                &self.note,
            )
            .await?
            {
                Some(State::Ended { .. }) => ended += 1,
                Some(_) => waiting += 1,
                None => {}
            }
        }
        let counts = (ended, waiting);
        if store::item_advance(tx, of, (item.reached, last.id), counts).await? == 0 {
            return Err(Error::Conflict(BUSY));
        }
        Ok(())
    }
}

/// Tells one applicant of the position's end, once; `None` if he isn't there any more or was told before.
pub(in crate::exam) async fn cancel_one(
    tx: &mut Tx,
    trail: &mut crate::Trail<'_>,
    app: &App,
    (application_id, position_id): (i64, i64),
    note: &str,
) -> Result<Option<State>> {
    let row = application::store::application_by_id(tx, application_id).await?;
    let there = row.is_some_and(|row| row.life == "live" && row.position_id == Some(position_id));
    if !there || store::was_cancelled(tx, application_id, position_id).await? {
        return Ok(None);
    }
    let event = Event::CancelPosition;
    application::advance(tx, trail, app, application_id, event, note)
        .await
        .map(Some)
}

struct Finish {
    stamp: Stamp,
    row: DecisionRow,
}

impl Command for Finish {
    const NAME: &'static str = "exam.decision_finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let at = self.stamp.at.micros();
        if store::decision_finish(tx, self.row.id, at).await? == 0 {
            return Ok(());
        }
        let object = Object {
            kind: "position_decision",
            id: self.row.id,
            exam_id: self.row.exam_id,
        };
        self.stamp
            .trail()
            .audit(tx, "exam.decision_done", object, json!({}))
            .await
    }
}
