//! SQL of candidates' profiles.

use db::{DbResult, Query, Tx, p, point, sql};

/// Content, version, when it was saved.
pub(super) async fn profile_find(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Option<(Vec<u8>, i64, i64)>> {
    q.opt(
        point!("SELECT content, version, saved_at FROM profile WHERE account_id = $1"),
        p![account_id],
    )
    .await
}

/// Writes content and completeness at the version that was read; 0 rows: another tab was faster.
pub(super) async fn profile_put(
    tx: &mut Tx,
    account_id: i64,
    document: (&[u8], bool),
    at: i64,
    version: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO profile (account_id, content, complete, saved_at, version) VALUES ($1, $2, $3, $4, 1) \
             ON CONFLICT (account_id) DO UPDATE SET content = excluded.content, complete = excluded.complete, \
             saved_at = excluded.saved_at, version = profile.version + 1 WHERE profile.version = $5"
        ),
        p![account_id, document.0, document.1, at, version],
    )
    .await
}

pub(super) async fn profile_delete(tx: &mut Tx, account_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM profile WHERE account_id = $1"),
        p![account_id],
    )
    .await
}
