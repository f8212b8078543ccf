//! PostgreSQL's errors in the words of this crate.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::error::{DbError as Answer, SqlState};

use crate::DbError;

/// Maps an error of a statement.
pub(crate) fn from_postgres(error: tokio_postgres::Error) -> DbError {
    let Some(answer) = error.as_db_error() else {
        return if error.is_closed() || has_io_cause(&error) {
            DbError::Unavailable {
                reason: "PostgreSQL".to_owned(),
                source: Some(Arc::new(error)),
            }
        } else {
            let what =
                std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
            DbError::Other {
                what,
                source: Some(Arc::new(error)),
            }
        };
    };
    let code = answer.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        return DbError::Conflict {
            constraint: unique_name(answer),
        };
    }
    if *code == SqlState::CHECK_VIOLATION {
        return DbError::Check {
            constraint: answer.constraint().unwrap_or_default().to_owned(),
        };
    }
    if *code == SqlState::NOT_NULL_VIOLATION {
        let (table, column) = (answer.table(), answer.column());
        return DbError::Check {
            constraint: format!(
                "{}.{} not null",
                table.unwrap_or_default(),
                column.unwrap_or_default()
            ),
        };
    }
    if *code == SqlState::FOREIGN_KEY_VIOLATION {
        return DbError::Reference;
    }
    if [SqlState::QUERY_CANCELED, SqlState::LOCK_NOT_AVAILABLE].contains(code) {
        return DbError::TooSlow;
    }
    if *code == SqlState::DISK_FULL {
        return DbError::Full;
    }
    if *code == SqlState::TOO_MANY_CONNECTIONS || is_repeatable(code) {
        return DbError::Busy {
            retry_after: Duration::from_secs(1),
        };
    }
    // 08 connection, 53 resources, 57P operator intervention, 58 system, 28 and 3D: wrong user or no such database.
    let class = code.code().get(..2).unwrap_or_default();
    if ["08", "53", "57", "58", "28", "3D", "XX"].contains(&class) {
        return DbError::Unavailable {
            reason: format!("PostgreSQL {}", code.code()),
            source: Some(Arc::new(error)),
        };
    }
    // The detail may hold values; the message of a syntax error holds none.
    DbError::Other {
        what: format!("{}: {}", code.code(), answer.message()),
        source: None,
    }
}

/// Maps an error of getting a connection.
pub(crate) fn from_pool(error: PoolError) -> DbError {
    match error {
        PoolError::Backend(error) => match from_postgres(error) {
            DbError::Other { what, source } => DbError::Unavailable {
                reason: what,
                source,
            },
            other => other,
        },
        PoolError::Timeout(TimeoutType::Wait) => DbError::Busy {
            retry_after: Duration::from_secs(1),
        },
        PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => {
            DbError::unavailable("PostgreSQL doesn't answer")
        }
        other => DbError::Unavailable {
            reason: "no connection".to_owned(),
            source: Some(Arc::new(other)),
        },
    }
}

/// Serialization failures and deadlocks go away when the transaction is run again.
pub(crate) fn is_repeatable(code: &SqlState) -> bool {
    *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
}

/// A migration changed a table under a prepared statement: a fresh connection prepares it anew.
pub(crate) fn is_stale_plan(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|answer| {
        *answer.code() == SqlState::FEATURE_NOT_SUPPORTED
            && answer.routine() == Some("RevalidateCachedQuery")
    })
}

fn has_io_cause(error: &tokio_postgres::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.is::<std::io::Error>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// `table(column, column)`, from the detail `Key (a, b)=(1, 2) already exists.`, whose words are translated but whose
/// brackets are not. Over an expression (or without detail): the name of the index.
fn unique_name(answer: &Answer) -> String {
    let index = answer.constraint().unwrap_or_default().to_owned();
    let columns = answer
        .detail()
        .and_then(|detail| detail.split_once('('))
        .and_then(|(_, rest)| rest.split_once(")=("))
        .map(|(columns, _)| columns);
    match (answer.table(), columns) {
        (Some(table), Some(columns)) if !columns.contains('(') => {
            format!("{table}({})", columns.replace('"', ""))
        }
        _ => index,
    }
}
