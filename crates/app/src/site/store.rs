//! SQL of settings that belong to the data.

use db::{DbResult, Query, Tx, p, point, sql};

pub(super) async fn setting(q: &mut impl Query, name: &str) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT value FROM site_setting WHERE name = $1"),
        p![name],
    )
    .await
}

/// `by` is when and by whom.
pub(super) async fn setting_put(
    tx: &mut Tx,
    name: &str,
    value: &str,
    by: (i64, i64),
) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO site_setting (name, value, changed_at, changed_by) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, \
             changed_by = excluded.changed_by"
        ),
        p![name, value, by.0, by.1],
    )
    .await
}
