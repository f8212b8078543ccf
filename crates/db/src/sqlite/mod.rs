//! The embedded database: one writer thread with group commit, inline readers, scan threads, a checkpointer.

mod conn;
mod errors;
pub(crate) mod lock;
mod readers;
mod wal;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;

pub(crate) use conn::{Access, Conn, Revoked, column};
pub(crate) use errors::from_sqlite;
pub(crate) use lock::FileLock;

use crate::crowded::Crowded;
use crate::queue::{Queue, Refused};
use crate::stats::Counters;
use crate::tx::Arm;
use crate::wake::Hub;
use crate::{Command, Crowd, DbError, DbResult, FromRow, Lane, Options, P, Sql, Stats, Tx, Value};
use readers::{Pool, Scanners};
use wal::Wal;
use writer::{Job, Waiting, Writer};

/// An open SQLite database.
pub(crate) struct Sqlite {
    path: std::path::PathBuf,
    queue: Arc<Queue<Box<dyn Job>>>,
    counters: Arc<Counters>,
    hub: Hub,
    wal: Arc<Wal>,
    revoked: Arc<Revoked>,
    pool: Pool,
    candidates: Scanners,
    staff: Scanners,
    system: Scanners,
    last_batch: Arc<AtomicU64>,
    batch: usize,
    threads: Mutex<Threads>,
    crowded: Crowded,
}

/// What has to end before the file is free. The lock goes last.
struct Threads {
    writer: Option<JoinHandle<()>>,
    scanners: Vec<JoinHandle<()>>,
    checkpointer: Option<JoinHandle<()>>,
    lock: Option<FileLock>,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens the file, making it if need be, and starts the threads.
    pub(crate) fn open(options: &Options) -> DbResult<Self> {
        let path = options.sqlite_path()?;
        let lock = FileLock::take(&path)?;
        let revoked = Revoked::new();
        // The writer comes first: it makes the file and turns the log on.
        let conn = Conn::open(&path, Access::Write(options.durability), &Revoked::new())?;
        conn.unlimited();
        #[cfg(feature = "testing")]
        let guarded = !options.faults.wal_guard_off;
        #[cfg(not(feature = "testing"))]
        let guarded = true;
        let wal = Arc::new(Wal::new(
            &path,
            options.wal_bound,
            guarded,
            Arc::clone(&revoked),
        ));
        let queue = Arc::new(Queue::new(options.queue));
        let counters = Arc::new(Counters::default());
        let hub = Hub::default();
        let last_batch = Arc::new(AtomicU64::new(0));
        let pool = Pool::open(&path, options.readers, options.read_limit, &revoked)?;
        let mut scanners = Vec::new();
        let mut crowd = |name: &str| -> DbResult<Scanners> {
            let size = (options.scanners, options.scan_queue);
            let (crowd, threads) =
                Scanners::start(&path, name, size, options.scan_limit, &revoked)?;
            scanners.extend(threads);
            Ok(crowd)
        };
        let (candidates, staff, system) = (
            crowd("scan-candidates")?,
            crowd("scan-staff")?,
            crowd("scan-system")?,
        );
        let checkpointer = wal.connect(&path, options.durability)?;
        let checkpoints = Arc::clone(&wal);
        let checkpointer = std::thread::Builder::new()
            .name("checkpointer".to_owned())
            .spawn(move || checkpoints.run(&checkpointer))?;
        let writer = Writer {
            tx: Tx::new(Arm::Sqlite(conn)),
            queue: Arc::clone(&queue),
            counters: Arc::clone(&counters),
            hub: hub.clone(),
            wal: Arc::clone(&wal),
            batch: options.batch.max(1),
            limit: options.command_limit,
            last: Arc::clone(&last_batch),
        };
        let writer = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.run())?;
        let threads = Mutex::new(Threads {
            writer: Some(writer),
            scanners,
            checkpointer: Some(checkpointer),
            lock: Some(lock),
        });
        let batch = options.batch.max(1);
        Ok(Self {
            path,
            queue,
            counters,
            hub,
            wal,
            revoked,
            pool,
            candidates,
            staff,
            system,
            last_batch,
            batch,
            threads,
            crowded: Crowded::default(),
        })
    }

    pub(crate) async fn write<C: Command>(&self, lane: Lane, command: C) -> Result<C::Out, C::Err> {
        let (reply, answer) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(Waiting::new(command, reply));
        if let Err(refused) = self.queue.push(lane, job) {
            return Err(self.refusal(refused).into());
        }
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(DbError::unavailable("the writer has ended").into()),
        }
    }

    fn refusal(&self, refused: Refused) -> DbError {
        match refused {
            Refused::Closed => DbError::unavailable("the database is closing"),
            Refused::Full(waiting) => {
                Counters::add(&self.counters.refused);
                let batches = waiting.div_ceil(self.batch);
                let nanos = self
                    .last_batch
                    .load(Ordering::Relaxed)
                    .saturating_mul(batches as u64);
                DbError::Busy {
                    retry_after: Duration::from_secs((nanos / 1_000_000_000).clamp(1, 30)),
                }
            }
        }
    }

    pub(crate) fn read<T: FromRow>(&self, sql: &Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        self.pool.with(|conn| conn.rows(sql, p))
    }

    pub(crate) async fn scan<T: FromRow>(
        &self,
        crowd: Crowd,
        sql: Sql,
        p: &[P<'_>],
    ) -> DbResult<Vec<T>> {
        let values: Vec<Value> = p.iter().map(|&value| value.into()).collect();
        self.errand(crowd, move |conn| {
            let p: Vec<P<'_>> = values.iter().map(Value::as_p).collect();
            conn.rows(&sql, &p)
        })
        .await
    }

    /// Has `work` done by a thread of the crowd.
    pub(crate) async fn errand<T: Send + 'static>(
        &self,
        crowd: Crowd,
        work: impl FnOnce(&Conn) -> DbResult<T> + Send + 'static,
    ) -> DbResult<T> {
        let (reply, answer) = oneshot::channel();
        let errand = Box::new(move |conn: &Conn| {
            // Nobody waits for it any more: the client hung up.
            if !reply.is_closed() {
                drop(reply.send(work(conn)));
            }
        });
        let queue = &self.scanners(crowd).queue;
        match queue.push(Lane::Interactive, errand) {
            Ok(()) => {}
            Err(Refused::Closed) => return Err(DbError::unavailable("the database is closing")),
            Err(Refused::Full(_)) => {
                return Err(DbError::Busy {
                    retry_after: Duration::from_secs(1),
                });
            }
        }
        answer.await.unwrap_or_else(|_| {
            Err(if queue.is_closed() {
                DbError::unavailable("the database is closing")
            } else {
                DbError::Panic
            })
        })
    }

    fn scanners(&self, crowd: Crowd) -> &Scanners {
        match crowd {
            Crowd::Candidates => &self.candidates,
            Crowd::Staff => &self.staff,
            Crowd::System => &self.system,
        }
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    pub(crate) fn crowded(&self) -> &Crowded {
        &self.crowded
    }

    pub(crate) fn stats(&self) -> Stats {
        let queued = self.queue.depth() as u64;
        Stats {
            queued,
            wal_bytes: self.wal.size(),
            ..self.counters.snapshot()
        }
    }

    /// Finishes what waits, in a thread that may block.
    pub(crate) async fn close(&self) {
        self.stop();
        let threads = self.take_threads();
        if tokio::task::spawn_blocking(move || threads.join())
            .await
            .is_err()
        {
            tracing::error!("closing the database panicked");
        }
    }

    /// Refuses new work and stops scans that run.
    fn stop(&self) {
        self.queue.close();
        for scanners in [&self.candidates, &self.staff, &self.system] {
            // Those that wait would still run for their whole time limit, one after the other.
            scanners.queue.abandon();
        }
        self.revoked.revoke_all();
    }

    fn take_threads(&self) -> Ending {
        let mut threads = self.threads.lock();
        Ending {
            wal: Arc::clone(&self.wal),
            writer: threads.writer.take(),
            scanners: std::mem::take(&mut threads.scanners),
            checkpointer: threads.checkpointer.take(),
            lock: threads.lock.take(),
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.stop();
        self.take_threads().join();
    }
}

/// The threads of a database that is being closed.
struct Ending {
    wal: Arc<Wal>,
    writer: Option<JoinHandle<()>>,
    scanners: Vec<JoinHandle<()>>,
    checkpointer: Option<JoinHandle<()>>,
    lock: Option<FileLock>,
}

impl Ending {
    fn join(mut self) {
        let writer = self.writer.take().into_iter();
        for thread in writer.chain(std::mem::take(&mut self.scanners)) {
            join(thread);
        }
        // The last checkpoint needs the writer and the readers gone.
        self.wal.close();
        self.checkpointer.take().into_iter().for_each(join);
        drop(self.lock.take());
    }
}

fn join(thread: JoinHandle<()>) {
    // The last handle may be dropped by a command or scan, on the very thread that it would wait for.
    if thread.thread().id() == std::thread::current().id() {
        return;
    }
    if thread.join().is_err() {
        tracing::error!("a thread of the database panicked");
    }
}
