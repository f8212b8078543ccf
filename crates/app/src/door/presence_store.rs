//! SQL of who came: counts by site and room, and the list of those who didn't. Reads only; the seat that counts is the published
//! plan's.

use db::{DbResult, Query, p, record, sql};

record! {
    /// How many of a site are in.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SiteCount {
        pub site_no: i64,
        pub name: String,
        /// Who has a seat in the session.
        pub people: i64,
        pub present: i64,
        pub refused: i64,
        /// When the last of the marks was made; 0 for none.
        pub last_at: i64,
    }
}

record! {
    /// How many of a room are in.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RoomCount {
        pub room_no: i64,
        pub name: String,
        pub people: i64,
        pub present: i64,
        pub refused: i64,
        pub last_at: i64,
    }
}

record! {
    /// Somebody who has a seat and wasn't let in.
    #[derive(Debug, Clone)]
    pub struct MissingRow {
        pub site_no: i64,
        pub site_name: String,
        pub room_no: i64,
        pub seat_no: i64,
        pub ticket_no: String,
        pub registration_no: String,
        pub name: String,
        /// What was said last, empty for nothing.
        pub kind: String,
        pub marked_at: i64,
        pub note: String,
    }
}

/// The sites of a plan in a session, after one of them.
pub(super) async fn site_counts(
    q: &mut impl Query,
    (exam_id, plan_id, session): (i64, i64, i64),
    after: i64,
    limit: i64,
) -> DbResult<Vec<SiteCount>> {
    q.rows(
        sql!(
            "SELECT r.site_no, MIN(r.site_name), COUNT(*), \
             CAST(SUM(CASE WHEN w.kind = 'present' THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(SUM(CASE WHEN w.kind = 'refused' THEN 1 ELSE 0 END) AS BIGINT), COALESCE(MAX(w.marked_at), 0) \
             FROM seat s JOIN seat_room r ON r.plan_id = s.plan_id AND r.room_no = s.room_no \
             LEFT JOIN door_presence w ON w.exam_id = $1 AND w.session = s.session \
             AND w.application_id = s.application_id WHERE s.plan_id = $2 AND s.session = $3 AND r.site_no > $4 \
             GROUP BY r.site_no ORDER BY r.site_no LIMIT $5"
        ),
        p![exam_id, plan_id, session, after, limit],
    )
    .await
}

/// The rooms of a site in a session, after one of them.
pub(super) async fn room_counts(
    q: &mut impl Query,
    (exam_id, plan_id, session): (i64, i64, i64),
    site_no: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<RoomCount>> {
    q.rows(
        sql!(
            "SELECT r.room_no, MIN(r.room_name), COUNT(*), \
             CAST(SUM(CASE WHEN w.kind = 'present' THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(SUM(CASE WHEN w.kind = 'refused' THEN 1 ELSE 0 END) AS BIGINT), COALESCE(MAX(w.marked_at), 0) \
             FROM seat_room r JOIN seat s ON s.plan_id = r.plan_id AND s.room_no = r.room_no \
             LEFT JOIN door_presence w ON w.exam_id = $1 AND w.session = s.session \
             AND w.application_id = s.application_id WHERE r.plan_id = $2 AND s.session = $3 AND r.site_no = $4 \
             AND r.room_no > $5 GROUP BY r.room_no ORDER BY r.room_no LIMIT $6"
        ),
        p![exam_id, plan_id, session, site_no, after, limit],
    )
    .await
}

/// Who of some sites isn't in, by room and seat, after one of them.
pub(super) async fn missing_after(
    q: &mut impl Query,
    (exam_id, plan_id, session): (i64, i64, i64),
    sites: (i64, i64),
    after: (i64, i64),
    limit: i64,
) -> DbResult<Vec<MissingRow>> {
    q.rows(
        sql!(
            "SELECT r.site_no, r.site_name, s.room_no, s.seat_no, s.ticket_no, a.registration_no, a.name, \
             COALESCE(w.kind, ''), COALESCE(w.marked_at, 0), COALESCE(m.note, '') FROM seat s \
             JOIN seat_room r ON r.plan_id = s.plan_id AND r.room_no = s.room_no \
             JOIN application a ON a.id = s.application_id \
             LEFT JOIN door_presence w ON w.exam_id = $1 AND w.session = s.session \
             AND w.application_id = s.application_id \
             LEFT JOIN door_mark m ON m.device_id = w.device_id AND m.mark_key = w.mark_key \
             WHERE s.plan_id = $2 AND s.session = $3 AND (w.kind IS NULL OR w.kind <> 'present') \
             AND r.site_no BETWEEN $4 AND $5 AND (s.room_no, s.seat_no) > ($6, $7) \
             ORDER BY s.room_no, s.seat_no LIMIT $8"
        ),
        p![exam_id, plan_id, session, sites.0, sites.1, after.0, after.1, limit],
    )
    .await
}
