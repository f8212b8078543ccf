//! SQL that removes what a rehearsal leaves of announcements: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[Wipe {
    kind: "公告",
    table: "announcement",
    sql: sql!(
        "DELETE FROM announcement WHERE id IN (SELECT id FROM announcement WHERE exam_id = $1 ORDER \
             BY id LIMIT 200)"
    ),
}];

/// What hangs on one stored file, by `object.id`.
pub(crate) static OF_FILE: &[Wipe] = &[Wipe {
    kind: "公告",
    table: "announcement_attachment",
    sql: sql!("DELETE FROM announcement_attachment WHERE object_id = $1"),
}];
