//! The SQLite writer: batches, lost batches, the log, the lock.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Add, add, count, sqlite_options, torn};
use db::{Command, Crowd, Db, DbError, Lane, Options, Tx, p, sql};
use futures_util::FutureExt;

/// Holds the writer until it is let go, so that what follows gathers into one batch.
struct Hold(Arc<(AtomicBool, AtomicBool)>);

impl Command for Hold {
    const NAME: &'static str = "hold";
    type Out = ();
    type Err = DbError;
    async fn run(&self, _: &mut Tx) -> Result<(), DbError> {
        self.0.0.store(true, Ordering::SeqCst);
        while !self.0.1.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// Starts `tasks` so that all of them are in the queue when the writer looks next.
async fn in_one_batch<T: Send + 'static>(
    db: &Db,
    tasks: Vec<impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let hold = Arc::new((AtomicBool::new(false), AtomicBool::new(false)));
    let holding = tokio::spawn({
        let (db, hold) = (db.clone(), Arc::clone(&hold));
        async move { db.write(Lane::Interactive, Hold(hold)).await }
    });
    while !hold.0.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let expected = tasks.len() as u64;
    let mut running = Vec::new();
    for (n, task) in tasks.into_iter().enumerate() {
        running.push(tokio::spawn(task));
        // In this order.
        while db.stats().queued < n as u64 + 1 {
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    }
    assert_eq!(db.stats().queued, expected);
    hold.1.store(true, Ordering::SeqCst);
    holding.await.unwrap().unwrap();
    let mut results = Vec::new();
    for task in running {
        results.push(task.await.unwrap());
    }
    results
}

/// An INSERT that never ends by itself.
struct Endless;

impl Command for Endless {
    const NAME: &'static str = "endless";
    type Out = i64;
    type Err = DbError;
    async fn run(&self, tx: &mut Tx) -> Result<i64, DbError> {
        let text = sql!(
            "INSERT INTO trail (id, entry_id) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
             SELECT i + 1000000, i FROM n WHERE i < 0"
        );
        tx.exec(text, p![]).await?;
        Ok(0)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_three_commands_survive_an_endless_insert_in_their_batch() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        command_limit: Duration::from_millis(300),
        ..sqlite_options(&dir)
    };
    let case = common::open(options, dir).await;
    let db = case.db.clone();
    let tasks: Vec<_> = (0..64)
        .map(|id| {
            let db = db.clone();
            async move {
                if id == 40 {
                    db.write(Lane::Interactive, Endless).await
                } else {
                    add(&db, id).await
                }
            }
        })
        .collect();
    let before = db.stats();
    let results = in_one_batch(&db, tasks).await;
    let failed: Vec<_> = results
        .iter()
        .enumerate()
        .filter(|(_, r)| r.is_err())
        .collect();
    assert!(
        matches!(failed[..], [(40, Err(DbError::TooSlow))]),
        "{failed:?}"
    );
    assert_eq!((count(&db).await, torn(&db).await), (63, 0));
    let after = db.stats();
    assert_eq!(after.repeats - before.repeats, 1, "the batch was lost once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_is_one_commit_with_interactive_commands_first() {
    let case = common::sqlite().await;
    let tasks: Vec<_> = (0..30)
        .map(|id| {
            let db = case.db.clone();
            let lane = if id < 3 {
                Lane::Background
            } else {
                Lane::Interactive
            };
            async move { db.write(lane, Add::new(id)).await }
        })
        .collect();
    let before = case.db.stats();
    let results = in_one_batch(&case.db, tasks).await;
    assert!(results.iter().all(Result::is_ok));
    let after = case.db.stats();
    // One batch for the holder; then 27 interactive ones with one of the background; then one, then one.
    assert_eq!(after.batches - before.batches, 4);
    assert_eq!(after.commits - before.commits, 4);
    assert_eq!(after.commands - before.commands, 31);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refusal_in_a_batch_leaves_the_others_alone() {
    let case = common::sqlite().await;
    add(&case.db, 5).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|id| {
            let db = case.db.clone();
            async move { add(&db, id).await }
        })
        .collect();
    let results = in_one_batch(&case.db, tasks).await;
    for (id, result) in results.iter().enumerate() {
        assert_eq!(result.is_err(), id == 5, "{id}: {result:?}");
    }
    assert_eq!((count(&case.db).await, torn(&case.db).await), (20, 0));
    assert_eq!(case.db.stats().repeats, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_command_that_awaits_something_else_is_told_so() {
    let case = common::sqlite().await;
    let error = case
        .db
        .write(
            Lane::Interactive,
            run!(|tx| {
                tx.exec(sql!("INSERT INTO trail (id, entry_id) VALUES (9, 9)"), p![])
                    .await?;
                tokio::task::yield_now().await;
                Ok(0)
            }),
        )
        .await
        .unwrap_err();
    assert!(matches!(error, DbError::ForeignAwait), "{error}");
    assert_eq!(torn(&case.db).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_is_told_to_everyone_and_can_be_recovered_from() {
    let case = common::sqlite().await;
    let limit = run!(|tx| {
        let pages: i64 = tx.one(sql!("PRAGMA page_count"), p![]).await?;
        let text = if pages < 100 {
            sql!("PRAGMA max_page_count = 20")
        } else {
            sql!("SELECT 1")
        };
        let limited: i64 = tx.one(text, p![]).await?;
        Ok(limited)
    });
    let limited = case.db.write(Lane::Interactive, limit).await.unwrap();
    assert_eq!(limited, 20);
    let big = |id: i64| {
        let db = case.db.clone();
        async move { db.write(Lane::Interactive, Big(id)).await }
    };
    let tasks: Vec<_> = (0..16).map(big).collect();
    let results = in_one_batch(&case.db, tasks).await;
    let full = results
        .iter()
        .filter(|r| matches!(r, Err(DbError::Full)))
        .count();
    let stored = results.iter().filter(|r| r.is_ok()).count();
    assert_eq!(full + stored, 16, "{results:?}");
    assert!(full > 0, "{results:?}");
    assert_eq!(
        count(&case.db).await,
        stored as i64,
        "what was answered is there, and nothing else"
    );
    // Room again.
    let unlimit = run!(|tx| {
        let limited: i64 = tx.one(sql!("PRAGMA max_page_count = 100000"), p![]).await?;
        Ok(limited)
    });
    case.db.write(Lane::Interactive, unlimit).await.unwrap();
    case.db.write(Lane::Interactive, Big(100)).await.unwrap();
}

/// Stores 16 KB.
struct Big(i64);

impl Command for Big {
    const NAME: &'static str = "big";
    type Out = ();
    type Err = DbError;
    async fn run(&self, tx: &mut Tx) -> Result<(), DbError> {
        let text = sql!("INSERT INTO entry (id, plan_id, person, note) VALUES ($1, 1, $2, $3)");
        tx.exec(text, p![self.0, &self.0.to_string(), &vec![1u8; 16 << 10]])
            .await?;
        Ok(())
    }
}

const ENDLESS_READ: &str = "needs a row, then counts for ever";

/// A scan that holds its snapshot until somebody stops it.
async fn endless_scan(db: Db) -> Result<i64, DbError> {
    let _ = ENDLESS_READ;
    let text = sql!(
        "WITH RECURSIVE n (i) AS (SELECT quota FROM plan UNION ALL SELECT i + 1 FROM n) \
         SELECT COUNT(*) FROM n WHERE i < 0"
    );
    db.scan(Crowd::Staff).one(text, p![]).await
}

/// Writes 12 MB under an endless reader; the log's largest size, and what became of the reader.
async fn write_under_reader(guard_off: bool) -> (u64, bool) {
    const BOUND: u64 = 2 << 20;
    let dir = tempfile::tempdir().unwrap();
    let mut options = sqlite_options(&dir);
    options.wal_bound = BOUND;
    options.scan_limit = Duration::from_secs(120);
    options.faults.wal_guard_off = guard_off;
    let case = common::open(options, dir).await;
    let db = case.db.clone();
    let reader = tokio::spawn(endless_scan(db.clone()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut largest = 0;
    for id in 0..750 {
        db.write(Lane::Interactive, Big(id)).await.unwrap();
        largest = largest.max(db.stats().wal_bytes);
    }
    let interrupted = reader.is_finished();
    if interrupted {
        assert!(matches!(reader.await.unwrap(), Err(DbError::TooSlow)));
    }
    db.close().await;
    (largest, interrupted)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_held_open_does_not_grow_the_log_past_its_bound() {
    let (largest, interrupted) = write_under_reader(false).await;
    // The bound, and one batch of one command.
    assert!(largest <= (2 << 20) + (64 << 10), "{largest}");
    assert!(interrupted, "the reader was in the way and had to go");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_the_guard_a_reader_grows_the_log() {
    let (largest, interrupted) = write_under_reader(true).await;
    assert!(largest > 8 << 20, "{largest}");
    assert!(!interrupted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_scan_has_a_time_limit() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        scan_limit: Duration::from_millis(50),
        ..sqlite_options(&dir)
    };
    let case = common::open(options, dir).await;
    let db = case.db.clone();
    assert!(matches!(endless_scan(db).await, Err(DbError::TooSlow)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saturated_scans_leave_reads_commands_and_other_crowds_alone() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        scanners: 2,
        scan_queue: 3,
        scan_limit: Duration::from_secs(600),
        ..sqlite_options(&dir)
    };
    let case = common::open(options, dir).await;
    let db = case.db.clone();
    // Two run and three wait, without end. The queue holds three, so the last can only be put in when two were taken.
    let mut scans = Vec::new();
    while scans.len() < 5 {
        let mut scan = Box::pin(endless_scan(db.clone()));
        match scan.as_mut().now_or_never() {
            None => scans.push(scan),
            Some(Err(DbError::Busy { .. })) => tokio::time::sleep(Duration::from_millis(1)).await,
            Some(other) => panic!("{other:?}"),
        }
    }
    let one_more = endless_scan(db.clone()).now_or_never();
    assert!(
        matches!(one_more, Some(Err(DbError::Busy { .. }))),
        "{one_more:?}"
    );
    for id in 0..100 {
        add(&db, id).await.unwrap();
        let text = db::point!("SELECT person FROM entry WHERE id = $1");
        db.read().one::<String>(text, p![id]).await.unwrap();
    }
    assert_eq!(
        db.scan(Crowd::Candidates)
            .one::<i64>(sql!("SELECT 1"), p![])
            .await
            .unwrap(),
        1
    );
    assert!(
        scans
            .iter_mut()
            .all(|scan| scan.as_mut().now_or_never().is_none()),
        "the scans were still there all the time"
    );
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_one_file_is_refused() {
    let case = common::sqlite().await;
    let error = Db::open(sqlite_options(&case.dir)).await.unwrap_err();
    assert!(
        error.to_string().contains("正被另一个 baokao 进程使用"),
        "{error}"
    );
    let error = db::migrate(&sqlite_options(&case.dir), &common::MIGRATIONS, 1)
        .await
        .unwrap_err();
    assert!(matches!(error, DbError::Unavailable { .. }), "{error}");
    case.db.close().await;
    Db::open(sqlite_options(&case.dir))
        .await
        .unwrap()
        .close()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_and_scans_commit_nothing() {
    let case = common::sqlite().await;
    let before = case.db.stats();
    for _ in 0..50 {
        count(&case.db).await;
        let text = db::point!("SELECT quota FROM plan WHERE id = $1");
        case.db.read().one::<i64>(text, p![1]).await.unwrap();
    }
    assert_eq!(case.db.stats().commits, before.commits);
}
