//! The one function that moves somebody of a list, and what calls it from outside of the office.

use db::{Query, Tx};
use domain::selection::promote::answer_by;
use domain::selection::{Stage, StageEvent};
use domain::time::Timestamp;
use serde_json::json;

use super::notice::{self, Beside};
use super::round_store;
use super::step_store::{self, NewStep};
use super::store::{self, ContenderRow, Move};
use crate::exam::{self, Exam};
use crate::{App, Error, Result, Trail, message};

/// Rows that one person may need: step, message, SMS, trail.
pub(super) const ROWS_EACH: u32 = 6;
/// What the losers of a race read.
pub(super) const MOVED: &str = "这位考生的进程刚有变化，请刷新后再办理";

/// Where somebody stands.
pub fn stage_of(row: &ContenderRow) -> Result<Stage> {
    Stage::from_code(&row.stage).ok_or(Error::inconsistent("contender.stage"))
}

/// Why somebody is moved, and how the trail calls it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Because<'a> {
    pub(super) action: &'static str,
    pub(super) reason: &'a str,
    /// It follows from something else: nobody of the staff did it to him.
    pub(super) by_system: bool,
}

/// Moves somebody by one event, in the caller's transaction: row, step, trail, message.
///
/// # Errors
/// `Refused` if the event doesn't belong to his stage; `Conflict` when somebody else moved him meanwhile.
pub(super) async fn advance_in(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    row: &ContenderRow,
    event: StageEvent,
    because: Because<'_>,
) -> Result<Stage> {
    let exam = exam::find_in(tx, app, row.exam_id).await?;
    step_store::step_overtaken(tx, row.application_id, trail.at().micros()).await?;
    let to = move_in(tx, trail, app, (&exam, row), (event, because.reason)).await?;
    let id = trail.id()?;
    let public_id = trail.public_id(id).to_string();
    let (kind, by) = if because.by_system {
        ("system", 0)
    } else if trail.actor_kind() == "staff" {
        ("staff", trail.actor_id())
    } else {
        (trail.actor_kind(), 0)
    };
    let step = NewStep {
        id,
        public_id: &public_id,
        application_id: row.application_id,
        exam_id: row.exam_id,
        event: event.code(),
        stages: (&row.stage, to.code()),
        reason: because.reason,
        actor_kind: kind,
        asked_by: by,
        at: trail.at().micros(),
        done: true,
    };
    step_store::step_insert(tx, &step).await?;
    let detail = json!({ "event": event.code(), "from": row.stage, "to": to.code() });
    trail
        .audit(tx, because.action, row.object(), detail)
        .await?;
    Ok(to)
}

/// The row and the message; the step is the caller's.
pub(super) async fn move_in(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    (exam, row): (&Exam, &ContenderRow),
    (event, reason): (StageEvent, &str),
) -> Result<Stage> {
    let rules = &exam.settings.selection;
    let from = stage_of(row)?;
    let left = Stage::from_code(&row.left_stage);
    let to = from.on(event, rules.path(), left).map_err(|no| {
        Error::refused(
            "stage",
            format!("现在不能{}", event.label()),
            format!("{no}。请刷新查看最新进程。"),
        )
    })?;
    let due = (to == Stage::Offered).then(|| answer_by(rules, trail.at()));
    let out = to == Stage::Out;
    let to_row = Move {
        stage: to.code(),
        left_stage: if out { from.code() } else { "" },
        left_why: if out { event.code() } else { "" },
        due_at: due.map(Timestamp::micros),
        at: trail.at().micros(),
    };
    if store::contender_move(tx, row.application_id, row.version, &to_row).await? == 0 {
        return Err(Error::Conflict(MOVED));
    }
    let beside = Beside { to, due, reason };
    if let Some(notice) = notice::of(exam, row, event, beside) {
        message::notify(tx, trail, app, row.account_id, &notice).await?;
    }
    Ok(to)
}

/// Refuses to let more people on than a position has posts. The caller holds the list that gives them away.
pub(super) async fn post_is_free(
    q: &mut impl Query,
    position_id: i64,
    headcount: u32,
) -> Result<()> {
    let people = store::contenders_of_position(q, position_id).await?;
    let mut taken = 0u32;
    for one in &people {
        if stage_of(one)?.takes_a_post() {
            taken += 1;
        }
    }
    if taken < headcount {
        return Ok(());
    }
    Err(Error::refused(
        "no_post",
        "没有空出的名额",
        format!("这个岗位招聘 {headcount} 人，进入体检以后各环节的已有 {taken} 人。"),
    ))
}

/// Holds the list that gives an exam's posts away until the transaction ends.
pub(super) async fn hold_posts(tx: &mut Tx, exam_id: i64) -> Result<()> {
    if let Some(round) = round_store::round_live(tx, exam_id, "medical").await? {
        round_store::round_lock(tx, round.id).await?;
    }
    Ok(())
}

/// The interview's outcome of somebody: its mark, or that he missed it or broke its rules. Called by the interview for each, once
/// its results are closed.
pub async fn interviewed(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    application_id: i64,
    (event, mark): (StageEvent, &str),
) -> Result<()> {
    let row = store::contender_by_id(tx, application_id)
        .await?
        .ok_or(Error::NotFound)?;
    let because = Because {
        action: "selection.step",
        reason: "",
        by_system: true,
    };
    advance_in(tx, trail, app, &row, event, because).await?;
    store::contender_interviewed(tx, application_id, mark).await?;
    Ok(())
}

/// The 公示 has begun for somebody, or an objection against him was found right. Called by the 公示.
pub async fn publicised(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    application_id: i64,
    (event, reason): (StageEvent, &str),
) -> Result<()> {
    let row = store::contender_by_id(tx, application_id)
        .await?
        .ok_or(Error::NotFound)?;
    let because = Because {
        action: "selection.step",
        reason,
        by_system: true,
    };
    advance_in(tx, trail, app, &row, event, because).await?;
    Ok(())
}
