//! Migrations: numbered, forward only, in two dialects, embedded in the binary by whoever owns the schema.
//!
//! `schema_version` holds a row for each migration that was applied, with a hash of its text (one that was edited
//! afterwards is refused) and the oldest binary that may run on the schema it leaves. A binary's age is the highest
//! migration that it knows. A migration that an older binary can live with says so in its text, in both dialects:
//!
//! ```sql
//! -- oldest binary: 3
//! ```
//!
//! Without that line only binaries that know the migration may run after it. So a rolling restart works like this:
//! expand (with the line), restart the processes one by one, contract in the next release.

use sha2::{Digest, Sha256};

use crate::{Backend, Crowd, Db, DbError, DbResult, Options, sql};

mod postgres;
mod sqlite;

/// All migrations of a product, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrations(pub &'static [Migration]);

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// 1, 2, 3, … without a gap.
    pub number: u32,
    /// What it is called in the table and in messages.
    pub name: &'static str,
    /// Its statements for SQLite.
    pub sqlite: &'static str,
    /// Its statements for PostgreSQL.
    pub postgres: &'static str,
}

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The highest migration in the database, 0 if there is none.
    pub applied: u32,
    /// The highest that this binary knows.
    pub known: u32,
    /// The oldest binary that may run on the database as it is.
    pub oldest_binary: u32,
}

/// What [`migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The migrations that were applied now.
    pub applied: Vec<&'static str>,
    /// The copy of the SQLite file as it was before, if it wasn't empty.
    pub backup: Option<std::path::PathBuf>,
}

/// A row of `schema_version`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Applied {
    number: u32,
    name: String,
    hash: String,
    oldest_binary: u32,
}

/// The same on both databases.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (\
     number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, \
     oldest_binary BIGINT NOT NULL, applied_at BIGINT NOT NULL)";

impl Migration {
    fn text(&self, backend: Backend) -> &'static str {
        match backend {
            Backend::Sqlite => self.sqlite,
            Backend::Postgres => self.postgres,
        }
    }

    fn hash(&self, backend: Backend) -> String {
        hex::encode(Sha256::digest(self.text(backend)))
    }

    /// What the line `-- oldest binary: n` says; the migration itself without one.
    fn oldest_binary(&self) -> DbResult<u32> {
        let told = |text: &str| {
            text.lines()
                .find_map(|line| line.trim().strip_prefix("-- oldest binary:"))
                .map(|number| {
                    number
                        .trim()
                        .parse::<u32>()
                        .ok()
                        .filter(|n| *n <= self.number)
                        .ok_or_else(|| {
                            DbError::Schema(format!("{}: 'oldest binary' 写错了", self.name))
                        })
                })
        };
        let (sqlite, postgres) = (
            told(self.sqlite).transpose()?,
            told(self.postgres).transpose()?,
        );
        if sqlite != postgres {
            return Err(DbError::Schema(format!(
                "{}: 两种数据库的 'oldest binary' 不一致",
                self.name
            )));
        }
        Ok(sqlite.unwrap_or(self.number))
    }
}

impl Migrations {
    /// The highest number: the age of the binary that carries them.
    pub fn latest(&self) -> u32 {
        self.0.last().map_or(0, |migration| migration.number)
    }

    /// Those that are still to be applied; refuses a database that this binary doesn't understand.
    fn pending(&self, backend: Backend, applied: &[Applied]) -> DbResult<&'static [Migration]> {
        for (index, migration) in self.0.iter().enumerate() {
            if usize::try_from(migration.number) != Ok(index + 1) {
                return Err(DbError::Schema(format!(
                    "迁移编号不连续：{}",
                    migration.name
                )));
            }
        }
        for (index, row) in applied.iter().enumerate() {
            match self.0.get(index) {
                None => {
                    return Err(DbError::Schema(format!(
                        "数据库已升级到第 {} 版（{}），本程序只认识到第 {} 版，请使用新版本程序",
                        row.number,
                        row.name,
                        self.latest()
                    )));
                }
                Some(known) if known.number != row.number || known.hash(backend) != row.hash => {
                    return Err(DbError::Schema(format!(
                        "数据库第 {} 版（{}）与程序中的迁移 {} 不一致：已发布的迁移不可修改",
                        row.number, row.name, known.name
                    )));
                }
                Some(_) => {}
            }
        }
        Ok(self.0.get(applied.len()..).unwrap_or_default())
    }
}

/// Applies what is missing. `at` is the instant to note, in microseconds.
///
/// On SQLite no server may be running (the file's lock is taken), and a database that isn't empty is copied first. On
/// PostgreSQL an advisory lock lets one process migrate while others wait for it. Each migration is one transaction.
///
/// # Errors
/// [`DbError::Schema`] if the database is newer than the binary, or an applied migration was edited.
pub async fn migrate(options: &Options, migrations: &Migrations, at: i64) -> DbResult<Migrated> {
    match options.backend()? {
        Backend::Sqlite => {
            let (options, migrations) = (options.clone(), *migrations);
            tokio::task::spawn_blocking(move || sqlite::migrate(&options, &migrations, at))
                .await
                .unwrap_or(Err(DbError::Panic))
        }
        Backend::Postgres => postgres::migrate(options, migrations, at).await,
    }
}

/// Where the database stands, read through an open handle.
///
/// # Errors
/// What the database refuses.
pub async fn status(db: &Db, migrations: &Migrations) -> DbResult<MigrationStatus> {
    let applied = applied(db).await?;
    let last = applied.last();
    Ok(MigrationStatus {
        applied: last.map_or(0, |row| row.number),
        known: migrations.latest(),
        oldest_binary: last.map_or(0, |row| row.oldest_binary),
    })
}

/// Whether this binary may run on the database: every migration that it knows is applied, unedited, and those that it
/// doesn't know allow a binary of its age.
///
/// # Errors
/// [`DbError::Schema`] with what to do.
pub async fn check(db: &Db, migrations: &Migrations) -> DbResult<()> {
    let applied = applied(db).await?;
    let known = usize::try_from(migrations.latest()).unwrap_or(usize::MAX);
    let pending = migrations.pending(db.backend(), applied.get(..known).unwrap_or(&applied))?;
    if let Some(first) = pending.first() {
        return Err(DbError::Schema(format!(
            "数据库缺少迁移 {}，请先运行 baokao migrate",
            first.name
        )));
    }
    match applied.last() {
        Some(row) if row.oldest_binary > migrations.latest() => Err(DbError::Schema(format!(
            "数据库第 {} 版（{}）要求至少第 {} 版的程序，本程序是第 {} 版，请使用新版本程序",
            row.number,
            row.name,
            row.oldest_binary,
            migrations.latest()
        ))),
        _ => Ok(()),
    }
}

async fn applied(db: &Db) -> DbResult<Vec<Applied>> {
    let scan = db.scan(Crowd::System);
    let exists: i64 = match db.backend() {
        Backend::Sqlite => {
            let text = sql!("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_version'");
            scan.one(text, &[]).await?
        }
        Backend::Postgres => {
            let text = sql!(
                "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'schema_version' AND schemaname = current_schema()"
            );
            scan.one(text, &[]).await?
        }
    };
    if exists == 0 {
        return Ok(Vec::new());
    }
    let rows: Vec<(u32, String, String, u32)> = scan
        .rows(
            sql!("SELECT number, name, hash, oldest_binary FROM schema_version ORDER BY number"),
            &[],
        )
        .await?;
    let row = |(number, name, hash, oldest_binary)| Applied {
        number,
        name,
        hash,
        oldest_binary,
    };
    Ok(rows.into_iter().map(row).collect())
}
