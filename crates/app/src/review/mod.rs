//! 资格审查: reviewers claim applications, compare facts with the position's rules, and decide.
//!
//! A decision stands in `review_decision` with the hash of the snapshot that was looked at (invariant 14); the state itself is
//! moved by [`crate::application`]. A claim is a lease: two reviewers never hold the same application.

pub(crate) mod store;

use db::Tx;

use crate::Result;

/// Lets go of a claim: the application left the queue or begins anew.
pub(crate) async fn release(tx: &mut Tx, application_id: i64) -> Result<()> {
    store::claim_delete(tx, application_id).await?;
    Ok(())
}
