//! 统计: live figures of exams, units and positions, the curve by hour, and the funnel by step.
//!
//! No page counts applications: each step of one appends the difference that it makes ([`note`]), a timer folds the
//! differences into counts ([`fold`]), and pages read the counts. They are seconds old, and cost the same whether an
//! exam has a thousand candidates or a million.

mod fold;
mod overview;
mod positions;
mod store;
pub(crate) mod wipe_store;

use db::{Query, Tx};
use domain::application::Tally;
use domain::time::Timestamp;

pub use fold::fold;
pub use overview::{Funnel, Hour, Overview, UnitLine, overview, standing, units};
pub use positions::{export, positions, reaches};

use crate::{Result, Trail};

/// The unit under which [`store::HourRow`]s stand for the whole exam. No unit is called that: cells are names.
pub(crate) const WHOLE_EXAM: &str = "*";

/// The units of an exam and how each stands now, to the last step: for lists, which say how much there is.
pub(crate) async fn units_now(q: &mut impl Query, exam_id: i64) -> Result<Vec<(String, Tally)>> {
    let rows = store::units_now(q, exam_id).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.unit.clone(), row.tally()))
        .collect())
}

const HOUR: i64 = 3_600_000_000;

/// Where an application is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The exam.
    pub exam_id: i64,
    /// The unit that reviews.
    pub unit: &'a str,
    /// The position; none in exams by subject.
    pub position_id: Option<i64>,
}

/// Notes that the figures of a place change by this much, in the transaction of the step.
pub(crate) async fn note(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    place: Place<'_>,
    change: Tally,
) -> Result<()> {
    if change.is_zero() {
        return Ok(());
    }
    let id = trail.id()?;
    let at = trail.at();
    store::delta_insert(tx, id, place, hour_of(at), &change).await?;
    Ok(())
}

/// The beginning of the hour, in microseconds; Chinese time is whole hours from UTC.
const fn hour_of(at: Timestamp) -> i64 {
    let micros = at.micros();
    micros - micros.rem_euclid(HOUR)
}
