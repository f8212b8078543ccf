//! Jobs that go over one row's business in chunks, each one commit: telling thousands, making an archive.
//!
//! How far it is stands in the row, guarded, so a job that dies is simply given a successor ([`resume`]), and two at once
//! don't do a chunk twice: one of them meets a [`Error::Conflict`] and looks again.

use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

use db::{Command, Lane, Tx};
use domain::time::Timestamp;
use jobs::{Job, JobError, JobResult, NewJob, Run};

use crate::{App, Ctx, Error, Result, Stamp};

/// How long a worker leaves a chunk to whoever is at it.
const PAUSE: Duration = Duration::from_millis(200);
/// Conflicts in a row before the job gives its place up and comes back later: somebody else is at it, or stands in the way.
const CONFLICTS: u32 = 50;

/// A job over one row.
pub(crate) trait Over: Job<State = App> + Sized {
    /// The job over the row of this id.
    fn over(row: i64) -> Self;
}

/// The key of the jobs over a row: ids are unique over all tables.
pub(crate) fn key(row: i64) -> String {
    row.to_string()
}

/// Puts the job over a row in: one waits or runs at a time.
pub(crate) async fn enqueue<J: Over>(tx: &mut Tx, id: i64, row: i64, at: Timestamp) -> Result<()> {
    let job = NewJob::of(id, &J::over(row), at)?.once(key(row));
    jobs::enqueue_untyped(tx, &job, at).await?;
    Ok(())
}

/// How far a job is.
pub(crate) struct Done {
    by_now: i64,
    /// 0 where nobody knows how much there is.
    of: i64,
}

impl From<i64> for Done {
    fn from(by_now: i64) -> Self {
        Self { by_now, of: 0 }
    }
}

impl From<(i64, i64)> for Done {
    fn from((by_now, of): (i64, i64)) -> Self {
        Self { by_now, of }
    }
}

/// Does chunk after chunk. `next` does one and tells how much is done by now (and of how much, where that is known), which is
/// `counted` in the progress bar; `None` once nothing is left.
pub(crate) async fn work<F, D>(run: &Run, counted: &str, mut next: impl FnMut() -> F) -> JobResult
where
    F: Future<Output = Result<Option<D>>>,
    D: Into<Done>,
{
    let mut conflicts = 0;
    loop {
        match next().await {
            Ok(Some(done)) => {
                conflicts = 0;
                let done = done.into();
                run.progress(done.by_now, done.of, counted).await?;
            }
            Ok(None) => return Ok(()),
            Err(Error::Conflict(_)) if conflicts < CONFLICTS => {
                conflicts += 1;
                run.check().await?;
                tokio::time::sleep(PAUSE).await;
            }
            Err(Error::NotFound) => return Err(JobError::fail("what the job was over is gone")),
            Err(error) => return Err(JobError::retry(error)),
        }
    }
}

/// Gives each row whose job died another one, which goes on where the last one was.
pub(crate) async fn resume<J: Over>(ctx: &Ctx, rows: &[i64]) -> Result<()> {
    for row in rows {
        let command = Resume::<J> {
            stamp: Stamp::of(ctx),
            row: *row,
            job: PhantomData,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok(())
}

struct Resume<J> {
    stamp: Stamp,
    row: i64,
    job: PhantomData<fn() -> J>,
}

impl<J: Over> Command for Resume<J> {
    const NAME: &'static str = J::NAME;
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if jobs::is_busy::<J>(tx, &key(self.row)).await? {
            return Ok(());
        }
        enqueue::<J>(tx, self.stamp.trail().id()?, self.row, self.stamp.at).await
    }
}
