//! The transaction that a command works in, and commands as values.
//!
//! A command is deterministic in `&self` (ids, time, hashes and ciphertext are made before it), so it can be run again.
//! It awaits nothing but its `tx`: on SQLite every one of those futures is ready at once, so that the writer thread
//! runs the same async code without a runtime.

use std::future::Future;

use crate::postgres::PgTx;
use crate::sqlite::Conn;
use crate::{Backend, DbError, DbResult, FromRow, P, Query, Sql};

/// A transaction. Commands get one; nobody makes one.
#[derive(Debug)]
pub struct Tx {
    pub(crate) arm: Arm,
    /// Topics to wake once this is committed.
    pub(crate) wakes: Vec<&'static str>,
    /// The first failed statement. Nothing more can be done after it: PostgreSQL would refuse, so SQLite does too.
    pub(crate) failed: Option<DbError>,
    /// The failure goes away when the command is run again (serialization, deadlock).
    pub(crate) again: bool,
}

#[derive(Debug)]
pub(crate) enum Arm {
    Sqlite(Conn),
    Postgres(Box<PgTx>),
}

/// Which queue a command waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Somebody waits for the answer.
    Interactive,
    /// Jobs and bulk work: at most one in each batch, in chunks of at most 500 rows or 20 ms.
    Background,
}

/// A change, as a value that can be run again.
///
/// `Err` rolls everything back; a refusal that must be remembered is an `Ok`. A statement that failed ends the
/// transaction on both databases: a command that hides such an error and answers `Ok` gets [`DbError::Aborted`].
pub trait Command: Send + Sync + 'static {
    /// What logs and metrics call it.
    const NAME: &'static str;
    /// What it answers.
    type Out: Send + 'static;
    /// How it refuses or fails.
    type Err: From<DbError> + Send + 'static;

    /// Does it. May be called several times; only the last call's effects stay.
    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Out, Self::Err>> + Send;
}

impl Tx {
    pub(crate) fn new(arm: Arm) -> Self {
        Self {
            arm,
            wakes: Vec::new(),
            failed: None,
            again: false,
        }
    }

    /// Which database this is: where two literals are needed, [`crate::dialect`] chooses by it.
    pub fn backend(&self) -> Backend {
        match self.arm {
            Arm::Sqlite(_) => Backend::Sqlite,
            Arm::Postgres(_) => Backend::Postgres,
        }
    }

    /// Executes a statement that gives no rows and answers how many it changed.
    ///
    /// # Errors
    /// What the database refuses; a statement that gives rows.
    pub async fn exec(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<u64> {
        self.usable()?;
        let result = match &mut self.arm {
            Arm::Sqlite(conn) => conn.exec(&sql, p),
            Arm::Postgres(tx) => tx.exec(&sql, p).await,
        };
        self.note(result)
    }

    /// The one row of a query.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if there is none, [`DbError::Other`] if there are several.
    pub async fn one<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<T> {
        self.opt(sql, p).await?.ok_or(DbError::NotFound)
    }

    /// The one row of a query, if there is one.
    ///
    /// # Errors
    /// [`DbError::Other`] if there are several.
    pub async fn opt<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Option<T>> {
        self.rows(sql, p).await.and_then(at_most_one)
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// What the database refuses; [`DbError::Row`].
    pub async fn rows<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        self.usable()?;
        let result = match &mut self.arm {
            Arm::Sqlite(conn) => conn.rows(&sql, p),
            Arm::Postgres(tx) => tx.rows(&sql, p).await,
        };
        self.note(result)
    }

    /// Wakes those who wait on `topic` with [`crate::Db::changed`], after the commit and only then.
    pub fn wake(&mut self, topic: &'static str) {
        if !self.wakes.contains(&topic) {
            self.wakes.push(topic);
        }
    }

    fn usable(&self) -> DbResult<()> {
        if self.failed.is_some() {
            Err(DbError::Aborted)
        } else {
            Ok(())
        }
    }

    /// Remembers a failure of the database. A row that doesn't fit the code's types leaves the transaction usable.
    fn note<T>(&mut self, result: DbResult<T>) -> DbResult<T> {
        if let Err(error) = &result
            && !matches!(error, DbError::Row { .. })
        {
            self.failed = Some(error.clone());
            if let Arm::Postgres(tx) = &self.arm {
                self.again = tx.repeatable();
            }
        }
        result
    }
}

/// The row of an answer that may have one.
pub(crate) fn at_most_one<T>(mut rows: Vec<T>) -> DbResult<Option<T>> {
    if rows.len() > 1 {
        return Err(DbError::other(
            "more than one row where at most one was expected",
        ));
    }
    Ok(rows.pop())
}

impl Query for Tx {
    async fn rows<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        Tx::rows(self, sql, p).await
    }

    async fn opt<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Option<T>> {
        Tx::opt(self, sql, p).await
    }

    fn backend(&self) -> Backend {
        Tx::backend(self)
    }
}
