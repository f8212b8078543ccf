//! What a candidate sees of his own way from 入围 to 聘用, and what he says himself: whether he follows, and that he gives up.

use std::sync::Arc;

use db::{Command, Lane, Tx};
use domain::selection::promote::in_time;
use domain::selection::{Entry, Path, Stage, StageEvent};
use domain::time::Timestamp;

use super::advance::{Because, advance_in, stage_of};
use super::round_store;
use super::step_store::{self, StepRow};
use super::store::{self, ContenderRow};
use crate::application::own_row;
use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result, Stamp};

/// How a step of the bar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Behind him.
    Done,
    /// He is there.
    Here,
    /// To come.
    Ahead,
    /// He left there.
    Stopped,
}

/// The asking candidate's way.
#[derive(Debug, Clone)]
pub struct Own {
    /// The row.
    pub row: ContenderRow,
    /// The exam.
    pub exam: Arc<Exam>,
    /// What he applied for.
    pub choice: String,
    /// Where he stands.
    pub stage: Stage,
    /// Why he is out.
    pub left_why: Option<StageEvent>,
    /// The steps of this exam.
    pub bar: Vec<(&'static str, Mark)>,
    /// What happened, in order; what waits for a second person isn't told.
    pub steps: Vec<StepRow>,
    /// Until when he has to say whether he follows.
    pub due: Option<Timestamp>,
    /// Whether an answer still counts.
    pub may_answer: bool,
    /// Whether he may give up.
    pub may_give_up: bool,
    /// Whether the combined totals are out.
    pub totalled: bool,
}

/// The bar of an exam: each step with the last stage that belongs to it.
fn legs(path: Path, entry: Entry) -> Vec<(&'static str, Stage)> {
    let first = match entry {
        Entry::Call => ("入围", Stage::Offered),
        Entry::Offer => ("递补", Stage::Offered),
    };
    let mut legs = vec![first];
    if path.documents {
        legs.push(("资格复审", Stage::Called));
    }
    legs.push(("面试", Stage::Interviewed));
    if path.medical {
        legs.push(("体检", Stage::MedicalAgain));
    }
    if path.background {
        legs.push(("考察", Stage::Background));
    }
    legs.extend([("公示", Stage::Announced), ("聘用", Stage::Hired)]);
    legs
}

/// The bar as somebody at a stage sees it; `left`: he is out, and left there.
pub fn bar(
    path: Path,
    entry: Entry,
    (stage, left): (Stage, Option<Stage>),
) -> Vec<(&'static str, Mark)> {
    let legs = legs(path, entry);
    let out = stage == Stage::Out;
    let at = if out { left.unwrap_or(stage) } else { stage };
    // Stages are declared in their order.
    let here = legs.iter().position(|(_, last)| at <= *last);
    legs.iter()
        .enumerate()
        .map(|(place, (label, _))| {
            let mark = match here {
                Some(here) if place < here => Mark::Done,
                Some(here) if place == here && stage == Stage::Hired => Mark::Done,
                Some(here) if place == here && out => Mark::Stopped,
                Some(here) if place == here => Mark::Here,
                _ => Mark::Ahead,
            };
            (*label, mark)
        })
        .collect()
}

/// Where one of the asking candidate's applications stands in the selection, for pages that lead there; `None` before a list with him on it
/// is in force.
///
/// # Errors
/// `NotFound` for somebody else's.
pub async fn glimpse(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<Option<Stage>> {
    // Most exams have none: nothing is read for them.
    if !exam.settings.selection.on {
        return Ok(None);
    }
    let application = own_row(ctx, public_id).await?;
    store::contender_by_id(&mut ctx.app.db().read(), application.id)
        .await?
        .map(|row| stage_of(&row))
        .transpose()
}

/// The asking candidate's way with one application.
///
/// # Errors
/// `NotFound` for somebody else's, and before a list with him on it is in force.
pub async fn own(ctx: &Ctx, public_id: &str) -> Result<Own> {
    let application = own_row(ctx, public_id).await?;
    let exam = exam::find_by_id(&ctx.app, application.exam_id).await?;
    if !exam.is_public() {
        return Err(Error::NotFound);
    }
    let mut read = ctx.app.db().read();
    let row = store::contender_by_id(&mut read, application.id)
        .await?
        .ok_or(Error::NotFound)?;
    let stage = stage_of(&row)?;
    let entry = Entry::from_code(&row.entry).ok_or(Error::inconsistent("contender.entry"))?;
    let left = Stage::from_code(&row.left_stage);
    let total = round_store::round_live(&mut read, exam.id(), "total").await?;
    let totalled = total.is_some_and(|round| round.carried_at.is_some());
    let mut scan = ctx.app.db().scan(db::Crowd::Candidates);
    let mut steps = step_store::steps_of(&mut scan, row.application_id).await?;
    steps.retain(|step| step.state == "done");
    let due = row.due_at.map(Timestamp::from_micros);
    Ok(Own {
        choice: crate::application::choice_of(&application)?.text(),
        bar: bar(exam.settings.selection.path(), entry, (stage, left)),
        left_why: StageEvent::from_code(&row.left_why),
        may_answer: due.is_some_and(|due| in_time(due, ctx.at)),
        may_give_up: stage.is_alive() && stage != Stage::Offered,
        stage,
        steps,
        due,
        totalled,
        row,
        exam,
    })
}

/// Says whether he follows.
///
/// # Errors
/// `Refused` once the time is over, or for somebody who isn't asked.
pub async fn answer(ctx: &Ctx, public_id: &str, accepts: bool) -> Result<()> {
    let application = own_row(ctx, public_id).await?;
    let event = if accepts {
        StageEvent::Accept
    } else {
        StageEvent::Decline
    };
    let command = Say {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        id: application.id,
        event,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Gives up what is left of the way. Done twice, it is done once.
///
/// # Errors
/// `Refused` for somebody who is out or hired, or who is asked whether he follows.
pub async fn give_up(ctx: &Ctx, public_id: &str) -> Result<()> {
    let application = own_row(ctx, public_id).await?;
    let row = store::contender_by_id(&mut ctx.app.db().read(), application.id)
        .await?
        .ok_or(Error::NotFound)?;
    if row.left_why == StageEvent::GiveUp.code() {
        return Ok(());
    }
    let command = Say {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        id: application.id,
        event: StageEvent::GiveUp,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Say {
    stamp: Stamp,
    app: App,
    id: i64,
    event: StageEvent,
}

impl Command for Say {
    const NAME: &'static str = "selection.say";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let row = store::contender_by_id(tx, self.id)
            .await?
            .ok_or(Error::NotFound)?;
        let action = if self.event == StageEvent::GiveUp {
            "selection.step"
        } else {
            self.answered(&row)?;
            "selection.answer"
        };
        let because = Because {
            action,
            reason: "",
            by_system: false,
        };
        let mut trail = self.stamp.trail();
        advance_in(tx, &mut trail, &self.app, &row, self.event, because).await?;
        Ok(())
    }
}

impl Say {
    /// Refuses an answer that comes too late. The request's own instant counts, however long it waited since.
    fn answered(&self, row: &ContenderRow) -> Result<()> {
        let due = row.due_at.map(Timestamp::from_micros);
        match due {
            Some(due) if in_time(due, self.stamp.at) => Ok(()),
            Some(due) => Err(over(due)),
            None if row.left_why == StageEvent::Lapse.code() => Err(Error::refused(
                "offer_over",
                "递补确认的时间已过",
                "没有在规定时间内确认，视为放弃。有疑问的，请联系考试机构。",
            )),
            None => Err(Error::refused(
                "no_offer",
                "没有等待确认的递补",
                "您已经答复过，或者没有递补通知。请看最新进程。",
            )),
        }
    }
}

fn over(due: Timestamp) -> Error {
    Error::refused(
        "offer_over",
        "递补确认的时间已过",
        format!(
            "确认的时间到 {} 为止，逾期视为放弃。有疑问的，请联系考试机构。",
            due.to_chinese_minute()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Path = Path {
        documents: true,
        medical: true,
        background: true,
    };

    fn marks(path: Path, stage: Stage, left: Option<Stage>) -> String {
        bar(path, Entry::Call, (stage, left))
            .into_iter()
            .map(|(_, mark)| match mark {
                Mark::Done => 'd',
                Mark::Here => 'h',
                Mark::Ahead => '-',
                Mark::Stopped => 'x',
            })
            .collect()
    }

    #[test]
    fn the_bar_shows_where_he_is_and_where_he_left() {
        for (stage, left, want) in [
            (Stage::Offered, None, "h------"),
            (Stage::Called, None, "dh-----"),
            (Stage::Qualified, None, "ddh----"),
            (Stage::Interviewed, None, "ddh----"),
            (Stage::MedicalAgain, None, "dddh---"),
            (Stage::Background, None, "ddddh--"),
            (Stage::Proposed, None, "dddddh-"),
            (Stage::Announced, None, "dddddh-"),
            (Stage::Hired, None, "ddddddd"),
            (Stage::Out, Some(Stage::Called), "dx-----"),
            (Stage::Out, Some(Stage::Medical), "dddx---"),
        ] {
            assert_eq!(marks(ALL, stage, left), want, "{stage:?} {left:?}");
        }
        let short = Path {
            documents: false,
            medical: false,
            background: false,
        };
        assert_eq!(marks(short, Stage::Qualified, None), "dh--");
        assert_eq!(marks(short, Stage::Proposed, None), "ddh-");
    }
}
