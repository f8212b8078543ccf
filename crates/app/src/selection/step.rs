//! What staff enter of one person, or of several at once, and the second person's word.

use db::{Command, Lane, Tx};
use domain::application::Life;
use domain::selection::{Stage, StageEvent};
use domain::staff::Permission;
use serde_json::json;

use super::advance::{Because, MOVED, advance_in, hold_posts, move_in, post_is_free};
use super::runners;
use super::step_store::{self, NewStep, StepRow};
use super::store::{self, ContenderRow};
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, Stamp};

pub use super::advance::{interviewed, publicised, stage_of};

/// People in one go.
pub const MOST: usize = 200;

/// Somebody with what happened to him.
#[derive(Debug, Clone)]
pub struct Person {
    /// The row.
    pub row: ContenderRow,
    /// Where he stands.
    pub stage: Stage,
    /// What he left, once he is out.
    pub left: Option<Stage>,
    /// Everything that happened, in order.
    pub steps: Vec<StepRow>,
    /// What waits for a second person.
    pub waiting: Option<StepRow>,
    /// What staff may enter now.
    pub events: Vec<StageEvent>,
}

/// Events that staff enter by hand, in the order of their buttons.
const BY_HAND: [StageEvent; 11] = [
    StageEvent::DocumentsPass,
    StageEvent::DocumentsFail,
    StageEvent::DocumentsMissed,
    StageEvent::MedicalPass,
    StageEvent::MedicalAgain,
    StageEvent::MedicalFail,
    StageEvent::BackgroundPass,
    StageEvent::BackgroundFail,
    StageEvent::GiveUp,
    StageEvent::Remove,
    StageEvent::Reinstate,
];

/// Whether an event is about somebody's health: then nothing but the result is ever written down.
pub fn is_medical(event: StageEvent) -> bool {
    matches!(
        event,
        StageEvent::MedicalPass | StageEvent::MedicalAgain | StageEvent::MedicalFail
    )
}

/// What staff may enter of somebody at a stage.
pub fn events_at(exam: &Exam, stage: Stage, left: Option<Stage>) -> Vec<StageEvent> {
    let path = exam.settings.selection.path();
    let fits = |event: &&StageEvent| stage.on(**event, path, left).is_ok();
    BY_HAND.iter().filter(fits).copied().collect()
}

/// Whether an event can be entered for several people at once.
pub fn is_for_many(event: StageEvent) -> bool {
    BY_HAND.contains(&event) && !event.is_weighty()
}

async fn found(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<ContenderRow> {
    let row = store::contender_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.exam_id == exam.id())
        .ok_or(Error::NotFound)?;
    ctx.allow_for(Permission::Selection, row.exam_id, &row.unit)?;
    Ok(row)
}

/// One person of an exam's lists.
///
/// # Errors
/// `NotFound` also for one of another exam; `Forbidden` for one of a unit that isn't the asker's.
pub async fn one(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<Person> {
    let row = found(ctx, exam, public_id).await?;
    let stage = stage_of(&row)?;
    let left = Stage::from_code(&row.left_stage);
    let mut scan = ctx.app.db().scan(db::Crowd::Staff);
    let steps = step_store::steps_of(&mut scan, row.application_id).await?;
    let waiting = step_store::step_waiting(&mut ctx.app.db().read(), row.application_id).await?;
    let events = if waiting.is_some() {
        Vec::new()
    } else {
        events_at(exam, stage, left)
    };
    Ok(Person {
        row,
        stage,
        left,
        steps,
        waiting,
        events,
    })
}

/// 资格复审签到.
///
/// # Errors
/// `Conflict` if he has signed in, or isn't awaited.
pub async fn sign_in(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let row = found(ctx, exam, public_id).await?;
    let stamp = Stamp::of(ctx);
    ctx.app
        .db()
        .write(Lane::Interactive, SignIn { stamp, row })
        .await
}

struct SignIn {
    stamp: Stamp,
    row: ContenderRow,
}

impl Command for SignIn {
    const NAME: &'static str = "selection.sign_in";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::contender_signed(tx, self.row.application_id, who).await? == 0 {
            return Err(Error::Conflict(
                "已经签到，或者不在资格复审环节，请刷新查看",
            ));
        }
        self.stamp
            .trail()
            .audit(tx, "selection.sign_in", self.row.object(), json!({}))
            .await
    }
}

/// What an event is entered with, cleaned.
///
/// # Errors
/// `Fields` under `reason`.
fn reason_for(event: StageEvent, typed: &str) -> Result<String> {
    if is_medical(event) {
        if typed.trim().is_empty() {
            return Ok(String::new());
        }
        return Err(Error::field("reason", "体检只登记结果，不填写原因和病情"));
    }
    if event.is_weighty() {
        return crate::reason::read("reason", typed, 4..=300, "请写明原因，4 至 300 个字");
    }
    crate::reason::read("reason", typed, 0..=300, "最多 300 个字")
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It is done.
    Done(Stage),
    /// It waits for a second person.
    Asked,
}

/// Enters an event of somebody. What takes him out by judgement, or brings him back, waits for a second person.
///
/// # Errors
/// `Refused` if it doesn't belong to his stage or something waits already; `Fields` under `reason`.
pub async fn act(
    ctx: &Ctx,
    exam: &Exam,
    public_id: &str,
    (event, reason): (StageEvent, &str),
) -> Result<Entered> {
    let row = found(ctx, exam, public_id).await?;
    if !BY_HAND.contains(&event) {
        return Err(Error::Forbidden);
    }
    let command = Act {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        id: row.application_id,
        event,
        reason: reason_for(event, reason)?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Act {
    stamp: Stamp,
    app: App,
    id: i64,
    event: StageEvent,
    reason: String,
}

impl Command for Act {
    const NAME: &'static str = "selection.act";
    type Out = Entered;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Entered> {
        let mut trail = self.stamp.trail();
        let row = store::contender_by_id(tx, self.id)
            .await?
            .ok_or(Error::NotFound)?;
        if step_store::step_waiting(tx, row.application_id)
            .await?
            .is_some()
        {
            return Err(Error::refused(
                "step_waits",
                "有一项待复核",
                "这位考生有一项登记等待另一人复核，复核后才能办理其他事项。",
            ));
        }
        if self.event == StageEvent::Reinstate && row.life != Life::Live.code() {
            return Err(Error::refused(
                "ended",
                "报名已终止",
                "这位考生的报名已经终止，不能恢复。",
            ));
        }
        if !self.event.is_weighty() {
            let because = Because {
                action: "selection.step",
                reason: &self.reason,
                by_system: false,
            };
            let to = advance_in(tx, &mut trail, &self.app, &row, self.event, because).await?;
            return Ok(Entered::Done(to));
        }
        let exam = exam::find_in(tx, &self.app, row.exam_id).await?;
        let left = Stage::from_code(&row.left_stage);
        let to = stage_of(&row)?
            .on(self.event, exam.settings.selection.path(), left)
            .map_err(|no| {
                Error::refused(
                    "stage",
                    format!("现在不能{}", self.event.label()),
                    format!("{no}。请刷新查看最新进程。"),
                )
            })?;
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let step = NewStep {
            id,
            public_id: &public_id,
            application_id: row.application_id,
            exam_id: row.exam_id,
            event: self.event.code(),
            stages: (&row.stage, to.code()),
            reason: &self.reason,
            actor_kind: trail.actor_kind(),
            asked_by: trail.actor_id(),
            at: trail.at().micros(),
            done: false,
        };
        if step_store::step_insert(tx, &step).await? == 0 {
            return Err(Error::Conflict(MOVED));
        }
        let detail = json!({ "event": self.event.code(), "from": row.stage });
        trail
            .audit(tx, "selection.ask", row.object(), detail)
            .await?;
        Ok(Entered::Asked)
    }
}

/// Enters one event for several people, one commit each; those for whom it wasn't possible, with why.
///
/// # Errors
/// `Refused` for an event that takes two people, or too many of them.
pub async fn act_many(
    ctx: &Ctx,
    exam: &Exam,
    people: &[String],
    event: StageEvent,
) -> Result<(usize, Vec<(String, String)>)> {
    if !is_for_many(event) {
        return Err(Error::refused(
            "not_for_many",
            "不能批量办理",
            "这个结果须逐人登记、另一人复核。",
        ));
    }
    if people.len() > MOST {
        return Err(Error::refused(
            "too_many",
            "一次选得太多",
            format!("一次最多办理 {MOST} 人，请分几次办理。"),
        ));
    }
    let (mut done, mut left) = (0, Vec::new());
    for public_id in people {
        match act(ctx, exam, public_id, (event, "")).await {
            Ok(_) => done += 1,
            Err(Error::Refused(refusal)) => left.push((public_id.clone(), refusal.text)),
            Err(Error::Conflict(text)) => left.push((public_id.clone(), text.to_owned())),
            Err(error) => return Err(error),
        }
    }
    let mut named = Vec::with_capacity(left.len());
    for (public_id, why) in left {
        let row = found(ctx, exam, &public_id).await?;
        named.push((row.name, why));
    }
    Ok((done, named))
}

/// The second person's word about what was asked for.
///
/// # Errors
/// `Refused` for whoever asked; `Fields` under `note` for a no without a reason; `Conflict` if it was decided, or he moved.
pub async fn decide(
    ctx: &Ctx,
    exam: &Exam,
    (public_id, step): (&str, &str),
    (agrees, note): (bool, &str),
) -> Result<()> {
    let row = found(ctx, exam, public_id).await?;
    let headcounts = runners::headcounts(&ctx.app, exam).await?;
    let command = Decide {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        id: row.application_id,
        step: step.to_owned(),
        agrees,
        note: crate::reason::second_word(note, agrees, 300, "不同意")?,
        headcount: headcounts.get(&row.position_id).copied().unwrap_or(0),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Decide {
    stamp: Stamp,
    app: App,
    id: i64,
    step: String,
    agrees: bool,
    note: String,
    /// What his position hires.
    headcount: u32,
}

impl Command for Decide {
    const NAME: &'static str = "selection.decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        const DECIDED: &str = "这项登记刚被别人复核过，请刷新查看";
        let mut trail = self.stamp.trail();
        let row = store::contender_by_id(tx, self.id)
            .await?
            .ok_or(Error::NotFound)?;
        let step = step_store::step_waiting(tx, row.application_id)
            .await?
            .filter(|step| step.public_id == self.step)
            .ok_or(Error::Conflict(DECIDED))?;
        if step.asked_by == self.stamp.actor_id() {
            return Err(Error::refused(
                "same_person",
                "须由另一人复核",
                "登记的人不能复核自己登记的结果，请另一位工作人员办理。",
            ));
        }
        let event = StageEvent::from_code(&step.event)
            .ok_or(Error::inconsistent("contender_step.event"))?;
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        let state = if self.agrees { "done" } else { "refused" };
        if step_store::step_decided(tx, step.id, who, state, &self.note).await? == 0 {
            return Err(Error::Conflict(DECIDED));
        }
        if self.agrees {
            if step.from_stage != row.stage {
                return Err(Error::Conflict(MOVED));
            }
            let back = Stage::from_code(&row.left_stage);
            if event == StageEvent::Reinstate && back.is_some_and(Stage::takes_a_post) {
                hold_posts(tx, row.exam_id).await?;
                post_is_free(tx, row.position_id, self.headcount).await?;
            }
            let exam = exam::find_in(tx, &self.app, row.exam_id).await?;
            let what = (event, step.reason.as_str());
            move_in(tx, &mut trail, &self.app, (&exam, &row), what).await?;
        }
        let detail = json!({
            "event": event.code(),
            "agrees": self.agrees,
            "asked_by": step.asked_by,
            "from": row.stage,
        });
        trail
            .audit(tx, "selection.decide", row.object(), detail)
            .await
    }
}
