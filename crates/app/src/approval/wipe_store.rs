//! SQL that removes what a rehearsal leaves of requests that two people decide: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[Wipe {
    kind: "其他",
    table: "approval",
    sql: sql!(
        "DELETE FROM approval WHERE exam_id = $1 OR (kind IN ('identity_correction', 'mobile_change', \
             'account_recovery') AND object_id IN (SELECT id FROM account WHERE rehearsal_exam = $1))"
    ),
}];
