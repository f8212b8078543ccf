//! SQL that removes what a rehearsal leaves of grants and kept filters: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "其他",
        table: "staff_grant",
        sql: sql!("DELETE FROM staff_grant WHERE exam_id = $1"),
    },
    Wipe {
        kind: "其他",
        table: "saved_filter",
        sql: sql!(
            "DELETE FROM saved_filter WHERE replace(query, (SELECT public_id FROM exam WHERE id = $1), \
             '') <> query"
        ),
    },
];
