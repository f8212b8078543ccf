//! SQL that removes what a rehearsal leaves of figures: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "统计",
        table: "application_delta",
        sql: sql!(
            "DELETE FROM application_delta WHERE id IN (SELECT id FROM application_delta WHERE exam_id = \
             $1 ORDER BY id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "统计",
        table: "position_count",
        sql: sql!(
            "DELETE FROM position_count WHERE position_id IN (SELECT x.position_id FROM position_count x \
             JOIN position p ON p.id = x.position_id WHERE p.exam_id = $1 ORDER BY x.position_id LIMIT \
             200)"
        ),
    },
    Wipe {
        kind: "统计",
        table: "unit_count",
        sql: sql!("DELETE FROM unit_count WHERE exam_id = $1"),
    },
    Wipe {
        kind: "统计",
        table: "hour_count",
        sql: sql!(
            "DELETE FROM hour_count WHERE exam_id = $1 AND hour IN (SELECT x.hour FROM hour_count x WHERE \
             x.exam_id = $1 ORDER BY x.hour LIMIT 50)"
        ),
    },
];
