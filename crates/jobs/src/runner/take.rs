//! Taking jobs that are due, and burying those whose workers died too often.

use db::{Command, DbError, DbResult, Tx};

use crate::store;

/// A job that this worker holds now.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) payload: String,
    pub(crate) attempt: i64,
    pub(crate) failures: u32,
    pub(crate) max_failures: u32,
    /// Until when it is held, unless the lease is extended.
    pub(crate) lease_end: i64,
}

/// What [`TakeDue`] found.
#[derive(Debug, Default)]
pub(crate) struct TakenJobs {
    pub(crate) jobs: Vec<Taken>,
    /// Jobs whose worker died once too often.
    pub(crate) dead: u32,
    /// Jobs that were called off while their worker died.
    pub(crate) cancelled: u32,
}

/// Takes up to `limit` jobs of a queue.
pub(crate) struct TakeDue {
    pub(crate) queue: &'static str,
    pub(crate) worker: String,
    pub(crate) now: i64,
    pub(crate) lease_end: i64,
    pub(crate) limit: u32,
}

impl Command for TakeDue {
    const NAME: &'static str = "jobs.take";
    type Out = TakenJobs;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<TakenJobs> {
        let mut found = TakenJobs::default();
        for due in store::due_lock(tx, self.queue, self.now, self.limit).await? {
            // A running job is due when its lease has run out: its worker died or hangs, which counts as a failure,
            // or else a job that kills its process would do so for ever.
            let died = due.state == "running";
            let failures = due.failures + u32::from(died);
            let held = (due.id, due.attempt);
            if died && due.cancel_asked {
                let said = (failures, "called off; its worker was gone");
                store::job_finish(tx, held, "cancelled", said, self.now).await?;
                found.cancelled += 1;
                continue;
            }
            if died && failures >= due.max_failures {
                let said = (failures, "its worker died or lost its lease");
                store::job_finish(tx, held, "dead", said, self.now).await?;
                found.dead += 1;
                continue;
            }
            let times = (self.now, self.lease_end);
            let attempt = store::job_take(tx, &due, failures, &self.worker, times).await?;
            found.jobs.push(Taken {
                id: due.id,
                name: due.name,
                payload: due.payload,
                attempt,
                failures,
                max_failures: due.max_failures,
                lease_end: self.lease_end,
            });
        }
        Ok(found)
    }
}
