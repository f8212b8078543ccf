//! What PostgreSQL knows about itself: it checks constraints always, unless one was added without looking at the rows.

use db::{DbResult, Query, p, sql};

/// Constraints, and those that nobody has checked.
pub(super) async fn soundness(q: &mut impl Query) -> DbResult<(u64, Vec<String>)> {
    let constraints: i64 = q
        .one(
            sql!(
                "SELECT COUNT(*) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace \
                 WHERE n.nspname = current_schema()"
            ),
            p![],
        )
        .await?;
    let broken = q
        .rows(
            sql!(
                "SELECT CAST(k.conname AS TEXT) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace \
                 WHERE n.nspname = current_schema() AND NOT k.convalidated"
            ),
            p![],
        )
        .await?;
    Ok((u64::try_from(constraints).unwrap_or(0), broken))
}
