//! The one function that moves an application.

use db::Tx;
use domain::application::{Effect, Event, State, advance as decide};
use domain::eligibility::Verdict;
use domain::review::Review;
use domain::time::Timestamp;
use serde_json::json;

use super::effects::{self, Step};
use super::refusal::refused;
use super::rules::{self, Ground};
use super::store::{self, ApplicationRow, ContentColumns, StateColumns};
use crate::{App, Error, Object, Result, Trail, selection, waiver};

/// What an event brings along.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extra<'a> {
    /// The reason or remark that goes into the history, and for a refusal or return onto the application.
    pub note: &'a str,
    /// By when a returned application must be mended; the exam's setting if none.
    pub due: Option<Timestamp>,
    /// When the money came, if that isn't now (a late notice).
    pub paid_at: Option<Timestamp>,
    /// The new content of a submission, edit, move or supplement.
    pub fresh: Option<&'a ContentColumns>,
}

/// Moves an application by one event and does everything that follows, in the caller's transaction.
///
/// # Errors
/// `Refused` with the rule that forbids it, in the candidate's words; `Conflict` when somebody else moved it meanwhile.
pub(crate) async fn advance(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    application_id: i64,
    event: Event,
    note: &str,
) -> Result<State> {
    let extra = Extra {
        note,
        ..Extra::default()
    };
    advance_with(tx, trail, app, application_id, event, &extra).await
}

/// The same, with what the event brings along.
pub(crate) async fn advance_with(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    application_id: i64,
    event: Event,
    extra: &Extra<'_>,
) -> Result<State> {
    let row = store::application_by_id(tx, application_id)
        .await?
        .ok_or(Error::NotFound)?;
    let before = rules::state_of(&row)?;
    let version = extra
        .fresh
        .map_or(row.settings_version, |fresh| fresh.settings_version);
    let ground = rules::ground(tx, app, row.exam_id, version).await?;
    let verdict = match extra.fresh {
        Some(fresh) => Verdict::from_code(fresh.verdict),
        None => Verdict::from_code(&row.verdict),
    }
    .ok_or(Error::inconsistent("application.verdict"))?;
    let to = extra.fresh.and_then(|fresh| fresh.position_id);
    let held = waiver::held(tx, row.id).await?;
    let was_free = row.fee == 0 || held.is_some_and(|held| held.covers());
    let (fee, free) = match extra.fresh {
        Some(fresh) => waiver::refit(tx, held, &row, fresh.fee).await?,
        None => (row.fee, was_free),
    };
    let mut gates = rules::gates(tx, &row, event, verdict, to, trail.at()).await?;
    (gates.was_free, gates.free) = (was_free, free);
    if ground.made.review.auto_returning {
        gates.returning = returning(tx, &row, extra.fresh).await?;
    }
    let (after, follow) = decide(before, event, &ground.rules(&row, trail.at(), gates))
        .map_err(|no| refused(no, &ground.exam.settings, &row))?;

    if let Some(fresh) = extra.fresh.filter(|_| before != State::Draft)
        && store::content_put(tx, (row.id, row.version), fresh, fee).await? == 0
    {
        return Err(Error::Conflict(CHANGED));
    }
    if let Some(carried) = extra.fresh.and_then(|fresh| fresh.carried.as_ref()) {
        store::carried_put(tx, (row.id, row.exam_id), carried).await?;
    }
    for check in extra.fresh.map_or(&[][..], |fresh| &fresh.checks) {
        store::check_put(tx, (row.id, row.exam_id), check).await?;
    }
    if follow.contains(&Effect::Snapshot) && extra.fresh.is_none() {
        return Err(Error::inconsistent(
            "a step that keeps a snapshot was given none",
        ));
    }
    let number = if follow.contains(&Effect::AssignNumber) {
        effects::assign_number(tx, trail, row.exam_id).await?
    } else {
        row.registration_no.clone()
    };
    store_state(
        tx,
        trail,
        &Change {
            row: &row,
            before,
            after,
            event,
            ground: &ground,
            number: &number,
            follow: &follow,
        },
        extra,
    )
    .await?;
    let step = Step {
        app,
        row: &row,
        ground: &ground,
        before,
        after,
        event,
        number: &number,
        position_id: to.or(row.position_id),
        unit: extra
            .fresh
            .map_or(row.unit.as_str(), |fresh| fresh.unit.as_str()),
        fee,
        note: extra.note,
        due: extra.due,
    };
    effects::apply(tx, trail, &step, &follow).await?;
    if matches!(after, State::Ended { .. }) && !matches!(before, State::Ended { .. }) {
        waiver::lapse(tx, row.id, trail.at().micros()).await?;
        selection::left_in(tx, trail, app, row.id).await?;
    }
    Ok(after)
}

/// Whether the carried-over file bears out what he submits, or submitted. Who has to be looked at because of a check isn't known well
/// enough.
async fn returning(
    tx: &mut Tx,
    row: &ApplicationRow,
    fresh: Option<&ContentColumns>,
) -> Result<bool> {
    let wanted = domain::exam::Standing::Returning.code();
    Ok(match fresh {
        Some(fresh) => {
            let borne_out = fresh
                .carried
                .as_ref()
                .is_some_and(|carried| carried.standing == wanted);
            borne_out && fresh.checks.iter().all(|one| one.manual().is_none())
        }
        None => store::carried_standing(tx, row.id).await?.as_deref() == Some(wanted),
    })
}

/// What the losers of a race read.
pub(super) const CHANGED: &str = "这项报名刚有变化，请看最新内容后再办理";

struct Change<'a> {
    row: &'a ApplicationRow,
    before: State,
    after: State,
    event: Event,
    ground: &'a Ground,
    number: &'a str,
    follow: &'a [Effect],
}

async fn store_state(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    change: &Change<'_>,
    extra: &Extra<'_>,
) -> Result<()> {
    let Change {
        row,
        before,
        after,
        event,
        ..
    } = *change;
    let at = trail.at();
    let (was, tracks) = (before.tracks(), after.tracks());
    let review_moved = tracks.review != was.review || restarts_review(event, tracks.review);
    let review_due = match tracks.review {
        _ if !matches!(after, State::Live(_)) => 0,
        _ if !review_moved => row.review_due,
        Review::Returned => {
            let hours = i64::from(change.ground.made.review.supplement_hours);
            extra.due.unwrap_or(at.plus_seconds(hours * 3600)).micros()
        }
        review if review.waits_for_staff() => at
            .plus_seconds(i64::from(change.ground.made.review.hours) * 3600)
            .micros(),
        _ => 0,
    };
    let review_reason = match event {
        _ if !review_moved => row.review_reason.as_str(),
        _ if matches!(tracks.review, Review::Returned | Review::Rejected) => {
            if extra.note.is_empty() {
                row.review_reason.as_str()
            } else {
                extra.note
            }
        }
        // The refusal that is appealed against stays in sight.
        _ if tracks.review == Review::Appealed => row.review_reason.as_str(),
        _ => "",
    };
    let paid_now = tracks.holds_money() && !was.holds_money();
    let paid_at = if paid_now {
        Some(extra.paid_at.unwrap_or(at).micros())
    } else {
        row.paid_at
    };
    let columns = StateColumns {
        registration_no: change.number,
        life: after.life().code(),
        end_reason: after.end_reason(),
        review: tracks.review.code(),
        review_at: if review_moved {
            Some(at.micros())
        } else {
            row.review_at
        },
        review_reason,
        review_due,
        payment: tracks.payment.code(),
        paid_at,
        attendance: tracks.attendance.code(),
        rejections: row.rejections + i64::from(change.follow.contains(&Effect::CountRejection)),
    };
    if store::state_put(tx, row.id, row.version, &columns, at.micros()).await? == 0 {
        return Err(Error::Conflict(CHANGED));
    }
    let position_id = match event {
        Event::Submit | Event::Edit | Event::Move => extra.fresh.and_then(|f| f.position_id),
        _ => row.position_id,
    };
    let event_id = trail.id()?;
    let who = (trail.actor_kind(), trail.actor_id());
    let what = (event.code(), extra.note);
    store::event_insert(
        tx,
        (event_id, row.id),
        who,
        what,
        position_id.unwrap_or(0),
        at.micros(),
    )
    .await?;
    let object = Object {
        kind: "application",
        id: row.id,
        exam_id: row.exam_id,
    };
    let detail = json!({
        "event": event.code(),
        "from": before.label(),
        "to": after.label(),
    });
    trail.audit(tx, "application.advance", object, detail).await
}

/// Whether the event begins the review anew although its state stays the same (an edit while it waits).
fn restarts_review(event: Event, review: Review) -> bool {
    review == Review::Pending && matches!(event, Event::Move)
}
