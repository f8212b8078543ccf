//! 面试与聘用: from the published scores to the hiring.
//!
//! An officer has a list made ([`draft`]: 入围名单, 总成绩, 体检名单, 聘用名单), another one checks it, it gets its time ([`round`]). When
//! that comes, and not before, a job makes those who are on it contenders, or moves them on ([`carry`]). From there each goes his own
//! way ([`step`]): 资格复审, 面试, 体检, 考察, 公示, 聘用, or out; what takes somebody out by judgement takes two people. Whoever
//! leaves is followed by the next in rank ([`promote`]), who answers within the exam's hours ([`own`]).
//!
//! The rules and the machine are `domain::selection`. Marks of the interview come from [`crate::interview`], what else is asked of others
//! stands in [`hooks`]. Called by the office, the candidate's pages, and by `application::advance` when an application ends.

mod advance;
pub mod carry;
pub mod draft;
mod draft_final;
pub mod export;
pub mod hooks;
pub mod list;
mod list_store;
mod notice;
pub mod own;
mod people_export;
mod pool;
pub mod promote;
mod publish;
pub mod round;
mod round_store;
mod row_store;
mod runners;
pub mod step;
mod step_store;
mod store;
mod vacancy;
pub(crate) mod wipe_store;

use std::collections::BTreeMap;

use db::{Query, Tx};
use domain::selection::{Runner, StageEvent};

pub use list_store::PersonLine;
pub use round_store::RoundRow;
pub use row_store::{RoundChange, RowLine};
pub use step_store::StepRow;
pub use store::ContenderRow;

use crate::{App, Object, Result, Trail};

impl RoundRow {
    /// What the trail calls it.
    fn object(&self) -> Object {
        Object {
            kind: "selection_round",
            id: self.id,
            exam_id: self.exam_id,
        }
    }
}

impl ContenderRow {
    /// What the trail calls him.
    fn object(&self) -> Object {
        Object {
            kind: "contender",
            id: self.application_id,
            exam_id: self.exam_id,
        }
    }
}

/// A line of a list, as far as the invariants look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// 0: not ranked.
    pub(crate) rank: i64,
    pub(crate) verdict: String,
    pub(crate) why: String,
}

/// Every line of a list, by application.
pub(crate) async fn kept_of(q: &mut impl Query, round_id: i64) -> Result<BTreeMap<i64, Kept>> {
    let (mut kept, mut after) = (BTreeMap::new(), 0);
    loop {
        let rows = row_store::rows_after(q, round_id, after, 1_000).await?;
        let Some(last) = rows.last() else { break };
        after = last.application_id;
        kept.extend(rows.into_iter().map(|row| {
            let line = Kept {
                rank: row.rank,
                verdict: row.verdict,
                why: row.why,
            };
            (row.application_id, line)
        }));
    }
    Ok(kept)
}

/// Everybody of a batch of scores, by application.
pub(crate) async fn runners_of(q: &mut impl Query, batch_id: i64) -> Result<Vec<Runner>> {
    runners::in_batch(q, batch_id).await
}

/// Whether a list of who comes to the interview is published, even if its time is to come: from then on its rules stand still.
pub(crate) async fn is_shortlisted(q: &mut impl Query, exam_id: i64) -> Result<bool> {
    Ok(round_store::shortlisted(q, exam_id).await?)
}

/// An application ended: whoever of it is on a list leaves it.
pub async fn left_in(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    application_id: i64,
) -> Result<()> {
    let Some(row) = store::contender_by_id(tx, application_id).await? else {
        return Ok(());
    };
    if !advance::stage_of(&row)?.is_alive() {
        return Ok(());
    }
    let because = advance::Because {
        action: "selection.step",
        reason: "报名已终止",
        by_system: true,
    };
    advance::advance_in(tx, trail, app, &row, StageEvent::Remove, because).await?;
    Ok(())
}
