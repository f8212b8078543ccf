//! A guarded PostgreSQL transaction: unless it was ended in order, its connection is closed instead of going back to
//! the pool, where the next one would find itself in the middle of somebody's half-done work.

use deadpool_postgres::Object;
use futures_util::TryStreamExt;
use tokio_postgres::Statement;

use super::errors::{from_postgres, is_repeatable, is_stale_plan};
use super::types::Pg;
use crate::value::RowOf;
use crate::{DbError, DbResult, FromRow, P, Row, Sql};

/// One transaction on one connection of the pool.
pub(crate) struct PgTx {
    client: Option<Object>,
    repeatable: bool,
    guarded: bool,
}

impl std::fmt::Debug for PgTx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgTx").finish_non_exhaustive()
    }
}

impl PgTx {
    /// Begins. `guarded` is false in control runs only.
    pub(crate) async fn begin(client: Object, guarded: bool) -> DbResult<Self> {
        let tx = Self {
            client: Some(client),
            repeatable: false,
            guarded,
        };
        tx.client()?
            .batch_execute("BEGIN")
            .await
            .map_err(from_postgres)?;
        Ok(tx)
    }

    fn client(&self) -> DbResult<&Object> {
        self.client.as_ref().ok_or(DbError::Aborted)
    }

    pub(crate) async fn exec(&mut self, sql: &Sql, p: &[P<'_>]) -> DbResult<u64> {
        let result = exec(self.client()?, sql, p).await;
        self.note(result)
    }

    pub(crate) async fn rows<T: FromRow>(&mut self, sql: &Sql, p: &[P<'_>]) -> DbResult<Vec<T>> {
        let result = rows(self.client()?, sql, p).await;
        self.note(result)
    }

    /// Commits. Whether a failure goes away by repeating is then known from [`PgTx::repeatable`].
    ///
    /// # Errors
    /// [`DbError::Unsure`] if no answer came: the server may have stored everything before the line was cut.
    pub(crate) async fn commit(&mut self) -> DbResult<()> {
        let result = self.client()?.batch_execute("COMMIT").await;
        #[cfg(feature = "testing")]
        crate::testing::kill::step();
        let answered = result
            .as_ref()
            .err()
            .is_none_or(|error| error.as_db_error().is_some());
        match self.end(result) {
            Err(DbError::Unavailable { .. }) => Err(DbError::Unsure),
            Err(_) if !answered => Err(DbError::Unsure),
            other => other,
        }
    }

    /// Rolls back.
    pub(crate) async fn rollback(&mut self) -> DbResult<()> {
        let result = self.client()?.batch_execute("ROLLBACK").await;
        self.end(result)
    }

    /// The last failure goes away when the transaction is repeated.
    pub(crate) fn repeatable(&self) -> bool {
        self.repeatable
    }

    /// The transaction is over: the connection may go back to the pool, unless ending it failed.
    fn end(&mut self, result: Result<(), tokio_postgres::Error>) -> DbResult<()> {
        let result = self.note(result.map_err(Failure::Driver));
        if result.is_ok() {
            drop(self.client.take());
        }
        result
    }

    fn note<T>(&mut self, result: Result<T, Failure>) -> DbResult<T> {
        result.map_err(|failure| {
            if let Failure::Driver(error) = &failure {
                self.repeatable = error.code().is_some_and(is_repeatable) || is_stale_plan(error);
            }
            failure.into()
        })
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && self.guarded
        {
            drop(Object::take(client));
        }
    }
}

/// What a statement can fail with, before it is put into our words.
pub(crate) enum Failure {
    Driver(tokio_postgres::Error),
    Ours(DbError),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Ours(error)
    }
}

impl From<Failure> for DbError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Driver(error) => from_postgres(error),
            Failure::Ours(error) => error,
        }
    }
}

/// Executes a statement that gives no rows.
pub(crate) async fn exec(client: &Object, sql: &Sql, p: &[P<'_>]) -> Result<u64, Failure> {
    let statement = prepare(client, sql, p).await?;
    if !statement.columns().is_empty() {
        return Err(DbError::other("exec of a statement that gives rows").into());
    }
    let changed = client
        .execute_raw(&statement, p.iter().map(|&p| Pg(p)))
        .await?;
    trace(sql);
    Ok(changed)
}

/// Runs a query to its end.
pub(crate) async fn rows<T: FromRow>(
    client: &Object,
    sql: &Sql,
    p: &[P<'_>],
) -> Result<Vec<T>, Failure> {
    let statement = prepare(client, sql, p).await?;
    if statement.columns().is_empty() {
        return Err(DbError::other("query of a statement that gives no rows").into());
    }
    let stream = client
        .query_raw(&statement, p.iter().map(|&p| Pg(p)))
        .await?;
    let rows: Vec<tokio_postgres::Row> = stream.try_collect().await?;
    trace(sql);
    let read = rows
        .iter()
        .map(|row| T::from_row(&Row(RowOf::Postgres(row))));
    Ok(read.collect::<DbResult<Vec<T>>>()?)
}

async fn prepare(client: &Object, sql: &Sql, p: &[P<'_>]) -> Result<Statement, Failure> {
    let statement = client.prepare_cached(sql.text()).await?;
    let count = statement.params().len();
    if count != p.len() {
        return Err(DbError::other(format!(
            "statement has {count} parameters, {} were given",
            p.len()
        ))
        .into());
    }
    Ok(statement)
}

#[cfg(feature = "testing")]
fn trace(sql: &Sql) {
    crate::testing::trace::postgres(sql);
    crate::testing::kill::step();
}

#[cfg(not(feature = "testing"))]
#[inline]
fn trace(_: &Sql) {}
