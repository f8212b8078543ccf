//! SQL that removes what a rehearsal leaves of what was made for it: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use super::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "演练考生",
        table: "rehearsal_candidate",
        sql: sql!(
            "DELETE FROM rehearsal_candidate WHERE account_id IN (SELECT x.account_id FROM \
             rehearsal_candidate x WHERE x.exam_id = $1 ORDER BY x.account_id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "其他",
        table: "rehearsal_run",
        sql: sql!(
            "DELETE FROM rehearsal_run WHERE id IN (SELECT id FROM rehearsal_run WHERE exam_id = $1 ORDER \
             BY id LIMIT 200)"
        ),
    },
];
