//! Rows of exam day, as a rehearsal leaves them: rooms, needs, papers, tickets, the door.

use db::Value;

use crate::invariants::rows::{int, text};

/// A table, and the columns that are told.
type Row = (&'static str, Vec<(&'static str, Value)>);

/// Ids that nothing else has.
pub(super) fn id(n: i64) -> i64 {
    9_000_000 + n
}

/// One row in each table, beside those of the plan `id(1)`. The paths are those of a ticket and of papers.
pub(super) fn rows(e: i64, application: i64, [ticket, papers]: [&str; 2]) -> Vec<Row> {
    vec![
        (
            "selection_round",
            vec![
                ("id", int(id(1))),
                ("exam_id", int(e)),
                ("kind", text("shortlist")),
                ("state", text("published")),
            ],
        ),
        (
            "selection_row",
            vec![
                ("round_id", int(id(1))),
                ("application_id", int(application)),
                ("verdict", text("in")),
            ],
        ),
        (
            "contender",
            vec![
                ("application_id", int(application)),
                ("exam_id", int(e)),
                ("round_id", int(id(1))),
                ("entry", text("call")),
                ("stage", text("called")),
            ],
        ),
        (
            "contender_step",
            vec![
                ("id", int(id(1))),
                ("application_id", int(application)),
                ("exam_id", int(e)),
                ("state", text("done")),
                ("decided_at", int(1)),
            ],
        ),
        ("seat_seed", vec![("exam_id", int(e))]),
        (
            "seat_change",
            vec![
                ("plan_id", int(id(1))),
                ("seq", int(1)),
                ("application_id", int(application)),
            ],
        ),
        (
            "accommodation",
            vec![("application_id", int(application)), ("exam_id", int(e))],
        ),
        (
            "paper_run",
            vec![
                ("id", int(id(1))),
                ("exam_id", int(e)),
                ("plan_id", int(id(1))),
                ("state", text("ready")),
            ],
        ),
        (
            "paper_file",
            vec![
                ("id", int(id(1))),
                ("run_id", int(id(1))),
                ("path", text(papers)),
            ],
        ),
        ("venue", vec![("id", int(id(1))), ("state", text("active"))]),
        (
            "venue_room",
            vec![
                ("id", int(id(1))),
                ("venue_id", int(id(1))),
                ("capacity", int(30)),
                ("usage", text("standard")),
                ("state", text("active")),
            ],
        ),
        (
            "exam_room",
            vec![
                ("exam_id", int(e)),
                ("room_id", int(id(1))),
                ("room_no", int(1)),
                ("usage", text("standard")),
            ],
        ),
        (
            "door_pass",
            vec![
                ("id", int(id(1))),
                ("exam_id", int(e)),
                ("state", text("active")),
            ],
        ),
        (
            "door_device",
            vec![
                ("id", int(id(1))),
                ("pass_id", int(id(1))),
                ("exam_id", int(e)),
                ("state", text("active")),
            ],
        ),
        (
            "door_mark",
            vec![
                ("device_id", int(id(1))),
                ("exam_id", int(e)),
                ("application_id", int(application)),
                ("session", int(1)),
                ("kind", text("present")),
                ("how", text("scan")),
            ],
        ),
        (
            "door_presence",
            vec![
                ("device_id", int(id(1))),
                ("exam_id", int(e)),
                ("application_id", int(application)),
                ("session", int(1)),
                ("kind", text("present")),
            ],
        ),
        (
            "ticket_file",
            vec![
                ("application_id", int(application)),
                ("exam_id", int(e)),
                ("path", text(ticket)),
            ],
        ),
        (
            "ticket_bake",
            vec![
                ("id", int(id(1))),
                ("exam_id", int(e)),
                ("state", text("running")),
            ],
        ),
        (
            "ticket_template",
            vec![
                ("exam_id", int(e)),
                ("version", int(1)),
                ("state", text("used")),
            ],
        ),
    ]
}
