//! Schemas compared, snapshots taken while others write, rows carried from one database to the other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{Case, add, count};
use db::backup::{self, AnyRow, RowHasher, Snapshot};
use db::schema::{self, Kind, Schema};
use db::{Crowd, Db, DbError, Lane, Options, Value, p, sql};

async fn schema_of(db: &Db) -> Schema {
    schema::read(&mut db.scan(Crowd::System)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_two_migrations_give_one_schema() {
    let (one, two) = (common::sqlite().await, common::postgres().await);
    let (sqlite, postgres) = (schema_of(&one.db).await, schema_of(&two.db).await);
    assert_eq!(sqlite.differences(&postgres), [""; 0]);
    assert_eq!(sqlite, postgres);
    let entry = &sqlite.tables["entry"];
    assert_eq!(entry.key, ["id"]);
    assert_eq!(entry.columns[3].kind, Kind::Blob);
    assert!(entry.columns[3].nullable && !entry.columns[2].nullable);
    assert_eq!(
        entry.indexes.iter().collect::<Vec<_>>(),
        [
            "entry_lower: unique (lowerperson) where id>=1000",
            "unique (plan_id, person)"
        ]
    );
    assert!(entry.references.contains("(plan_id) → plan (id)"));
    assert!(
        sqlite.tables["plan"]
            .checks
            .contains("plan_not_oversold: taken<=quota")
    );
    let order: Vec<&str> = sqlite
        .in_reference_order()
        .into_iter()
        .map(|table| table.name.as_str())
        .collect();
    assert_eq!(order, ["plan", "trail", "entry"]);
}

/// The control: every kind of difference is noticed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn differences_between_schemas_are_told() {
    for change in [
        "ALTER TABLE trail ADD COLUMN more BIGINT",
        "ALTER TABLE entry ALTER COLUMN person DROP NOT NULL",
        "ALTER TABLE entry ALTER COLUMN person TYPE TEXT COLLATE \"zh-x-icu\"",
        "DROP INDEX entry_lower",
        "CREATE INDEX more ON trail (entry_id)",
        "ALTER TABLE plan DROP CONSTRAINT plan_not_oversold",
        "ALTER TABLE plan ADD CHECK (taken >= 0)",
        "ALTER TABLE entry DROP CONSTRAINT entry_plan_id_fkey",
        "ALTER TABLE entry DROP CONSTRAINT entry_plan_id_person_key",
        "ALTER TABLE trail ALTER COLUMN entry_id SET DEFAULT 7",
        "CREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY)",
        "DROP TABLE trail",
    ] {
        let same = schema_of(&common::sqlite().await.db).await;
        let options = common::postgres_options();
        db::migrate(&options, &common::MIGRATIONS, 1).await.unwrap();
        // Not a migration that a product would have.
        let changed: &'static str = Box::leak(change.to_owned().into_boxed_str());
        let second = db::Migration {
            number: 2,
            name: "0002",
            sqlite: "",
            postgres: changed,
        };
        let both: &'static [db::Migration] = Box::leak(Box::new([common::MIGRATIONS.0[0], second]));
        db::migrate(&options, &db::Migrations(both), 2)
            .await
            .unwrap();
        let other = schema_of(&Db::open(options).await.unwrap()).await;
        assert_eq!(same.differences(&other).len(), 1, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_of_a_busy_sqlite_file_is_whole() {
    let case = common::sqlite().await;
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (db, stop) = (case.db.clone(), Arc::clone(&stop));
        async move {
            let mut id = 0;
            while !stop.load(Ordering::SeqCst) {
                add(&db, id).await.unwrap();
                id += 1;
            }
            id
        }
    });
    let mut counts = Vec::new();
    for number in 0..5 {
        while count(&case.db).await < 20 * (number + 1) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        let target = case.dir.path().join(format!("copy-{number}.db"));
        let options = common::sqlite_options(&case.dir);
        backup::copy_sqlite(&options, &target).await.unwrap();
        let again = backup::copy_sqlite(&options, &target).await;
        assert!(again.is_err(), "a file that is there is not written over");
        let copy = Db::open(Options::new(format!("sqlite:{}", target.display())))
            .await
            .unwrap();
        let sound: String = copy
            .scan(Crowd::System)
            .one(sql!("PRAGMA integrity_check"), p![])
            .await
            .unwrap();
        assert_eq!(sound, "ok");
        assert_eq!(common::torn(&copy).await, 0);
        counts.push(count(&copy).await);
        assert!(counts.is_sorted() && *counts.last().unwrap() >= 20 * (number + 1));
        copy.close().await;
    }
    stop.store(true, Ordering::SeqCst);
    let written = writing.await.unwrap();
    assert_eq!(count(&case.db).await, written);
}

both! {
async fn a_snapshot_shows_one_instant_while_others_write(case: Case) {
    for id in 0..200 {
        add(&case.db, id).await.unwrap();
    }
    let options = case.options.clone();
    let mut snapshot = Snapshot::take(&options, case.dir.path()).await.unwrap();
    for id in 200..230 {
        add(&case.db, id).await.unwrap();
    }
    let schema = snapshot.schema().clone();
    let entries = snapshot.hash(&schema.tables["entry"]).await.unwrap();
    let trail = snapshot.hash(&schema.tables["trail"]).await.unwrap();
    assert_eq!((entries.rows, trail.rows), (200, 200));
    snapshot.close().await;
    let mut later = Snapshot::take(&options, case.dir.path()).await.unwrap();
    assert_eq!(later.hash(&schema.tables["entry"]).await.unwrap().rows, 230);
    later.close().await;
    let left: Vec<_> = std::fs::read_dir(case.dir.path()).unwrap().flatten()
        .filter(|file| file.file_name().to_string_lossy().contains("snapshot")).collect();
    assert!(left.is_empty(), "{left:?}");
}
}

/// Fills `to` with what `from` holds, and compares.
async fn carry(from: Case, to: Case) {
    for id in 0..150 {
        add(&from.db, id).await.unwrap();
    }
    let odd = run!(|tx| {
        let text = sql!("UPDATE entry SET person = $2, note = $3 WHERE id = $1");
        tx.exec(text.clone(), p![3, "王\u{1F600}' \\ \n\"", &vec![0u8, 255]])
            .await?;
        tx.exec(text, p![4, "", &Vec::<u8>::new()]).await?;
        Ok(0)
    });
    from.db.write(Lane::Interactive, odd).await.unwrap();
    let mut source = Snapshot::take(&from.options, from.dir.path())
        .await
        .unwrap();
    let schema = source.schema().clone();
    backup::empty(&to.db, &schema).await.unwrap();
    for table in schema.in_reference_order() {
        let mut pages: Vec<Vec<AnyRow>> = Vec::new();
        let keep = |rows| {
            pages.push(rows);
            Ok::<(), DbError>(())
        };
        source.each(table, keep).await.unwrap();
        for rows in pages {
            backup::load(&to.db, table, rows).await.unwrap();
        }
    }
    let mut target = Snapshot::take(&to.options, to.dir.path()).await.unwrap();
    let hashes = source.hashes().await.unwrap();
    assert_eq!(hashes["entry"].rows, 150);
    assert_eq!(hashes, target.hashes().await.unwrap());
    // The control: one changed value in one row is another hash.
    let change = run!(|tx| {
        tx.exec(sql!("UPDATE trail SET entry_id = 8 WHERE id = 9"), p![])
            .await?;
        Ok(0)
    });
    to.db.write(Lane::Interactive, change).await.unwrap();
    let mut changed = Snapshot::take(&to.options, to.dir.path()).await.unwrap();
    let other = changed.hashes().await.unwrap();
    assert_eq!(hashes["entry"], other["entry"]);
    assert_ne!(hashes["trail"], other["trail"]);
    for snapshot in [source, target, changed] {
        snapshot.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_go_from_sqlite_to_postgres_unchanged() {
    carry(common::sqlite().await, common::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_go_from_postgres_to_sqlite_unchanged() {
    carry(common::postgres().await, common::sqlite().await).await;
}

#[test]
fn rows_that_read_alike_hash_apart() {
    let hash = |rows: &[&[Value]]| {
        let mut hasher = RowHasher::default();
        rows.iter()
            .for_each(|row| hasher.add(&AnyRow(row.to_vec())));
        hasher.finish().sha256
    };
    let (a, b, ab) = (
        Value::Text("a".to_owned()),
        Value::Text("b".to_owned()),
        Value::Text("ab".to_owned()),
    );
    let empty = Value::Text(String::new());
    let rows: [&[&[Value]]; 6] = [
        &[&[a.clone(), b.clone()]],
        &[&[ab.clone(), empty.clone()]],
        &[&[empty, ab]],
        &[&[a, Value::Null, b]],
        &[&[Value::Int(97)]],
        &[&[Value::Blob(vec![97])]],
    ];
    let hashes: std::collections::HashSet<_> = rows.iter().map(|rows| hash(rows)).collect();
    assert_eq!(hashes.len(), rows.len());
}
