//! SQL of what was put back. The queues leave it out in their own statements.

use db::{DbResult, Query, Tx, p, point, sql};

pub(super) async fn tries(q: &mut impl Query, kind: &str, id: i64) -> DbResult<Option<i64>> {
    q.opt(
        point!("SELECT tries FROM setback WHERE kind = $1 AND id = $2"),
        p![kind, id],
    )
    .await
}

pub(super) async fn put(tx: &mut Tx, of: (&str, i64), tries: i64, until: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO setback (kind, id, tries, until) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kind, id) DO UPDATE SET tries = excluded.tries, until = excluded.until"
        ),
        p![of.0, of.1, tries, until],
    )
    .await
}

/// Removes what could be tried again long ago.
pub(super) async fn forget(tx: &mut Tx, before: i64) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM setback WHERE until <= $1"), p![before])
        .await
}
