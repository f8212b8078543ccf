//! What `Db::write` promises, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use common::{Add, add, count, torn};
use db::{Db, DbError, Lane, Options, p, sql};
use futures_util::FutureExt;

both! {
async fn an_error_rolls_everything_back(case: Case) {
    let error = case.db.write(Lane::Interactive, run!(|tx| {
        tx.exec(sql!("INSERT INTO trail (id, entry_id) VALUES (1, 1)"), p![]).await?;
        Err(DbError::NotFound)
    })).await.unwrap_err();
    assert!(matches!(error, DbError::NotFound));
    assert_eq!(torn(&case.db).await, 0);
}
}

both! {
async fn a_hidden_error_is_not_committed(case: Case) {
    add(&case.db, 1).await.unwrap();
    let error = case.db.write(Lane::Interactive, run!(|tx| {
        tx.exec(sql!("INSERT INTO trail (id, entry_id) VALUES (2, 2)"), p![]).await?;
        let _ = tx.exec(sql!("INSERT INTO trail (id, entry_id) VALUES (1, 1)"), p![]).await;
        let next = tx.exec(sql!("INSERT INTO trail (id, entry_id) VALUES (3, 3)"), p![]).await;
        assert!(matches!(next, Err(DbError::Aborted)));
        Ok(0)
    })).await.unwrap_err();
    assert!(matches!(error, DbError::Aborted), "{error}");
    assert_eq!(torn(&case.db).await, 0);
}
}

both! {
async fn a_panic_is_caught_and_undone_and_spares_the_others(case: Case) {
    let panicking = case.db.write(Lane::Interactive, run!(|tx| {
        tx.exec(sql!("INSERT INTO trail (id, entry_id) VALUES (77, 77)"), p![]).await?;
        panic!("a bug")
    }));
    let (panicked, added) = tokio::join!(panicking, add(&case.db, 1));
    assert!(matches!(panicked, Err(DbError::Panic)));
    assert_eq!(added.unwrap(), 1);
    assert_eq!((count(&case.db).await, torn(&case.db).await), (1, 0));
    add(&case.db, 2).await.unwrap();
}
}

both! {
async fn sleepers_wake_after_the_commit_and_not_for_a_rollback(case: Case) {
    let changed = case.db.changed("added");
    let refused = case.db.write(Lane::Interactive, run!(|tx| {
        tx.wake("added");
        Err(DbError::NotFound)
    })).await;
    assert!(refused.is_err());
    let quiet = case.db.changed("added");
    tokio::pin!(changed, quiet);
    assert!(changed.as_mut().now_or_never().is_none(), "woken by a rollback");
    add(&case.db, 1).await.unwrap();
    changed.await;
    // Woken means committed: the row is there for a reader on another connection.
    assert_eq!(count(&case.db).await, 1);
    quiet.await;
    let later = case.db.changed("added");
    tokio::pin!(later);
    assert!(later.as_mut().now_or_never().is_none(), "an old wake counts for nothing");
}
}

/// Waits in the middle of a command until it is let go. On SQLite it blocks the writer's thread; a thread of the
/// runtime may not be blocked, since the one that is may be the one that waits for the network.
#[derive(Clone, Default)]
struct Gate(Arc<(AtomicBool, AtomicUsize)>);

impl Gate {
    async fn pass(&self, backend: db::Backend) {
        self.0.1.fetch_add(1, Ordering::SeqCst);
        while !self.0.0.load(Ordering::SeqCst) {
            let pause = std::time::Duration::from_millis(1);
            match backend {
                db::Backend::Sqlite => std::thread::sleep(pause),
                db::Backend::Postgres => tokio::time::sleep(pause).await,
            }
        }
    }
    fn open(&self) {
        self.0.0.store(true, Ordering::SeqCst);
    }
    async fn reached(&self) {
        while self.0.1.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}

struct Stuck(Gate);

impl db::Command for Stuck {
    const NAME: &'static str = "stuck";
    type Out = ();
    type Err = DbError;
    async fn run(&self, tx: &mut db::Tx) -> Result<(), DbError> {
        self.0.pass(tx.backend()).await;
        Ok(())
    }
}

async fn full_queue(options: Options, dir: tempfile::TempDir, room: usize) {
    let case = common::open(options, dir).await;
    let db = case.db.clone();
    let gate = Gate::default();
    let stuck = tokio::spawn({
        let (db, gate) = (db.clone(), gate.clone());
        async move { db.write(Lane::Interactive, Stuck(gate)).await }
    });
    gate.reached().await;
    let waiting: Vec<_> = (0..room)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move { add(&db, n as i64).await })
        })
        .collect();
    while db.stats().queued < room as u64 {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let error = add(&db, 1000).await.unwrap_err();
    let DbError::Busy { retry_after } = error else {
        panic!("{error}")
    };
    assert!(retry_after.as_secs() >= 1);
    assert_eq!(db.stats().refused, 1);
    // The other lane is not full.
    let background = tokio::spawn({
        let db = db.clone();
        async move { db.write(Lane::Background, Add::new(2000)).await }
    });
    gate.open();
    stuck.await.unwrap().unwrap();
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    background.await.unwrap().unwrap();
    assert_eq!(torn(&db).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_queue_says_when_to_come_back_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        queue: 3,
        ..common::sqlite_options(&dir)
    };
    full_queue(options, dir, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_queue_says_when_to_come_back_on_postgres() {
    // Those that run count as well, so one place is all that the stuck one leaves nothing of.
    let options = Options {
        queue: 1,
        ..common::postgres_options()
    };
    full_queue(options, tempfile::tempdir().unwrap(), 0).await;
}

both! {
async fn closing_finishes_what_waits_and_refuses_the_rest(case: Case) {
    let tasks: Vec<_> = (0..50).map(|id| {
        let db = case.db.clone();
        tokio::spawn(async move { add(&db, id).await })
    }).collect();
    let mut done = 0;
    let other = case.db.clone();
    for task in tasks { done += i64::from(task.await.unwrap().is_ok()); }
    assert_eq!(done, 50);
    case.db.close().await;
    assert!(matches!(add(&other, 99).await, Err(DbError::Unavailable { .. })));
}
}

/// 64 callers, 50 places.
async fn quota(db: &Db) -> usize {
    let callers: Vec<_> = (0..64)
        .map(|id| {
            let db = db.clone();
            tokio::spawn(async move { db.write(Lane::Interactive, Take(id)).await.unwrap() })
        })
        .collect();
    let mut got = 0;
    for caller in callers {
        got += usize::from(caller.await.unwrap());
    }
    got
}

struct Take(i64);

impl db::Command for Take {
    const NAME: &'static str = "take";
    type Out = bool;
    type Err = DbError;
    async fn run(&self, tx: &mut db::Tx) -> Result<bool, DbError> {
        let text = sql!("UPDATE plan SET taken = taken + 1 WHERE id = 1 AND taken < quota");
        if tx.exec(text, p![]).await? == 0 {
            return Ok(false);
        }
        let text = sql!("INSERT INTO entry (id, plan_id, person) VALUES ($1, 1, $2)");
        tx.exec(text, p![self.0, &self.0.to_string()]).await?;
        Ok(true)
    }
}

both! {
async fn a_conditional_update_gives_out_exactly_the_quota(case: Case) {
    assert_eq!(quota(&case.db).await, 50);
    assert_eq!(count(&case.db).await, 50);
}
}

/// The way that looks right: count, then insert.
struct CountThenInsert {
    id: i64,
    counted: Arc<AtomicUsize>,
    callers: usize,
}

impl db::Command for CountThenInsert {
    const NAME: &'static str = "count-then-insert";
    type Out = bool;
    type Err = DbError;
    async fn run(&self, tx: &mut db::Tx) -> Result<bool, DbError> {
        let taken: i64 = tx
            .one(sql!("SELECT COUNT(*) FROM entry WHERE plan_id = 1"), p![])
            .await?;
        self.counted.fetch_add(1, Ordering::SeqCst);
        // The pause between count and insert: on PostgreSQL all the others count meanwhile. SQLite's one writer would
        // wait for ever, and gives the others no chance.
        if tx.backend() == db::Backend::Postgres {
            while self.counted.load(Ordering::SeqCst) < self.callers {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
        if taken >= 50 {
            return Ok(false);
        }
        let text = sql!("INSERT INTO entry (id, plan_id, person) VALUES ($1, 1, $2)");
        tx.exec(text, p![self.id, &self.id.to_string()]).await?;
        Ok(true)
    }
}

/// The control: the same 64 callers oversell on PostgreSQL when they count first, which SQLite alone never shows.
async fn counting_first(db: &Db) -> i64 {
    let counted = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..64)
        .map(|id| {
            let command = CountThenInsert {
                id,
                counted: Arc::clone(&counted),
                callers: 64,
            };
            let db = db.clone();
            tokio::spawn(async move { db.write(Lane::Interactive, command).await.unwrap() })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    count(db).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counting_first_oversells_on_postgres() {
    let options = Options {
        writers: 64,
        ..common::postgres_options()
    };
    let case = common::open(options, tempfile::tempdir().unwrap()).await;
    let db = case.db.clone();
    assert!(counting_first(&db).await > 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counting_first_never_shows_on_sqlite() {
    assert_eq!(counting_first(&common::sqlite().await.db).await, 50);
}

/// Adds an entry and its trail row with a round trip's pause between them.
struct SlowAdd(i64);

impl db::Command for SlowAdd {
    const NAME: &'static str = "slow-add";
    type Out = i64;
    type Err = DbError;
    async fn run(&self, tx: &mut db::Tx) -> Result<i64, DbError> {
        let text = sql!("INSERT INTO entry (id, plan_id, person) VALUES ($1, 1, $2)");
        tx.exec(text, p![self.0, &self.0.to_string()]).await?;
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        tx.exec(
            sql!("INSERT INTO trail (id, entry_id) VALUES ($1, $1)"),
            p![self.0],
        )
        .await?;
        Ok(self.0)
    }
}

/// 400 submissions of which every other client hangs up in the middle. Torn rows, and how many entries there are.
async fn hang_ups(guard_off: bool) -> (i64, i64) {
    // Few connections: what a client leaves behind is found by the next one.
    let mut options = Options {
        writers: 4,
        ..common::postgres_options()
    };
    options.faults.postgres_guard_off = guard_off;
    let case = common::open(options, tempfile::tempdir().unwrap()).await;
    // In waves, so that most of those who lose patience are in the middle by then.
    for wave in 0..50 {
        let clients: Vec<_> = (8 * wave..8 * (wave + 1))
            .map(|id| {
                let db = case.db.clone();
                tokio::spawn(async move {
                    let submission = db.write(Lane::Interactive, SlowAdd(id));
                    if id % 2 == 0 {
                        drop(submission.await);
                        return;
                    }
                    // Gone after a while: before its turn, in the middle, or after its answer.
                    let patience =
                        std::time::Duration::from_micros(700 * u64::try_from(id % 17).unwrap());
                    drop(tokio::time::timeout(patience, submission).await);
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
    }
    let db = case.db.clone();
    // What was abandoned still runs to its end.
    case.db.close().await;
    drop(db);
    let after = Db::open(case.options.clone()).await.unwrap();
    (torn(&after).await, count(&after).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_that_hang_up_leave_nothing_torn_on_postgres() {
    assert_eq!(
        hang_ups(false).await,
        (0, 400),
        "every command ran to its end"
    );
}

/// The control: without the guard a dropped command leaves its transaction to the next user of the connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_the_guard_hang_ups_tear_commands_on_postgres() {
    let mut torn = 0;
    for _ in 0..5 {
        torn += hang_ups(true).await.0;
        if torn > 0 {
            return;
        }
    }
    panic!("nothing was torn in five runs: the test above proves nothing");
}

/// Reads one plan, then changes the other: two of them at a time deadlock, if each changes what the other locked.
struct Cross {
    first: i64,
    second: i64,
    met: Arc<tokio::sync::Barrier>,
    runs: Arc<AtomicUsize>,
}

impl db::Command for Cross {
    const NAME: &'static str = "cross";
    type Out = ();
    type Err = DbError;
    async fn run(&self, tx: &mut db::Tx) -> Result<(), DbError> {
        let text = sql!("UPDATE plan SET taken = taken + 1 WHERE id = $1");
        tx.exec(text.clone(), p![self.first]).await?;
        // The first time both hold one row before they ask for the other.
        if self.runs.fetch_add(1, Ordering::SeqCst) < 2 {
            self.met.wait().await;
        }
        tx.exec(text, p![self.second]).await?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deadlock_is_repeated_until_it_is_gone_on_postgres() {
    let case = common::postgres().await;
    let second = run!(|tx| {
        tx.exec(
            sql!("INSERT INTO plan (id, quota, taken) VALUES (2, 50, 0)"),
            p![],
        )
        .await?;
        Ok(0)
    });
    case.db.write(Lane::Interactive, second).await.unwrap();
    let (met, runs) = (
        Arc::new(tokio::sync::Barrier::new(2)),
        Arc::new(AtomicUsize::new(0)),
    );
    let cross = |first, second| Cross {
        first,
        second,
        met: Arc::clone(&met),
        runs: Arc::clone(&runs),
    };
    let before = case.db.stats().repeats;
    let (one, two) = tokio::join!(
        case.db.write(Lane::Interactive, cross(1, 2)),
        case.db.write(Lane::Interactive, cross(2, 1))
    );
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    assert_eq!(case.db.stats().repeats - before, 1);
    let text = sql!("SELECT taken FROM plan ORDER BY id");
    let taken: Vec<i64> = case
        .db
        .scan(db::Crowd::System)
        .rows(text, p![])
        .await
        .unwrap();
    assert_eq!(taken, [2, 2], "each command counts once");
}

both! {
async fn a_command_has_a_time_limit_and_is_undone(case: Case) {
    let options = Options { command_limit: std::time::Duration::from_millis(200), ..case.options.clone() };
    case.db.close().await;
    let db = Db::open(options).await.unwrap();
    let endless = db.write(Lane::Interactive, run!(|tx| {
        tx.exec(sql!("INSERT INTO trail (id, entry_id) VALUES (77, 77)"), p![]).await?;
        let text = sql!(
            "WITH RECURSIVE n (i) AS (SELECT quota FROM plan UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n WHERE i < 0"
        );
        tx.one(text, p![]).await
    })).await;
    assert!(matches!(endless, Err(DbError::TooSlow)), "{endless:?}");
    add(&db, 1).await.unwrap();
    assert_eq!((count(&db).await, torn(&db).await), (1, 0));
}
}
