//! What a job's body holds while it runs.

use std::sync::Arc;

use db::{Command, Db, DbError, DbResult, Lane, Tx};
use domain::clock::Clock;
use domain::time::Timestamp;
use tokio::sync::watch;

use crate::{JobError, store};

/// How the runner tells a body to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Go,
    /// Somebody called the job off.
    Cancel,
    /// The lease ran out and another worker may have it.
    Lost,
}

/// One run of one job: says how far it is, and tells whether it should stop.
#[derive(Debug, Clone)]
pub struct Run {
    pub(crate) id: i64,
    pub(crate) attempt: i64,
    pub(crate) failures: u32,
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) signal: watch::Receiver<Signal>,
}

impl Run {
    /// The job's id: what is made from it (numbers, names of files) is the same at every run.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// How often it failed before.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Says how far it is, in the reader's words, and stops the body if the job was called off: ask with `?` after every
    /// chunk. `total` is 0 while unknown. Costs a commit, so not after every row.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] if it should stop; the database's.
    pub async fn progress(&self, done: i64, total: i64, note: &str) -> Result<(), JobError> {
        let command = PutProgress {
            held: (self.id, self.attempt),
            done,
            total,
            note: note.to_owned(),
            now: self.now().micros(),
        };
        let held = self.db.write(Lane::Background, command).await?;
        if held {
            self.check().await
        } else {
            Err(JobError::Cancelled)
        }
    }

    /// Stops the body if the job was called off or lost, by looking into the row.
    ///
    /// # Errors
    /// [`JobError::Cancelled`]; the database's.
    pub async fn check(&self) -> Result<(), JobError> {
        let asked = store::cancel_asked(&mut self.db.read(), self.id, self.attempt).await?;
        if asked || self.is_cancelled() {
            Err(JobError::Cancelled)
        } else {
            Ok(())
        }
    }

    /// Whether it was called off, as far as this process knows: without a look at the database, so up to a third of a
    /// lease late.
    pub fn is_cancelled(&self) -> bool {
        *self.signal.borrow() != Signal::Go
    }

    /// Completes when it is called off: to `select!` with a wait.
    pub async fn cancelled(&self) {
        let mut signal = self.signal.clone();
        if signal
            .wait_for(|signal| *signal != Signal::Go)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
    }
}

struct PutProgress {
    held: (i64, i64),
    done: i64,
    total: i64,
    note: String,
    now: i64,
}

impl Command for PutProgress {
    const NAME: &'static str = "jobs.progress";
    type Out = bool;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<bool> {
        store::progress_put(tx, self.held, (self.done, self.total, &self.note), self.now).await
    }
}
