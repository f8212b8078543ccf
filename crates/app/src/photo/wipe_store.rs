//! SQL that removes stored files of a rehearsal.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// What hangs on one stored file, by `object.id`.
pub(crate) static OF_FILE: &[Wipe] = &[Wipe {
    kind: "照片",
    table: "photo",
    sql: sql!("DELETE FROM photo WHERE object_id = $1"),
}];
