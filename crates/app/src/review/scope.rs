//! Who may look at and decide on what: role × exam × unit.

use domain::review::Review;
use domain::staff::Permission;

use super::store::Units;
use crate::{Ctx, Error, Result};

/// No unit has this name: table cells hold no control characters.
const NO_UNIT: &str = "\u{1f}";

/// The permission that a state of the review asks of whoever decides next.
///
/// Appeals are for either level; four-eyes keeps the one who refused away.
pub(super) fn levels(review: Review) -> &'static [Permission] {
    match review {
        Review::FirstApproved => &[Permission::SecondReview],
        Review::Pending => &[Permission::FirstReview],
        _ => &[Permission::FirstReview, Permission::SecondReview],
    }
}

/// Passes if the asker may look at this application's review.
pub(super) fn may_look(ctx: &Ctx, exam_id: i64, unit: &str) -> Result<()> {
    let grants = &ctx.staff()?.grants;
    let may = [Permission::FirstReview, Permission::SecondReview]
        .into_iter()
        .any(|permission| grants.allows(permission, exam_id, unit));
    // What lies outside one's scope looks like what doesn't exist.
    if may { Ok(()) } else { Err(Error::NotFound) }
}

/// Passes if the asker may decide on an application in this state.
pub(super) fn may_decide(ctx: &Ctx, review: Review, exam_id: i64, unit: &str) -> Result<()> {
    let grants = &ctx.staff()?.grants;
    if levels(review)
        .iter()
        .any(|permission| grants.allows(*permission, exam_id, unit))
    {
        return Ok(());
    }
    may_look(ctx, exam_id, unit)?;
    Err(Error::refused(
        "other_level",
        "这一级审核由其他人员办理",
        "您的角色不包含当前这一级审核，可以查看，不能作出结论。",
    ))
}

/// The units that the asker's lists of an exam are narrowed to.
pub(super) fn units(ctx: &Ctx, exam_id: i64) -> Result<Units> {
    let grants = &ctx.staff()?.grants;
    let mut names: [String; 8] = Default::default();
    let mut seen: Vec<&str> = Vec::new();
    for permission in [Permission::FirstReview, Permission::SecondReview] {
        match grants.units(permission, exam_id) {
            None => return Ok(Units { all: true, names }),
            Some(units) => {
                for unit in units {
                    if !seen.contains(&unit) {
                        seen.push(unit);
                    }
                }
            }
        }
    }
    if seen.is_empty() {
        return Err(Error::Forbidden);
    }
    if seen.len() > names.len() {
        return Err(Error::refused(
            "too_many_units",
            "授权的单位太多",
            "一个账号最多按 8 个单位授权审核。需要审核更多单位的，请改为授权整项考试。",
        ));
    }
    for (name, unit) in names.iter_mut().zip(seen) {
        unit.clone_into(name);
    }
    // An empty name would take the applications that have no unit.
    for name in &mut names {
        if name.is_empty() {
            NO_UNIT.clone_into(name);
        }
    }
    Ok(Units { all: false, names })
}
