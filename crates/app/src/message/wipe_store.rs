//! SQL that removes what a rehearsal leaves of messages: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "站内消息",
        table: "inbox_message",
        sql: sql!(
            "DELETE FROM inbox_message WHERE id IN (SELECT x.id FROM inbox_message x JOIN account p ON \
             p.id = x.account_id WHERE p.rehearsal_exam = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "短信",
        table: "outbox_message",
        sql: sql!(
            "DELETE FROM outbox_message WHERE id IN (SELECT x.id FROM outbox_message x JOIN account p ON \
             p.id = x.account_id WHERE p.rehearsal_exam = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "其他",
        table: "message_told",
        sql: sql!(
            "DELETE FROM message_told WHERE application_id IN (SELECT x.application_id FROM message_told \
             x JOIN application p ON p.id = x.application_id WHERE p.exam_id = $1 ORDER BY \
             x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "其他",
        table: "message_round",
        sql: sql!(
            "DELETE FROM message_round WHERE id IN (SELECT id FROM message_round WHERE exam_id = $1 ORDER \
             BY id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "其他",
        table: "broadcast",
        sql: sql!(
            "DELETE FROM broadcast WHERE id IN (SELECT id FROM broadcast WHERE exam_id = $1 ORDER BY id \
             LIMIT 200)"
        ),
    },
];
