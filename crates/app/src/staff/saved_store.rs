//! SQL of the filters that staff keep.

use db::{DbResult, Query, Tx, p, record, sql};

record! {
    /// A filter that somebody keeps.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SavedRow {
        pub public_id: String,
        pub name: String,
        /// As it stood in the address: `state=pending&verdict=-pass`.
        pub query: String,
    }
}

/// Somebody's filters of a list, by name.
pub(super) async fn saved_of(
    q: &mut impl Query,
    staff_id: i64,
    list: &str,
) -> DbResult<Vec<SavedRow>> {
    q.rows(
        sql!(
            "SELECT public_id, name, query FROM saved_filter WHERE staff_id = $1 AND list = $2 ORDER BY name LIMIT 100"
        ),
        p![staff_id, list],
    )
    .await
}

/// All filters of somebody, by list and name: the list's code, then as [`SavedRow`].
pub(super) async fn saved_all(
    q: &mut impl Query,
    staff_id: i64,
) -> DbResult<Vec<(String, String, String, String)>> {
    q.rows(
        sql!(
            "SELECT list, public_id, name, query FROM saved_filter WHERE staff_id = $1 ORDER BY list, name LIMIT 500"
        ),
        p![staff_id],
    )
    .await
}

/// Another filter under a name that somebody has; 0 rows: he hasn't.
pub(super) async fn saved_replace(
    tx: &mut Tx,
    key: (i64, &str, &str),
    query: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE saved_filter SET query = $4, saved_at = $5 WHERE staff_id = $1 AND list = $2 AND name = $3"
        ),
        p![key.0, key.1, key.2, query, at],
    )
    .await
}

pub(super) async fn saved_insert(
    tx: &mut Tx,
    ids: (i64, &str),
    key: (i64, &str, &str),
    query: &str,
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO saved_filter (id, public_id, staff_id, list, name, query, saved_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (staff_id, list, name) DO UPDATE SET query = excluded.query, \
             saved_at = excluded.saved_at"
        ),
        p![ids.0, ids.1, key.0, key.1, key.2, query, at],
    )
    .await
}

pub(super) async fn saved_delete(tx: &mut Tx, staff_id: i64, public_id: &str) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM saved_filter WHERE staff_id = $1 AND public_id = $2"),
        p![staff_id, public_id],
    )
    .await
}
