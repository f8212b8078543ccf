//! Everybody with a written result, as the rules of the list look at him.

use std::collections::BTreeMap;

use db::{Crowd, Query};
use domain::application::state::{Attendance, Life, Tracks};
use domain::application::{Payment, may_be_seated};
use domain::exam::steps::Steps;
use domain::review::Review;
use domain::score::{Flag, Mark, Total};
use domain::selection::Runner;

use super::row_store::{self, RunnerRow};
use crate::exam::{Exam, positions};
use crate::{App, Error, Result};

/// Marks read at a time.
const MARKS: i64 = 1_000;
/// Applications read at a time.
const PAGE: i64 = 500;

/// What each position hires after all amendments; those that were cancelled aren't there.
pub(super) async fn headcounts(app: &App, exam: &Exam) -> Result<BTreeMap<i64, u32>> {
    let table = positions::table(app, exam).await?;
    let figures = positions::figures(app, exam).await?;
    let open = table
        .items()
        .iter()
        .filter(|item| !figures.of(item.id).cancelled);
    Ok(open
        .map(|item| (item.id, item.position.headcount))
        .collect())
}

/// A stored total.
pub(super) fn total_of(text: &str) -> Result<Total> {
    if text.is_empty() {
        return Ok(Total::NotUsed);
    }
    if let Some(flag) = Flag::from_code(text) {
        return Ok(Total::Flagged(flag));
    }
    text.parse()
        .map(Total::Score)
        .map_err(|_| Error::inconsistent("score_total.total"))
}

/// A total as lists keep it: a number, or nothing.
pub(super) fn text_of(total: Total) -> String {
    match total {
        Total::Score(number) => number.to_string(),
        Total::Flagged(_) | Total::NotUsed => String::new(),
    }
}

/// A stored mark.
pub(super) fn mark_of(mark: &str, flag: &str) -> Result<Mark> {
    Flag::from_code(flag)
        .and_then(|flag| Mark::from_parts(flag, mark.parse().ok()))
        .ok_or(Error::inconsistent("score.mark"))
}

/// Everybody of a batch of scores, by application.
pub(super) async fn of_batch(app: &App, batch_id: i64) -> Result<Vec<Runner>> {
    in_batch(&mut app.db().scan(Crowd::Staff), batch_id).await
}

/// The same, however it is read.
pub(super) async fn in_batch(q: &mut impl Query, batch_id: i64) -> Result<Vec<Runner>> {
    let mut runners: Vec<Runner> = Vec::new();
    let mut after = (0, String::new());
    loop {
        let rows = row_store::runners_after(q, batch_id, (after.0, &after.1), MARKS).await?;
        let Some(last) = rows.last() else { break };
        after = (last.application_id, last.subject_code.clone());
        for row in rows {
            add(&mut runners, row)?;
        }
    }
    Ok(runners)
}

fn add(runners: &mut Vec<Runner>, row: RunnerRow) -> Result<()> {
    let mark = mark_of(&row.mark, &row.flag)?;
    let known = runners
        .last()
        .is_some_and(|last| last.id == row.application_id);
    if !known {
        runners.push(Runner {
            id: row.application_id,
            position: row.position_id.unwrap_or(0),
            total: total_of(&row.total)?,
            marks: BTreeMap::new(),
            passed: match row.passed.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            gone: row.life != Life::Live.code(),
        });
    }
    if let Some(runner) = runners.last_mut() {
        // Under code and name, so that a rule may use either.
        runner.marks.insert(row.subject_code, mark);
        runner.marks.insert(row.subject_name, mark);
    }
    Ok(())
}

/// Everybody of an exam without a written paper for whom every step before it is done.
pub(super) async fn of_direct(app: &App, exam: &Exam) -> Result<Vec<Runner>> {
    let steps = Steps {
        seating: true,
        ..exam.settings.steps
    };
    let mut scan = app.db().scan(Crowd::Staff);
    let (mut runners, mut after) = (Vec::new(), 0);
    loop {
        let rows = row_store::living_after(&mut scan, exam.id(), after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.application_id;
        for row in rows {
            let tracks = Tracks {
                review: Review::from_code(&row.review)
                    .ok_or(Error::inconsistent("application.review"))?,
                payment: Payment::from_code(&row.payment)
                    .ok_or(Error::inconsistent("application.payment"))?,
                attendance: Attendance::None,
            };
            if may_be_seated(tracks, steps) {
                runners.push(Runner {
                    id: row.application_id,
                    position: row.position_id.unwrap_or(0),
                    total: Total::NotUsed,
                    marks: BTreeMap::new(),
                    passed: None,
                    gone: false,
                });
            }
        }
    }
    Ok(runners)
}
