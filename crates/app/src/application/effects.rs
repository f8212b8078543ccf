//! What follows from a step, in the same transaction.

use db::Tx;
use domain::application::number::registration_no;
use domain::application::{Effect, Event, Payment, State};
use domain::review::Review;

use super::rules::Ground;
use super::store::ApplicationRow;
use super::{money, notice};
use crate::{App, Error, Result, Trail, exam, message, review};

/// One step of one application.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub app: &'a App,
    /// The row as it was before.
    pub row: &'a ApplicationRow,
    pub ground: &'a Ground,
    pub before: State,
    pub after: State,
    pub event: Event,
    pub number: &'a str,
    /// The position after the step.
    pub position_id: Option<i64>,
    /// What is to pay after the step, in 分.
    pub fee: i64,
    pub note: &'a str,
}

/// The next 报名序号 of an exam.
pub(super) async fn assign_number(tx: &mut Tx, trail: &Trail<'_>, exam_id: i64) -> Result<String> {
    let running = exam::registration_no_take(tx, exam_id).await?;
    u32::try_from(running)
        .ok()
        .and_then(|running| registration_no(trail.at().date(), running))
        .ok_or(Error::inconsistent("exam.next_registration_no"))
}

/// Does the effects in order, then counts.
pub(super) async fn apply(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    step: &Step<'_>,
    follow: &[Effect],
) -> Result<()> {
    let id = step.row.id;
    for effect in follow {
        match effect {
            // Done with the state's own row.
            Effect::AssignNumber | Effect::Snapshot | Effect::CountRejection => {}
            Effect::TakePlace => {
                if let Some(position) = step.position_id {
                    exam::take(tx, position).await?;
                }
            }
            Effect::ReleasePlace => {
                if let Some(position) = step.row.position_id {
                    exam::give_back(tx, position).await?;
                }
            }
            Effect::QueueReview | Effect::LeaveQueue => review::release(tx, id).await?,
            Effect::OpenPayment => money::open(tx, trail, step).await?,
            Effect::CloseOrders => money::close(tx, trail, step).await?,
            Effect::RefundAll => money::refund(tx, trail, step).await?,
            // The overdue list of the office is made of `review_due`; nothing is stored for it.
            Effect::Escalate => {}
            Effect::Notify => {
                if let Some(notice) = notice::of(step) {
                    message::notify(tx, trail, step.app, step.row.account_id, &notice).await?;
                }
            }
        }
    }
    count(tx, trail, step).await
}

/// What an application adds to its position's live counts: applied, approved, paid.
fn share(state: State) -> (i64, i64, i64) {
    let State::Live(tracks) = state else {
        return (0, 0, 0);
    };
    let approved = i64::from(tracks.review == Review::Approved);
    let paid = i64::from(matches!(tracks.payment, Payment::Paid | Payment::Waived));
    (1, approved, paid)
}

async fn count(tx: &mut Tx, trail: &mut Trail<'_>, step: &Step<'_>) -> Result<()> {
    let (was, now) = (share(step.before), share(step.after));
    let from = step.row.position_id.filter(|_| step.before != State::Draft);
    let moves = match (from, step.position_id) {
        (Some(from), Some(to)) if from == to => {
            vec![(to, (now.0 - was.0, now.1 - was.1, now.2 - was.2))]
        }
        (from, to) => {
            let minus = from.map(|from| (from, (-was.0, -was.1, -was.2)));
            minus.into_iter().chain(to.map(|to| (to, now))).collect()
        }
    };
    for (position, deltas) in moves {
        exam::count(tx, trail, position, deltas).await?;
    }
    Ok(())
}
