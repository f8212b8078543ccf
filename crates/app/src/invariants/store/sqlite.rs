//! What SQLite knows about its file.

use db::{DbResult, Query, p, sql};

/// Pages of the file, and what is wrong with them, with checks and with references.
pub(super) async fn soundness(q: &mut impl Query) -> DbResult<(u64, Vec<String>)> {
    let pages: i64 = q
        .one(sql!("SELECT page_count FROM pragma_page_count"), p![])
        .await?;
    let mut broken: Vec<String> = q
        .rows(
            sql!("SELECT integrity_check FROM pragma_integrity_check"),
            p![],
        )
        .await?;
    broken.retain(|line| line != "ok");
    let dangling: Vec<String> = q
        .rows(
            sql!(
                "SELECT \"table\" || ' ' || CAST(rowid AS TEXT) || ' → ' || parent FROM pragma_foreign_key_check LIMIT 1000"
            ),
            p![],
        )
        .await?;
    broken.extend(dangling);
    Ok((u64::try_from(pages).unwrap_or(0), broken))
}
