//! Putting jobs in, calling them off, and bringing dead ones back: all inside the caller's transaction.

use db::{DbError, DbResult, Tx};
use domain::time::Timestamp;

use crate::{Job, TOPIC, store};

/// A job to be put into a queue, whatever its type. Made before the command runs, like everything a command writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its id, made by the caller.
    pub id: i64,
    /// Its queue.
    pub queue: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its payload, JSON.
    pub payload: String,
    /// When it may run.
    pub run_at: Timestamp,
    /// While one with the same name and key waits, no second one is put in.
    pub dedup_key: Option<String>,
    /// How often it may fail.
    pub max_failures: u32,
}

impl NewJob {
    /// A job that may run at `run_at` (now, for most).
    ///
    /// # Errors
    /// [`DbError::Other`] if the payload can't be written as JSON.
    pub fn of<J: Job>(id: i64, job: &J, run_at: Timestamp) -> DbResult<Self> {
        let payload = serde_json::to_string(job).map_err(|_| DbError::Other {
            what: format!("payload of job {} is not JSON", J::NAME),
            source: None,
        })?;
        Ok(Self {
            id,
            queue: J::QUEUE,
            name: J::NAME,
            payload,
            run_at,
            dedup_key: None,
            max_failures: J::MAX_FAILURES,
        })
    }

    /// The same, but only one such job waits at a time; jobs with one key must have one payload.
    #[must_use]
    pub fn once(mut self, dedup_key: impl Into<String>) -> Self {
        self.dedup_key = Some(dedup_key.into());
        self
    }
}

/// Puts a typed job in. It exists exactly if the transaction commits; see [`enqueue_untyped`].
///
/// # Errors
/// What the database refuses.
pub async fn enqueue<J: Job>(tx: &mut Tx, id: i64, job: &J, now: Timestamp) -> DbResult<i64> {
    enqueue_untyped(tx, &NewJob::of(id, job, now)?, now).await
}

/// Puts a job in and answers the id of the one that will do the work: an older one's if it has the same key and still
/// waits (it then runs at the earlier of the two times).
///
/// # Errors
/// What the database refuses.
pub async fn enqueue_untyped(tx: &mut Tx, job: &NewJob, now: Timestamp) -> DbResult<i64> {
    let id = store::job_insert(tx, job, now.micros()).await?;
    tx.wake(TOPIC);
    Ok(id)
}

/// Whether a job of this kind with this key still waits or runs.
///
/// # Errors
/// What the database refuses.
pub async fn is_busy<J: Job>(tx: &mut Tx, dedup_key: &str) -> DbResult<bool> {
    store::is_busy(tx, J::NAME, dedup_key).await
}

/// Calls a job off. One that waits is cancelled at once; one that runs is asked to stop ([`crate::Run::cancelled`]).
/// Whether there was anything to call off.
///
/// # Errors
/// What the database refuses.
pub async fn cancel(tx: &mut Tx, id: i64, now: Timestamp) -> DbResult<bool> {
    if store::job_cancel_ready(tx, id, now.micros()).await? {
        return Ok(true);
    }
    let asked = store::job_ask_cancel(tx, id).await?;
    if asked {
        tx.wake(TOPIC);
    }
    Ok(asked)
}

/// Removes every job with a key, with what is known of how far it was: for whoever removes what they worked on. How many.
///
/// # Errors
/// What the database refuses.
pub async fn forget(tx: &mut Tx, key: &str) -> DbResult<u64> {
    store::jobs_forget(tx, key).await
}

/// Brings a dead letter back, to run at once with all its tries. Whether there was one.
///
/// # Errors
/// What the database refuses.
pub async fn revive(tx: &mut Tx, id: i64, now: Timestamp) -> DbResult<bool> {
    let revived = store::job_revive(tx, id, now.micros()).await?;
    if revived {
        tx.wake(TOPIC);
    }
    Ok(revived)
}
