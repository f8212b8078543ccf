//! What a job is: a payload with a stable name, and a body that may be run again.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Run;

/// What a job's body answers.
pub type JobResult = Result<(), JobError>;

/// A kind of work. The value is its payload, stored as JSON: old payloads must stay readable, so give new fields a
/// `#[serde(default)]`, and never put an ID number, a mobile or a secret into one.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What the bodies share: the application with its database and channels.
    type State: Clone + Send + Sync + 'static;
    /// Stable for ever: rows carry it. `feature.verb`.
    const NAME: &'static str;
    /// Which queue it waits in; queues have their own number of hands, so that slow work can't hold up quick work.
    const QUEUE: &'static str;
    /// How often it may fail before it becomes a dead letter.
    const MAX_FAILURES: u32 = 12;

    /// Does the work. May be run again after a crash, even if it had finished but for the note of it: what it does must
    /// be idempotent. It isn't inside a transaction.
    fn run(&self, state: &Self::State, run: &Run) -> impl Future<Output = JobResult> + Send;
}

/// Why a job didn't do its work. The text goes into the row and the log: no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may work later.
    #[error("{reason}")]
    Retry {
        /// When to try again; by [`crate::pause_after`] if it doesn't say.
        after: Option<Duration>,
        /// What went wrong.
        reason: String,
    },
    /// It never will: a dead letter at once.
    #[error("{0}")]
    Fail(String),
    /// It was asked to stop and did.
    #[error("cancelled")]
    Cancelled,
}

impl JobError {
    /// Try again after the usual pause.
    pub fn retry(reason: impl Display) -> Self {
        Self::Retry {
            after: None,
            reason: reason.to_string(),
        }
    }

    /// Try again after `after`.
    pub fn retry_after(after: Duration, reason: impl Display) -> Self {
        Self::Retry {
            after: Some(after),
            reason: reason.to_string(),
        }
    }

    /// Give up.
    pub fn fail(reason: impl Display) -> Self {
        Self::Fail(reason.to_string())
    }
}

/// A database that was busy or away is worth another try; anything else it says won't change.
impl From<db::DbError> for JobError {
    fn from(error: db::DbError) -> Self {
        use db::DbError::{Busy, Full, TooSlow, Unavailable, Unsure};
        match error {
            Busy { .. } | TooSlow | Unsure | Full | Unavailable { .. } => Self::retry(error),
            other => Self::fail(other),
        }
    }
}
