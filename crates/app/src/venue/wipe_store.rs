//! SQL that removes what a rehearsal took of the library of rooms: `$1` is its `exam.id`. The library stays.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[Wipe {
    kind: "考场",
    table: "exam_room",
    sql: sql!(
        "DELETE FROM exam_room WHERE exam_id = $1 AND room_id IN (SELECT x.room_id FROM exam_room x \
             WHERE x.exam_id = $1 ORDER BY x.room_id LIMIT 200)"
    ),
}];
