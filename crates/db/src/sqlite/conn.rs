//! One SQLite connection: how it is set up, how a statement is bound and run, and its time limit.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, Statement};

use super::errors::{from_sqlite, unavailable};
use crate::value::RowOf;
use crate::{DbError, DbResult, Durability, FromRow, P, Row, Sql};

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 256;
/// Virtual machine steps between two looks at the clock: some 20 µs of work.
const STEPS_BETWEEN_LOOKS: i32 = 2_000;
/// How long to wait for a lock that only a foreign process can hold (an operator's `sqlite3` shell).
const BUSY: Duration = Duration::from_secs(5);

/// A connection with a clock that stops statements.
#[derive(Debug)]
pub(crate) struct Conn {
    db: Connection,
    stopper: Arc<Stopper>,
}

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write(Durability),
    Read,
}

/// When the running statement must stop: after its time limit, or because the write-ahead log has grown too far.
#[derive(Debug)]
struct Stopper {
    origin: Instant,
    /// Nanoseconds since `origin`.
    started: AtomicU64,
    deadline: AtomicU64,
    revoked: Arc<Revoked>,
}

/// The instant before which all readers must have begun no more: set when their snapshots hold the log back.
#[derive(Debug)]
pub(crate) struct Revoked {
    origin: Instant,
    before: AtomicU64,
}

impl Revoked {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            origin: Instant::now(),
            before: AtomicU64::new(0),
        })
    }

    /// Stops all reads that have begun by now.
    pub(crate) fn revoke_all(&self) {
        self.before
            .store(nanos(self.origin.elapsed()), Ordering::Release);
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl Stopper {
    fn start(&self, limit: Duration) {
        let now = nanos(self.origin.elapsed());
        self.started.store(now, Ordering::Relaxed);
        self.deadline
            .store(now.saturating_add(nanos(limit)), Ordering::Relaxed);
    }

    fn must_stop(&self) -> bool {
        self.started.load(Ordering::Relaxed) <= self.revoked.before.load(Ordering::Acquire)
            || nanos(self.origin.elapsed()) > self.deadline.load(Ordering::Relaxed)
    }
}

impl Conn {
    /// Opens `path`. `revoked` is what may stop it early; a writer gets one that nobody sets.
    pub(crate) fn open(path: &Path, access: Access, revoked: &Arc<Revoked>) -> DbResult<Self> {
        let mode = match access {
            Access::Write(_) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let mut db = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(unavailable)?;
        db.busy_timeout(BUSY).map_err(unavailable)?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        let settings = match access {
            Access::Write(Durability::Full) => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
            }
            Access::Write(Durability::Off) => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0;"
            }
            Access::Read => "PRAGMA query_only = ON;",
        };
        db.execute_batch(settings).map_err(unavailable)?;
        db.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; \
             PRAGMA cache_size = -16384; PRAGMA mmap_size = 268435456;",
        )
        .map_err(unavailable)?;
        let stopper = Arc::new(Stopper {
            origin: revoked.origin,
            started: AtomicU64::new(u64::MAX),
            deadline: AtomicU64::new(u64::MAX),
            revoked: Arc::clone(revoked),
        });
        let clock = Arc::clone(&stopper);
        db.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || clock.must_stop()))
            .map_err(unavailable)?;
        Ok(Self { db, stopper })
    }

    /// From now on statements have until `limit` from now, together.
    pub(crate) fn limit(&self, limit: Duration) {
        self.stopper.start(limit);
    }

    /// No limit: for BEGIN, COMMIT and maintenance.
    pub(crate) fn unlimited(&self) {
        self.stopper.started.store(u64::MAX, Ordering::Relaxed);
        self.stopper.deadline.store(u64::MAX, Ordering::Relaxed);
    }

    /// The driver's connection.
    pub(crate) fn raw(&self) -> &Connection {
        &self.db
    }

    /// Whether no transaction is open: inside of a batch this means that SQLite has thrown the whole batch away.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.db.is_autocommit()
    }

    /// Runs a fixed statement of our own (BEGIN, SAVEPOINT, …).
    pub(crate) fn control(&self, text: &str) -> DbResult<()> {
        let mut statement = self.db.prepare_cached(text).map_err(|e| from_sqlite(&e))?;
        let done = statement
            .raw_execute()
            .map(drop)
            .map_err(|e| from_sqlite(&e));
        #[cfg(feature = "testing")]
        crate::testing::kill::step();
        done
    }

    /// Executes a statement that gives no rows.
    pub(crate) fn exec(&self, sql: &Sql, p: &[P<'_>]) -> DbResult<u64> {
        if self.stopper.must_stop() {
            return Err(DbError::TooSlow);
        }
        let mut statement = self
            .db
            .prepare_cached(sql.text())
            .map_err(|e| from_sqlite(&e))?;
        if statement.column_count() > 0 {
            return Err(DbError::other("exec of a statement that gives rows"));
        }
        bind(&mut statement, p)?;
        let changed = statement.raw_execute().map_err(|e| from_sqlite(&e))?;
        trace(sql, &statement);
        Ok(u64::try_from(changed).unwrap_or(0))
    }

    /// Runs a query to its end.
    pub(crate) fn rows<T: FromRow>(&self, sql: &Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        if self.stopper.must_stop() {
            return Err(DbError::TooSlow);
        }
        let mut statement = self
            .db
            .prepare_cached(sql.text())
            .map_err(|e| from_sqlite(&e))?;
        bind(&mut statement, p)?;
        let columns = statement.column_count();
        if columns == 0 {
            return Err(DbError::other("query of a statement that gives no rows"));
        }
        let mut found = Vec::new();
        let mut misfit = None;
        let mut rows = statement.raw_query();
        // A row that doesn't fit the types doesn't stop the statement: an INSERT … RETURNING must run to its end.
        while let Some(row) = rows.next().map_err(|e| from_sqlite(&e))? {
            match T::from_row(&Row(RowOf::Sqlite { row, columns })) {
                Ok(value) => found.push(value),
                Err(error) => {
                    misfit.get_or_insert(error);
                }
            }
        }
        drop(rows);
        trace(sql, &statement);
        misfit.map_or(Ok(found), Err)
    }
}

/// Binds by the number in the name. SQLite itself numbers `$2 … $1` by first appearance, which silently swaps them.
fn bind(statement: &mut Statement<'_>, p: &[P<'_>]) -> DbResult<()> {
    let count = statement.parameter_count();
    if count != p.len() {
        return Err(DbError::other(format!(
            "statement has {count} parameters, {} were given",
            p.len()
        )));
    }
    for index in 1..=count {
        let value = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| p.get(number.checked_sub(1)?))
            .copied()
            .ok_or_else(|| DbError::other("parameters must be $1, $2, … without a gap"))?;
        statement
            .raw_bind_parameter(index, Bound(value))
            .map_err(|e| from_sqlite(&e))?;
    }
    Ok(())
}

/// A parameter on its way into the driver.
struct Bound<'a>(P<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            P::Null => ValueRef::Null,
            P::Int(v) => ValueRef::Integer(v),
            P::Text(v) => ValueRef::Text(v.as_bytes()),
            P::Blob(v) => ValueRef::Blob(v),
        }))
    }
}

/// The value of a column of the row that the statement stands on.
pub(crate) fn column<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<P<'r>, &'static str> {
    match row.get_ref(column).map_err(|_| "no such column")? {
        ValueRef::Null => Ok(P::Null),
        ValueRef::Integer(v) => Ok(P::Int(v)),
        ValueRef::Text(v) => std::str::from_utf8(v)
            .map(P::Text)
            .map_err(|_| "is not UTF-8"),
        ValueRef::Blob(v) => Ok(P::Blob(v)),
        ValueRef::Real(_) => Err("is a fraction"),
    }
}

#[cfg(feature = "testing")]
fn trace(sql: &Sql, statement: &Statement<'_>) {
    crate::testing::trace::sqlite(sql, statement);
    crate::testing::kill::step();
}

#[cfg(not(feature = "testing"))]
#[inline]
fn trace(_: &Sql, _: &Statement<'_>) {}
