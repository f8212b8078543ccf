//! SQL that removes what a rehearsal leaves of waivers: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[Wipe {
    kind: "减免申请",
    table: "fee_waiver",
    sql: sql!(
        "DELETE FROM fee_waiver WHERE id IN (SELECT id FROM fee_waiver WHERE exam_id = $1 ORDER BY id \
             LIMIT 200)"
    ),
}];

/// What hangs on one stored file, by `object.id`.
pub(crate) static OF_FILE: &[Wipe] = &[Wipe {
    kind: "减免申请",
    table: "fee_waiver_file",
    sql: sql!("DELETE FROM fee_waiver_file WHERE object_id = $1"),
}];
