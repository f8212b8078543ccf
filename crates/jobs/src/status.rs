//! What pages show of jobs.

use db::{DbResult, Query};
use domain::time::Timestamp;

use crate::store;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Waits for its time or a free hand.
    Ready,
    /// A worker has it.
    Running,
    /// It did its work.
    Done,
    /// It failed too often or for good.
    Dead,
    /// It was called off.
    Cancelled,
}

impl JobState {
    pub(crate) fn of(code: &str) -> Option<Self> {
        Some(match code {
            "ready" => Self::Ready,
            "running" => Self::Running,
            "done" => Self::Done,
            "dead" => Self::Dead,
            "cancelled" => Self::Cancelled,
            _ => return None,
        })
    }

    /// Whether nothing more will happen by itself.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }
}

/// A job as a progress page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStatus {
    /// Where it stands.
    pub state: JobState,
    /// Parts done so far.
    pub done: i64,
    /// Parts in all, 0 while unknown.
    pub total: i64,
    /// What it is doing, in the job's words.
    pub note: String,
    /// What its last failure said, empty if it had none.
    pub last_error: String,
    /// How often it failed.
    pub failures: u32,
    /// Somebody asked it to stop.
    pub cancel_asked: bool,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadJob {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it failed with.
    pub last_error: String,
    /// How often.
    pub failures: u32,
    /// When it was given up.
    pub finished_at: Timestamp,
}

/// Where a job stands; none if there is no such job (finished ones are kept a while, see
/// [`crate::Settings::keep_done`]). A point read.
///
/// # Errors
/// What the database refuses.
pub async fn status<Q: Query>(query: &mut Q, id: i64) -> DbResult<Option<JobStatus>> {
    store::status_find(query, id).await
}

/// Dead letters, the newest first, at most `limit` with an id below `before`.
///
/// # Errors
/// What the database refuses.
pub async fn dead_letters<Q: Query>(
    query: &mut Q,
    before: i64,
    limit: u32,
) -> DbResult<Vec<DeadJob>> {
    store::dead_page(query, before, limit).await
}
