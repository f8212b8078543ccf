//! SQL of ticket numbers and printings.

use db::{DbResult, Query, Tx, p, point, record, sql};

/// Gives a number for ever; 0 rows: it is somebody's already, or the application has one.
pub(super) async fn number_insert(
    tx: &mut Tx,
    exam_id: i64,
    ticket_no: &str,
    application_id: i64,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO ticket_number (exam_id, ticket_no, application_id, given_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING"
        ),
        p![exam_id, ticket_no, application_id, at],
    )
    .await
}

/// Whose number it is.
pub(super) async fn number_owner(
    q: &mut impl Query,
    exam_id: i64,
    ticket_no: &str,
) -> DbResult<Option<i64>> {
    q.opt(
        point!("SELECT application_id FROM ticket_number WHERE exam_id = $1 AND ticket_no = $2"),
        p![exam_id, ticket_no],
    )
    .await
}

record! {
    /// A seat of an application in the published plan.
    #[derive(Debug, Clone)]
    pub(super) struct OwnSeatRow {
        pub(super) plan_version: i64,
        pub(super) session: i64,
        pub(super) room_no: i64,
        pub(super) seat_no: i64,
        pub(super) ticket_no: String,
        pub(super) site_name: String,
        pub(super) site_address: String,
        pub(super) room_name: String,
        pub(super) published_at: i64,
    }
}

/// The seats of an application in the plan that its exam points to.
pub(super) async fn own_seats(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Vec<OwnSeatRow>> {
    q.rows(
        point!(
            "SELECT p.version AS plan_version, s.session, s.room_no, s.seat_no, s.ticket_no, r.site_name, \
             r.site_address, r.room_name, COALESCE(p.published_at, p.created_at) AS published_at FROM application a JOIN exam e ON e.id = a.exam_id \
             JOIN seat_plan p ON p.id = e.seat_plan JOIN seat s ON s.plan_id = e.seat_plan AND s.application_id = a.id \
             JOIN seat_room r ON r.plan_id = s.plan_id AND r.room_no = s.room_no \
             WHERE a.id = $1 ORDER BY s.session"
        ),
        p![application_id],
    )
    .await
}

/// Counts a printing.
pub(super) async fn print_count(
    tx: &mut Tx,
    (application_id, exam_id): (i64, i64),
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO ticket_print (application_id, exam_id, times, first_at, last_at) VALUES ($1, $2, 1, $3, $3) \
             ON CONFLICT (application_id) DO UPDATE SET times = ticket_print.times + 1, last_at = $3"
        ),
        p![application_id, exam_id, at],
    )
    .await
}

/// How often a ticket was printed, and when last.
pub(super) async fn printed(
    q: &mut impl Query,
    application_id: i64,
) -> DbResult<Option<(i64, i64)>> {
    q.opt(
        point!("SELECT times, last_at FROM ticket_print WHERE application_id = $1"),
        p![application_id],
    )
    .await
}

/// How many of an exam have printed; stops at 10,001.
pub(super) async fn printers(q: &mut impl Query, exam_id: i64) -> DbResult<i64> {
    q.one(
        sql!("SELECT COUNT(*) FROM (SELECT 1 FROM ticket_print WHERE exam_id = $1 LIMIT 10001) w"),
        p![exam_id],
    )
    .await
}

/// Somebody of a plan, for a sample.
pub(super) async fn somebody(q: &mut impl Query, plan_id: i64) -> DbResult<Option<i64>> {
    q.opt(
        point!(
            "SELECT application_id FROM seat WHERE plan_id = $1 ORDER BY application_id LIMIT 1"
        ),
        p![plan_id],
    )
    .await
}
