//! SQL of drafts.

use db::{DbResult, Query, Tx, p, point, sql};

pub(super) async fn draft_put(
    tx: &mut Tx,
    account_id: i64,
    form: &str,
    content: &[u8],
    at: i64,
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO form_draft (account_id, form, content, saved_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (account_id, form) DO UPDATE SET content = excluded.content, saved_at = excluded.saved_at"
        ),
        p![account_id, form, content, at],
    )
    .await
}

pub(super) async fn draft_find(
    q: &mut impl Query,
    account_id: i64,
    form: &str,
) -> DbResult<Option<(Vec<u8>, i64)>> {
    q.opt(
        point!("SELECT content, saved_at FROM form_draft WHERE account_id = $1 AND form = $2"),
        p![account_id, form],
    )
    .await
}

pub(super) async fn draft_delete(tx: &mut Tx, account_id: i64, form: &str) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM form_draft WHERE account_id = $1 AND form = $2"),
        p![account_id, form],
    )
    .await
}

pub(super) async fn drafts_sweep(tx: &mut Tx, before: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM form_draft WHERE saved_at < $1"),
        p![before],
    )
    .await
}

pub(super) async fn drafts_delete_of(tx: &mut Tx, account_id: i64) -> DbResult<u64> {
    tx.exec(
        sql!("DELETE FROM form_draft WHERE account_id = $1"),
        p![account_id],
    )
    .await
}
