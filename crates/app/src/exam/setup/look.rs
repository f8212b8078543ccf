//! What staff see of exams: lists, one exam, its figures, its versions.

use std::sync::Arc;

use db::Crowd;
use domain::exam::ExamState;
use domain::staff::Permission;
use domain::time::Timestamp;

use crate::exam::catalogue::{self, Exam};
use crate::exam::{position_store, store};
use crate::{Ctx, Error, Result, statistics};

/// Exams on a page of the office.
pub const PAGE: i64 = 20;
/// Counts stop here: 超过 1 万.
pub const MOST: i64 = 10_001;

/// The exams that the asking member of staff may see, newest first, from `before` on: a page and one more. An empty `state` lists
/// all.
pub async fn list(ctx: &Ctx, state: &str, before: Option<i64>) -> Result<Vec<Arc<Exam>>> {
    page_of(ctx, Permission::ExamView, (state, before), |_| true).await
}

/// How many drafts there are that the asking member of staff may change; at most a page of them is counted.
pub async fn drafts(ctx: &Ctx) -> Result<i64> {
    let state = ExamState::Draft.code();
    let page = page_of(ctx, Permission::ExamEdit, (state, None), |_| true).await?;
    Ok(i64::try_from(page.len()).unwrap_or(i64::MAX))
}

/// The published exams with a written part on which the asking member of staff may do this: what is seated, printed and scored.
/// Newest first, from `before` on: a page and one more.
pub async fn seated_list(
    ctx: &Ctx,
    permission: Permission,
    before: Option<i64>,
) -> Result<Vec<Arc<Exam>>> {
    page_of(ctx, permission, ("public", before), |exam| {
        exam.settings.steps.seating
    })
    .await
}

/// The published exams with a selection after the scores on which the asking member of staff may do this, newest first, from `before` on: a
/// page and one more.
pub async fn selecting_list(
    ctx: &Ctx,
    permission: Permission,
    before: Option<i64>,
) -> Result<Vec<Arc<Exam>>> {
    page_of(ctx, permission, ("public", before), |exam| {
        exam.settings.selection.on
    })
    .await
}

/// Reads on until the page is full: what isn't wanted must not push out what is.
async fn page_of(
    ctx: &Ctx,
    permission: Permission,
    (state, before): (&str, Option<i64>),
    wanted: impl Fn(&Exam) -> bool,
) -> Result<Vec<Arc<Exam>>> {
    let staff = ctx.staff()?;
    if !staff.grants.any(permission) {
        return Err(Error::Forbidden);
    }
    let only = staff.grants.exams(permission);
    let scope = only.as_ref().map_or(0, |_| staff.id);
    let full = usize::try_from(PAGE + 1).unwrap_or(usize::MAX);
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut before = before.unwrap_or(i64::MAX);
    let mut exams: Vec<Arc<Exam>> = Vec::new();
    loop {
        let rows = store::exams_all(&mut scan, (state, scope), before, PAGE + 1).await?;
        let over = rows.len() < full;
        before = rows.last().map_or(0, |row| row.id);
        let mut more = ctx.app.exams().parse_all(rows)?;
        more.retain(|exam| {
            only.as_ref().is_none_or(|only| only.contains(&exam.id())) && wanted(exam)
        });
        exams.append(&mut more);
        if over || exams.len() >= full {
            break;
        }
    }
    exams.truncate(full);
    Ok(exams)
}

/// One exam for a member of staff who may see it for any unit.
///
/// # Errors
/// `NotFound` also for one that he may not see.
pub async fn for_staff(ctx: &Ctx, public_id: &str) -> Result<Arc<Exam>> {
    let exam = catalogue::find(&ctx.app, public_id).await?;
    if let crate::Actor::Staff(staff) = &ctx.actor {
        let units = staff.grants.units(Permission::ExamView, exam.id());
        if units.is_some_and(|units| units.is_empty()) {
            return Err(Error::NotFound);
        }
    } else if !matches!(ctx.actor, crate::Actor::System) {
        return Err(Error::NotFound);
    }
    Ok(exam)
}

/// One exam for somebody who may change it.
pub async fn for_edit(ctx: &Ctx, public_id: &str) -> Result<Arc<Exam>> {
    let exam = for_staff(ctx, public_id).await?;
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    Ok(exam)
}

/// What the office's list shows beside an exam.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Positions in its table.
    pub positions: i64,
    /// People sought.
    pub headcount: i64,
    /// Subjects in its table.
    pub subjects: i64,
    /// Live applications, in the asker's units where he has some only; seconds old.
    pub applied: i64,
    /// Those among them that wait for a review.
    pub waiting: i64,
    /// Approved ones among them.
    pub approved: i64,
    /// Paid or waived ones among them.
    pub paid: i64,
}

/// The figures of an exam, as far as the asker may see.
pub async fn figures(ctx: &Ctx, exam: &Exam) -> Result<Figures> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let (positions, headcount, subjects) = position_store::table_size(&mut scan, exam.id()).await?;
    let tally = statistics::standing(ctx, exam.id(), ctx.at).await?.0;
    Ok(Figures {
        positions,
        headcount,
        subjects,
        applied: tally.applied,
        waiting: tally.waiting(),
        approved: tally.approved,
        paid: tally.paid,
    })
}

/// Who changed the settings when and why, newest first: version, reason, name, instant.
pub async fn history(ctx: &Ctx, exam: &Exam) -> Result<Vec<(i64, String, String, Timestamp)>> {
    let rows = store::settings_history(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    let at = Timestamp::from_micros;
    Ok(rows
        .into_iter()
        .map(|(version, why, who, when)| (version, why, who, at(when)))
        .collect())
}
