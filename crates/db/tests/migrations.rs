//! Migrations: once each, refused when edited or unknown, with a way for a rolling restart, and a copy before them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{Case, MIGRATIONS, add, count};
use db::{Backend, Db, DbError, Migration, Migrations, Options, check, migrate, status};

const SECOND: Migration = Migration {
    number: 2,
    name: "0002_more",
    sqlite: "CREATE TABLE more (id INTEGER NOT NULL PRIMARY KEY) STRICT;",
    postgres: "CREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY);",
};

fn with(second: Migration) -> Migrations {
    Migrations(Box::leak(Box::new([MIGRATIONS.0[0], second])))
}

async fn reopened(case: &Case) -> Db {
    Db::open(case.options.clone()).await.unwrap()
}

/// Closes the database, so that it can be migrated, and gives back what migrating came to.
async fn migrated(case: &Case, migrations: &Migrations) -> Result<db::Migrated, DbError> {
    case.db.clone().close().await;
    migrate(&case.options, migrations, 2).await
}

both! {
async fn what_was_applied_is_not_applied_again(case: Case) {
    let before = status(&case.db, &MIGRATIONS).await.unwrap();
    assert_eq!((before.applied, before.known, before.oldest_binary), (1, 1, 1));
    check(&case.db, &MIGRATIONS).await.unwrap();
    let again = migrated(&case, &MIGRATIONS).await.unwrap();
    assert!(again.applied.is_empty() && again.backup.is_none());
    assert_eq!(migrate(&case.options, &with(SECOND), 2).await.unwrap().applied, ["0002_more"]);
    let db = reopened(&case).await;
    check(&db, &with(SECOND)).await.unwrap();
}
}

both! {
async fn a_database_that_lacks_a_migration_is_refused_with_what_to_do(case: Case) {
    let error = check(&case.db, &with(SECOND)).await.unwrap_err().to_string();
    assert!(error.contains("0002_more") && error.contains("baokao migrate"), "{error}");
}
}

both! {
async fn an_edited_migration_is_refused(case: Case) {
    let edited = Migration { sqlite: "SELECT 1;", postgres: "SELECT 1;", ..MIGRATIONS.0[0] };
    let edited = Migrations(Box::leak(Box::new([edited])));
    assert!(matches!(check(&case.db, &edited).await, Err(DbError::Schema(_))));
    assert!(matches!(migrated(&case, &edited).await, Err(DbError::Schema(_))));
}
}

both! {
async fn an_older_binary_runs_on_a_newer_schema_only_where_it_is_told_so(case: Case) {
    migrated(&case, &with(SECOND)).await.unwrap();
    let db = reopened(&case).await;
    let error = check(&db, &MIGRATIONS).await.unwrap_err().to_string();
    assert!(error.contains("新版本程序"), "{error}");
}
}

both! {
async fn a_rolling_restart_leaves_the_older_binary_running(case: Case) {
    let expanding = Migration {
        sqlite: "-- oldest binary: 1\nCREATE TABLE more (id INTEGER NOT NULL PRIMARY KEY) STRICT;",
        postgres: "-- oldest binary: 1\nCREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY);",
        ..SECOND
    };
    migrated(&case, &with(expanding)).await.unwrap();
    let db = reopened(&case).await;
    check(&db, &MIGRATIONS).await.unwrap();
    assert_eq!(status(&db, &MIGRATIONS).await.unwrap().oldest_binary, 1);
    db.close().await;
    // It may run, but not migrate.
    assert!(matches!(migrate(&case.options, &MIGRATIONS, 3).await, Err(DbError::Schema(_))));
}
}

both! {
async fn a_migration_that_fails_leaves_nothing(case: Case) {
    add(&case.db, 1).await.unwrap();
    let half = Migration {
        sqlite: "CREATE TABLE more (id INTEGER NOT NULL PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);",
        postgres: "CREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY); INSERT INTO nowhere VALUES (1);",
        ..SECOND
    };
    let error = migrated(&case, &with(half)).await.unwrap_err().to_string();
    assert!(error.contains("0002_more") && error.contains("已撤销"), "{error}");
    assert_eq!(migrate(&case.options, &with(SECOND), 3).await.unwrap().applied, ["0002_more"]);
    assert_eq!(count(&reopened(&case).await).await, 1);
}
}

both! {
async fn several_processes_migrate_once(case: Case) {
    case.db.clone().close().await;
    let both = with(SECOND);
    let tasks: Vec<_> = (0..4).map(|_| {
        let options = case.options.clone();
        tokio::spawn(async move { migrate(&options, &both, 2).await })
    }).collect();
    let mut applied = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(migrated) => applied += migrated.applied.len(),
            // On SQLite the others are told that the file is in use.
            Err(error) => assert!(
                case.options.backend().unwrap() == Backend::Sqlite && matches!(error, DbError::Unavailable { .. }),
                "{error}"
            ),
        }
    }
    assert_eq!(applied, 1);
}
}

#[tokio::test]
async fn a_copy_is_made_before_an_sqlite_file_is_migrated() {
    let case = common::sqlite().await;
    add(&case.db, 1).await.unwrap();
    let backup = migrated(&case, &with(SECOND))
        .await
        .unwrap()
        .backup
        .unwrap();
    let copy = Db::open(Options::new(format!("sqlite:{}", backup.display())))
        .await
        .unwrap();
    assert_eq!(count(&copy).await, 1);
    assert_eq!(status(&copy, &with(SECOND)).await.unwrap().applied, 1);
}

#[tokio::test]
async fn migrations_are_numbered_without_a_gap_and_told_alike() {
    let dir = tempfile::tempdir().unwrap();
    let options = common::sqlite_options(&dir);
    for second in [
        Migration {
            number: 3,
            ..SECOND
        },
        Migration {
            sqlite: "-- oldest binary: 1\nSELECT 1;",
            ..SECOND
        },
        Migration {
            sqlite: "-- oldest binary: 9\nSELECT 1;",
            postgres: "-- oldest binary: 9\nSELECT 1;",
            ..SECOND
        },
    ] {
        let refused = migrate(&options, &with(second), 1).await;
        assert!(matches!(refused, Err(DbError::Schema(_))), "{refused:?}");
    }
}
