//! What this crate costs beside the bare drivers, in the same run: CPU time of the process (the server's of PostgreSQL
//! is not in it), which other load on the machine changes little.
//!
//! * `read/…`: a row by its key. Bar: at most 1.5 times the bare driver.
//! * `commit/…`: 64 commands of three rows, durable. Bar: at most 2.5 times a bare group commit.
//!
//! `cargo bench -p db` (`make bench` with the rest). PostgreSQL as for the tests: `BAOKAO_TEST_PG` or a throw-away one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark fails at once"
)]

use std::hint::black_box;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkId, Criterion};
use db::{Command, Db, DbError, Lane, Migration, Migrations, Options, Tx, p, point, sql};
use futures_util::FutureExt;
use tokio::runtime::Runtime;

const MIGRATIONS: Migrations = Migrations(&[Migration {
    number: 1,
    name: "0001_bench",
    sqlite: "
        CREATE TABLE application (id INTEGER NOT NULL PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
          state TEXT NOT NULL) STRICT;
        CREATE TABLE outbox (id INTEGER NOT NULL PRIMARY KEY, application_id INTEGER NOT NULL) STRICT;
        CREATE TABLE audit (id INTEGER NOT NULL PRIMARY KEY, detail TEXT NOT NULL) STRICT;",
    postgres: "
        CREATE TABLE application (id BIGINT NOT NULL PRIMARY KEY, public_id TEXT COLLATE \"C\" NOT NULL UNIQUE,
          name TEXT COLLATE \"C\" NOT NULL, state TEXT COLLATE \"C\" NOT NULL);
        CREATE TABLE outbox (id BIGINT NOT NULL PRIMARY KEY, application_id BIGINT NOT NULL);
        CREATE TABLE audit (id BIGINT NOT NULL PRIMARY KEY, detail TEXT COLLATE \"C\" NOT NULL);",
}]);

const ROWS: i64 = 20_000;
const BATCH: i64 = 64;

/// CPU time of all threads of this process.
struct Cpu;

fn cpu() -> Duration {
    let mut nanos = 0u64;
    for task in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        // The first field: nanoseconds on a processor. A thread that has just ended has none.
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        nanos += text
            .split_whitespace()
            .next()
            .and_then(|n| n.parse::<u64>().ok())
            .unwrap_or(0);
    }
    Duration::from_nanos(nanos)
}

impl Measurement for Cpu {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        cpu()
    }

    fn end(&self, start: Duration) -> Duration {
        cpu().saturating_sub(start)
    }

    fn add(&self, one: &Duration, two: &Duration) -> Duration {
        *one + *two
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_secs_f64() * 1e9
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// The three rows of a submission.
struct Submit(i64);

impl Command for Submit {
    const NAME: &'static str = "bench.submit";
    type Out = ();
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<(), DbError> {
        let id = self.0;
        let public_id = format!("p{id}");
        tx.exec(
            sql!("INSERT INTO application (id, public_id, name, state) VALUES ($1, $2, $3, $4)"),
            p![id, &public_id, "张三", "live"],
        )
        .await?;
        tx.exec(
            sql!("INSERT INTO outbox (id, application_id) VALUES ($1, $2)"),
            p![id, id],
        )
        .await?;
        tx.exec(
            sql!("INSERT INTO audit (id, detail) VALUES ($1, $2)"),
            p![id, "{\"a\":1}"],
        )
        .await?;
        Ok(())
    }
}

static NEXT: AtomicI64 = AtomicI64::new(1_000_000);

fn block() -> i64 {
    NEXT.fetch_add(BATCH, Ordering::Relaxed)
}

fn open(runtime: &Runtime, url: String) -> Db {
    let options = Options {
        command_limit: Duration::from_secs(60),
        ..Options::new(url)
    };
    runtime.block_on(async {
        db::migrate(&options, &MIGRATIONS, 1).await.unwrap();
        let db = Db::open(options).await.unwrap();
        for start in (0..ROWS).step_by(500) {
            let commands = (start..start + 500).map(|id| db.write(Lane::Interactive, Submit(id)));
            futures_util::future::try_join_all(commands).await.unwrap();
        }
        db
    })
}

/// 64 callers, each with a command, until all are answered.
async fn submit_all(db: &Db) {
    let first = block();
    let commands = (first..first + BATCH).map(|id| db.write(Lane::Interactive, Submit(id)));
    futures_util::future::try_join_all(commands).await.unwrap();
}

const READ: &str = "SELECT id, name, state FROM application WHERE public_id = $1";

async fn read_one(db: &Db, key: i64) -> (i64, String, String) {
    let key = format!("p{key}");
    db.read()
        .one(
            point!("SELECT id, name, state FROM application WHERE public_id = $1"),
            p![&key],
        )
        .await
        .unwrap()
}

fn sqlite(c: &mut Criterion<Cpu>, runtime: &Runtime) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.db");
    let db = open(runtime, format!("sqlite:{}", file.display()));
    // Beside it, on a file of its own, so that neither waits for the other's locks.
    let bare_file = folder.path().join("bare.db");
    std::fs::copy(&file, &bare_file).unwrap();
    let mut bare = rusqlite::Connection::open(&bare_file).unwrap();
    bare.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA mmap_size = 268435456;",
    )
    .unwrap();
    bare.execute_batch(MIGRATIONS.0[0].sqlite).ok();
    let missing: i64 = bare
        .query_row("SELECT COUNT(*) FROM application", [], |row| row.get(0))
        .unwrap();
    for id in missing..ROWS {
        three_rows(&bare, id);
    }

    let mut key = 0;
    let mut turn = move || {
        key = (key + 7919) % ROWS;
        key
    };
    let mut group = c.benchmark_group("read");
    group.bench_function(BenchmarkId::new("sqlite", "bare"), |b| {
        b.iter(|| {
            let mut statement = bare.prepare_cached(READ).unwrap();
            let key = format!("p{}", turn());
            let row: (i64, String, String) = statement
                .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .unwrap();
            black_box(row)
        });
    });
    group.bench_function(BenchmarkId::new("sqlite", "db"), |b| {
        // Inline: there is nothing to wait for.
        b.iter(|| black_box(read_one(&db, turn()).now_or_never().unwrap()));
    });
    group.finish();

    let mut group = c.benchmark_group("commit");
    group.bench_function(BenchmarkId::new("sqlite", "bare"), |b| {
        b.iter(|| {
            let first = block();
            let tx = bare.transaction().unwrap();
            for id in first..first + BATCH {
                tx.prepare_cached("SAVEPOINT command")
                    .unwrap()
                    .execute([])
                    .unwrap();
                three_rows(&tx, id);
                tx.prepare_cached("RELEASE command")
                    .unwrap()
                    .execute([])
                    .unwrap();
            }
            tx.commit().unwrap();
        });
    });
    group.bench_function(BenchmarkId::new("sqlite", "db"), |b| {
        b.iter(|| runtime.block_on(submit_all(&db)));
    });
    group.finish();
    runtime.block_on(db.close());
}

fn three_rows(bare: &rusqlite::Connection, id: i64) {
    bare.prepare_cached(
        "INSERT INTO application (id, public_id, name, state) VALUES (?1, ?2, ?3, ?4)",
    )
    .unwrap()
    .execute(rusqlite::params![id, format!("p{id}"), "张三", "live"])
    .unwrap();
    bare.prepare_cached("INSERT INTO outbox (id, application_id) VALUES (?1, ?2)")
        .unwrap()
        .execute([id, id])
        .unwrap();
    bare.prepare_cached("INSERT INTO audit (id, detail) VALUES (?1, ?2)")
        .unwrap()
        .execute(rusqlite::params![id, "{\"a\":1}"])
        .unwrap();
}

fn postgres(c: &mut Criterion<Cpu>, runtime: &Runtime) {
    let url = db::testing::fresh_database();
    let db = open(runtime, url.clone());
    let (client, connection) = runtime
        .block_on(tokio_postgres::connect(&url, tokio_postgres::NoTls))
        .unwrap();
    runtime.spawn(connection);
    let prepare = |text: &'static str| runtime.block_on(client.prepare(text)).unwrap();
    let read = prepare(READ);
    let inserts = [
        prepare("INSERT INTO application (id, public_id, name, state) VALUES ($1, $2, $3, $4)"),
        prepare("INSERT INTO outbox (id, application_id) VALUES ($1, $2)"),
        prepare("INSERT INTO audit (id, detail) VALUES ($1, $2)"),
    ];

    let mut key = 0;
    let mut turn = move || {
        key = (key + 7919) % ROWS;
        key
    };
    let mut group = c.benchmark_group("read");
    group.bench_function(BenchmarkId::new("postgres", "bare"), |b| {
        b.iter(|| {
            let key = format!("p{}", turn());
            let row = runtime.block_on(client.query_one(&read, &[&key])).unwrap();
            black_box((
                row.get::<_, i64>(0),
                row.get::<_, String>(1),
                row.get::<_, String>(2),
            ))
        });
    });
    group.bench_function(BenchmarkId::new("postgres", "db"), |b| {
        b.iter(|| black_box(runtime.block_on(read_one(&db, turn()))));
    });
    group.finish();

    let mut group = c.benchmark_group("commit");
    group.bench_function(BenchmarkId::new("postgres", "bare"), |b| {
        b.iter(|| {
            runtime.block_on(async {
                let first = block();
                for id in first..first + BATCH {
                    client.batch_execute("BEGIN").await.unwrap();
                    let public_id = format!("p{id}");
                    client
                        .execute(&inserts[0], &[&id, &public_id, &"张三", &"live"])
                        .await
                        .unwrap();
                    client.execute(&inserts[1], &[&id, &id]).await.unwrap();
                    client
                        .execute(&inserts[2], &[&id, &"{\"a\":1}"])
                        .await
                        .unwrap();
                    client.batch_execute("COMMIT").await.unwrap();
                }
            });
        });
    });
    group.bench_function(BenchmarkId::new("postgres", "db"), |b| {
        b.iter(|| runtime.block_on(submit_all(&db)));
    });
    group.finish();
    runtime.block_on(db.close());
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut criterion = Criterion::default()
        .with_measurement(Cpu)
        .sample_size(20)
        .configure_from_args();
    sqlite(&mut criterion, &runtime);
    postgres(&mut criterion, &runtime);
    criterion.final_summary();
}
