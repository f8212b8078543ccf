//! What follows from a step, in the same transaction.

use db::Tx;
use domain::application::number::registration_no;
use domain::application::{Effect, Event, State, Tally};
use domain::time::Timestamp;

use super::rules::Ground;
use super::store::ApplicationRow;
use super::{money, notice};
use crate::statistics::{self, Place};
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
    /// The unit that reviews it after the step.
    pub unit: &'a str,
    /// What is to pay after the step, in 分.
    pub fee: i64,
    pub note: &'a str,
    /// Until when the candidate has to act, where the event sets a time.
    pub due: Option<Timestamp>,
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

/// Notes what the step changes in the live figures: at one place, or at two when it moved the application.
async fn count(tx: &mut Tx, trail: &mut Trail<'_>, step: &Step<'_>) -> Result<()> {
    let (was, now) = (Tally::of(step.before), Tally::of(step.after));
    let from = Place {
        exam_id: step.row.exam_id,
        unit: &step.row.unit,
        position_id: step.row.position_id,
    };
    let to = Place {
        unit: step.unit,
        position_id: step.position_id,
        ..from
    };
    if from == to {
        return statistics::note(tx, trail, to, now - was).await;
    }
    statistics::note(tx, trail, from, Tally::default() - was).await?;
    statistics::note(tx, trail, to, now).await
}
