//! Copies of a whole database, while it is in use: consistent, without knowing any feature, and the same whichever of
//! the two databases it comes from or goes to.
//!
//! A [`Snapshot`] shows one instant. On SQLite it is a copy of the file, made with SQLite's own backup in one go (some
//! seconds for a large one); on PostgreSQL a read-only transaction on a connection of its own, as `pg_dump` has. Neither
//! stops anybody from writing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use deadpool_postgres::Object;
use sha2::{Digest, Sha256};

use crate::schema::{self, Column, Schema, Table};
use crate::sqlite::{Access, Conn, Revoked, from_sqlite};
use crate::{
    Backend, Command, Crowd, Db, DbError, DbResult, FromRow, Lane, Options, P, Query, Row, Sql, Tx,
    Value,
};

/// Rows of a table at a time: those of objects are up to 256 KB each.
const PAGE: u32 = 64;
/// As long as it takes.
const NO_LIMIT: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// A row of any table, its columns in the order of [`Table::columns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyRow(pub Vec<Value>);

impl FromRow for AnyRow {
    fn from_row(row: &Row<'_>) -> DbResult<Self> {
        (0..row.len())
            .map(|column| row.get(column))
            .collect::<DbResult<_>>()
            .map(Self)
    }
}

/// How many rows a table has and what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableHash {
    /// How many.
    pub rows: u64,
    /// SHA-256 over all of them in the order of the primary key, in hexadecimal: equal on both databases.
    pub sha256: String,
}

/// A database as it was at one instant.
#[derive(Debug)]
pub struct Snapshot {
    source: Source,
    schema: Schema,
}

#[derive(Debug)]
enum Source {
    /// A copy that only we use, and that is removed when it is dropped.
    Sqlite(Db, Copied),
    Postgres(Held),
}

impl Snapshot {
    /// Takes one. `folder` is where the copy of an SQLite file may lie meanwhile; it needs as much room.
    ///
    /// # Errors
    /// What the database refuses; a full disk.
    pub async fn take(options: &Options, folder: &Path) -> DbResult<Self> {
        let mut source = match options.backend()? {
            Backend::Sqlite => {
                static COUNT: AtomicU32 = AtomicU32::new(0);
                let number = COUNT.fetch_add(1, Ordering::Relaxed);
                let name = format!("snapshot-{}-{number}.db", std::process::id());
                let copied = Copied(folder.join(name));
                copy_sqlite(options, &copied.0).await?;
                let copy = Options {
                    url: format!("sqlite:{}", copied.0.display()),
                    scan_limit: NO_LIMIT,
                    ..options.clone()
                };
                Source::Sqlite(Db::open(copy).await?, copied)
            }
            Backend::Postgres => Source::Postgres(Held::begin(options).await?),
        };
        let schema = schema::read(&mut source).await?;
        Ok(Self { source, schema })
    }

    /// Its tables.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Goes through all rows of a table in the order of its key, a page at a time.
    ///
    /// # Errors
    /// What the database refuses, and what `each` answers.
    pub async fn each<E: From<DbError>>(
        &mut self,
        table: &Table,
        mut each: impl FnMut(Vec<AnyRow>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after: Vec<Value> = Vec::new();
        loop {
            let (sql, limit) = page_of(table, !after.is_empty())?;
            let mut values: Vec<P<'_>> = after.iter().map(Value::as_p).collect();
            values.push(P::Int(limit.into()));
            let rows: Vec<AnyRow> = self.source.rows(sql, &values).await?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = key_of(table, last);
            let full = rows.len() == usize::try_from(limit).unwrap_or(usize::MAX);
            each(rows)?;
            if !full {
                return Ok(());
            }
        }
    }

    /// What a table holds.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn hash(&mut self, table: &Table) -> DbResult<TableHash> {
        let mut hasher = RowHasher::default();
        self.each(table, |rows| {
            rows.iter().for_each(|row| hasher.add(row));
            Ok::<(), DbError>(())
        })
        .await?;
        Ok(hasher.finish())
    }

    /// The highest migration that was applied, 0 if there is none.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn version(&mut self) -> DbResult<u32> {
        let sql = crate::sql!("SELECT COALESCE(MAX(number), 0) FROM schema_version");
        self.source.one(sql, &[]).await
    }

    /// What every table holds, by name.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn hashes(&mut self) -> DbResult<std::collections::BTreeMap<String, TableHash>> {
        let mut hashes = std::collections::BTreeMap::new();
        for table in self.schema.clone().tables.into_values() {
            hashes.insert(table.name.clone(), self.hash(&table).await?);
        }
        Ok(hashes)
    }

    /// Ends it: removes the copy, or the transaction.
    pub async fn close(self) {
        if let Source::Sqlite(db, copied) = self.source {
            db.close().await;
            drop(copied);
        }
    }
}

/// Hashes rows one after the other.
#[derive(Debug, Default)]
pub struct RowHasher {
    hash: Sha256,
    rows: u64,
}

impl RowHasher {
    /// Adds a row: each value with its kind and length, so that no two rows look alike.
    pub fn add(&mut self, row: &AnyRow) {
        self.rows += 1;
        for value in &row.0 {
            let (kind, bytes): (u8, &[u8]) = match value {
                Value::Null => (0, &[]),
                Value::Int(v) => (1, &v.to_be_bytes()),
                Value::Text(v) => (2, v.as_bytes()),
                Value::Blob(v) => (3, v),
            };
            self.hash.update([kind]);
            self.hash.update((bytes.len() as u64).to_be_bytes());
            self.hash.update(bytes);
        }
    }

    /// The hash of all that was added.
    pub fn finish(self) -> TableHash {
        TableHash {
            rows: self.rows,
            sha256: hex::encode(self.hash.finalize()),
        }
    }
}

impl Query for Source {
    async fn rows<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        match self {
            Self::Sqlite(db, _) => db.scan(Crowd::System).rows(sql, p).await,
            Self::Postgres(held) => held.rows(&sql, p).await,
        }
    }

    async fn opt<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Option<T>> {
        self.rows(sql, p).await.and_then(crate::tx::at_most_one)
    }

    fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(..) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }
}

/// Anything may be asked of a snapshot, without a time limit.
impl Query for Snapshot {
    async fn rows<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        self.source.rows(sql, p).await
    }

    async fn opt<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Option<T>> {
        self.source.opt(sql, p).await
    }

    fn backend(&self) -> Backend {
        self.source.backend()
    }
}

/// Copies an SQLite database into a new file while it is in use, also by another process.
///
/// # Errors
/// What SQLite refuses; a file that exists already.
pub async fn copy_sqlite(options: &Options, target: &Path) -> DbResult<()> {
    let (from, target) = (options.sqlite_path()?, target.to_owned());
    tokio::task::spawn_blocking(move || {
        // Made by us, for us alone: names in it are clear text.
        private_file(&target)?;
        let source = Conn::open(&from, Access::Read, &Revoked::new())?;
        source.unlimited();
        let mut copy = rusqlite::Connection::open(&target).map_err(|error| from_sqlite(&error))?;
        // All pages in one go, under one read: a backup in steps starts again whenever somebody commits.
        let backup = rusqlite::backup::Backup::new(source.raw(), &mut copy)
            .map_err(|error| from_sqlite(&error))?;
        let copied = backup.step(-1).map_err(|error| from_sqlite(&error))?;
        drop(backup);
        if copied != rusqlite::backup::StepResult::Done {
            return Err(DbError::Busy {
                retry_after: std::time::Duration::from_secs(1),
            });
        }
        copy.close().map_err(|(_, error)| from_sqlite(&error))?;
        std::fs::File::open(&target)?.sync_all()?;
        Ok(())
    })
    .await
    .unwrap_or(Err(DbError::Panic))
}

fn private_file(path: &Path) -> DbResult<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    Ok(())
}

/// A file that goes away with its value, and SQLite's files beside it.
#[derive(Debug)]
struct Copied(PathBuf);

impl Drop for Copied {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm", ".lock"] {
            let mut name = self.0.as_os_str().to_owned();
            name.push(ending);
            if let Err(error) = std::fs::remove_file(&name)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(%error, "a copy of the database was not removed");
            }
        }
    }
}

/// A PostgreSQL connection in one long read-only transaction. It is closed, not given back, when it is dropped.
struct Held(Option<Object>);

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}

impl Held {
    async fn begin(options: &Options) -> DbResult<Self> {
        let pool = crate::postgres::pool(options, 1, NO_LIMIT, true)?;
        let client = pool.get().await.map_err(crate::postgres::from_pool)?;
        client
            .batch_execute(
                "SET idle_in_transaction_session_timeout = 0; \
                 BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
            )
            .await
            .map_err(crate::postgres::from_postgres)?;
        Ok(Self(Some(client)))
    }

    async fn rows<T: FromRow>(&self, sql: &Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        let client = self.0.as_ref().ok_or(DbError::Aborted)?;
        Ok(crate::postgres::query_on(client, sql, p).await?)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.take().map(Object::take);
    }
}

/// Fills empty tables from a copy. Tables must come in [`Schema::in_reference_order`], rows in chunks of some hundred.
///
/// # Errors
/// What the database refuses.
pub async fn load(db: &Db, table: &Table, rows: Vec<AnyRow>) -> DbResult<()> {
    db.write(
        Lane::Background,
        Load {
            sql: insert_into(table)?,
            rows,
        },
    )
    .await
}

/// Whether a table has no rows.
///
/// # Errors
/// What the database refuses.
pub async fn is_empty(db: &Db, table: &Table) -> DbResult<bool> {
    let text = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM {} LIMIT 1) AS found",
        name(&table.name)?
    );
    let found: i64 = db.scan(Crowd::System).one(Sql::composed(text), &[]).await?;
    Ok(found == 0)
}

/// Empties every table, those first that refer to others. Only for a database that is about to be filled.
///
/// # Errors
/// What the database refuses.
pub async fn empty(db: &Db, schema: &Schema) -> DbResult<()> {
    let mut tables = Vec::new();
    for table in schema.in_reference_order().into_iter().rev() {
        let text = format!("DELETE FROM {}", name(&table.name)?);
        tables.push(Sql::composed(text));
    }
    db.write(Lane::Background, Empty(tables)).await
}

struct Load {
    sql: Sql,
    rows: Vec<AnyRow>,
}

impl Command for Load {
    const NAME: &'static str = "backup.load";
    type Out = ();
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<()> {
        for row in &self.rows {
            let values: Vec<P<'_>> = row.0.iter().map(Value::as_p).collect();
            tx.exec(self.sql.clone(), &values).await?;
        }
        Ok(())
    }
}

struct Empty(Vec<Sql>);

impl Command for Empty {
    const NAME: &'static str = "backup.empty";
    type Out = ();
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<()> {
        for sql in &self.0 {
            tx.exec(sql.clone(), &[]).await?;
        }
        Ok(())
    }
}

// The names come from the catalogue, not from a literal: the only texts of this crate besides `filter` that are put
// together. A name that is more than letters, digits and underscores is refused.

fn name(of: &str) -> DbResult<String> {
    let plain = of
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain && !of.is_empty() {
        Ok(format!("\"{of}\""))
    } else {
        Err(DbError::other("a table or column with an unusual name"))
    }
}

fn names<'a>(columns: impl Iterator<Item = &'a str>) -> DbResult<String> {
    Ok(columns.map(name).collect::<DbResult<Vec<_>>>()?.join(", "))
}

fn column_names(table: &Table) -> impl Iterator<Item = &str> {
    table
        .columns
        .iter()
        .map(|column: &Column| column.name.as_str())
}

fn page_of(table: &Table, goes_on: bool) -> DbResult<(Sql, u32)> {
    let key = names(table.key.iter().map(String::as_str))?;
    if key.is_empty() {
        return Err(DbError::other(format!(
            "table {} has no primary key",
            table.name
        )));
    }
    let columns = names(column_names(table))?;
    let mut text = format!("SELECT {columns} FROM {}", name(&table.name)?);
    let mut count = 0;
    if goes_on {
        count = table.key.len();
        let marks: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
        text.push_str(&format!(" WHERE ({key}) > ({})", marks.join(", ")));
    }
    text.push_str(&format!(" ORDER BY {key} LIMIT ${}", count + 1));
    Ok((Sql::composed(text), PAGE))
}

fn key_of(table: &Table, row: &AnyRow) -> Vec<Value> {
    let position = |name: &String| table.columns.iter().position(|column| column.name == *name);
    table
        .key
        .iter()
        .filter_map(|name| row.0.get(position(name)?).cloned())
        .collect()
}

fn insert_into(table: &Table) -> DbResult<Sql> {
    let marks: Vec<String> = (1..=table.columns.len())
        .map(|number| format!("${number}"))
        .collect();
    let columns = names(column_names(table))?;
    let table = name(&table.name)?;
    Ok(Sql::composed(format!(
        "INSERT INTO {table} ({columns}) VALUES ({})",
        marks.join(", ")
    )))
}
