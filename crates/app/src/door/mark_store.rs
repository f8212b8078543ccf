//! SQL of marks, and of the last word about each person.

use db::{DbResult, Query, Tx, p, point, record, sql};

/// A mark's columns.
pub(super) struct MarkInsert<'a> {
    pub(super) device_id: i64,
    pub(super) key: &'a str,
    pub(super) exam_id: i64,
    pub(super) site_no: i64,
    pub(super) application_id: i64,
    pub(super) session: i64,
    pub(super) room_no: i64,
    pub(super) kind: &'a str,
    pub(super) how: &'a str,
    pub(super) note: &'a str,
    pub(super) marked_at: i64,
    pub(super) received_at: i64,
}

record! {
    /// What was said last about somebody.
    pub(super) struct WordRow {
        /// When the mark came in that this row tells of.
        pub(super) received_at: i64,
        pub(super) session: i64,
        pub(super) ticket_no: String,
        pub(super) kind: String,
        pub(super) marked_at: i64,
        pub(super) device_id: i64,
        pub(super) holder: String,
    }
}

/// Application, room and site of a ticket number's seat in the published plan.
pub(super) async fn seat_of(
    q: &mut impl Query,
    exam_id: i64,
    ticket_no: &str,
    session: i64,
) -> DbResult<Option<(i64, i64, i64)>> {
    q.opt(
        point!(
            "SELECT s.application_id, s.room_no, r.site_no FROM exam e JOIN ticket_number t ON t.exam_id = e.id \
             JOIN seat s ON s.plan_id = e.seat_plan AND s.application_id = t.application_id \
             JOIN seat_room r ON r.plan_id = s.plan_id AND r.room_no = s.room_no \
             WHERE e.id = $1 AND t.ticket_no = $2 AND s.session = $3"
        ),
        p![exam_id, ticket_no, session],
    )
    .await
}

/// Writes a mark down. 0 rows: the phone has handed it in before.
pub(super) async fn mark_insert(tx: &mut Tx, row: &MarkInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO door_mark (device_id, mark_key, exam_id, application_id, session, kind, how, note, marked_at, \
             received_at, site_no) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
        ),
        p![
            row.device_id,
            row.key,
            row.exam_id,
            row.application_id,
            row.session,
            row.kind,
            row.how,
            row.note,
            row.marked_at,
            row.received_at,
            row.site_no
        ],
    )
    .await
}

/// Makes a mark the last word if it is later than the one that stands (`domain::door::Place`), whatever the order of arrival.
pub(super) async fn presence_set(tx: &mut Tx, row: &MarkInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO door_presence (exam_id, session, application_id, room_no, kind, marked_at, device_id, mark_key) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (exam_id, session, application_id) DO UPDATE SET \
             room_no = excluded.room_no, kind = excluded.kind, marked_at = excluded.marked_at, \
             device_id = excluded.device_id, mark_key = excluded.mark_key \
             WHERE (excluded.marked_at, excluded.device_id, excluded.mark_key) > \
             (door_presence.marked_at, door_presence.device_id, door_presence.mark_key)"
        ),
        p![
            row.exam_id,
            row.session,
            row.application_id,
            row.room_no,
            row.kind,
            row.marked_at,
            row.device_id,
            row.key
        ],
    )
    .await
}

/// The last words about people of some rooms of a site of whom a mark came in since then, by when it came.
pub(super) async fn words_since(
    q: &mut impl Query,
    exam_id: i64,
    since: i64,
    (site_no, first, last): (i64, i64, i64),
    limit: i64,
) -> DbResult<Vec<WordRow>> {
    q.rows(
        sql!(
            "SELECT m.received_at, w.session, s.ticket_no, w.kind, w.marked_at, w.device_id, d.holder FROM door_mark m \
             JOIN exam e ON e.id = m.exam_id JOIN seat s ON s.plan_id = e.seat_plan \
             AND s.application_id = m.application_id AND s.session = m.session \
             JOIN door_presence w ON w.exam_id = m.exam_id AND w.session = m.session \
             AND w.application_id = m.application_id JOIN door_device d ON d.id = w.device_id \
             WHERE m.exam_id = $1 AND m.site_no = $3 AND m.received_at >= $2 AND s.room_no BETWEEN $4 AND $5 \
             ORDER BY m.received_at, m.device_id, m.mark_key LIMIT $6"
        ),
        p![exam_id, since, site_no, first, last, limit],
    )
    .await
}
