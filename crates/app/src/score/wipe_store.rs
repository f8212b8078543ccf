//! SQL that removes what a rehearsal leaves of scores: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "成绩",
        table: "score",
        sql: sql!(
            "DELETE FROM score WHERE batch_id IN (SELECT id FROM score_batch WHERE exam_id = $1) AND \
             application_id IN (SELECT x.application_id FROM score x JOIN score_batch p ON p.id = \
             x.batch_id WHERE p.exam_id = $1 ORDER BY x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "成绩",
        table: "score_total",
        sql: sql!(
            "DELETE FROM score_total WHERE batch_id IN (SELECT id FROM score_batch WHERE exam_id = $1) \
             AND application_id IN (SELECT x.application_id FROM score_total x JOIN score_batch p ON p.id \
             = x.batch_id WHERE p.exam_id = $1 ORDER BY x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "成绩",
        table: "score_sheet",
        sql: sql!(
            "DELETE FROM score_sheet WHERE code IN (SELECT x.code FROM score_sheet x JOIN score_batch p \
             ON p.id = x.batch_id WHERE p.exam_id = $1 ORDER BY x.code LIMIT 200)"
        ),
    },
    Wipe {
        kind: "成绩",
        table: "score_batch",
        sql: sql!(
            "DELETE FROM score_batch WHERE id IN (SELECT id FROM score_batch WHERE exam_id = $1 ORDER BY \
             id LIMIT 200)"
        ),
    },
];
