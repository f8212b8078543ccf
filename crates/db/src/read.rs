//! Point reads, inline in the caller's task, and scans, apart from everything else.

use std::sync::Arc;

use crate::crowded::Crowded;
use crate::tx::at_most_one;
use crate::{Backend, DbError, DbResult, Engine, FromRow, P, Query, Sql};

/// Point reads: keyed look-ups of a few microseconds, for which moving to another thread costs more than the read.
#[derive(Debug, Clone)]
pub struct Read(pub(crate) Arc<Engine>);

/// Lists, searches, counts and exports: on threads (SQLite) or connections (PostgreSQL) that only their crowd uses.
#[derive(Debug, Clone)]
pub struct Scan {
    pub(crate) engine: Arc<Engine>,
    pub(crate) crowd: Crowd,
}

/// Who asks for a scan. Candidates can't slow the staff's lists, nor the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crowd {
    /// Pages that candidates and visitors ask for.
    Candidates,
    /// Pages of the office.
    Staff,
    /// Jobs, sealers, caches.
    System,
}

impl Read {
    /// All rows of a point query.
    ///
    /// # Errors
    /// [`DbError::NotAPoint`] for a statement that `point!` didn't make.
    pub async fn rows<T: FromRow>(&self, sql: Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        if !sql.is_point() {
            return Err(DbError::NotAPoint);
        }
        match &*self.0 {
            Engine::Sqlite(db) => db.read(&sql, p),
            Engine::Postgres(db) => db.read(&sql, p).await,
        }
    }

    /// The one row of a point query, if there is one.
    ///
    /// # Errors
    /// [`DbError::NotAPoint`]; [`DbError::Other`] if there are several rows.
    pub async fn opt<T: FromRow>(&self, sql: Sql, p: &[P<'_>]) -> DbResult<Option<T>> {
        self.rows(sql, p).await.and_then(at_most_one)
    }

    /// The one row of a point query.
    ///
    /// # Errors
    /// [`DbError::NotFound`]; [`DbError::NotAPoint`]; [`DbError::Other`] if there are several rows.
    pub async fn one<T: FromRow>(&self, sql: Sql, p: &[P<'_>]) -> DbResult<T> {
        self.opt(sql, p).await?.ok_or(DbError::NotFound)
    }
}

impl Scan {
    /// All rows of a query.
    ///
    /// # Errors
    /// [`DbError::Busy`] when too many wait, [`DbError::TooSlow`] after the time limit.
    pub async fn rows<T: FromRow>(&self, sql: Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        match &*self.engine {
            Engine::Sqlite(db) => db.scan(self.crowd, sql, p).await,
            Engine::Postgres(db) => db.scan(self.crowd, &sql, p).await,
        }
    }

    /// The one row of a query, if there is one.
    ///
    /// # Errors
    /// As [`Scan::rows`]; [`DbError::Other`] if there are several rows.
    pub async fn opt<T: FromRow>(&self, sql: Sql, p: &[P<'_>]) -> DbResult<Option<T>> {
        self.rows(sql, p).await.and_then(at_most_one)
    }

    /// The one row of a query.
    ///
    /// # Errors
    /// As [`Scan::opt`]; [`DbError::NotFound`].
    pub async fn one<T: FromRow>(&self, sql: Sql, p: &[P<'_>]) -> DbResult<T> {
        self.opt(sql, p).await?.ok_or(DbError::NotFound)
    }
}

impl Query for Read {
    async fn rows<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        Read::rows(self, sql, p).await
    }

    async fn opt<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Option<T>> {
        Read::opt(self, sql, p).await
    }

    fn backend(&self) -> Backend {
        self.0.backend()
    }
}

impl Query for Scan {
    async fn rows<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        Scan::rows(self, sql, p).await
    }

    async fn opt<T: FromRow>(&mut self, sql: Sql, p: &[P<'_>]) -> DbResult<Option<T>> {
        Scan::opt(self, sql, p).await
    }

    fn backend(&self) -> Backend {
        self.engine.backend()
    }

    fn crowded(&self) -> Option<&Crowded> {
        Some(self.engine.crowded())
    }
}
