//! Queues: which exams wait for the asker, and which applications.

use std::sync::Arc;

use db::Crowd;
use domain::application::Tally;
use domain::review::Review;
use domain::staff::Permission;

use super::scope;
use super::store::{self, QueueRow, Slice, Units};
use crate::exam::{self, Exam};
use crate::{Ctx, Result, statistics};

/// Applications on a page.
pub const PAGE: i64 = 30;

/// What a list is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Where the review stands.
    pub review: Review,
    /// Turned round: anywhere but there.
    pub other: bool,
    /// A verdict's code, empty for all.
    pub verdict: String,
    /// Turned round: every verdict but that one.
    pub other_verdict: bool,
    /// The latest deadline first, not the most urgent.
    pub latest: bool,
    /// A name or 报名序号, whole; empty for all.
    pub who: String,
    /// A unit, whole; empty for all in the asker's scope.
    pub unit: String,
    /// Only those whose deadline had passed at this instant, in microseconds.
    pub late: Option<i64>,
    /// The last one of the page before.
    pub after: Option<(i64, i64)>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            review: Review::Pending,
            other: false,
            verdict: String::new(),
            other_verdict: false,
            latest: false,
            who: String::new(),
            unit: String::new(),
            late: None,
            after: None,
        }
    }
}

/// A page of a queue.
#[derive(Debug, Clone)]
pub struct Page {
    /// The applications, the most urgent first.
    pub rows: Vec<QueueRow>,
    /// How many under the filter; 10,001 stands for more.
    pub total: i64,
    /// Where the next page begins; `None` on the last.
    pub next: Option<(i64, i64)>,
}

/// An exam whose queue the asker may see.
#[derive(Debug, Clone)]
pub struct ExamQueue {
    /// The exam.
    pub exam: Arc<Exam>,
    /// Waiting for the first level.
    pub first: i64,
    /// Waiting for the second.
    pub second: i64,
    /// Appeals.
    pub appeals: i64,
}

/// The exams that the asker reviews, with what waits.
pub async fn exams(ctx: &Ctx) -> Result<Vec<ExamQueue>> {
    let grants = &ctx.staff()?.grants;
    let mut queues = Vec::new();
    for exam in exam::running_list(&ctx.app).await?.iter() {
        let reviews = [Permission::FirstReview, Permission::SecondReview]
            .into_iter()
            .any(|p| {
                grants
                    .units(p, exam.id())
                    .is_none_or(|units| !units.is_empty())
            });
        if !reviews || !exam.settings.steps.has_review() {
            continue;
        }
        let [first, second, appeals] = waiting(ctx, exam).await?;
        queues.push(ExamQueue {
            exam: Arc::clone(exam),
            first,
            second,
            appeals,
        });
    }
    Ok(queues)
}

/// How many wait for the first level, the second, and on appeal, within the asker's units.
pub async fn waiting(ctx: &Ctx, exam: &Exam) -> Result<[i64; 3]> {
    let units = scope::units(ctx, exam.id())?;
    let tally = standing(ctx, exam, &units, "").await?;
    Ok([tally.pending, tally.first_approved, tally.appealed])
}

/// The figures of the asker's units, or of one of them.
async fn standing(ctx: &Ctx, exam: &Exam, units: &Units, unit: &str) -> Result<Tally> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let now = statistics::units_now(&mut scan, exam.id()).await?;
    Ok(now
        .into_iter()
        .filter(|(name, _)| units.all || units.each().any(|one| one == name))
        .filter(|(name, _)| unit.is_empty() || name == unit)
        .map(|(_, tally)| tally)
        .sum())
}

/// How many of a tally stand there; `None` where no tally says.
const fn at(tally: &Tally, review: Review) -> Option<i64> {
    match review {
        Review::Pending => Some(tally.pending),
        Review::FirstApproved => Some(tally.first_approved),
        Review::Returned => Some(tally.returned),
        Review::Rejected => Some(tally.rejected),
        Review::Appealed => Some(tally.appealed),
        Review::Approved => Some(tally.approved),
        Review::None => None,
    }
}

/// A page of an exam's queue, within the asker's units.
pub async fn queue(ctx: &Ctx, exam: &Exam, filter: &Filter) -> Result<Page> {
    let units = scope::units(ctx, exam.id())?;
    let slice = slice(exam, filter, &units);
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let after = filter.after.unwrap_or(store::beginning(slice.latest));
    let mut rows = store::queue_page(&mut scan, &slice, after, PAGE + 1).await?;
    let mut total = None;
    if slice.verdict.is_empty() && slice.who.is_empty() && slice.late.is_none() {
        let tally = standing(ctx, exam, &units, slice.unit).await?;
        total = at(&tally, filter.review);
        if filter.other {
            total = total.map(|there| tally.applied - there);
        }
    }
    let total = match total {
        Some(total) => total,
        None => store::queue_count(&mut scan, &slice, 10_001).await?,
    };
    let more = i64::try_from(rows.len()).unwrap_or(0) > PAGE;
    if more {
        rows.pop();
    }
    let next = rows
        .last()
        .filter(|_| more)
        .map(|row| (row.review_due, row.id));
    Ok(Page { rows, total, next })
}

/// What a filter means within some units.
pub(super) fn slice<'a>(exam: &Exam, filter: &'a Filter, units: &'a Units) -> Slice<'a> {
    Slice {
        exam_id: exam.id(),
        review: filter.review.code(),
        other: filter.other,
        verdict: &filter.verdict,
        other_verdict: filter.other_verdict && !filter.verdict.is_empty(),
        latest: filter.latest,
        who: filter.who.trim(),
        unit: &filter.unit,
        late: filter.late,
        units,
    }
}

/// What has waited beyond its time in one exam's queue.
#[derive(Debug, Clone)]
pub struct Late {
    /// The exam.
    pub exam: Arc<Exam>,
    /// Where they stand.
    pub review: Review,
    /// How many; 1,001 stands for more.
    pub count: i64,
}

/// What the asker's own queues hold beyond its time: of the levels that he decides, within his units.
///
/// # Errors
/// `Forbidden` to who doesn't work here.
pub async fn late(ctx: &Ctx) -> Result<Vec<Late>> {
    let grants = &ctx.staff()?.grants;
    let mut late = Vec::new();
    for queue in exams(ctx).await? {
        let levels = [
            (Review::Pending, Permission::FirstReview, queue.first),
            (
                Review::FirstApproved,
                Permission::SecondReview,
                queue.second,
            ),
            (Review::Appealed, Permission::SecondReview, queue.appeals),
        ];
        let his = |permission| {
            let units = grants.units(permission, queue.exam.id());
            units.is_none_or(|units| !units.is_empty())
        };
        for (review, permission, waiting) in levels {
            // The statistics know where nothing waits at all.
            if waiting == 0 || !his(permission) {
                continue;
            }
            let filter = Filter {
                review,
                late: Some(ctx.at.micros()),
                ..Filter::default()
            };
            let units = scope::units(ctx, queue.exam.id())?;
            let slice = slice(&queue.exam, &filter, &units);
            let mut scan = ctx.app.db().scan(Crowd::Staff);
            let count = store::queue_count(&mut scan, &slice, 1_001).await?;
            if count > 0 {
                late.push(Late {
                    exam: Arc::clone(&queue.exam),
                    review,
                    count,
                });
            }
        }
    }
    Ok(late)
}
