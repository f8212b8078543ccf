//! What only PostgreSQL has: pools, and a server that must not be kept waiting.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use common::{Add, add, count};
use db::filter::Select;
use db::{Command, Crowd, Db, DbError, Lane, Options, P, Tx, p, piece, point, sql};
use futures_util::FutureExt;

async fn open(options: Options) -> common::Case {
    common::open(options, tempfile::tempdir().unwrap()).await
}

async fn sleep_scan(db: Db) -> Result<i64, DbError> {
    db.scan(Crowd::Staff)
        .one(sql!("SELECT COUNT(*) FROM pg_sleep(600)"), p![])
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_has_a_time_limit() {
    let options = Options {
        scan_limit: Duration::from_millis(100),
        ..common::postgres_options()
    };
    let case = open(options).await;
    assert!(matches!(
        sleep_scan(case.db.clone()).await,
        Err(DbError::TooSlow)
    ));
    // Its connection is fit for the next one.
    assert_eq!(count(&case.db).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saturated_scans_leave_reads_commands_and_other_crowds_alone() {
    let options = Options {
        scanners: 2,
        scan_queue: 3,
        scan_limit: Duration::from_secs(600),
        ..common::postgres_options()
    };
    let case = open(options).await;
    let db = case.db.clone();
    let mut scans = Vec::new();
    for _ in 0..5 {
        let mut scan = Box::pin(sleep_scan(db.clone()));
        // Its place is taken at once; then it goes on by itself.
        assert!(scan.as_mut().now_or_never().is_none());
        scans.push(tokio::spawn(scan));
    }
    assert!(matches!(
        sleep_scan(db.clone()).await,
        Err(DbError::Busy { .. })
    ));
    let sleeping = sql!(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    );
    while db
        .scan(Crowd::System)
        .one::<i64>(sleeping.clone(), p![])
        .await
        .unwrap()
        < 2
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for id in 0..50 {
        add(&db, id).await.unwrap();
        let text = point!("SELECT person FROM entry WHERE id = $1");
        db.read().one::<String>(text, p![id]).await.unwrap();
        let text = sql!("SELECT CAST(1 AS BIGINT)");
        let one: i64 = db.scan(Crowd::Candidates).one(text, p![]).await.unwrap();
        assert_eq!(one, 1);
    }
    assert!(
        scans.iter().all(|scan| !scan.is_finished()),
        "the scans were still there all the time"
    );
    scans.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Stays in the background until it is let go.
struct Long(Arc<(AtomicBool, AtomicUsize)>);

impl Command for Long {
    const NAME: &'static str = "long";
    type Out = ();
    type Err = DbError;
    async fn run(&self, _: &mut Tx) -> Result<(), DbError> {
        self.0.1.fetch_add(1, Ordering::SeqCst);
        while !self.0.0.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn background_commands_leave_connections_to_the_others() {
    let case = open(Options {
        writers: 4,
        ..common::postgres_options()
    })
    .await;
    let gate = Arc::new((AtomicBool::new(false), AtomicUsize::new(0)));
    let long: Vec<_> = (0..6)
        .map(|_| {
            let (db, gate) = (case.db.clone(), Arc::clone(&gate));
            tokio::spawn(async move { db.write(Lane::Background, Long(gate)).await })
        })
        .collect();
    while gate.1.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let adds = (0..20).map(|id| case.db.write(Lane::Interactive, Add::new(id)));
    for added in futures_util::future::join_all(adds).await {
        added.unwrap();
    }
    assert_eq!(gate.1.load(Ordering::SeqCst), 1, "one of four connections");
    gate.0.store(true, Ordering::SeqCst);
    for long in long {
        long.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_is_told_without_its_password() {
    let options = Options::new("postgres://somebody:secret@127.0.0.1:1/nothing");
    let error = Db::open(options).await.unwrap_err();
    assert!(matches!(error, DbError::Unavailable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_the_server_ended_is_replaced() {
    let case = open(Options {
        writers: 1,
        ..common::postgres_options()
    })
    .await;
    add(&case.db, 1).await.unwrap();
    let end = sql!(
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()"
    );
    case.db
        .scan(Crowd::System)
        .one::<i64>(end, p![])
        .await
        .unwrap();
    // The one that notices first may fail; nobody after it does.
    drop(add(&case.db, 2).await);
    add(&case.db, 3).await.unwrap();
}

/// How PostgreSQL would read what `select` asks for.
async fn plan(db: &Db, select: &Select<'_>) -> String {
    let (sql, values) = select.build(db::Backend::Postgres).unwrap();
    let text = Box::leak(format!("EXPLAIN {}", sql.text()).into_boxed_str());
    let lines: Vec<String> = db
        .scan(Crowd::Staff)
        .rows(db::Sql::__any(text), &values)
        .await
        .unwrap();
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_is_read_off_its_index_however_its_rows_lie() {
    let case = open(common::postgres_options()).await;
    let rows = run!(|tx| {
        for text in [
            sql!(
                "CREATE TABLE bill (id BIGINT PRIMARY KEY, state TEXT COLLATE \"C\" NOT NULL, note TEXT NOT NULL)"
            ),
            sql!("CREATE INDEX bill_state ON bill (state, id)"),
            // What is over was there first: nothing of it stands among the newest.
            sql!(
                "INSERT INTO bill (id, state, note) SELECT n, CASE WHEN n <= 10000 THEN 'over' ELSE 'open' END, \
                 REPEAT('x', 100) FROM generate_series(1, 30000) AS n"
            ),
            sql!("ANALYZE bill"),
        ] {
            tx.exec(text, p![]).await?;
        }
        Ok(0)
    });
    case.db.write(Lane::Interactive, rows).await.unwrap();
    let bills = || Select::new(piece!("b.id, b.note"), piece!("bill b"));
    let over = [(piece!("b.state"), P::Text("over"))];
    let key = [piece!("b.id")];
    let walk = bills()
        .walk(&over, &key, (None, Some(p![1_000_000])), true)
        .limit(51);
    let text = plan(&case.db, &walk).await;
    assert!(
        text.contains("bill_state") && !text.contains("Sort") && !text.contains("Filter"),
        "{text}"
    );
    let counted: i64 = bills()
        .walk(&over, &key, (None, None), false)
        .count(&mut case.db.scan(Crowd::Staff), 1_001)
        .await
        .unwrap();
    assert_eq!(counted, 1_001);
    // What it is there for: told as usual, the newest 20,000 are looked through.
    let usual = bills()
        .and(piece!("b.state = $1"), p!["over"])
        .and(piece!("b.id < $1"), p![1_000_000])
        .order(piece!("b.id DESC"))
        .limit(51);
    let text = plan(&case.db, &usual).await;
    assert!(
        text.contains("bill_pkey") && text.contains("Filter"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plan_is_compiled() {
    let case = open(common::postgres_options()).await;
    let setting = sql!("SELECT current_setting('jit')");
    let scan = case.db.scan(Crowd::Staff);
    assert_eq!(scan.one::<String>(setting, p![]).await.unwrap(), "off");
}
