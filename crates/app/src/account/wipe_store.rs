//! SQL that removes what a rehearsal leaves of accounts and what lets them in: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "登录",
        table: "session",
        sql: sql!(
            "DELETE FROM session WHERE id IN (SELECT x.id FROM session x JOIN account p ON p.id = \
             x.subject_id WHERE x.kind IN ('candidate', 'activation') AND p.rehearsal_exam = $1 ORDER BY \
             x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "登录",
        table: "sms_code",
        sql: sql!(
            "DELETE FROM sms_code WHERE id IN (SELECT x.id FROM sms_code x JOIN account p ON p.id = \
             x.account_id WHERE p.rehearsal_exam = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "登录",
        table: "idempotency",
        sql: sql!(
            "DELETE FROM idempotency WHERE owner_kind IN ('account', 'candidate') AND owner_id IN (SELECT \
             id FROM account WHERE rehearsal_exam = $1)"
        ),
    },
    Wipe {
        kind: "登录",
        table: "throttle",
        sql: sql!(
            "DELETE FROM throttle WHERE whom IN (SELECT id_index FROM account WHERE rehearsal_exam = $1)"
        ),
    },
    Wipe {
        kind: "其他",
        table: "account_claim",
        sql: sql!(
            "DELETE FROM account_claim WHERE id IN (SELECT x.id FROM account_claim x JOIN account p ON \
             p.id = x.account_id WHERE p.rehearsal_exam = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
];

/// The rows that all others hang on, once those are gone.
pub(crate) static LAST: &[Wipe] = &[Wipe {
    kind: "演练考生",
    table: "account",
    sql: sql!(
        "DELETE FROM account WHERE id IN (SELECT x.id FROM account x WHERE x.rehearsal_exam = $1 \
             ORDER BY x.id LIMIT 50)"
    ),
}];
