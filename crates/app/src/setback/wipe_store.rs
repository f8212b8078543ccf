//! SQL that removes what a rehearsal leaves of what was put back: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[Wipe {
    kind: "其他",
    table: "setback",
    sql: sql!(
        "DELETE FROM setback WHERE (kind = 'order' AND id IN (SELECT id FROM payment_order WHERE \
             exam_id = $1)) OR (kind IN ('debt', 'review') AND id IN (SELECT id FROM application WHERE \
             exam_id = $1))"
    ),
}];
