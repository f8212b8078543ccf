//! SQL of candidates' profiles.

use db::{DbResult, Query, Tx, p, point, sql};

/// Content, whether it is complete, version.
pub(super) async fn profile_find(
    q: &mut impl Query,
    account_id: i64,
) -> DbResult<Option<(Vec<u8>, bool, i64)>> {
    q.opt(
        point!("SELECT content, complete, version FROM profile WHERE account_id = $1"),
        p![account_id],
    )
    .await
}

/// Writes the profile at the version that was read; 0 rows: another tab was faster.
pub(super) async fn profile_put(
    tx: &mut Tx,
    account_id: i64,
    content: &[u8],
    complete: bool,
    at: i64,
    version: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO profile (account_id, content, complete, saved_at, version) VALUES ($1, $2, $3, $4, 1) \
             ON CONFLICT (account_id) DO UPDATE SET content = excluded.content, complete = excluded.complete, \
             saved_at = excluded.saved_at, version = profile.version + 1 WHERE profile.version = $5"
        ),
        p![account_id, content, complete, at, version],
    )
    .await
}

pub(super) async fn profile_delete(tx: &mut Tx, account_id: i64) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM profile WHERE account_id = $1"), p![account_id]).await
}
