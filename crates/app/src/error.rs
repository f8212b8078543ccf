//! What a use case answers when it doesn't do what was asked.
//!
//! A page needs to know *which kind* of no it is: fields to mend, a rule that stands in the way, somebody else's
//! record, a lost race, or trouble of our own. Only the last is logged as an error.

use std::time::Duration;

use db::DbError;
use domain::field::FieldErrors;

/// The answer of every use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was typed has to be mended; everything typed is kept by the page.
    #[error("{} field(s) to mend", .0.len())]
    Fields(FieldErrors),
    /// A rule stands in the way. The text names it and says what can be done.
    #[error("refused: {}", .0.title)]
    Refused(Refusal),
    /// There is no such record, or it is somebody else's: the two look the same from outside.
    #[error("not found")]
    NotFound,
    /// The actor's role doesn't reach this far.
    #[error("not permitted")]
    Forbidden,
    /// Somebody was faster; the text says what to look at.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// Too much at once: later.
    #[error("busy, try again in {} s", .0.as_secs())]
    Busy(Duration),
    /// Too many tries at a credential: later. Delays grow and end.
    #[error("too many tries, again in {} s", .0.as_secs())]
    TooMany(Duration),
    /// The database couldn't or wouldn't.
    #[error("database")]
    Db(#[source] DbError),
    /// Stored data contradicts the rules, or a part of ours failed.
    #[error("internal: {what}")]
    Internal {
        /// What we were doing, without personal data.
        what: &'static str,
        /// The cause, if another error was it.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// A rule that stands in the way, in the candidate's words: the fact, then the step (`visual.md`, tone).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A stable code for tests and statistics.
    pub code: &'static str,
    /// The heading of the page.
    pub title: String,
    /// What happened and what can be done now.
    pub text: String,
}

impl Error {
    /// A refusal with its code, heading and text.
    pub fn refused(code: &'static str, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            code,
            title: title.into(),
            text: text.into(),
        })
    }

    /// One field to mend.
    pub fn field(key: &'static str, message: impl Into<String>) -> Self {
        let mut errors = FieldErrors::new();
        errors.add(key, message);
        Self::Fields(errors)
    }

    /// Trouble of our own with its cause.
    pub fn internal<E>(what: &'static str, source: E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        Self::Internal {
            what,
            source: Some(Box::new(source)),
        }
    }

    /// Stored data that contradicts the rules: table and column, never the value.
    pub fn inconsistent(what: &'static str) -> Self {
        Self::Internal { what, source: None }
    }
}

/// What ails the database, as far as a page says different things about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing can be stored.
    Full,
    /// It can't be reached.
    Away,
    /// It didn't answer in time, or the line to it was cut in mid-commit; whether anything was stored isn't known.
    Slow,
    /// A fault of ours.
    Fault,
}

impl Error {
    /// What ails the database, if it is that.
    pub fn trouble(&self) -> Option<Trouble> {
        let Self::Db(error) = self else { return None };
        Some(match error {
            DbError::Full => Trouble::Full,
            DbError::Unavailable { .. } => Trouble::Away,
            DbError::TooSlow | DbError::Unsure => Trouble::Slow,
            _ => Trouble::Fault,
        })
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound => Self::NotFound,
            DbError::Busy { retry_after } => Self::Busy(retry_after),
            other => Self::Db(other),
        }
    }
}

impl From<vault::password::Error> for Error {
    fn from(error: vault::password::Error) -> Self {
        match error {
            vault::password::Error::Busy(wait) => Self::Busy(wait),
            other => Self::internal("password hashing", other),
        }
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Fields(errors)
    }
}
