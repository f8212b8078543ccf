//! What the selection asks of features beside it: the points of a bonus, and whether the 公示 is over. Each answers nothing where the
//! feature has nothing to say.

use std::collections::BTreeMap;

use db::Query;
use domain::score::Decimal;
use domain::time::Timestamp;

use crate::Result;

/// What keeps people of a 公示 from being hired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// It isn't over before this instant.
    Until(Timestamp),
    /// So many objections are open.
    Objections(i64),
}

/// Points that were granted to each application of an exam.
pub(super) async fn granted(
    _: &mut impl Query,
    _exam_id: i64,
) -> Result<BTreeMap<i64, Vec<Decimal>>> {
    Ok(BTreeMap::new())
}

/// What keeps the people of an exam from being hired at an instant; `None` where nothing does.
pub(super) async fn hire_gate(
    _: &mut impl Query,
    _exam_id: i64,
    _at: Timestamp,
) -> Result<Option<Gate>> {
    Ok(None)
}
