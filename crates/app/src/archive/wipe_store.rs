//! SQL that removes what a rehearsal leaves of archives: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "档案",
        table: "archive_purge",
        sql: sql!(
            "DELETE FROM archive_purge WHERE archive_id IN (SELECT id FROM exam_archive WHERE exam_id = \
             $1)"
        ),
    },
    Wipe {
        kind: "档案",
        table: "exam_archive",
        sql: sql!(
            "DELETE FROM exam_archive WHERE id IN (SELECT id FROM exam_archive WHERE exam_id = $1 ORDER \
             BY id LIMIT 200)"
        ),
    },
];

/// What hangs on one stored file, by `object.id`.
pub(crate) static OF_FILE: &[Wipe] = &[Wipe {
    kind: "档案",
    table: "archive_file",
    sql: sql!("DELETE FROM archive_file WHERE object_id = $1"),
}];
