//! PostgreSQL: pools for commands, point reads and the scans of each crowd; every command in a task of its own.

mod errors;
mod tx;
mod types;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use futures_util::FutureExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::NoTls;

pub(crate) use errors::{from_pool, from_postgres};
pub(crate) use tx::{PgTx, rows as query_on};
pub(crate) use types::column;

use crate::crowded::Crowded;
use crate::stats::Counters;
use crate::tx::Arm;
use crate::wake::Hub;
use crate::{Command, Crowd, DbError, DbResult, FromRow, Lane, Options, P, Sql, Stats, Tx};

/// How often a serialization failure or deadlock is repeated.
const REPEATS: u32 = 3;
/// How long to wait for the server to answer at all.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a command waits for a row that another one holds.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// A session that forgot its transaction is ended.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);
/// Added to a limit before our side gives up: the server should be first, with its better error.
const GRACE: Duration = Duration::from_secs(1);

/// An open PostgreSQL database.
#[derive(Debug, Clone)]
pub(crate) struct Postgres(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    commands: Pool,
    reads: Pool,
    candidates: Scans,
    staff: Scans,
    system: Scans,
    /// Commands that may wait or run, of each lane.
    interactive: Arc<Semaphore>,
    background: Arc<Semaphore>,
    /// Background commands that may run at once, so that they leave connections to the others.
    background_running: Semaphore,
    queue: usize,
    limit: Duration,
    read_limit: Duration,
    scan_limit: Duration,
    guarded: bool,
    counters: Counters,
    hub: Hub,
    crowded: Crowded,
}

/// The scans of a crowd.
#[derive(Debug)]
struct Scans {
    pool: Pool,
    waiting: Semaphore,
}

impl Postgres {
    /// Makes the pools and looks whether the server answers.
    pub(crate) async fn open(options: &Options) -> DbResult<Self> {
        let commands = pool(options, options.writers, options.command_limit, false)?;
        drop(commands.get().await.map_err(errors::from_pool)?);
        let scans = || -> DbResult<Scans> {
            Ok(Scans {
                pool: pool(options, options.scanners, options.scan_limit, true)?,
                waiting: Semaphore::new(options.scanners + options.scan_queue),
            })
        };
        #[cfg(feature = "testing")]
        let guarded = !options.faults.postgres_guard_off;
        #[cfg(not(feature = "testing"))]
        let guarded = true;
        Ok(Self(Arc::new(Inner {
            commands,
            reads: pool(options, options.readers, options.read_limit, true)?,
            candidates: scans()?,
            staff: scans()?,
            system: scans()?,
            interactive: Arc::new(Semaphore::new(options.queue)),
            background: Arc::new(Semaphore::new(options.queue)),
            background_running: Semaphore::new((options.writers / 4).max(1)),
            queue: options.queue,
            limit: options.command_limit,
            read_limit: options.read_limit,
            scan_limit: options.scan_limit,
            guarded,
            counters: Counters::default(),
            hub: Hub::default(),
            crowded: Crowded::default(),
        })))
    }

    pub(crate) async fn write<C: Command>(&self, lane: Lane, command: C) -> Result<C::Out, C::Err> {
        let permit = self.admit(lane)?;
        if !self.0.guarded {
            // The control run: what the guard and the task of its own are there for.
            return self.command(lane, &command).await;
        }
        let this = self.clone();
        let task = tokio::spawn(async move {
            let _permit = permit;
            AssertUnwindSafe(this.command(lane, &command))
                .catch_unwind()
                .await
        });
        match task.await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => {
                tracing::error!(command = C::NAME, "a command panicked");
                Err(DbError::Panic.into())
            }
            Err(_) => Err(DbError::unavailable("the runtime is shutting down").into()),
        }
    }

    fn admit(&self, lane: Lane) -> DbResult<OwnedSemaphorePermit> {
        let lane = match lane {
            Lane::Interactive => &self.0.interactive,
            Lane::Background => &self.0.background,
        };
        Arc::clone(lane).try_acquire_owned().map_err(|_| {
            if lane.is_closed() {
                return DbError::unavailable("the database is closing");
            }
            Counters::add(&self.0.counters.refused);
            DbError::Busy {
                retry_after: Duration::from_secs(1),
            }
        })
    }

    /// Runs a command, again if that helps.
    async fn command<C: Command>(&self, lane: Lane, command: &C) -> Result<C::Out, C::Err> {
        let _turn = match lane {
            Lane::Interactive => None,
            Lane::Background => self.0.background_running.acquire().await.ok(),
        };
        let mut attempt = 0;
        loop {
            let (result, again) = self.attempt(command).await;
            if !again || attempt == REPEATS {
                return result;
            }
            attempt += 1;
            Counters::add(&self.0.counters.repeats);
            tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
        }
    }

    /// Runs a command once, in one transaction. With its result: whether repeating may give another.
    async fn attempt<C: Command>(&self, command: &C) -> (Result<C::Out, C::Err>, bool) {
        let client = match self.0.commands.get().await {
            Ok(client) => client,
            Err(error) => return (Err(errors::from_pool(error).into()), false),
        };
        let begun = PgTx::begin(client, self.0.guarded);
        let pg = match tokio::time::timeout(CONNECT, begun).await {
            Ok(Ok(pg)) => pg,
            Ok(Err(error)) => return (Err(error.into()), false),
            Err(_) => return (Err(silent().into()), false),
        };
        Counters::add(&self.0.counters.commands);
        let mut tx = Tx::new(Arm::Postgres(Box::new(pg)));
        let Ok(result) = tokio::time::timeout(self.0.limit + GRACE, command.run(&mut tx)).await
        else {
            // Dropping the transaction closes its connection; the server undoes what was done.
            return (Err(DbError::TooSlow.into()), false);
        };
        let result = match result {
            Ok(_) if tx.failed.is_some() => Err(DbError::Aborted.into()),
            other => other,
        };
        let again = tx.again;
        let (wakes, mut pg) = match tx.arm {
            Arm::Postgres(pg) => (tx.wakes, pg),
            Arm::Sqlite(_) => return (Err(DbError::Aborted.into()), false),
        };
        let limit = self.0.limit + GRACE;
        match result {
            Ok(out) => match tokio::time::timeout(limit, pg.commit()).await {
                Ok(Ok(())) => {
                    Counters::add(&self.0.counters.commits);
                    self.0.hub.wake(&wakes);
                    (Ok(out), false)
                }
                Ok(Err(error)) => (Err(error.into()), pg.repeatable()),
                // Not "the database is away", which says that nothing was stored.
                Err(_) => (Err(DbError::Unsure.into()), false),
            },
            Err(error) => {
                match tokio::time::timeout(limit, pg.rollback()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "a rollback failed; its connection is closed");
                    }
                    Err(_) => {
                        tracing::warn!("a rollback wasn't answered; its connection is closed");
                    }
                }
                (Err(error), again)
            }
        }
    }

    pub(crate) async fn read<T: FromRow>(&self, sql: &Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        let client = self.0.reads.get().await.map_err(errors::from_pool)?;
        query(client, self.0.read_limit, sql, p).await
    }

    pub(crate) async fn scan<T: FromRow>(
        &self,
        crowd: Crowd,
        sql: &Sql,
        p: &[P<'_>],
    ) -> DbResult<Vec<T>> {
        let (_waiting, client) = self.scan_client(crowd).await?;
        query(client, self.0.scan_limit, sql, p).await
    }

    /// A connection for scans of the crowd, with the place in its queue that it takes.
    async fn scan_client(
        &self,
        crowd: Crowd,
    ) -> DbResult<(tokio::sync::SemaphorePermit<'_>, Object)> {
        let scans = match crowd {
            Crowd::Candidates => &self.0.candidates,
            Crowd::Staff => &self.0.staff,
            Crowd::System => &self.0.system,
        };
        let waiting = scans.waiting.try_acquire().map_err(|_| DbError::Busy {
            retry_after: Duration::from_secs(1),
        })?;
        let client = scans.pool.get().await.map_err(errors::from_pool)?;
        Ok((waiting, client))
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn crowded(&self) -> &Crowded {
        &self.0.crowded
    }

    pub(crate) fn stats(&self) -> Stats {
        let free = self.0.interactive.available_permits() + self.0.background.available_permits();
        let queued = (2 * self.0.queue).saturating_sub(free) as u64;
        Stats {
            queued,
            ..self.0.counters.snapshot()
        }
    }

    /// Refuses new commands, waits for those under way, and closes the connections.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(self.0.queue).unwrap_or(u32::MAX);
        for lane in [&self.0.interactive, &self.0.background] {
            let taken = lane.acquire_many(all).await;
            lane.close();
            drop(taken);
        }
        let inner = &self.0;
        for pool in [
            &inner.commands,
            &inner.reads,
            &inner.candidates.pool,
            &inner.staff.pool,
            &inner.system.pool,
        ] {
            pool.close();
        }
    }
}

/// Runs a query that the server ends after `limit`. If nothing is heard from it then, the network swallows what is sent:
/// the connection is closed instead of being given to the next one.
async fn query<T: FromRow>(
    client: Object,
    limit: Duration,
    sql: &Sql,
    p: &[P<'_>],
) -> DbResult<Vec<T>> {
    let answer = tokio::time::timeout(limit + GRACE, tx::rows(&client, sql, p)).await;
    match answer {
        Ok(rows) => Ok(rows?),
        Err(_) => {
            drop(Object::take(client));
            Err(silent())
        }
    }
}

fn silent() -> DbError {
    DbError::unavailable("PostgreSQL doesn't answer")
}

/// What every session of ours starts with.
pub(crate) fn pool(
    options: &Options,
    size: usize,
    limit: Duration,
    read_only: bool,
) -> DbResult<Pool> {
    let mut config = config(&options.url)?;
    let mut settings = config.get_options().unwrap_or_default().to_owned();
    for (name, value) in [
        ("timezone", "UTC".to_owned()),
        ("statement_timeout", limit.as_millis().to_string()),
        ("lock_timeout", LOCK_WAIT.min(limit).as_millis().to_string()),
        (
            "idle_in_transaction_session_timeout",
            IDLE_IN_TRANSACTION.as_millis().to_string(),
        ),
        (
            "default_transaction_read_only",
            if read_only { "on" } else { "off" }.to_owned(),
        ),
        // Compiling a plan takes longer than any statement of ours may run.
        ("jit", "off".to_owned()),
    ] {
        settings.push_str(&format!(" -c {name}={value}"));
    }
    config.options(settings.trim());
    let manager = Manager::from_config(
        config,
        NoTls,
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    Pool::builder(manager)
        .max_size(size.max(1))
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait: Some(CONNECT),
            create: Some(CONNECT),
            recycle: Some(CONNECT),
        })
        .build()
        .map_err(|error| DbError::other(error.to_string()))
}

/// The URL, understood.
pub(crate) fn config(url: &str) -> DbResult<tokio_postgres::Config> {
    let mut config: tokio_postgres::Config = url.parse().map_err(|_| {
        // The driver's text may quote the URL, and with it the password.
        DbError::other("看不懂 postgres:// 地址")
    })?;
    config.connect_timeout(CONNECT);
    if config.get_application_name().is_none() {
        config.application_name("baokao");
    }
    Ok(config)
}
