//! SQL that removes what a rehearsal leaves of the door: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "入场核验",
        table: "door_presence",
        sql: sql!(
            "DELETE FROM door_presence WHERE exam_id = $1 AND application_id IN (SELECT x.application_id \
             FROM door_presence x WHERE x.exam_id = $1 ORDER BY x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "入场核验",
        table: "door_mark",
        sql: sql!(
            "DELETE FROM door_mark WHERE exam_id = $1 AND application_id IN (SELECT x.application_id FROM \
             door_mark x WHERE x.exam_id = $1 ORDER BY x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "入场核验",
        table: "door_device",
        sql: sql!(
            "DELETE FROM door_device WHERE id IN (SELECT x.id FROM door_device x JOIN door_pass p ON p.id \
             = x.pass_id WHERE p.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "入场核验",
        table: "door_pass",
        sql: sql!(
            "DELETE FROM door_pass WHERE id IN (SELECT id FROM door_pass WHERE exam_id = $1 ORDER BY id \
             LIMIT 200)"
        ),
    },
];
