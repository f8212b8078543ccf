//! SQL that removes what a rehearsal leaves of reviews: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "审核",
        table: "review_claim",
        sql: sql!(
            "DELETE FROM review_claim WHERE application_id IN (SELECT x.application_id FROM review_claim \
             x JOIN application p ON p.id = x.application_id WHERE p.exam_id = $1 ORDER BY \
             x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "审核",
        table: "review_decision",
        sql: sql!(
            "DELETE FROM review_decision WHERE id IN (SELECT x.id FROM review_decision x JOIN application \
             p ON p.id = x.application_id WHERE p.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
];
