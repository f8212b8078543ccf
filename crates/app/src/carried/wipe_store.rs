//! SQL that removes what a rehearsal leaves of the files of returning candidates: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "老考生档案",
        table: "carried_current",
        sql: sql!("DELETE FROM carried_current WHERE exam_id = $1"),
    },
    Wipe {
        kind: "老考生档案",
        table: "carried_entry",
        sql: sql!(
            "DELETE FROM carried_entry WHERE id IN (SELECT x.id FROM carried_entry x JOIN carried_import \
             p ON p.id = x.import_id WHERE p.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "老考生档案",
        table: "carried_problem",
        sql: sql!(
            "DELETE FROM carried_problem WHERE import_id IN (SELECT x.import_id FROM carried_problem x \
             JOIN carried_import p ON p.id = x.import_id WHERE p.exam_id = $1 ORDER BY x.import_id LIMIT \
             1)"
        ),
    },
    Wipe {
        kind: "老考生档案",
        table: "carried_import",
        sql: sql!(
            "DELETE FROM carried_import WHERE id IN (SELECT id FROM carried_import WHERE exam_id = $1 \
             ORDER BY id LIMIT 200)"
        ),
    },
];
