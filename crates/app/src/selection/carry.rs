//! 办理名单: once its time has come, everybody of a list becomes a contender or goes on, in chunks, each one commit.
//!
//! Before that nobody is on a list as far as a candidate can see: contenders don't exist.

use db::{Command, Crowd, Lane, Tx};
use domain::application::Life;
use domain::selection::{Entry, RoundKind, Stage, StageEvent};
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::advance::{Because, ROWS_EACH, advance_in, stage_of};
use super::notice;
use super::round::Round;
use super::row_store::{self, StoredRow};
use super::store::{self, ContenderRow, NewContender};
use super::{round_store, step_store};
use crate::application::store as applications;
use crate::chunks::{self, Over};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, Stamp, Trail, message};

/// People in one commit.
pub const CHUNK: u32 = 30;

/// Carries a list out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Carry {
    /// `selection_round.id`.
    pub round: i64,
}

impl Job for Carry {
    type State = App;
    const NAME: &'static str = "selection.carry";
    const QUEUE: &'static str = "exam";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        // A context for each chunk: what holds is asked at the clock's time.
        let next = || async { carry_some(&Ctx::system(app), self.round, CHUNK).await };
        chunks::work(run, "人已办理", next).await
    }
}

impl Over for Carry {
    fn over(round: i64) -> Self {
        Self { round }
    }
}

/// Puts a job in for every list whose time has come and that has none: it died, or the time was set anew.
pub async fn resume(ctx: &Ctx) -> Result<()> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let rows = round_store::rounds_due(&mut scan, ctx.at.micros()).await?;
    chunks::resume::<Carry>(ctx, &rows).await
}

/// The next chunk of a list, at most `chunk` people; how many have been dealt with by now. `None` once all are, and for a list that
/// isn't in force: its time was taken back or is still to come.
///
/// # Errors
/// `Conflict` if another worker did this chunk meanwhile; `NotFound`.
pub async fn carry_some(ctx: &Ctx, round: i64, chunk: u32) -> Result<Option<i64>> {
    let app = &ctx.app;
    let mut scan = app.db().scan(Crowd::System);
    let row = round_store::round_by_id(&mut scan, round)
        .await?
        .ok_or(Error::NotFound)?;
    let round = Round::try_from(row)?;
    if !round.is_visible(ctx.at) || round.row.carried_at.is_some() {
        return Ok(None);
    }
    let (id, reached, limit) = (round.row.id, round.row.reached, i64::from(chunk));
    let people = match round.kind {
        RoundKind::Shortlist => {
            store::concerned_after(&mut scan, round.row.exam_id, id, reached, limit).await?
        }
        RoundKind::Total | RoundKind::Medical | RoundKind::Hire => {
            store::going_after(&mut scan, id, reached, limit).await?
        }
    };
    let carried = round.row.carried;
    let command = Chunk {
        stamp: Stamp::for_rows(ctx, ROWS_EACH.saturating_mul(2).saturating_mul(chunk)),
        app: app.clone(),
        round,
        people: people.into_iter().map(|one| one.application_id).collect(),
    };
    let done = app.db().write(Lane::Background, command).await?;
    Ok(Some(carried + done))
}

struct Chunk {
    stamp: Stamp,
    app: App,
    round: Round,
    /// None: everybody was dealt with.
    people: Vec<i64>,
}

impl Command for Chunk {
    const NAME: &'static str = "selection.carry";
    type Out = i64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<i64> {
        let mut trail = self.stamp.trail();
        let row = &self.round.row;
        let last = self.people.last().copied();
        let done = last.is_none().then(|| self.stamp.at.micros());
        let span = (row.reached, last.unwrap_or(row.reached));
        let count = i64::try_from(self.people.len()).unwrap_or(i64::MAX);
        if round_store::round_advance(tx, row.id, span, count, done).await? == 0 {
            return Err(Error::Conflict("另一个任务正在办理这份名单"));
        }
        let exam = exam::find_in(tx, &self.app, row.exam_id).await?;
        for id in &self.people {
            let line = row_store::row_of(tx, row.id, *id).await?;
            let person = store::contender_by_id(tx, *id).await?;
            let one = One {
                app: &self.app,
                exam: &exam,
                round: row.id,
                id: *id,
                line,
                person,
            };
            match self.round.kind {
                RoundKind::Shortlist => one.shortlist(tx, &mut trail).await?,
                RoundKind::Total => one.total(tx, &mut trail).await?,
                RoundKind::Medical => one.go_on(tx, &mut trail, StageEvent::ToMedical).await?,
                RoundKind::Hire => one.go_on(tx, &mut trail, StageEvent::Hire).await?,
            }
        }
        if done.is_some() {
            let detail = json!({ "kind": row.kind, "people": row.carried });
            trail
                .audit(tx, "selection.carry", row.object(), detail)
                .await?;
        }
        Ok(count)
    }
}

/// One person of a chunk.
struct One<'a> {
    app: &'a App,
    exam: &'a Exam,
    round: i64,
    id: i64,
    /// What the list says of him.
    line: Option<StoredRow>,
    /// Where he stands, if he is on a list already.
    person: Option<ContenderRow>,
}

impl One<'_> {
    fn enters(&self) -> Option<&StoredRow> {
        let line = self.line.as_ref();
        line.filter(|line| matches!(line.verdict.as_str(), "in" | "tie"))
    }

    async fn advance(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        person: &ContenderRow,
        (event, reason): (StageEvent, &str),
    ) -> Result<()> {
        let because = Because {
            action: "selection.step",
            reason,
            by_system: true,
        };
        advance_in(tx, trail, self.app, person, event, because).await?;
        Ok(())
    }

    /// 入围名单: calls, or takes off again.
    async fn shortlist(&self, tx: &mut Tx, trail: &mut Trail<'_>) -> Result<()> {
        match (self.enters(), &self.person) {
            (Some(line), None) => self.call(tx, trail, line).await,
            (Some(line), Some(person)) => self.keep(tx, trail, line, person).await,
            (None, Some(person)) => self.take_off(tx, trail, person).await,
            (None, None) => Ok(()),
        }
    }

    async fn call(&self, tx: &mut Tx, trail: &mut Trail<'_>, line: &StoredRow) -> Result<()> {
        let application = applications::application_by_id(tx, self.id)
            .await?
            .ok_or(Error::inconsistent("selection_row.application_id"))?;
        // It ended since the list was made.
        if application.life != Life::Live.code() {
            return Ok(());
        }
        let stage = Stage::entry(Entry::Call, self.exam.settings.selection.path());
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = NewContender {
            application_id: self.id,
            public_id: &public_id,
            exam_id: self.exam.id(),
            position_id: line.position_id,
            unit: &application.unit,
            name: &application.name,
            round_id: self.round,
            entry: Entry::Call.code(),
            rank: line.rank,
            written: &line.written,
            stage: stage.code(),
            due_at: None,
            promoted: "",
            at: trail.at().micros(),
        };
        if store::contender_insert(tx, &row).await? == 0 {
            return Err(Error::Conflict("这位考生刚被列入名单"));
        }
        let notice = notice::called(self.exam, &application.public_id, stage);
        message::notify(tx, trail, self.app, application.account_id, &notice).await
    }

    /// He stays; who was taken off by a list before comes back, and who was asked to follow is called now.
    async fn keep(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        line: &StoredRow,
        person: &ContenderRow,
    ) -> Result<()> {
        let stage = stage_of(person)?;
        if stage == Stage::Offered {
            let what = (StageEvent::Accept, "更正后的名单已入围，不需要再确认");
            self.advance(tx, trail, person, what).await?;
        }
        if stage == Stage::Out
            && person.left_why == StageEvent::Remove.code()
            && person.life == Life::Live.code()
            && taken_off_by_a_list(tx, self.id).await?
        {
            let what = (StageEvent::Reinstate, "更正后的名单重新入围");
            self.advance(tx, trail, person, what).await?;
        }
        store::contender_listed(tx, self.id, self.round, line.rank, &line.written).await?;
        Ok(())
    }

    /// Who was called by a list before isn't on this one. Who follows somebody stays as long as the list doesn't exclude him.
    async fn take_off(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        person: &ContenderRow,
    ) -> Result<()> {
        let stage = stage_of(person)?;
        if !matches!(stage, Stage::Offered | Stage::Called | Stage::Qualified) {
            return Ok(());
        }
        let line = self.line.as_ref();
        let excluded = line.is_some_and(|line| line.verdict == "excluded");
        if person.entry == Entry::Offer.code() && !excluded {
            if let Some(line) = line {
                store::contender_listed(tx, self.id, 0, line.rank, &line.written).await?;
            }
            return Ok(());
        }
        let what = (StageEvent::Remove, "入围名单更正");
        self.advance(tx, trail, person, what).await
    }

    /// 总成绩和排名.
    async fn total(&self, tx: &mut Tx, trail: &mut Trail<'_>) -> Result<()> {
        let (Some(line), Some(person)) = (&self.line, &self.person) else {
            return Ok(());
        };
        let event = match (stage_of(person)?, line.why.as_str()) {
            (Stage::Qualified, "missed") => Some(StageEvent::InterviewMissed),
            (Stage::Qualified, "violation") => Some(StageEvent::InterviewViolation),
            (Stage::Qualified, _) if !line.interview.is_empty() => Some(StageEvent::Score),
            _ => None,
        };
        if let Some(event) = event {
            self.advance(tx, trail, person, (event, "")).await?;
        }
        let marks = (line.interview.as_str(), line.total.as_str());
        store::contender_totalled(tx, self.id, marks, line.rank).await?;
        if stage_of(person)? != Stage::Out {
            let notice = notice::totalled(self.exam, person);
            message::notify(tx, trail, self.app, person.account_id, &notice).await?;
        }
        Ok(())
    }

    /// 体检名单, 聘用名单: whoever the list takes goes on; who left since it was made stays where he is.
    async fn go_on(&self, tx: &mut Tx, trail: &mut Trail<'_>, event: StageEvent) -> Result<()> {
        let (Some(line), Some(person)) = (&self.line, &self.person) else {
            return Ok(());
        };
        let awaited = match event {
            StageEvent::Hire => Stage::Announced,
            _ => Stage::Interviewed,
        };
        if line.verdict == "in" && stage_of(person)? == awaited {
            self.advance(tx, trail, person, (event, "")).await?;
        }
        Ok(())
    }
}

/// Whether what took somebody off was a list, not somebody's judgement.
async fn taken_off_by_a_list(tx: &mut Tx, application_id: i64) -> Result<bool> {
    let last = step_store::last_done(tx, application_id).await?;
    Ok(last.is_some_and(|(event, kind)| event == StageEvent::Remove.code() && kind == "system"))
}
