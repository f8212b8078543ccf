//! Two reviewers are two people.

use db::Query;

use super::{Finding, store};
use crate::Result;

/// A second approval by who gave the first one, with no return or refusal in between.
pub(super) async fn second_reviewers(q: &mut impl Query) -> Result<Finding> {
    let (mut examined, mut broken) = (0, Vec::new());
    let mut after = (i64::MIN, i64::MIN);
    let mut first: Option<(i64, i64)> = None;
    loop {
        let page = store::decisions_after(q, after).await?;
        let Some(last) = page.last() else { break };
        after = (last.application_id, last.id);
        for row in page {
            examined += 1;
            match (row.decision.as_str(), row.level) {
                ("approve", 1) => first = Some((row.application_id, row.decided_by)),
                ("approve", _) if first == Some((row.application_id, row.decided_by)) => {
                    broken.push(row.registration_no);
                }
                _ => first = None,
            }
        }
    }
    Ok(Finding::new(15, "初审和复审不是同一人", examined, broken))
}
