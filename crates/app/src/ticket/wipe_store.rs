//! SQL that removes what a rehearsal leaves of tickets: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "准考证",
        table: "ticket_bake",
        sql: sql!("DELETE FROM ticket_bake WHERE exam_id = $1"),
    },
    Wipe {
        kind: "准考证",
        table: "ticket_template",
        sql: sql!("DELETE FROM ticket_template WHERE exam_id = $1"),
    },
    Wipe {
        kind: "准考证",
        table: "ticket_print",
        sql: sql!(
            "DELETE FROM ticket_print WHERE application_id IN (SELECT x.application_id FROM ticket_print \
             x JOIN application p ON p.id = x.application_id WHERE p.exam_id = $1 ORDER BY \
             x.application_id LIMIT 100)"
        ),
    },
    Wipe {
        kind: "准考证",
        table: "ticket_number",
        sql: sql!(
            "DELETE FROM ticket_number WHERE exam_id = $1 AND ticket_no IN (SELECT x.ticket_no FROM \
             ticket_number x WHERE x.exam_id = $1 ORDER BY x.ticket_no LIMIT 200)"
        ),
    },
];

/// The row of one ticket in the object store, by its application, once the content has gone.
pub(crate) static STORED: Wipe = Wipe {
    kind: "准考证",
    table: "ticket_file",
    sql: sql!("DELETE FROM ticket_file WHERE application_id = $1"),
};
