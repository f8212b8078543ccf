//! Places and live counts of positions.
//!
//! A place is taken by one conditional `UPDATE` with a `CHECK` behind it (invariant 11). Counts for people to look at are deltas that commits
//! append and a timer folds, so that a run on one position doesn't queue on a counter row.

use std::collections::BTreeMap;

use db::{Command, Crowd, Lane, Tx};

use super::position_store as store;
use crate::{App, Error, Result, Trail};

/// Deltas folded in one commit.
const ROUND: i64 = 500;

/// Takes a place of a position.
///
/// # Errors
/// `Refused` with code `position_full` when there is none, or the position was cancelled.
pub(crate) async fn take(tx: &mut Tx, position_id: i64) -> Result<()> {
    if store::position_take(tx, position_id).await? == 1 {
        return Ok(());
    }
    Err(Error::refused(
        "position_full",
        "这个岗位已经报满",
        "这个岗位刚刚报满。您填的内容已保留，可以另选岗位。",
    ))
}

/// Gives a place back: withdrawn, moved away, refused for good.
pub(crate) async fn give_back(tx: &mut Tx, position_id: i64) -> Result<()> {
    store::position_give_back(tx, position_id).await?;
    Ok(())
}

/// Moves the live counts of a position: applied, approved, paid.
pub(crate) async fn count(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    position_id: i64,
    deltas: (i64, i64, i64),
) -> Result<()> {
    if deltas == (0, 0, 0) {
        return Ok(());
    }
    let id = trail.id()?;
    store::count_delta(tx, id, position_id, deltas).await?;
    Ok(())
}

/// Folds what waits into the counts; returns how many deltas. A tick of the leader, every few seconds.
pub async fn fold_counts(app: &App) -> Result<usize> {
    let mut folded = 0;
    loop {
        let due = store::deltas(&mut app.db().scan(Crowd::System), ROUND).await?;
        if due.is_empty() {
            break;
        }
        folded += due.len();
        let last = i64::try_from(due.len()).unwrap_or(i64::MAX) < ROUND;
        app.db()
            .write(
                Lane::Background,
                Fold {
                    due,
                    at: app.now().micros(),
                },
            )
            .await?;
        if last {
            break;
        }
    }
    if folded > 0 {
        app.exams().forget_figures();
    }
    Ok(folded)
}

struct Fold {
    due: Vec<(i64, i64, i64, i64, i64)>,
    at: i64,
}

impl Command for Fold {
    const NAME: &'static str = "exam.fold_counts";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut sums: BTreeMap<i64, (i64, i64, i64)> = BTreeMap::new();
        for (id, position_id, applied, approved, paid) in &self.due {
            // Another process that folds the same ones finds them gone, and counts nothing twice.
            if store::delta_delete(tx, *id).await? == 1 {
                let sum = sums.entry(*position_id).or_default();
                *sum = (sum.0 + applied, sum.1 + approved, sum.2 + paid);
            }
        }
        for (position_id, sum) in sums {
            store::count_add(tx, position_id, sum, self.at).await?;
        }
        Ok(())
    }
}
