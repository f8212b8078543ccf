//! SQL that removes what a rehearsal leaves of profiles: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[Wipe {
    kind: "个人信息",
    table: "profile",
    sql: sql!(
        "DELETE FROM profile WHERE account_id IN (SELECT x.account_id FROM profile x JOIN account p \
             ON p.id = x.account_id WHERE p.rehearsal_exam = $1 ORDER BY x.account_id LIMIT 100)"
    ),
}];
