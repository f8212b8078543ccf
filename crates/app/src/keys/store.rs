//! The mark that a keyring leaves in its database.

use db::{DbResult, Query, Tx, p, point, sql};

const KEYRING: &str = "keyring";

/// The mark, unless the database is new.
pub(super) async fn mark_find(query: &mut impl Query) -> DbResult<Option<Vec<u8>>> {
    query
        .opt(
            point!("SELECT value FROM key_check WHERE name = $1"),
            p![KEYRING],
        )
        .await
}

/// Leaves a mark where there is none.
pub(super) async fn mark_insert(tx: &mut Tx, value: &[u8], at: i64) -> DbResult<()> {
    tx.exec(
        sql!(
            "INSERT INTO key_check (name, value, made_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING"
        ),
        p![KEYRING, value, at],
    )
    .await
    .map(drop)
}
