//! SQL of seat plans, their rooms and seats: what is read, and what publication changes.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A seat plan.
    #[derive(Debug, Clone)]
    pub struct PlanRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub version: i64,
        /// `generated` or `imported`.
        pub source: String,
        pub state: String,
        pub seed: String,
        pub options: String,
        pub seats: i64,
        pub rooms: i64,
        pub summary: String,
        pub created_by: i64,
        pub created_at: i64,
        pub published_by: Option<i64>,
        pub published_at: Option<i64>,
        /// The plan that it was copied from, to be adjusted; 0 for none.
        pub base_plan: i64,
        /// Digest of what it is made from; empty in plans of before.
        pub input_sha256: String,
        /// Why making it ended; empty if it didn't.
        pub failure: String,
        pub locked_by: Option<i64>,
        pub locked_at: Option<i64>,
        /// Seats moved by hand.
        pub changes: i64,
    }
}

record! {
    /// A room of a plan, with how many sit there.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RoomRow {
        pub room_no: i64,
        pub site_no: i64,
        pub site_name: String,
        pub site_address: String,
        pub room_name: String,
        pub capacity: i64,
        pub usage: String,
        /// Different people, over all sessions.
        pub people: i64,
        /// Region of the exam; empty where it has one.
        pub region: String,
        /// The floor; 0 where nobody said.
        pub floor: i64,
        /// Desks in each column; empty for the plan's pattern.
        pub columns: String,
        /// Whether numbers turn at the end of a column.
        pub snake: bool,
        /// Whether no step leads to it.
        pub step_free: bool,
        /// The sessions in which it is free; empty for all.
        pub sessions: String,
    }
}

record! {
    /// A seat with who sits there.
    #[derive(Debug, Clone)]
    pub struct SeatRow {
        pub session: i64,
        pub room_no: i64,
        pub seat_no: i64,
        pub ticket_no: String,
        pub application_id: i64,
        pub registration_no: String,
        pub name: String,
        /// JSON of the choice.
        pub choice: String,
    }
}

record! {
    /// What differs between two plans for one person and session; 0 stands for no seat.
    #[derive(Debug, Clone)]
    pub struct DifferenceRow {
        pub registration_no: String,
        pub name: String,
        pub session: i64,
        pub old_room: i64,
        pub old_seat: i64,
        pub new_room: i64,
        pub new_seat: i64,
    }
}

record! {
    /// An application that may have to be seated.
    #[derive(Debug, Clone)]
    pub struct ApplicantRow {
        pub id: i64,
        pub registration_no: String,
        pub name: String,
        pub choice: String,
        pub position_id: Option<i64>,
        pub review: String,
        pub payment: String,
        pub attendance: String,
    }
}

/// Living applications of an exam, by id.
pub(super) async fn applicants(
    q: &mut impl Query,
    exam_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<ApplicantRow>> {
    q.rows(
        sql!(
            "SELECT id, registration_no, name, choice, position_id, review, payment, attendance FROM application \
             WHERE exam_id = $1 AND life = 'live' AND id > $2 ORDER BY id LIMIT $3"
        ),
        p![exam_id, after, limit],
    )
    .await
}

/// Moves a plan along; 0 rows: it wasn't in that state any more.
pub(super) async fn plan_set_state(tx: &mut Tx, id: i64, from: &str, to: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE seat_plan SET state = $3 WHERE id = $1 AND state = $2"),
        p![id, from, to],
    )
    .await
}

pub(super) async fn plan_published(tx: &mut Tx, id: i64, who: (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE seat_plan SET state = 'published', published_by = $2, published_at = $3 \
             WHERE id = $1 AND state = 'ready'"
        ),
        p![id, who.0, who.1],
    )
    .await
}

pub(super) async fn plan_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<PlanRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, version, source, state, seed, options, seats, rooms, summary, created_by, \
             created_at, published_by, published_at, COALESCE(base_plan, 0), COALESCE(input_sha256, ''), \
             COALESCE(failure, ''), locked_by, locked_at, COALESCE(changes, 0) FROM seat_plan WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

pub(super) async fn plan_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<PlanRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, version, source, state, seed, options, seats, rooms, summary, created_by, \
             created_at, published_by, published_at, COALESCE(base_plan, 0), COALESCE(input_sha256, ''), \
             COALESCE(failure, ''), locked_by, locked_at, COALESCE(changes, 0) FROM seat_plan WHERE id = $1"
        ),
        p![id],
    )
    .await
}

/// The plans of an exam, newest first.
pub(super) async fn plans_of(q: &mut impl Query, exam_id: i64) -> DbResult<Vec<PlanRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, exam_id, version, source, state, seed, options, seats, rooms, summary, created_by, \
             created_at, published_by, published_at, COALESCE(base_plan, 0), COALESCE(input_sha256, ''), \
             COALESCE(failure, ''), locked_by, locked_at, COALESCE(changes, 0) FROM seat_plan WHERE exam_id = $1 ORDER BY version DESC LIMIT 50"
        ),
        p![exam_id],
    )
    .await
}

/// The rooms of a plan, by site and room, after one of them.
pub(super) async fn rooms_after(
    q: &mut impl Query,
    plan_id: i64,
    after: (i64, i64),
    limit: i64,
) -> DbResult<Vec<RoomRow>> {
    q.rows(
        sql!(
            "SELECT room_no, site_no, site_name, site_address, room_name, capacity, usage, COALESCE(people, 0), \
             COALESCE(region, ''), COALESCE(floor, 0), COALESCE(columns, ''), COALESCE(snake, 0), COALESCE(step_free, 0), \
             COALESCE(sessions, '') \
             FROM seat_room WHERE plan_id = $1 AND (site_no, room_no) > ($2, $3) ORDER BY site_no, room_no LIMIT $4"
        ),
        p![plan_id, after.0, after.1, limit],
    )
    .await
}

/// The rooms of a plan in which somebody sits, by number, from one number to another.
pub(super) async fn rooms_used(
    q: &mut impl Query,
    plan_id: i64,
    numbers: (i64, i64),
    limit: i64,
) -> DbResult<Vec<RoomRow>> {
    q.rows(
        sql!(
            "SELECT room_no, site_no, site_name, site_address, room_name, capacity, usage, COALESCE(people, 0), \
             COALESCE(region, ''), COALESCE(floor, 0), COALESCE(columns, ''), COALESCE(snake, 0), COALESCE(step_free, 0), \
             COALESCE(sessions, '') \
             FROM seat_room WHERE plan_id = $1 AND room_no BETWEEN $2 AND $3 AND people > 0 ORDER BY room_no LIMIT $4"
        ),
        p![plan_id, numbers.0, numbers.1, limit],
    )
    .await
}

/// One room of a plan.
pub(super) async fn room_find(
    q: &mut impl Query,
    plan_id: i64,
    room_no: i64,
) -> DbResult<Option<RoomRow>> {
    q.opt(
        point!(
            "SELECT room_no, site_no, site_name, site_address, room_name, capacity, usage, COALESCE(people, 0), \
             COALESCE(region, ''), COALESCE(floor, 0), COALESCE(columns, ''), COALESCE(snake, 0), COALESCE(step_free, 0), \
             COALESCE(sessions, '') \
             FROM seat_room WHERE plan_id = $1 AND room_no = $2"
        ),
        p![plan_id, room_no],
    )
    .await
}

/// Who sits in a range of rooms, by room, session and seat.
pub(super) async fn seats_in(
    q: &mut impl Query,
    plan_id: i64,
    rooms: (i64, i64),
) -> DbResult<Vec<SeatRow>> {
    q.rows(
        sql!(
            "SELECT s.session, s.room_no, s.seat_no, s.ticket_no, s.application_id, a.registration_no, a.name, a.choice \
             FROM seat s JOIN application a ON a.id = s.application_id \
             WHERE s.plan_id = $1 AND s.room_no BETWEEN $2 AND $3 ORDER BY s.room_no, s.session, s.seat_no"
        ),
        p![plan_id, rooms.0, rooms.1],
    )
    .await
}

/// Application, session, room, seat, ticket number of a plan, by application.
pub(super) async fn seats_after(
    q: &mut impl Query,
    plan_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<(i64, i64, i64, i64, String)>> {
    q.rows(
        sql!(
            "SELECT application_id, session, room_no, seat_no, ticket_no FROM seat \
             WHERE plan_id = $1 AND application_id IN (SELECT DISTINCT application_id FROM seat \
             WHERE plan_id = $1 AND application_id > $2 ORDER BY application_id LIMIT $3) \
             ORDER BY application_id, session"
        ),
        p![plan_id, after, limit],
    )
    .await
}

/// Seats that are new, gone or elsewhere in plan `$2` against plan `$1`.
pub(super) async fn differences(
    q: &mut impl Query,
    old: i64,
    new: i64,
    limit: i64,
) -> DbResult<Vec<DifferenceRow>> {
    q.rows(
        sql!(
            "SELECT a.registration_no, a.name, d.session, d.old_room, d.old_seat, d.new_room, d.new_seat FROM ( \
             SELECT n.application_id, n.session, COALESCE(o.room_no, 0) AS old_room, COALESCE(o.seat_no, 0) AS old_seat, \
             n.room_no AS new_room, n.seat_no AS new_seat FROM seat n LEFT JOIN seat o ON o.plan_id = $1 \
             AND o.application_id = n.application_id AND o.session = n.session WHERE n.plan_id = $2 \
             AND (o.room_no IS NULL OR o.room_no <> n.room_no OR o.seat_no <> n.seat_no) \
             UNION ALL \
             SELECT o.application_id, o.session, o.room_no, o.seat_no, 0, 0 FROM seat o WHERE o.plan_id = $1 \
             AND NOT EXISTS (SELECT 1 FROM seat n WHERE n.plan_id = $2 AND n.application_id = o.application_id \
             AND n.session = o.session)) AS d JOIN application a ON a.id = d.application_id \
             ORDER BY a.registration_no, d.session LIMIT $3"
        ),
        p![old, new, limit],
    )
    .await
}

/// How many seats of plan `$2` are new, elsewhere or gone against plan `$1`.
pub(super) async fn difference_counts(
    q: &mut impl Query,
    old: i64,
    new: i64,
) -> DbResult<(i64, i64, i64)> {
    q.one(
        sql!(
            "SELECT \
             (SELECT COUNT(*) FROM seat n WHERE n.plan_id = $2 AND NOT EXISTS (SELECT 1 FROM seat o WHERE o.plan_id = $1 \
             AND o.application_id = n.application_id AND o.session = n.session)), \
             (SELECT COUNT(*) FROM seat n JOIN seat o ON o.plan_id = $1 AND o.application_id = n.application_id \
             AND o.session = n.session WHERE n.plan_id = $2 AND (o.room_no <> n.room_no OR o.seat_no <> n.seat_no)), \
             (SELECT COUNT(*) FROM seat o WHERE o.plan_id = $1 AND NOT EXISTS (SELECT 1 FROM seat n WHERE n.plan_id = $2 \
             AND n.application_id = o.application_id AND n.session = o.session))"
        ),
        p![old, new],
    )
    .await
}

/// Every ticket number of an exam with its application, by number.
pub(crate) async fn ticket_owners(
    q: &mut impl Query,
    exam_id: i64,
    after: &str,
    limit: i64,
) -> DbResult<Vec<(String, i64)>> {
    q.rows(
        sql!(
            "SELECT ticket_no, application_id FROM ticket_number WHERE exam_id = $1 AND ticket_no > $2 \
             ORDER BY ticket_no LIMIT $3"
        ),
        p![exam_id, after, limit],
    )
    .await
}

record! {
    /// A person of a plan, for score files: one row for each session.
    #[derive(Debug, Clone)]
    pub(crate) struct TicketSitterRow {
        pub(crate) application_id: i64,
        pub(crate) ticket_no: String,
        pub(crate) name: String,
        pub(crate) account_id: i64,
        pub(crate) position_id: Option<i64>,
        pub(crate) choice: String,
    }
}

/// The people of a plan, each once, by application.
pub(crate) async fn ticket_sitters(
    q: &mut impl Query,
    plan_id: i64,
    after: i64,
    limit: i64,
) -> DbResult<Vec<TicketSitterRow>> {
    q.rows(
        sql!(
            "SELECT a.id, MIN(s.ticket_no), a.name, a.account_id, a.position_id, a.choice FROM seat s \
             JOIN application a ON a.id = s.application_id WHERE s.plan_id = $1 AND s.application_id > $2 \
             GROUP BY a.id, a.name, a.account_id, a.position_id, a.choice ORDER BY a.id LIMIT $3"
        ),
        p![plan_id, after, limit],
    )
    .await
}

/// Empties what was written about a need (合理便利), in the caller's transaction; that there was one stays.
pub(crate) async fn notes_erase(tx: &mut Tx, application_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE accommodation SET note = NULL WHERE application_id = $1"),
        p![application_id],
    )
    .await
}
