//! SQLite's errors in the words of this crate.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::ffi::{
    self, ErrorCode, SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY,
    SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE,
};

use crate::DbError;

/// Maps an error of a statement.
pub(crate) fn from_sqlite(error: &rusqlite::Error) -> DbError {
    let (code, message) = match error {
        rusqlite::Error::SqliteFailure(code, message) => {
            (*code, message.as_deref().unwrap_or_default())
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => (*error, msg.as_str()),
        other => return DbError::other(other.to_string()),
    };
    match code.code {
        ErrorCode::ConstraintViolation => constraint(code, message),
        ErrorCode::OperationInterrupted => DbError::TooSlow,
        ErrorCode::DiskFull => DbError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => DbError::Busy {
            retry_after: Duration::from_secs(1),
        },
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::PermissionDenied
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::OutOfMemory => DbError::Unavailable {
            reason: "SQLite".to_owned(),
            source: Some(Arc::new(code)),
        },
        _ => DbError::Other {
            what: message.to_owned(),
            source: Some(Arc::new(code)),
        },
    }
}

/// Maps an error of opening or setting up: whatever it is, there is no database.
#[expect(
    clippy::needless_pass_by_value,
    reason = "used as map_err(unavailable)"
)]
pub(crate) fn unavailable(error: rusqlite::Error) -> DbError {
    match from_sqlite(&error) {
        DbError::Other { what, source } => DbError::Unavailable {
            reason: what,
            source,
        },
        other => other,
    }
}

/// `UNIQUE constraint failed: t.a, t.b`, `… index 'name'`, `CHECK constraint failed: name`,
/// `NOT NULL constraint failed: t.c`, `cannot store TEXT value in INTEGER column t.c`.
fn constraint(code: ffi::Error, message: &str) -> DbError {
    let about = message
        .split_once("constraint failed: ")
        .map_or(message, |(_, about)| about);
    match code.extended_code {
        SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID => {
            DbError::Conflict {
                constraint: unique_name(about),
            }
        }
        SQLITE_CONSTRAINT_FOREIGNKEY => DbError::Reference,
        ffi::SQLITE_CONSTRAINT_NOTNULL => DbError::Check {
            constraint: format!("{about} not null"),
        },
        _ => DbError::Check {
            constraint: about.to_owned(),
        },
    }
}

fn unique_name(about: &str) -> String {
    if let Some(index) = about
        .strip_prefix("index '")
        .and_then(|rest| rest.strip_suffix('\''))
    {
        return index.to_owned();
    }
    let mut table = "";
    let mut columns = Vec::new();
    for pair in about.split(", ") {
        let (of, column) = pair.split_once('.').unwrap_or((table, pair));
        table = of;
        columns.push(column);
    }
    format!("{table}({})", columns.join(", "))
}

#[cfg(test)]
mod tests {
    use super::unique_name;

    #[test]
    fn a_unique_key_is_named_by_table_and_columns() {
        assert_eq!(
            unique_name("seat.exam_id, seat.number"),
            "seat(exam_id, number)"
        );
        assert_eq!(unique_name("seat.id"), "seat(id)");
        assert_eq!(unique_name("index 'seat_lower'"), "seat_lower");
    }
}
