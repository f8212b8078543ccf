//! 面试: groups, the draw, the judges' marks.
//!
//! The selection asks it for two things only: what came out ([`results`]), and whether the interviews are planned ([`is_planned`]). Until an
//! exam has a plan it answers that there is nothing.

use db::Query;
use domain::score::Mark;

use crate::Result;

/// What came out of somebody's interview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interviewed {
    /// The application.
    pub(crate) application_id: i64,
    /// His mark, or that he missed it or broke its rules.
    pub(crate) mark: Mark,
}

/// What came out of an exam's interviews, once all of it is agreed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Results {
    /// `interview_plan.id`.
    pub(crate) plan_id: i64,
    /// Everybody of the plan.
    pub(crate) people: Vec<Interviewed>,
}

/// The results of an exam's interviews; `None` while there are none, or some aren't agreed on.
pub(crate) async fn results(_: &mut impl Query, _exam_id: i64) -> Result<Option<Results>> {
    Ok(None)
}

/// Whether a plan of the interviews is published: from then on nobody follows any more.
pub(crate) async fn is_planned(_: &mut impl Query, _exam_id: i64) -> Result<bool> {
    Ok(false)
}
