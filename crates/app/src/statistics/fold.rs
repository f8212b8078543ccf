//! The timer that folds differences into counts.

use std::collections::BTreeMap;

use db::{Command, Crowd, Lane, Tx};
use domain::application::Tally;

use super::WHOLE_EXAM;
use super::store::{self, DeltaRow};
use crate::{App, Error, Result};

/// Differences folded in one commit.
const ROUND: i64 = 500;

/// Folds what waits into the counts; returns how many differences. A tick of the leader, every few seconds.
///
/// # Errors
/// Trouble with the database.
pub async fn fold(app: &App) -> Result<usize> {
    let mut folded = 0;
    loop {
        let due = store::deltas(&mut app.db().scan(Crowd::System), ROUND).await?;
        let read = due.len();
        if read == 0 {
            break;
        }
        let at = app.now().micros();
        app.db().write(Lane::Background, Fold { due, at }).await?;
        folded += read;
        if i64::try_from(read).unwrap_or(i64::MAX) < ROUND {
            break;
        }
    }
    if folded > 0 {
        app.exams().forget_figures();
    }
    Ok(folded)
}

struct Fold {
    due: Vec<DeltaRow>,
    at: i64,
}

impl Command for Fold {
    const NAME: &'static str = "statistics.fold";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        // Sums in the order of their keys: two processes that fold at once take the rows' locks in the same order.
        let mut positions: BTreeMap<i64, Tally> = BTreeMap::new();
        let mut units: BTreeMap<(i64, &str), Tally> = BTreeMap::new();
        let mut hours: BTreeMap<(i64, &str, i64), Tally> = BTreeMap::new();
        for row in &self.due {
            // Another process that folds the same ones finds them gone, and counts nothing twice.
            if store::delta_delete(tx, row.id).await? == 0 {
                continue;
            }
            let change = row.tally();
            if row.position_id != 0 {
                *positions.entry(row.position_id).or_default() += change;
            }
            *units.entry((row.exam_id, &row.unit)).or_default() += change;
            *hours.entry((row.exam_id, &row.unit, row.hour)).or_default() += change;
            *hours
                .entry((row.exam_id, WHOLE_EXAM, row.hour))
                .or_default() += change;
        }
        for (position_id, sum) in &positions {
            store::position_add(tx, *position_id, sum, self.at).await?;
        }
        for (unit, sum) in &units {
            store::unit_add(tx, *unit, sum, self.at).await?;
        }
        for (hour, sum) in &hours {
            if (sum.applied, sum.approved, sum.paid) != (0, 0, 0) {
                store::hour_add(tx, *hour, sum).await?;
            }
        }
        Ok(())
    }
}
