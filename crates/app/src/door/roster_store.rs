//! SQL of what a phone is given: rooms and people of its pass, in the published plan. Reads only.

use db::{DbResult, Query, p, point, record, sql};

record! {
    /// A seat of somebody whom a pass is for; the rows of one person stand together.
    pub(super) struct RosterRow {
        pub(super) ticket_no: String,
        pub(super) name: String,
        pub(super) account_id: i64,
        pub(super) photo_id: i64,
        pub(super) id_type: String,
        /// Sealed.
        pub(super) id_number: Vec<u8>,
        pub(super) session: i64,
        pub(super) room_no: i64,
        pub(super) seat_no: i64,
        /// Percent of more time.
        pub(super) extra: i64,
    }
}

record! {
    /// A room of a site.
    pub(super) struct SiteRoomRow {
        pub(super) room_no: i64,
        pub(super) room_name: String,
        pub(super) site_name: String,
        pub(super) site_address: String,
    }
}

/// The version of a plan.
pub(super) async fn plan_version(q: &mut impl Query, plan_id: i64) -> DbResult<Option<i64>> {
    q.opt(
        point!("SELECT version FROM seat_plan WHERE id = $1"),
        p![plan_id],
    )
    .await
}

/// All rooms of a site, by number.
pub(super) async fn rooms_of_site(
    q: &mut impl Query,
    plan_id: i64,
    site_no: i64,
) -> DbResult<Vec<SiteRoomRow>> {
    q.rows(
        sql!(
            "SELECT room_no, room_name, site_name, site_address FROM seat_room WHERE plan_id = $1 AND site_no = $2 \
             ORDER BY room_no LIMIT 5000"
        ),
        p![plan_id, site_no],
    )
    .await
}

/// Some of the people who have a seat in rooms of a site, by ticket number, each with all his seats.
pub(super) async fn roster(
    q: &mut impl Query,
    plan_id: i64,
    (site_no, first, last): (i64, i64, i64),
    after: &str,
    limit: i64,
) -> DbResult<Vec<RosterRow>> {
    q.rows(
        sql!(
            "SELECT s.ticket_no, a.name, a.account_id, a.photo_id, c.id_type, c.id_number, s.session, s.room_no, \
             s.seat_no, COALESCE(n.extra_percent, 0) FROM (SELECT DISTINCT x.ticket_no FROM seat x JOIN seat_room r \
             ON r.plan_id = x.plan_id AND r.room_no = x.room_no WHERE x.plan_id = $1 AND r.site_no = $2 \
             AND r.room_no BETWEEN $3 AND $4 AND x.ticket_no > $5 ORDER BY x.ticket_no LIMIT $6) t \
             JOIN seat s ON s.plan_id = $1 AND s.ticket_no = t.ticket_no JOIN application a ON a.id = s.application_id \
             JOIN account c ON c.id = a.account_id LEFT JOIN accommodation n ON n.application_id = a.id \
             ORDER BY s.ticket_no, s.session"
        ),
        p![plan_id, site_no, first, last, after, limit],
    )
    .await
}

/// Account and photo of somebody who has a seat in rooms of a site.
pub(super) async fn photo_of(
    q: &mut impl Query,
    (exam_id, plan_id): (i64, i64),
    ticket_no: &str,
    (site_no, first, last): (i64, i64, i64),
) -> DbResult<Option<(i64, i64)>> {
    q.opt(
        point!(
            "SELECT a.account_id, a.photo_id FROM ticket_number t JOIN seat s ON s.plan_id = $2 \
             AND s.application_id = t.application_id JOIN seat_room r ON r.plan_id = s.plan_id \
             AND r.room_no = s.room_no JOIN application a ON a.id = t.application_id WHERE t.exam_id = $1 \
             AND t.ticket_no = $3 AND r.site_no = $4 AND r.room_no BETWEEN $5 AND $6 ORDER BY s.session LIMIT 1"
        ),
        p![exam_id, plan_id, ticket_no, site_no, first, last],
    )
    .await
}
