//! Figures of positions: what changes while a table stands.

use std::collections::HashMap;
use std::sync::Arc;

use db::Crowd;
use domain::exam::PositionState;
use domain::time::Timestamp;

use super::{PositionTable, store};
use crate::exam::catalogue::Exam;
use crate::{App, Result};

/// What moves while the table stands still.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PositionFigures {
    /// Live applications.
    pub applied: i64,
    /// Waiting for a reviewer.
    pub pending: i64,
    /// Sent back for supplements.
    pub returned: i64,
    /// Refused, appealed ones among them.
    pub rejected: i64,
    /// Approved ones.
    pub approved: i64,
    /// Paid ones.
    pub paid: i64,
    /// Places taken, where places are limited.
    pub taken: i64,
    /// The limit, where there is one.
    pub capacity: Option<i64>,
    /// Whether the position was cancelled.
    pub cancelled: bool,
}

impl PositionFigures {
    /// Whether no place is left.
    pub fn is_full(&self) -> bool {
        self.capacity.is_some_and(|capacity| self.taken >= capacity)
    }
}

/// The figures of a whole table at an instant.
#[derive(Debug, Default)]
pub struct TableFigures {
    /// When they were read.
    pub at: Timestamp,
    by_id: HashMap<i64, PositionFigures>,
}

impl TableFigures {
    /// Of one position.
    pub fn of(&self, position_id: i64) -> PositionFigures {
        self.by_id.get(&position_id).copied().unwrap_or_default()
    }

    /// Those of one member of staff's units together.
    pub fn sum_of(&self, table: &PositionTable, only: Option<&[String]>) -> PositionFigures {
        let Some(units) = only else {
            return self.sum();
        };
        table
            .items
            .iter()
            .filter(|item| units.contains(&item.unit))
            .map(|item| self.of(item.id))
            .fold(PositionFigures::default(), |sum, one| PositionFigures {
                applied: sum.applied + one.applied,
                approved: sum.approved + one.approved,
                paid: sum.paid + one.paid,
                ..sum
            })
    }

    /// All together.
    pub fn sum(&self) -> PositionFigures {
        self.by_id
            .values()
            .fold(PositionFigures::default(), |sum, one| PositionFigures {
                applied: sum.applied + one.applied,
                pending: sum.pending + one.pending,
                returned: sum.returned + one.returned,
                rejected: sum.rejected + one.rejected,
                approved: sum.approved + one.approved,
                paid: sum.paid + one.paid,
                ..sum
            })
    }
}

/// The figures of an exam's positions, a few seconds old at most; older while the database is away
/// ([`TableFigures::at`] says how old).
pub async fn figures(app: &App, exam: &Exam) -> Result<Arc<TableFigures>> {
    let batch = exam.row.positions_batch;
    let shelf = app.exams().figures.get_with(batch, Arc::default);
    let read = async {
        let at = app.now();
        let rows = store::figures_of(&mut app.db().scan(Crowd::System), exam.id(), batch).await?;
        let by_id = rows
            .into_iter()
            .map(|row| {
                let figures = PositionFigures {
                    applied: row.applied,
                    pending: row.pending,
                    returned: row.returned,
                    rejected: row.rejected,
                    approved: row.approved,
                    paid: row.paid,
                    taken: row.taken,
                    capacity: row.capacity,
                    cancelled: row.state == PositionState::Cancelled.code(),
                };
                (row.id, figures)
            })
            .collect();
        Ok(TableFigures { at, by_id })
    };
    shelf.get(app, read).await
}
