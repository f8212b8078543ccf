//! What was looked at was looked at for a reason, and what has an end ends (29).

use db::Query;
use domain::time::Timestamp;

use super::{Finding, MOST, store};
use crate::Result;

/// What should have gone this long ago is a fault: the sweeper runs every hour, but a machine may be off over a holiday.
const GRACE_DAYS: i64 = 10;

/// Every unmasking has its reason in the trail.
pub(super) async fn looks(q: &mut impl Query) -> Result<Finding> {
    let (mut examined, mut broken) = (0, Vec::new());
    let mut after = i64::MIN;
    loop {
        let page = store::looks_after(q, after).await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (id, detail) in page {
            examined += 1;
            if !has_reason(&detail) && broken.len() < MOST {
                broken.push(format!("audit_entry {id}"));
            }
        }
    }
    Ok(Finding::new(
        29,
        "查看证件号、手机号、照片都写明了原因",
        examined,
        broken,
    ))
}

fn has_reason(detail: &str) -> bool {
    let detail: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    ["reason", "why"].iter().any(|key| {
        detail
            .get(key)
            .and_then(serde_json::Value::as_str)
            .is_some_and(|reason| !reason.trim().is_empty())
    })
}

/// Files that have expired are empty, sign-ups that nobody finished have lapsed, what archives let go is gone.
pub(super) async fn ends(q: &mut impl Query, now: Timestamp) -> Result<Finding> {
    let until = now.plus_days(-GRACE_DAYS).micros();
    let (examined, broken) = store::overdue(q, until).await?;
    Ok(Finding::new(
        29,
        "到期的文件、归档材料和没有激活的注册都已清除",
        u64::try_from(examined).unwrap_or(0),
        broken,
    ))
}
