//! SQL of phones.

use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A phone as the office sees it.
    #[derive(Debug, Clone)]
    pub struct DeviceRow {
        pub id: i64,
        /// Who says that it is his.
        pub holder: String,
        pub state: String,
        pub made_at: i64,
        pub seen_at: i64,
        /// Marks that it handed in.
        pub marks: i64,
    }
}

record! {
    /// A phone that shows its token, with its pass.
    pub(super) struct TokenRow {
        pub(super) id: i64,
        pub(super) holder: String,
        pub(super) state: String,
        pub(super) seen_at: i64,
        pub(super) pass_id: i64,
        pub(super) exam_id: i64,
        pub(super) pass_state: String,
        pub(super) site_no: i64,
        pub(super) first_room: i64,
        pub(super) last_room: i64,
        pub(super) opens_at: i64,
        pub(super) closes_at: i64,
        pub(super) label: String,
    }
}

pub(super) async fn device_insert(
    tx: &mut Tx,
    (id, pass_id, exam_id): (i64, i64, i64),
    token_hash: &[u8],
    holder: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO door_device (id, pass_id, exam_id, token_hash, holder, state, made_at, seen_at, marks) \
             VALUES ($1, $2, $3, $4, $5, 'active', $6, $6, 0)"
        ),
        p![id, pass_id, exam_id, token_hash, holder, at],
    )
    .await
}

/// The phone with this token.
pub(super) async fn device_by_token(
    q: &mut impl Query,
    token_hash: &[u8],
) -> DbResult<Option<TokenRow>> {
    q.opt(
        point!(
            "SELECT d.id, d.holder, d.state, d.seen_at, d.pass_id, d.exam_id, p.state, p.site_no, p.first_room, \
             p.last_room, p.opens_at, p.closes_at, p.label FROM door_device d JOIN door_pass p ON p.id = d.pass_id \
             WHERE d.token_hash = $1"
        ),
        p![token_hash],
    )
    .await
}

/// The phones of a pass, in the order in which they came.
pub(super) async fn devices_of(q: &mut impl Query, pass_id: i64) -> DbResult<Vec<DeviceRow>> {
    q.rows(
        sql!(
            "SELECT id, holder, state, made_at, seen_at, marks FROM door_device WHERE pass_id = $1 ORDER BY id \
             LIMIT 1000"
        ),
        p![pass_id],
    )
    .await
}

pub(super) async fn device_seen(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE door_device SET seen_at = $2 WHERE id = $1 AND seen_at < $2"),
        p![id, at],
    )
    .await
}

/// Takes a phone back for good. 0 rows: it isn't one of this pass, or was taken back before.
pub(super) async fn device_revoke(tx: &mut Tx, id: i64, pass_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE door_device SET state = 'revoked' WHERE id = $1 AND pass_id = $2 AND state = 'active'"
        ),
        p![id, pass_id],
    )
    .await
}

/// Counts marks. 0 rows: the phone or its pass was taken back meanwhile.
pub(super) async fn device_marked(tx: &mut Tx, id: i64, marks: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE door_device SET marks = marks + $2, seen_at = $3 WHERE id = $1 AND state = 'active' AND EXISTS \
             (SELECT 1 FROM door_pass p WHERE p.id = door_device.pass_id AND p.state = 'active')"
        ),
        p![id, marks, at],
    )
    .await
}

/// Empties whose phones they were, in the caller's transaction; what they handed in stays.
pub(crate) async fn holders_erase(tx: &mut Tx, exam_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE door_device SET holder = '' WHERE exam_id = $1 AND holder <> ''"),
        p![exam_id],
    )
    .await
}
