//! What a command's transaction, an inline read and a scan have in common, so that a look-up is written once.

use std::future::Future;

use crate::crowded::Crowded;
use crate::{Backend, DbError, DbResult, FromRow, P, Sql};

/// Something that queries can be asked of: [`crate::Tx`], [`crate::Read`] or [`crate::Scan`].
pub trait Query: Send {
    /// All rows of a query.
    fn rows<T: FromRow>(
        &mut self,
        sql: Sql,
        p: &[P<'_>],
    ) -> impl Future<Output = DbResult<Vec<T>>> + Send;

    /// The one row of a query, if there is one; several are an error.
    fn opt<T: FromRow>(
        &mut self,
        sql: Sql,
        p: &[P<'_>],
    ) -> impl Future<Output = DbResult<Option<T>>> + Send;

    /// The one row of a query; [`DbError::NotFound`] if there is none.
    fn one<T: FromRow>(
        &mut self,
        sql: Sql,
        p: &[P<'_>],
    ) -> impl Future<Output = DbResult<T>> + Send {
        async move { self.opt(sql, p).await?.ok_or(DbError::NotFound) }
    }

    /// Which database this is.
    fn backend(&self) -> Backend;

    /// What it remembers of counts that came to their end; a command's own counts are always made.
    #[doc(hidden)]
    fn crowded(&self) -> Option<&Crowded> {
        None
    }
}
