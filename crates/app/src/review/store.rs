//! SQL of review claims and decisions.

use db::{DbResult, Tx, p, sql};

pub(super) async fn claim_delete(tx: &mut Tx, application_id: i64) -> DbResult<u64> {
    tx.exec(sql!("DELETE FROM review_claim WHERE application_id = $1"), p![application_id]).await
}
