//! SQL that removes what a rehearsal leaves of seats: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "考场用纸",
        table: "paper_run",
        sql: sql!(
            "DELETE FROM paper_run WHERE id IN (SELECT id FROM paper_run WHERE exam_id = $1 ORDER BY id \
             LIMIT 200)"
        ),
    },
    Wipe {
        kind: "座位",
        table: "seat_change",
        sql: sql!(
            "DELETE FROM seat_change WHERE plan_id IN (SELECT id FROM seat_plan WHERE exam_id = $1) AND \
             seq IN (SELECT x.seq FROM seat_change x JOIN seat_plan p ON p.id = x.plan_id WHERE p.exam_id \
             = $1 ORDER BY x.seq LIMIT 100)"
        ),
    },
    Wipe {
        kind: "合理便利",
        table: "accommodation",
        sql: sql!(
            "DELETE FROM accommodation WHERE application_id IN (SELECT x.application_id FROM \
             accommodation x WHERE x.exam_id = $1 ORDER BY x.application_id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "考场",
        table: "seat_seed",
        sql: sql!("DELETE FROM seat_seed WHERE exam_id = $1"),
    },
    Wipe {
        kind: "座位",
        table: "seat",
        sql: sql!(
            "DELETE FROM seat WHERE plan_id IN (SELECT id FROM seat_plan WHERE exam_id = $1) AND \
             application_id IN (SELECT x.application_id FROM seat x JOIN seat_plan p ON p.id = x.plan_id \
             WHERE p.exam_id = $1 ORDER BY x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "考场",
        table: "seat_room",
        sql: sql!(
            "DELETE FROM seat_room WHERE plan_id IN (SELECT x.plan_id FROM seat_room x JOIN seat_plan p \
             ON p.id = x.plan_id WHERE p.exam_id = $1 ORDER BY x.plan_id LIMIT 1)"
        ),
    },
    Wipe {
        kind: "考场",
        table: "seat_plan",
        sql: sql!(
            "DELETE FROM seat_plan WHERE id IN (SELECT id FROM seat_plan WHERE exam_id = $1 ORDER BY id \
             LIMIT 200)"
        ),
    },
];

/// The row of one file in the object store, by its id, once the content has gone.
pub(crate) static STORED: Wipe = Wipe {
    kind: "考场用纸",
    table: "paper_file",
    sql: sql!("DELETE FROM paper_file WHERE id = $1"),
};
