//! The office's list of people between 入围 and 聘用.

use db::Crowd;
use domain::selection::Stage;
use domain::staff::Permission;

use super::list_store::{self as lists, Filter, PersonLine};
use super::{step_store, store};
use crate::exam::Exam;
use crate::{Actor, Ctx, Error, Result};

/// What a list is asked for. Empty and 0 mean any.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Codes of [`Stage`], and `out:` with the stage that was left for those who left it; none for everybody.
    pub standings: Vec<&'static str>,
    /// Only those who follow somebody.
    pub followed: bool,
    /// The position, by `position.id`.
    pub position_id: i64,
    /// The unit.
    pub unit: String,
    /// The candidate's name, whole.
    pub name: String,
    /// Only those of whom something waits for a second person.
    pub asked: bool,
}

/// The standings of everybody who is out.
pub const OUT: [&str; 9] = [
    "out:offered",
    "out:called",
    "out:qualified",
    "out:interviewed",
    "out:medical",
    "out:medical_again",
    "out:background",
    "out:proposed",
    "out:announced",
];

/// The units that the asker may see of an exam; `None` for every one.
///
/// # Errors
/// `Forbidden` to who may see none.
pub(super) fn units(ctx: &Ctx, exam: &Exam) -> Result<Option<Vec<String>>> {
    let staff = match &ctx.actor {
        Actor::System => return Ok(None),
        _ => ctx.staff()?,
    };
    match staff.grants.units(Permission::Selection, exam.id()) {
        None => Ok(None),
        Some(units) if units.is_empty() => Err(Error::Forbidden),
        Some(units) => Ok(Some(units.into_iter().map(str::to_owned).collect())),
    }
}

/// A page of people under a filter, from behind the one `from` on.
///
/// # Errors
/// `Forbidden` to who has nothing to do with the selection.
pub async fn page(
    ctx: &Ctx,
    exam: &Exam,
    asked: &Asked,
    from: Option<i64>,
    limit: u32,
) -> Result<Vec<PersonLine>> {
    let only = units(ctx, exam)?;
    let filter = Filter {
        exam_id: exam.id(),
        standings: &asked.standings,
        followed: asked.followed,
        position_id: asked.position_id,
        unit: &asked.unit,
        only: only.as_deref(),
        name: asked.name.trim(),
        asked: asked.asked,
        from,
        limit,
    };
    Ok(lists::people(&mut ctx.app.db().scan(Crowd::Staff), &filter).await?)
}

/// Stage and number of people, within the units that the asker may see. 1,001 stands for more.
pub async fn counts(ctx: &Ctx, exam: &Exam) -> Result<Vec<(Stage, i64)>> {
    let only = units(ctx, exam)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut counts = Vec::new();
    for stage in Stage::ALL {
        let count = lists::count(&mut scan, exam.id(), stage.code(), only.as_deref()).await?;
        counts.push((*stage, count));
    }
    Ok(counts)
}

/// How many steps wait for a second person, in the exam as a whole.
pub async fn waiting(ctx: &Ctx, exam: &Exam) -> Result<i64> {
    units(ctx, exam)?;
    Ok(step_store::steps_waiting(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?)
}

/// Units with people on a list, within those that the asker may see.
pub async fn units_of(ctx: &Ctx, exam: &Exam) -> Result<Vec<String>> {
    let only = units(ctx, exam)?;
    let mut all = store::units_of(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    if let Some(only) = only {
        all.retain(|unit| only.contains(unit));
    }
    Ok(all)
}
