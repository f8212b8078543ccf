//! Doing one job: its body under a lease that is kept alive, and the note of what came of it.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use db::{Command, DbError, DbResult, Lane, Tx};
use futures_util::FutureExt;
use tokio::sync::watch;

use super::take::Taken;
use super::{Runner, micros};
use crate::registry::Queue;
use crate::run::Signal;
use crate::{JobError, JobResult, Run, TOPIC, pause_after, store};

/// What became of a job that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Retried,
    Dead,
    Cancelled,
    /// Another worker has it, or the note could not be written: its lease runs out and it is done again.
    Lost,
}

/// How often a note that the database was too busy for is written again, one second apart.
const NOTES: u32 = 10;
/// Characters of an error that a row keeps.
const ERROR_LENGTH: usize = 500;

impl<S: Clone + Send + Sync + std::fmt::Debug + 'static> Runner<S> {
    /// Does a job and notes what came of it.
    pub(super) async fn work(
        &self,
        queue: &Queue,
        taken: Taken,
        stopping: watch::Receiver<bool>,
    ) -> Outcome {
        let (signal, listener) = watch::channel(Signal::Go);
        let run = Run {
            id: taken.id,
            attempt: taken.attempt,
            failures: taken.failures,
            db: self.0.db.clone(),
            clock: std::sync::Arc::clone(&self.0.clock),
            signal: listener,
        };
        let ended = tokio::select! {
            // First things first: a body that has just finished is not thrown away.
            biased;
            result = self.body(&taken, &run) => Some(result),
            () = self.keep(queue, &taken, &signal) => {
                tracing::warn!(job = taken.name, id = taken.id, "lease lost; the body is dropped");
                return Outcome::Lost;
            }
            () = self.out_of_time(stopping) => None,
        };
        let verdict = match &ended {
            Some(result) => self.verdict(&taken, result),
            // Given back, to be done by the next process, and not its fault.
            None => Verdict::Return {
                failures: taken.failures,
                pause: Duration::ZERO,
            },
        };
        let error = match ended {
            Some(Err(error)) => error.to_string(),
            Some(Ok(())) => String::new(),
            None => "its process was stopped".to_owned(),
        };
        let command = Settle {
            held: (taken.id, taken.attempt),
            verdict,
            error: error.chars().take(ERROR_LENGTH).collect(),
            now: self.now().micros(),
        };
        if verdict != Verdict::Done {
            tracing::warn!(
                job = taken.name,
                id = taken.id,
                ?verdict,
                error = command.error,
                "a job did not finish"
            );
        }
        self.settle(command).await
    }

    async fn body(&self, taken: &Taken, run: &Run) -> JobResult {
        let Some(body) = self.0.registry.bodies.get(taken.name.as_str()) else {
            // In a rolling restart the process that knows it is yet to come.
            return Err(JobError::retry("this program does not know such a job"));
        };
        let work = async { body(&self.0.state, run, &taken.payload).await };
        AssertUnwindSafe(work)
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(JobError::retry("its body panicked")))
    }

    /// Keeps the lease alive and passes on a call to stop. Completes when the lease is lost.
    async fn keep(&self, queue: &Queue, taken: &Taken, signal: &watch::Sender<Signal>) {
        let mut ends_at = taken.lease_end;
        loop {
            tokio::time::sleep(queue.lease / 3).await;
            let now = self.now().micros();
            let lease_end = now.saturating_add(micros(queue.lease));
            let command = Extend {
                held: (taken.id, taken.attempt),
                lease_end,
            };
            match self.0.db.write(Lane::Interactive, command).await {
                Ok(Some(asked)) => {
                    ends_at = lease_end;
                    if asked {
                        signal.send_replace(Signal::Cancel);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(job = taken.name, %error, "a lease was not extended");
                    if now >= ends_at {
                        break;
                    }
                }
            }
        }
        signal.send_replace(Signal::Lost);
    }

    async fn out_of_time(&self, mut stopping: watch::Receiver<bool>) {
        if stopping.wait_for(|stop| *stop).await.is_err() {
            // Nobody can stop it any more.
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(self.0.settings.grace).await;
    }

    fn verdict(&self, taken: &Taken, result: &JobResult) -> Verdict {
        let failures = taken.failures.saturating_add(1);
        match result {
            Ok(()) => Verdict::Done,
            Err(JobError::Cancelled) => Verdict::Cancelled {
                failures: taken.failures,
            },
            Err(JobError::Fail(_)) => Verdict::Dead { failures },
            Err(JobError::Retry { .. }) if failures >= taken.max_failures => {
                Verdict::Dead { failures }
            }
            Err(JobError::Retry { after, .. }) => Verdict::Return {
                failures,
                pause: after.unwrap_or_else(|| pause_after(failures, taken.id)),
            },
        }
    }

    async fn settle(&self, command: Settle) -> Outcome {
        for _ in 0..NOTES {
            match self.0.db.write(Lane::Interactive, command.clone()).await {
                Ok(true) => return command.verdict.outcome(),
                Ok(false) => return Outcome::Lost,
                Err(
                    DbError::Busy { .. }
                    | DbError::Unavailable { .. }
                    | DbError::Unsure
                    | DbError::TooSlow,
                ) => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(error) => {
                    tracing::error!(id = command.held.0, %error, "what came of a job was not noted");
                    break;
                }
            }
        }
        Outcome::Lost
    }
}

/// What shall become of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Done,
    Dead { failures: u32 },
    Cancelled { failures: u32 },
    Return { failures: u32, pause: Duration },
}

impl Verdict {
    fn outcome(self) -> Outcome {
        match self {
            Self::Done => Outcome::Done,
            Self::Dead { .. } => Outcome::Dead,
            Self::Cancelled { .. } => Outcome::Cancelled,
            Self::Return { .. } => Outcome::Retried,
        }
    }
}

/// Notes what came of a job. Whether it was still held.
#[derive(Debug, Clone)]
struct Settle {
    held: (i64, i64),
    verdict: Verdict,
    error: String,
    now: i64,
}

impl Command for Settle {
    const NAME: &'static str = "jobs.settle";
    type Out = bool;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<bool> {
        let (state, failures) = match self.verdict {
            Verdict::Return { failures, pause } => {
                let due_at = self.now.saturating_add(micros(pause));
                let times = (self.now, due_at);
                let held = store::job_return(tx, self.held, (failures, &self.error), times).await?;
                // Those who look for work must hear of its new time.
                tx.wake(TOPIC);
                return Ok(held);
            }
            Verdict::Done => ("done", 0),
            Verdict::Dead { failures } => ("dead", failures),
            Verdict::Cancelled { failures } => ("cancelled", failures),
        };
        store::job_finish(tx, self.held, state, (failures, &self.error), self.now).await
    }
}

struct Extend {
    held: (i64, i64),
    lease_end: i64,
}

impl Command for Extend {
    const NAME: &'static str = "jobs.extend";
    type Out = Option<bool>;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<Option<bool>> {
        store::lease_extend(tx, self.held.0, self.held.1, self.lease_end).await
    }
}
