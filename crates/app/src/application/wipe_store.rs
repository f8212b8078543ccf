//! SQL that removes what a rehearsal leaves of applications: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "报名",
        table: "application_event",
        sql: sql!(
            "DELETE FROM application_event WHERE id IN (SELECT x.id FROM application_event x JOIN \
             application p ON p.id = x.application_id WHERE p.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "报名",
        table: "application_carried",
        sql: sql!(
            "DELETE FROM application_carried WHERE application_id IN (SELECT x.application_id FROM \
             application_carried x JOIN application p ON p.id = x.application_id WHERE p.exam_id = $1 \
             ORDER BY x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "诚信档案",
        table: "integrity_record",
        sql: sql!(
            "DELETE FROM integrity_record WHERE id_index IN (SELECT id_index FROM account WHERE \
             rehearsal_exam = $1)"
        ),
    },
];

/// The rows that all others hang on, once those are gone.
pub(crate) static LAST: &[Wipe] = &[Wipe {
    kind: "报名",
    table: "application",
    sql: sql!(
        "DELETE FROM application WHERE id IN (SELECT id FROM application WHERE exam_id = $1 ORDER BY \
             id LIMIT 50)"
    ),
}];

/// What hangs on one stored file, by `object.id`.
pub(crate) static OF_FILE: &[Wipe] = &[Wipe {
    kind: "报名",
    table: "application_file",
    sql: sql!("DELETE FROM application_file WHERE object_id = $1"),
}];
