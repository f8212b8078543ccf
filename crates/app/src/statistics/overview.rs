//! The statistics of one exam as the office looks at them, narrowed to the units that the asker may see.

use std::collections::BTreeSet;

use db::Crowd;
use domain::application::Tally;
use domain::review::Review;
use domain::staff::Permission;
use domain::time::Timestamp;

use super::store;
use super::{HOUR, WHOLE_EXAM};
use crate::exam::Exam;
use crate::{Actor, Ctx, Error, Result, arrangement};

/// Counts that are read off the rows stop here (DESIGN §7).
const CAP: i64 = 10_001;
/// Longer curves are drawn by day: two weeks of hours are as many points as a screen has room for.
const MOST_HOURS: i64 = 14 * 24;
/// More hours than an exam is open for.
const READ_HOURS: i64 = 24 * 400;

/// A unit's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitLine {
    /// The unit; empty where the exam has none.
    pub unit: String,
    /// Its figures.
    pub tally: Tally,
}

/// What an hour, or a day of a long curve, added. Taken back counts negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    /// When it began.
    pub at: i64,
    /// Applications.
    pub applied: i64,
    /// Approvals.
    pub approved: i64,
    /// Fees.
    pub paid: i64,
}

/// How far people came, one number a step; `None` for steps that the exam doesn't have or the asker may not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Funnel {
    /// Submitted at least once, ended ones among them.
    pub submitted: Option<i64>,
    /// Living.
    pub applied: i64,
    /// Approved.
    pub approved: Option<i64>,
    /// Paid or waived.
    pub paid: Option<i64>,
    /// With a seat in the published plan.
    pub seated: Option<i64>,
}

/// The statistics of an exam.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// All units that the asker may see together.
    pub total: Tally,
    /// Each of them, the one with most reviews waiting first.
    pub units: Vec<UnitLine>,
    /// The curve, oldest first, without gaps.
    pub curve: Vec<Hour>,
    /// Whether the curve's points are days.
    pub by_day: bool,
    /// The funnel.
    pub funnel: Funnel,
    /// Reviews past their time, up to 10,001; `None` for an asker who may not see every unit.
    pub overdue: Option<i64>,
    /// When the newest difference was folded, in microseconds; 0 before the first.
    pub folded_at: i64,
    /// Whether the asker sees some units only.
    pub narrowed: bool,
}

/// The statistics of an exam.
///
/// # Errors
/// `Forbidden` to who may not see the exam.
pub async fn overview(ctx: &Ctx, exam: &Exam) -> Result<Overview> {
    let mine = units(ctx, exam.id())?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = store::units(&mut scan, exam.id()).await?;
    let folded_at = rows.iter().map(|row| row.folded_at).max().unwrap_or(0);
    let mut units: Vec<UnitLine> = rows
        .into_iter()
        .filter(|row| mine.as_ref().is_none_or(|mine| mine.contains(&row.unit)))
        .map(|row| UnitLine {
            tally: row.tally(),
            unit: row.unit,
        })
        .collect();
    units.sort_by(|a, b| {
        (b.tally.waiting(), b.tally.applied, &a.unit).cmp(&(
            a.tally.waiting(),
            a.tally.applied,
            &b.unit,
        ))
    });
    let total: Tally = units.iter().map(|line| line.tally).sum();
    let mut hours = Vec::new();
    match &mine {
        None => hours = store::hours(&mut scan, exam.id(), WHOLE_EXAM, READ_HOURS).await?,
        Some(mine) => {
            for unit in mine {
                hours.extend(store::hours(&mut scan, exam.id(), unit, READ_HOURS).await?);
            }
        }
    }
    let (curve, by_day) = without_gaps(&hours);
    let narrowed = mine.is_some();
    let steps = exam.settings.steps;
    let submitted = if narrowed {
        None
    } else {
        Some(store::numbers_given(&mut scan, exam.id()).await?)
    };
    let funnel = Funnel {
        submitted,
        applied: total.applied,
        approved: steps.has_review().then_some(total.approved),
        paid: steps.has_payment().then_some(total.paid),
        seated: match (narrowed, steps.seating) {
            (false, true) => Some(arrangement::people_seated(&ctx.app, exam).await?),
            _ => None,
        },
    };
    let mut overdue = None;
    if !narrowed {
        let mut late = 0;
        for review in Review::ALL.iter().filter(|review| review.waits_for_staff()) {
            let now = ctx.at.micros();
            late += store::overdue(&mut scan, exam.id(), review.code(), now, CAP).await?;
        }
        overdue = Some(late.min(CAP));
    }
    Ok(Overview {
        total,
        units,
        curve,
        by_day,
        funnel,
        overdue,
        folded_at,
        narrowed,
    })
}

/// How an exam stands, as far as the asker may see, and what was added to its living applications since an instant (by whole hours).
///
/// # Errors
/// `Forbidden` to who may not see the exam.
pub async fn standing(ctx: &Ctx, exam_id: i64, since: Timestamp) -> Result<(Tally, i64)> {
    let mine = units(ctx, exam_id)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut tally = Tally::default();
    for row in store::units(&mut scan, exam_id).await? {
        if mine.as_ref().is_none_or(|mine| mine.contains(&row.unit)) {
            tally += row.tally();
        }
    }
    let mut added = 0;
    for unit in mine.unwrap_or_else(|| vec![WHOLE_EXAM.to_owned()]) {
        added += store::added_since(&mut scan, exam_id, &unit, since.micros()).await?;
    }
    Ok((tally, added))
}

/// The units whose figures the asker may see; `None` for all.
///
/// # Errors
/// `Forbidden` to who may not see the exam.
pub fn units(ctx: &Ctx, exam_id: i64) -> Result<Option<Vec<String>>> {
    if matches!(ctx.actor, Actor::System) {
        return Ok(None);
    }
    let Some(mine) = ctx.staff()?.grants.units(Permission::ExamView, exam_id) else {
        return Ok(None);
    };
    if mine.is_empty() {
        return Err(Error::Forbidden);
    }
    // Somebody with two roles in one unit has it once.
    let once: BTreeSet<&str> = mine.into_iter().collect();
    Ok(Some(once.into_iter().map(str::to_owned).collect()))
}

/// One point for each hour from the first to the last, or for each day of Chinese time where that would be too many.
fn without_gaps(rows: &[(i64, i64, i64, i64)]) -> (Vec<Hour>, bool) {
    let first = rows.iter().map(|row| row.0).min();
    let (Some(first), Some(last)) = (first, rows.iter().map(|row| row.0).max()) else {
        return (Vec::new(), false);
    };
    let by_day = (last - first) / HOUR >= MOST_HOURS;
    let step = if by_day { 24 * HOUR } else { HOUR };
    let begin = |at: i64| {
        if by_day {
            Timestamp::from_micros(at).date().start().micros()
        } else {
            at
        }
    };
    let first = begin(first);
    let points = usize::try_from((begin(last) - first) / step + 1).unwrap_or(0);
    let mut curve: Vec<Hour> = (0..points)
        .map(|place| Hour {
            at: first + step * i64::try_from(place).unwrap_or(0),
            ..Hour::default()
        })
        .collect();
    for (at, applied, approved, paid) in rows {
        let place = usize::try_from((begin(*at) - first) / step).unwrap_or(usize::MAX);
        if let Some(point) = curve.get_mut(place) {
            point.applied += applied;
            point.approved += approved;
            point.paid += paid;
        }
    }
    (curve, by_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_in_which_nothing_happened_are_points_too() {
        let (curve, by_day) = without_gaps(&[
            (10 * HOUR, 2, 0, 0),
            (13 * HOUR, 1, 1, -1),
            (10 * HOUR, 1, 0, 0),
        ]);
        assert!(!by_day);
        let figures: Vec<_> = curve
            .iter()
            .map(|h| (h.at / HOUR, h.applied, h.approved, h.paid))
            .collect();
        assert_eq!(
            figures,
            [(10, 3, 0, 0), (11, 0, 0, 0), (12, 0, 0, 0), (13, 1, 1, -1)]
        );
        assert_eq!(without_gaps(&[]), (Vec::new(), false));
    }

    #[test]
    fn a_long_curve_is_drawn_by_day_of_chinese_time() {
        // 16:00 UTC is midnight there: the last hour before it and the first after it are two days.
        let start = 15 * HOUR;
        let (curve, by_day) = without_gaps(&[
            (start, 1, 0, 0),
            (start + HOUR, 1, 0, 0),
            (start + 400 * HOUR, 5, 0, 0),
        ]);
        assert!(by_day);
        assert_eq!(curve.first().map(|day| day.applied), Some(1));
        assert_eq!(curve.get(1).map(|day| day.applied), Some(1));
        assert_eq!(curve.iter().map(|day| day.applied).sum::<i64>(), 7);
        assert_eq!(curve.len(), 18);
    }
}
