//! 资格审查: reviewers claim applications, compare facts with the position's rules, and decide.
//!
//! A decision stands in `review_decision` with the hash of the snapshot that was looked at (invariant 14); the state itself is
//! moved by [`crate::application`]. A claim is a lease: two reviewers never hold the same application. Who may see and decide
//! follows from role × exam × unit ([`scope`]).

mod bench;
mod claim;
mod decide;
mod export;
mod queue;
mod scope;
pub(crate) mod store;
mod timeout;
mod unveil;
pub(crate) mod wipe_store;

use db::Tx;

use crate::Result;

pub use bench::{Bench, Line, attachment, bench};
pub use claim::{claim, claim_next, let_go};
pub use decide::{Decision, Shown, decide, reopen};
pub use export::export;
pub use queue::{ExamQueue, Filter, Late, Page, exams, late, queue, waiting};
pub use store::{DecisionRow, QueueRow};
pub use timeout::sweep;
pub use unveil::{Unveiled, Veiled, photo, unveil};

/// Lets go of a claim: the application left the queue or begins anew.
pub(crate) async fn release(tx: &mut Tx, application_id: i64) -> Result<()> {
    store::claim_delete(tx, application_id).await?;
    Ok(())
}
