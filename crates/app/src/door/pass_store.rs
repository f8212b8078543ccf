//! SQL of passes.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A pass: for which rooms, from when until when, how many phones.
    #[derive(Debug, Clone)]
    pub struct PassRow {
        pub id: i64,
        pub public_id: String,
        pub exam_id: i64,
        pub site_no: i64,
        /// 0 for the whole site.
        pub first_room: i64,
        pub last_room: i64,
        pub label: String,
        pub opens_at: i64,
        pub closes_at: i64,
        pub most_devices: i64,
        /// Phones that are in.
        pub devices: i64,
        pub state: String,
        pub made_by: i64,
        pub made_at: i64,
        pub revoked_by: Option<i64>,
        pub revoked_at: Option<i64>,
    }
}

record! {
    /// A site of a plan.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SiteRow {
        pub site_no: i64,
        pub name: String,
        pub rooms: i64,
        pub first_room: i64,
        pub last_room: i64,
    }
}

/// A new pass's columns.
pub(super) struct PassInsert<'a> {
    pub(super) id: i64,
    pub(super) public_id: &'a str,
    pub(super) exam_id: i64,
    pub(super) site_no: i64,
    pub(super) rooms: (i64, i64),
    pub(super) code_hash: &'a [u8],
    pub(super) label: &'a str,
    pub(super) span: (i64, i64),
    pub(super) most_devices: i64,
    pub(super) by: i64,
    pub(super) at: i64,
}

pub(super) async fn pass_insert(tx: &mut Tx, row: &PassInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO door_pass (id, public_id, exam_id, site_no, first_room, last_room, code_hash, label, opens_at, \
             closes_at, most_devices, devices, state, made_by, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 'active', $12, $13)"
        ),
        p![
            row.id,
            row.public_id,
            row.exam_id,
            row.site_no,
            row.rooms.0,
            row.rooms.1,
            row.code_hash,
            row.label,
            row.span.0,
            row.span.1,
            row.most_devices,
            row.by,
            row.at
        ],
    )
    .await
}

pub(super) async fn pass_by_public_id(
    q: &mut impl Query,
    public_id: &str,
) -> DbResult<Option<PassRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, site_no, first_room, last_room, label, opens_at, closes_at, most_devices, \
             devices, state, made_by, made_at, revoked_by, revoked_at FROM door_pass WHERE public_id = $1"
        ),
        p![public_id],
    )
    .await
}

/// The pass that a code opens.
pub(super) async fn pass_by_code(
    q: &mut impl Query,
    code_hash: &[u8],
) -> DbResult<Option<PassRow>> {
    q.opt(
        point!(
            "SELECT id, public_id, exam_id, site_no, first_room, last_room, label, opens_at, closes_at, most_devices, \
             devices, state, made_by, made_at, revoked_by, revoked_at FROM door_pass WHERE code_hash = $1"
        ),
        p![code_hash],
    )
    .await
}

/// The passes of an exam, newest first, those made before `before`.
pub(super) async fn passes_of(
    q: &mut impl Query,
    exam_id: i64,
    before: i64,
    limit: i64,
) -> DbResult<Vec<PassRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, exam_id, site_no, first_room, last_room, label, opens_at, closes_at, most_devices, \
             devices, state, made_by, made_at, revoked_by, revoked_at FROM door_pass WHERE exam_id = $1 AND id < $2 \
             ORDER BY id DESC LIMIT $3"
        ),
        p![exam_id, before, limit],
    )
    .await
}

/// The passes of an exam that still let in, in the order in which their slips are handed out.
pub(super) async fn passes_open(
    q: &mut impl Query,
    exam_id: i64,
    at: i64,
    limit: i64,
) -> DbResult<Vec<PassRow>> {
    q.rows(
        sql!(
            "SELECT id, public_id, exam_id, site_no, first_room, last_room, label, opens_at, closes_at, most_devices, \
             devices, state, made_by, made_at, revoked_by, revoked_at FROM door_pass WHERE exam_id = $1 \
             AND state = 'active' AND closes_at > $2 ORDER BY site_no, first_room, id LIMIT $3"
        ),
        p![exam_id, at, limit],
    )
    .await
}

/// Takes a pass back for good. 0 rows: it was before.
pub(super) async fn pass_revoke(tx: &mut Tx, id: i64, (by, at): (i64, i64)) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE door_pass SET state = 'revoked', revoked_by = $2, revoked_at = $3 WHERE id = $1 \
             AND state = 'active'"
        ),
        p![id, by, at],
    )
    .await
}

/// Takes one of the places for phones. 0 rows: none is left, or the pass doesn't let in now. The database counts, so that of a
/// crowd at the same moment no more come in than there are places.
pub(super) async fn device_place(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE door_pass SET devices = devices + 1 WHERE id = $1 AND state = 'active' AND opens_at <= $2 \
             AND closes_at > $2 AND devices < most_devices"
        ),
        p![id, at],
    )
    .await
}

/// Gives the place of a phone that was taken back to another.
pub(super) async fn device_place_free(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE door_pass SET devices = devices - 1 WHERE id = $1 AND devices > 0"),
        p![id],
    )
    .await
}

/// The sites of a plan, by number.
pub(super) async fn sites(q: &mut impl Query, plan_id: i64) -> DbResult<Vec<SiteRow>> {
    q.rows(
        sql!(
            "SELECT site_no, MIN(site_name), COUNT(*), MIN(room_no), MAX(room_no) FROM seat_room WHERE plan_id = $1 \
             GROUP BY site_no ORDER BY site_no LIMIT 5000"
        ),
        p![plan_id],
    )
    .await
}
