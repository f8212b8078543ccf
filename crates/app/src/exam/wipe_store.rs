//! SQL that removes what a rehearsal leaves of the exam itself: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "岗位与设置",
        table: "import_problem",
        sql: sql!(
            "DELETE FROM import_problem WHERE batch_id IN (SELECT id FROM import_batch WHERE exam_id = \
             $1) AND line IN (SELECT x.line FROM import_problem x JOIN import_batch p ON p.id = \
             x.batch_id WHERE p.exam_id = $1 ORDER BY x.line LIMIT 100)"
        ),
    },
    Wipe {
        kind: "岗位与设置",
        table: "import_batch",
        sql: sql!(
            "DELETE FROM import_batch WHERE id IN (SELECT id FROM import_batch WHERE exam_id = $1 ORDER \
             BY id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "岗位与设置",
        table: "position_revision",
        sql: sql!(
            "DELETE FROM position_revision WHERE amendment_id IN (SELECT id FROM position_amendment WHERE \
             exam_id = $1) AND position_id IN (SELECT x.position_id FROM position_revision x JOIN \
             position_amendment p ON p.id = x.amendment_id WHERE p.exam_id = $1 ORDER BY x.position_id \
             LIMIT 100)"
        ),
    },
    Wipe {
        kind: "岗位与设置",
        table: "position_amendment",
        sql: sql!(
            "DELETE FROM position_amendment WHERE id IN (SELECT id FROM position_amendment WHERE exam_id \
             = $1 ORDER BY id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "岗位与设置",
        table: "position_decision_item",
        sql: sql!(
            "DELETE FROM position_decision_item WHERE decision_id IN (SELECT id FROM position_decision \
             WHERE exam_id = $1) AND position_id IN (SELECT x.position_id FROM position_decision_item x \
             JOIN position_decision p ON p.id = x.decision_id WHERE p.exam_id = $1 ORDER BY x.position_id \
             LIMIT 100)"
        ),
    },
    Wipe {
        kind: "岗位与设置",
        table: "position_decision",
        sql: sql!(
            "DELETE FROM position_decision WHERE id IN (SELECT id FROM position_decision WHERE exam_id = \
             $1 ORDER BY id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "岗位与设置",
        table: "settings_change",
        sql: sql!(
            "DELETE FROM settings_change WHERE id IN (SELECT id FROM settings_change WHERE exam_id = $1 \
             ORDER BY id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "岗位与设置",
        table: "exam_settings",
        sql: sql!("DELETE FROM exam_settings WHERE exam_id = $1"),
    },
    Wipe {
        kind: "岗位",
        table: "position",
        sql: sql!(
            "DELETE FROM position WHERE id IN (SELECT id FROM position WHERE exam_id = $1 ORDER BY id \
             LIMIT 200)"
        ),
    },
    Wipe {
        kind: "科目",
        table: "subject",
        sql: sql!(
            "DELETE FROM subject WHERE id IN (SELECT id FROM subject WHERE exam_id = $1 ORDER BY id LIMIT \
             200)"
        ),
    },
];

/// The rows that all others hang on, once those are gone.
pub(crate) static LAST: &[Wipe] = &[Wipe {
    kind: "考试",
    table: "exam",
    sql: sql!("DELETE FROM exam WHERE id = $1 AND rehearsal = 1"),
}];
