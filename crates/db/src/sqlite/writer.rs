//! The one writer: up to 64 commands in a commit, each in a savepoint, callers answered only after the COMMIT.
//!
//! SQLite throws a whole transaction away when a statement of it is interrupted or finds no room on the disk. The batch
//! is then run again, one command per transaction, so that only those that fail alone get an error.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::conn::Conn;
use super::wal::Wal;
use crate::queue::Queue;
use crate::stats::Counters;
use crate::tx::Arm;
use crate::wake::Hub;
use crate::{Command, DbError, DbResult, Tx};

/// A command that waits for the writer, whatever its types.
pub(crate) trait Job: Send {
    /// Runs it once in `tx` and keeps its answer. Whether its changes shall stay.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Replaces its answer.
    fn fail(&mut self, error: DbError);
    /// Gives its answer to the caller, if the caller is still there.
    fn answer(self: Box<Self>);
}

/// A command with the way back to its caller.
pub(crate) struct Waiting<C: Command> {
    command: C,
    result: Option<Result<C::Out, C::Err>>,
    reply: oneshot::Sender<Result<C::Out, C::Err>>,
}

impl<C: Command> Waiting<C> {
    pub(crate) fn new(command: C, reply: oneshot::Sender<Result<C::Out, C::Err>>) -> Self {
        Self {
            command,
            result: None,
            reply,
        }
    }
}

impl<C: Command> Job for Waiting<C> {
    fn run(&mut self, tx: &mut Tx) -> bool {
        let ran = catch_unwind(AssertUnwindSafe(|| self.command.run(tx).now_or_never()));
        let result = match ran {
            Ok(Some(Ok(_))) if tx.failed.is_some() => Err(DbError::Aborted.into()),
            Ok(Some(result)) => result,
            Ok(None) => Err(DbError::ForeignAwait.into()),
            Err(_) => {
                tracing::error!(command = C::NAME, "a command panicked");
                Err(DbError::Panic.into())
            }
        };
        let stays = result.is_ok();
        self.result = Some(result);
        stays
    }

    fn fail(&mut self, error: DbError) {
        self.result = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>) {
        if let Some(result) = self.result {
            // A caller that has gone away is nobody's error.
            drop(self.reply.send(result));
        }
    }
}

/// What became of a batch that was run in one transaction.
enum Batch {
    Committed,
    /// SQLite threw it away while this command ran; none if it happened at the COMMIT.
    Lost(Option<usize>),
    /// It can't be committed and running it again wouldn't help.
    Failed(DbError),
}

pub(crate) struct Writer {
    pub(crate) tx: Tx,
    pub(crate) queue: Arc<Queue<Box<dyn Job>>>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) hub: Hub,
    pub(crate) wal: Arc<Wal>,
    pub(crate) batch: usize,
    pub(crate) limit: Duration,
    /// Nanoseconds that the last batch took, for Retry-After.
    pub(crate) last: Arc<AtomicU64>,
}

impl Writer {
    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        while let Some(batch) = self.queue.take(self.batch) {
            self.wal.wait_for_room();
            let begun = Instant::now();
            self.process(batch);
            let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.last.store(took, Ordering::Relaxed);
            self.wal.written();
        }
    }

    fn process(&mut self, mut batch: Vec<Box<dyn Job>>) {
        Counters::add(&self.counters.batches);
        let mut wakes = Vec::new();
        match self.together(&mut batch, &mut wakes) {
            Batch::Committed => self.hub.wake(&wakes),
            Batch::Failed(error) => batch.iter_mut().for_each(|job| job.fail(error.clone())),
            Batch::Lost(culprit) => {
                Counters::add(&self.counters.repeats);
                tracing::warn!(
                    commands = batch.len(),
                    "a batch was lost and is run one by one"
                );
                // The one that was running goes last: the others don't wait for its time limit once more.
                if let Some(culprit) = culprit {
                    let job = batch.remove(culprit);
                    batch.push(job);
                }
                return batch.into_iter().for_each(|job| self.alone(job));
            }
        }
        batch.into_iter().for_each(|job| job.answer());
    }

    /// Runs all in one transaction.
    fn together(&mut self, batch: &mut [Box<dyn Job>], wakes: &mut Vec<&'static str>) -> Batch {
        if let Err(error) = self.begin() {
            return Batch::Failed(error);
        }
        for (number, job) in batch.iter_mut().enumerate() {
            match self.one(job.as_mut()) {
                Ok(()) => wakes.append(&mut self.tx.wakes),
                Err(_) if self.conn().is_autocommit() => return Batch::Lost(Some(number)),
                Err(error) => {
                    self.rollback();
                    return Batch::Failed(error);
                }
            }
        }
        match self.commit() {
            Ok(()) => Batch::Committed,
            // No room, or a deferred constraint: those that are not at fault succeed alone. After any other failure
            // (the disk refused to sync) nothing is certain, so nothing is tried again.
            Err(
                DbError::Full
                | DbError::Reference
                | DbError::Conflict { .. }
                | DbError::Check { .. },
            ) => Batch::Lost(None),
            Err(error) => Batch::Failed(error),
        }
    }

    /// Runs one in a transaction of its own and answers.
    fn alone(&mut self, mut job: Box<dyn Job>) {
        let result = self.begin().and_then(|()| {
            let ran = self.one(job.as_mut());
            if self.conn().is_autocommit() {
                return Err(ran.err().unwrap_or(DbError::Aborted));
            }
            ran.and_then(|()| self.commit())
        });
        match result {
            Ok(()) => self.hub.wake(&std::mem::take(&mut self.tx.wakes)),
            Err(error) => {
                self.rollback();
                job.fail(error);
            }
        }
        job.answer();
    }

    /// Runs one in a savepoint. An error means that the transaction as a whole has a problem.
    fn one(&mut self, job: &mut dyn Job) -> DbResult<()> {
        Counters::add(&self.counters.commands);
        self.conn().control("SAVEPOINT command")?;
        self.tx.failed = None;
        self.tx.wakes.clear();
        self.conn().limit(self.limit);
        let stays = job.run(&mut self.tx);
        self.conn().unlimited();
        if self.conn().is_autocommit() {
            return Err(self.tx.failed.take().unwrap_or(DbError::Aborted));
        }
        if !stays {
            self.tx.wakes.clear();
            self.conn().control("ROLLBACK TO command")?;
        }
        self.conn().control("RELEASE command")
    }

    fn begin(&self) -> DbResult<()> {
        self.conn().control("BEGIN IMMEDIATE")
    }

    fn commit(&self) -> DbResult<()> {
        let result = self.conn().control("COMMIT");
        match &result {
            Ok(()) => Counters::add(&self.counters.commits),
            Err(error) => {
                tracing::error!(%error, "a commit failed");
                self.rollback();
            }
        }
        result
    }

    fn rollback(&self) {
        if !self.conn().is_autocommit()
            && let Err(error) = self.conn().control("ROLLBACK")
        {
            tracing::error!(%error, "a rollback failed");
        }
    }

    #[expect(
        clippy::unreachable,
        reason = "the writer is made with an SQLite transaction"
    )]
    fn conn(&self) -> &Conn {
        match &self.tx.arm {
            Arm::Sqlite(conn) => conn,
            Arm::Postgres(_) => unreachable!("the SQLite writer holds an SQLite connection"),
        }
    }
}
