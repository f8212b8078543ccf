//! What the domain is told about an application at one instant: the exam's rules and this application's facts.

use std::sync::Arc;

use db::{Query, Tx};
use domain::application::advance::{Gates, Rules};
use domain::application::moves::Target;
use domain::application::{Attendance, Event, Life, Payment, State, Tracks};
use domain::eligibility::Verdict;
use domain::exam::{ExamSettings, OpenNow};
use domain::integrity::{self, Barred, IntegrityKind, IntegrityRecord};
use domain::review::{PhotoState, Review};
use domain::time::Timestamp;

use super::integrity_store;
use super::store::{self, ApplicationRow};
use crate::exam::{self, Exam, PositionRow};
use crate::{App, Error, Result};

/// The exam of an application as it is now (windows may have been extended since), and the settings that the application
/// was made under (steps, review, moves, fees).
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub exam: Arc<Exam>,
    pub made: Arc<ExamSettings>,
}

/// Loads the exam of an application that was, or is being, made under `settings_version`.
pub(super) async fn ground(
    q: &mut impl Query,
    app: &App,
    exam_id: i64,
    settings_version: i64,
) -> Result<Ground> {
    let exam = exam::find_in(q, app, exam_id).await?;
    let made = if settings_version == exam.row.settings_version {
        Arc::clone(&exam.settings)
    } else {
        let json = exam::settings_at(q, exam_id, settings_version)
            .await?
            .ok_or(Error::inconsistent("application.settings_version"))?;
        let made = ExamSettings::from_json(&json)
            .map_err(|e| Error::internal("exam_settings.settings", e))?;
        Arc::new(made)
    };
    Ok(Ground { exam, made })
}

impl Ground {
    /// Which windows are open for `row` at `at`: those of the exam, the due time of a return, the hours of an appeal.
    pub(super) fn open_at(&self, row: &ApplicationRow, at: Timestamp) -> OpenNow {
        let mut open = self.exam.open_at(at);
        if row.review == Review::Returned.code() && row.review_due > 0 {
            open.supplement = open.supplement && at.micros() < row.review_due;
        }
        if let Some(refused_at) = row
            .review_at
            .filter(|_| row.review == Review::Rejected.code())
        {
            open.appeal = at < appeal_until(&self.made, refused_at);
        }
        open
    }

    /// The rules for a step of `row` at `at`.
    pub(super) fn rules(&self, row: &ApplicationRow, at: Timestamp, gates: Gates) -> Rules<'_> {
        Rules {
            steps: self.made.steps,
            review: &self.made.review,
            moves: &self.made.moves,
            open: self.open_at(row, at),
            gates,
        }
    }
}

/// Until when a refusal of `refused_at` may be appealed against.
pub(super) fn appeal_until(made: &ExamSettings, refused_at: i64) -> Timestamp {
    Timestamp::from_micros(refused_at).plus_seconds(i64::from(made.review.appeal_hours) * 3600)
}

/// The state in the columns of a row.
pub(super) fn state_of(row: &ApplicationRow) -> Result<State> {
    let wrong = || Error::inconsistent("application.life");
    let tracks = Tracks {
        review: Review::from_code(&row.review).ok_or_else(wrong)?,
        payment: Payment::from_code(&row.payment).ok_or_else(wrong)?,
        attendance: Attendance::from_code(&row.attendance).ok_or_else(wrong)?,
    };
    let life = Life::from_code(&row.life).ok_or_else(wrong)?;
    State::from_parts(life, &row.end_reason, tracks).ok_or_else(wrong)
}

/// The facts that the gates look at, but whether anything is to pay. `to` is the position that a submission or a move leads to.
pub(super) async fn gates(
    tx: &mut Tx,
    row: &ApplicationRow,
    event: Event,
    verdict: Verdict,
    to: Option<i64>,
    at: Timestamp,
) -> Result<Gates> {
    let enters = matches!(
        event,
        Event::Submit | Event::Edit | Event::Move | Event::Supplement
    );
    let photo = crate::photo::state_in(tx, row.account_id).await?;
    let photo = photo.as_deref().and_then(PhotoState::from_code);
    let barred = enters && barred(tx, row.account_id, at).await?.is_some();
    let target = target(tx, row, event, to).await?;
    let cancelled = match to.or(row.position_id) {
        Some(position) if row.life == Life::Live.code() => cancelled(tx, position).await?,
        _ => false,
    };
    let appealed_before = event == Event::Appeal && store::appealed_before(tx, row.id).await?;
    let seated = store::seated(tx, row.id).await?;
    Ok(Gates {
        photo,
        verdict,
        returning: false,
        barred,
        target,
        cancelled,
        appealed_before,
        seated,
        was_free: false,
        free: false,
    })
}

async fn target(
    tx: &mut Tx,
    row: &ApplicationRow,
    event: Event,
    to: Option<i64>,
) -> Result<Target> {
    let looks = matches!(
        event,
        Event::Submit | Event::Edit | Event::Move | Event::AcceptLate
    );
    let Some(to) = to.or(row.position_id).filter(|_| looks) else {
        return Ok(Target::default());
    };
    let wanted = position(tx, to).await?;
    let from_cancelled = match row.position_id.filter(|from| *from != to) {
        Some(from) => is_cancelled(&position(tx, from).await?),
        None => is_cancelled(&wanted),
    };
    // Who was let in once pays for what he has, not for what he tries anew: money is never kept out of the books by it.
    let refusals = match event {
        Event::AcceptLate => 0,
        _ => store::refusals_by(tx, row.exam_id, row.account_id, to).await?,
    };
    Ok(Target {
        from_cancelled,
        to_cancelled: is_cancelled(&wanted),
        refusals: u32::try_from(refusals).unwrap_or(u32::MAX),
    })
}

/// A position by id.
pub(super) async fn position(tx: &mut Tx, id: i64) -> Result<PositionRow> {
    exam::position_by_id(tx, id)
        .await?
        .ok_or(Error::inconsistent("application.position_id"))
}

/// Whether a position was cancelled.
pub(super) async fn cancelled(q: &mut impl Query, id: i64) -> Result<bool> {
    let state = exam::position_state(q, id).await?;
    Ok(state.as_deref() == Some(domain::exam::PositionState::Cancelled.code()))
}

fn is_cancelled(position: &PositionRow) -> bool {
    position.state == domain::exam::PositionState::Cancelled.code()
}

/// The 诚信档案 record that bars an account's holder today, looked up by the keyed index of his document.
pub(super) async fn barred(
    q: &mut impl Query,
    account_id: i64,
    at: Timestamp,
) -> Result<Option<Barred>> {
    let rows = integrity_store::integrity_of(q, account_id).await?;
    let wrong = || Error::inconsistent("integrity_record");
    let records = rows
        .into_iter()
        .map(|(kind, reason, starts_on, ends_on)| {
            Ok(IntegrityRecord {
                kind: IntegrityKind::from_code(&kind).ok_or_else(wrong)?,
                reason,
                starts_on: starts_on.parse().map_err(|_| wrong())?,
                ends_on: ends_on
                    .map(|day| day.parse().map_err(|_| wrong()))
                    .transpose()?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(integrity::check(&records, at.date()).err())
}
