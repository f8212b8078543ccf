//! SQL that removes what a rehearsal leaves of the selection: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "面试与聘用",
        table: "contender_step",
        sql: sql!(
            "DELETE FROM contender_step WHERE id IN (SELECT id FROM contender_step WHERE exam_id = $1 ORDER BY id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "面试与聘用",
        table: "contender",
        sql: sql!(
            "DELETE FROM contender WHERE application_id IN (SELECT application_id FROM contender WHERE exam_id = $1 \
             ORDER BY application_id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "面试与聘用",
        table: "selection_row",
        sql: sql!(
            "DELETE FROM selection_row WHERE round_id IN (SELECT id FROM selection_round WHERE exam_id = $1) AND \
             application_id IN (SELECT x.application_id FROM selection_row x JOIN selection_round r ON r.id = x.round_id \
             WHERE r.exam_id = $1 ORDER BY x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "面试与聘用",
        table: "selection_round",
        sql: sql!(
            "DELETE FROM selection_round WHERE id IN (SELECT id FROM selection_round WHERE exam_id = $1 ORDER BY id LIMIT 200)"
        ),
    },
];
