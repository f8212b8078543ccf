//! Migrating an SQLite file: alone, after a copy, each migration in one transaction.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{Applied, Migrated, Migration, Migrations, TABLE};
use crate::sqlite::{Access, Conn, FileLock, Revoked, from_sqlite};
use crate::{Backend, DbError, DbResult, Durability, Options};

pub(super) fn migrate(options: &Options, migrations: &Migrations, at: i64) -> DbResult<Migrated> {
    let path = options.sqlite_path()?;
    let _lock = FileLock::take(&path)?;
    let conn = Conn::open(&path, Access::Write(Durability::Full), &Revoked::new())?;
    conn.unlimited();
    let db = conn.raw();
    let applied = applied(db)?;
    let pending = migrations.pending(Backend::Sqlite, &applied)?;
    let (Some(first), Some(last)) = (pending.first(), pending.last()) else {
        return Ok(Migrated {
            applied: Vec::new(),
            backup: None,
        });
    };
    let backup = if is_empty(db)? {
        None
    } else {
        let target = backup_path(&path, first.number, last.number, at);
        copy(db, &target)?;
        Some(target)
    };
    sql(db, TABLE)?;
    for migration in pending {
        apply(db, migration, at)?;
        tracing::info!(migration = migration.name, "applied");
    }
    Ok(Migrated {
        applied: pending.iter().map(|m| m.name).collect(),
        backup,
    })
}

fn apply(db: &Connection, migration: &Migration, at: i64) -> DbResult<()> {
    // Rebuilding a table (SQLite can't alter a column) drops it in between: references are checked at the end instead.
    sql(db, "PRAGMA foreign_keys = OFF")?;
    sql(db, "BEGIN IMMEDIATE")?;
    let result = sql(db, migration.sqlite)
        .and_then(|()| references_hold(db, migration))
        .and_then(|()| {
            db.execute(
                "INSERT INTO schema_version (number, name, hash, oldest_binary, applied_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                rusqlite::params![
                    migration.number,
                    migration.name,
                    migration.hash(Backend::Sqlite),
                    migration.oldest_binary()?,
                    at
                ],
            )
            .map_err(|error| from_sqlite(&error))
        })
        .and_then(|_| sql(db, "COMMIT"));
    if result.is_err() && !db.is_autocommit() {
        sql(db, "ROLLBACK")?;
    }
    sql(db, "PRAGMA foreign_keys = ON")?;
    result
        .map_err(|error| DbError::Schema(format!("迁移 {} 失败，已撤销：{error}", migration.name)))
}

fn references_hold(db: &Connection, migration: &Migration) -> DbResult<()> {
    let broken: Option<String> = db
        .prepare("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1")
        .and_then(|mut check| check.query_map([], |row| row.get(0))?.next().transpose())
        .map_err(|error| from_sqlite(&error))?;
    match broken {
        None => Ok(()),
        Some(table) => Err(DbError::Schema(format!(
            "{} 之后 {table} 的外键不成立",
            migration.name
        ))),
    }
}

fn applied(db: &Connection) -> DbResult<Vec<Applied>> {
    let exists: bool = db
        .query_row(
            "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_version'",
            [],
            |row| row.get(0),
        )
        .map_err(|error| from_sqlite(&error))?;
    if !exists {
        return Ok(Vec::new());
    }
    db.prepare("SELECT number, name, hash, oldest_binary FROM schema_version ORDER BY number")
        .and_then(|mut query| {
            query
                .query_map([], |row| {
                    Ok(Applied {
                        number: row.get(0)?,
                        name: row.get(1)?,
                        hash: row.get(2)?,
                        oldest_binary: row.get(3)?,
                    })
                })?
                .collect()
        })
        .map_err(|error| from_sqlite(&error))
}

fn is_empty(db: &Connection) -> DbResult<bool> {
    db.query_row("SELECT COUNT(*) = 0 FROM sqlite_schema", [], |row| {
        row.get(0)
    })
    .map_err(|error| from_sqlite(&error))
}

/// `baokao.db` → `baokao.db.before-4-5-1790000000000000`.
fn backup_path(path: &Path, first: u32, last: u32, at: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-{first}-{last}-{at}"));
    PathBuf::from(name)
}

/// Nobody else uses the file now, so one statement can copy it all.
fn copy(db: &Connection, target: &Path) -> DbResult<()> {
    let target_text = target
        .to_str()
        .ok_or_else(|| DbError::other("path is not UTF-8"))?;
    db.execute("VACUUM INTO ?1", [target_text])
        .map_err(|error| from_sqlite(&error))?;
    std::fs::File::open(target)?.sync_all()?;
    Ok(())
}

fn sql(db: &Connection, text: &str) -> DbResult<()> {
    db.execute_batch(text).map_err(|error| from_sqlite(&error))
}
