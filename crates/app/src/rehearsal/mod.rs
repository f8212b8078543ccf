//! 演练考试: a whole exam tried out on the production system, by candidates made for it, and wiped afterwards.
//!
//! What makes it safe stands in few places:
//!
//! * **Who sees it**: [`crate::exam::Viewer::sees`] and nothing else. An account made for a rehearsal (`account.rehearsal_exam`) sees
//!   that exam only; everybody else sees none. `application::submit` asks again in its transaction.
//! * **The mark**: its title is kept with 【演练】 in front ([`domain::rehearsal::titled`]), so that it shows wherever the title does, in
//!   lists, files and messages alike. Pages have a strip besides (`web::Visit::mark_rehearsal`), papers a line
//!   ([`domain::rehearsal::PAPER`]).
//! * **Money**: its orders are paid by [`crate::payment::rehearsal`] only, other orders never ([`crate::payment::fits`]).
//! * **SMS**: `message::queue_sms` leaves them in the outbox as dropped.
//! * **The end**: [`wipe`] removes all of it by the tables of [`wipe_store`]; a test walks the schema for what was forgotten.
//!
//! Figures over all exams: the home page's sums and the money page's sums leave rehearsals out, since they are read as what the
//! centre has; queues that people work through (photos, reviews, approvals) show them, since working through them is what is
//! rehearsed, and name them by the marked title.
//!
//! A rehearsal never becomes real. Its settings do: a copy of it may be a real exam.

mod act;
mod make;
mod own_wipe_store;
mod sheet;
mod store;
pub mod wipe;
mod wipe_store;

use domain::exam::Phase;
use domain::rehearsal as rules;
use domain::time::Timestamp;

pub use act::act;
pub use make::{Make, ask, make_some, resume};
pub use sheet::{Handed, hand_out, renew};
pub use store::{CandidateRow, RunRow};

use crate::exam::{self, Exam};
use crate::{App, Ctx, Error, Result};

/// When the last of an exam's windows closes; `None` while it has none.
pub fn last_close(exam: &Exam) -> Option<Timestamp> {
    Phase::ALL
        .iter()
        .filter_map(|phase| exam.window(*phase))
        .map(|window| window.close())
        .max()
}

/// Whether everything that was to be tried is over: then it is proposed to wipe it.
pub fn is_over(exam: &Exam, at: Timestamp) -> bool {
    last_close(exam).is_some_and(|close| close <= at)
}

/// Whether the candidates of a rehearsal can still log in: until some days after its last window.
pub(crate) async fn is_open(app: &App, exam_id: i64, at: Timestamp) -> Result<bool> {
    let exam = match exam::find_by_id(app, exam_id).await {
        Ok(exam) => exam,
        Err(Error::NotFound) => return Ok(false),
        Err(error) => return Err(error),
    };
    Ok(last_close(&exam).is_none_or(|close| at < close.plus_days(rules::DAYS_AFTER)))
}

/// What the page of a rehearsal shows.
#[derive(Debug, Clone)]
pub struct Overview {
    /// What was asked for, newest first.
    pub runs: Vec<RunRow>,
    /// The candidates in order, a page of them.
    pub candidates: Vec<CandidateRow>,
    /// How many there are.
    pub made: i64,
    /// How many have applied by themselves.
    pub applied: i64,
    /// How many could not, and say why.
    pub refused: i64,
    /// How many have a password that wasn't handed out.
    pub sealed: i64,
    /// The wipe, once it was asked for.
    pub wipe: Option<wipe::WipeRow>,
}

/// A rehearsal as those see it who may change it.
///
/// # Errors
/// `NotFound` for a real exam, and as [`exam::setup::for_edit`].
pub async fn overview(ctx: &Ctx, public_id: &str) -> Result<(std::sync::Arc<Exam>, Overview)> {
    let exam = find(ctx, public_id).await?;
    let mut scan = ctx.app.db().scan(db::Crowd::Staff);
    let runs = store::runs(&mut scan, exam.id()).await?;
    let candidates = store::candidates(&mut scan, exam.id(), 0, i64::from(rules::MOST)).await?;
    let (made, applied, refused, sealed) = store::counts(&mut scan, exam.id()).await?;
    let wipe = wipe_store::wipe_of(&mut scan, exam.id()).await?;
    let overview = Overview {
        runs,
        candidates,
        made,
        applied,
        refused,
        sealed,
        wipe,
    };
    Ok((exam, overview))
}

/// A rehearsal that the asker may change.
///
/// # Errors
/// `NotFound` for a real exam, and as [`exam::setup::for_edit`].
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<std::sync::Arc<Exam>> {
    let exam = exam::setup::for_edit(ctx, public_id).await?;
    if !exam.is_rehearsal() {
        return Err(Error::NotFound);
    }
    Ok(exam)
}

/// A candidate of a rehearsal at work, by himself.
fn candidate(ctx: &Ctx, account_id: i64, exam_id: i64) -> Ctx {
    Ctx {
        rehearses: Some(exam_id),
        ..ctx.with_actor(crate::Actor::Candidate(account_id))
    }
}

/// Whether a public id, found in an office's address, is that of a rehearsal, or of something of one: an account, an application, an
/// order, a request. Costs nothing while there is no rehearsal.
///
/// # Errors
/// Trouble with the database.
pub async fn owns(app: &App, public_id: &str) -> Result<bool> {
    let (any, this) = exam::rehearsal_id(app, public_id).await?;
    if this || !any {
        return Ok(this);
    }
    Ok(store::owned(&mut app.db().read(), public_id).await? > 0)
}

/// How many rehearsals are over and wait to be wiped, of those that the asker may wipe.
pub(crate) async fn waiting(ctx: &Ctx) -> Result<i64> {
    let ids = store::unwiped(&mut ctx.app.db().scan(db::Crowd::Staff)).await?;
    let mut waiting = 0;
    for (id,) in ids {
        let may = ctx.allow_for(domain::staff::Permission::ExamEdit, id, "");
        if may.is_ok() && is_over(&*exam::find_by_id(&ctx.app, id).await?, ctx.at) {
            waiting += 1;
        }
    }
    Ok(waiting)
}
