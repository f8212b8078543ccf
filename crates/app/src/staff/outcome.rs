//! What became of what somebody asked another for: refused, lapsed, agreed to. Told on his own home page for some days.

use db::Crowd;

use super::outcome_store as store;
pub use super::outcome_store::OutcomeRow;
use crate::{Ctx, Result};

/// For how many days an outcome is told.
pub const DAYS: i64 = 7;

impl OutcomeRow {
    /// Whether it didn't come about: refused, lapsed, or given up by somebody else.
    pub fn failed(&self) -> bool {
        matches!(
            self.state.as_str(),
            "rejected" | "refused" | "failed" | "lapsed" | "dropped" | "withdrawn"
        )
    }
}

/// The outcomes of the asker's own requests, the newest first: at most some of each kind, none that is older than [`DAYS`] days
/// (a change that has lapsed stays until he gives it up).
///
/// # Errors
/// `Forbidden` to who doesn't work here.
pub async fn outcomes(ctx: &Ctx) -> Result<Vec<OutcomeRow>> {
    let staff = ctx.staff()?.id;
    let since = ctx.at.plus_seconds(-DAYS * 24 * 3600).micros();
    let mut rows = store::outcomes(&mut ctx.app.db().scan(Crowd::Staff), staff, since).await?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    Ok(rows)
}
