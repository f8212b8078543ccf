//! What a database call answers when it doesn't do what was asked: the same on both backends.

use std::sync::Arc;
use std::time::Duration;

/// The result of every call of this crate.
pub type DbResult<T> = Result<T, DbError>;

/// A cause that every caller of a batch can be given.
pub(crate) type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Why a statement or command failed.
///
/// It can be cloned because a whole batch may have to be told the same.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    /// A query that must find a row found none.
    #[error("no such row")]
    NotFound,
    /// A unique or primary key is taken. Ask with [`DbError::violates`].
    #[error("unique key taken: {constraint}")]
    Conflict {
        /// `table(column, column)` in the order of the key, on both backends; of an index over an expression, its
        /// name.
        constraint: String,
    },
    /// A CHECK, NOT NULL or type of a column refused a value.
    #[error("check failed: {constraint}")]
    Check {
        /// The name of the CHECK (of an unnamed one SQLite tells the expression, PostgreSQL a made-up name: name those
        /// that code looks at), or `table.column not null`.
        constraint: String,
    },
    /// A foreign key doesn't hold. SQLite doesn't tell which.
    #[error("foreign key violated")]
    Reference,
    /// Too much waits already. A page answers 503 with Retry-After.
    #[error("too busy, try again in {} s", .retry_after.as_secs())]
    Busy {
        /// When it is worth trying again; whole seconds, at least one.
        retry_after: Duration,
    },
    /// A statement or command ran into its time limit and was undone.
    #[error("took longer than its time limit")]
    TooSlow,
    /// The connection was lost while a commit was under way: whether it was stored isn't known.
    #[error("whether the commit was stored isn't known")]
    Unsure,
    /// The disk (or the size limit of the database) is full; nothing was stored.
    #[error("the disk is full")]
    Full,
    /// The database can't be reached, is closing, or its file can't be used.
    #[error("database unavailable: {reason}")]
    Unavailable {
        /// What doesn't work, for the operator.
        reason: String,
        /// The driver's error, if there was one.
        #[source]
        source: Option<Cause>,
    },
    /// [`crate::Db::read`] was given a statement that `point!` didn't make.
    #[error("only a point! statement may be read inline")]
    NotAPoint,
    /// A column doesn't hold what the code reads from it.
    #[error("column {column}: {problem}")]
    Row {
        /// Position of the column, from 0.
        column: usize,
        /// What is wrong with it; never the value.
        problem: &'static str,
    },
    /// The command panicked. It was undone; the others of its batch were not touched.
    #[error("the command panicked")]
    Panic,
    /// The command awaited something other than its `tx`: it may not, because on SQLite nobody would wake it.
    #[error("a command may await nothing but its tx")]
    ForeignAwait,
    /// A statement of this transaction failed before, so that nothing more can be done in it, on either backend.
    #[error("a statement of this transaction failed before")]
    Aborted,
    /// The schema of the database isn't one that this binary may run on; the text says what to do.
    #[error("schema: {0}")]
    Schema(String),
    /// A statement that the database doesn't understand, or another fault of the program.
    #[error("statement failed: {what}")]
    Other {
        /// What happened, without values.
        what: String,
        /// The driver's error, if there was one.
        #[source]
        source: Option<Cause>,
    },
}

impl DbError {
    /// Whether a unique or primary key over exactly these columns of `table` is taken (order doesn't matter).
    ///
    /// SQLite reports `table.column` pairs and PostgreSQL an index name and the columns in its detail; both are
    /// brought to the form `table(column, column)`, so this answers the same on both. Two unique indexes over the
    /// same columns can't be told apart.
    pub fn violates(&self, table: &str, columns: &[&str]) -> bool {
        let Self::Conflict { constraint } = self else {
            return false;
        };
        let Some(inner) = constraint
            .strip_prefix(table)
            .and_then(|rest| rest.strip_prefix('('))
            .and_then(|rest| rest.strip_suffix(')'))
        else {
            return false;
        };
        let mut found: Vec<&str> = inner.split(", ").collect();
        let mut wanted = columns.to_vec();
        found.sort_unstable();
        wanted.sort_unstable();
        found == wanted
    }

    /// Whether the unique index over an expression, called `name`, refused a row.
    pub fn violates_index(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if constraint == name)
    }

    /// Whether the CHECK called `name` refused a row.
    pub fn violates_check(&self, name: &str) -> bool {
        matches!(self, Self::Check { constraint } if constraint == name)
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable {
            reason: reason.into(),
            source: None,
        }
    }

    pub(crate) fn other(what: impl Into<String>) -> Self {
        Self::Other {
            what: what.into(),
            source: None,
        }
    }
}

impl From<std::io::Error> for DbError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Self::Full;
        }
        Self::Unavailable {
            reason: "file".to_owned(),
            source: Some(Arc::new(error)),
        }
    }
}
