//! 岗位处置: what becomes of a position after the close, or at any time: 保留, 核减 or 取消.
//!
//! The 开考比例 check ([`standings`]) compares who counts with what each position needs and proposes; staff accept or choose
//! otherwise with a reason ([`draft_ratio`], [`choose`]), or decide about one position ([`draft_single`]). One asks ([`ask`]),
//! another confirms ([`decide`]), a job carries it out in chunks ([`carry`]): positions are cut by an amendment and
//! cancelled, a supplementary notice is published, and every applicant of a cancelled position goes through
//! `application::advance`: he may choose another position while 改报 is to come or open, else he is over with his fee on
//! its way back. Whoever hasn't chosen when 改报 ends is ended by [`super::reapply`].
//!
//! `staging → draft → asked → running → done`, or `rejected`, `withdrawn`. One decision of an exam is asked for or running
//! at a time (a unique index), so that two people can't cancel and cut the same position at once.

pub mod carry;
mod draft;
mod word;

pub use draft::{Single, choose, draft_ratio, draft_single, notice};
pub use word::{ask, decide, withdraw};

use std::collections::HashMap;
use std::sync::Arc;

use db::{Crowd, Query};
use domain::exam::{Phase, PositionOutcome, RatioBasis, RatioStanding};
use domain::staff::Permission;
use domain::time::Timestamp;

use super::catalogue::Exam;
use super::decision_store as store;
pub use super::decision_store::{DecisionRow, ItemRow};
use super::positions::{self, Item, PositionFigures};
use crate::{App, Ctx, Error, Result};

/// Items shown on one page.
pub const SHOWN: i64 = 500;

/// A position against its ratio.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The position.
    pub item: Arc<Item>,
    /// Its figures.
    pub figures: PositionFigures,
    /// What follows.
    pub ratio: RatioStanding,
}

impl Standing {
    /// Compares a position.
    pub fn of(exam: &Exam, item: Arc<Item>, figures: PositionFigures) -> Self {
        let basis = RatioBasis::of(exam.settings.steps);
        let counted = basis.pick((figures.applied, figures.approved, figures.paid));
        let counted = u32::try_from(counted).unwrap_or(0);
        let position = &item.position;
        let ratio = RatioStanding::of(
            position.headcount,
            &position.open_ratio,
            exam.settings.open_ratio,
            counted,
        );
        Self {
            item,
            figures,
            ratio,
        }
    }

    /// How many there are for each post: `2.5:1`.
    pub fn reached(&self) -> String {
        self.ratio.reached(self.item.position.headcount)
    }

    /// What is proposed, with the headcount after it.
    pub fn proposal(&self) -> (PositionOutcome, u32) {
        self.ratio.outcome.parts(self.item.position.headcount)
    }
}

/// Every open position of an exam against its ratio, by the figures that pages show (a few seconds old at most).
pub async fn standings(app: &App, exam: &Exam) -> Result<Vec<Standing>> {
    let (table, figures) = (
        positions::table(app, exam).await?,
        positions::figures(app, exam).await?,
    );
    Ok(table
        .items()
        .iter()
        .map(|item| Standing::of(exam, Arc::clone(item), figures.of(item.id)))
        .filter(|standing| !standing.figures.cancelled)
        .collect())
}

/// The exact figures of an exam's positions, by position.
async fn exact(q: &mut impl Query, exam: &Exam) -> Result<HashMap<i64, (i64, i64, i64)>> {
    let rows = store::exact_counts(q, exam.id(), exam.row.positions_batch).await?;
    Ok(rows
        .into_iter()
        .map(|(id, applied, approved, paid)| (id, (applied, approved, paid)))
        .collect())
}

/// From when on the ratio can be checked: nobody applies and nobody pays any more.
pub fn closes(exam: &Exam) -> Option<Timestamp> {
    let registration = exam.window(Phase::Registration)?.close();
    let payment = exam
        .window(Phase::Payment)
        .filter(|_| exam.settings.steps.has_payment())
        .map(|window| window.close());
    Some(payment.map_or(registration, |payment| payment.max(registration)))
}

/// Whether the ratio can be checked now.
pub fn is_closed(exam: &Exam, at: Timestamp) -> bool {
    let registration = !exam.is_open(Phase::Registration, at);
    registration && closes(exam).is_none_or(|close| at >= close)
}

/// What somebody who decides should know of the windows.
pub fn warnings(exam: &Exam, at: Timestamp) -> Vec<String> {
    let mut warnings = Vec::new();
    let Some(reapply) = exam
        .window(Phase::Reapply)
        .filter(|window| at < window.close())
    else {
        return vec!["本考试没有安排改报（或改报时间已过）：取消岗位后，报考人员的报名立即终止，已缴的费用全额退回。".to_owned()];
    };
    warnings.push(format!(
        "取消岗位后，报考人员可在 {} 改报其他岗位；到期没有改报的，报名终止，已缴的费用全额退回。",
        reapply.to_chinese()
    ));
    if exam.settings.steps.has_review()
        && exam
            .window(Phase::Review)
            .is_some_and(|review| review.close() <= reapply.open())
    {
        warnings.push(
            "资格审查在改报开始前就结束，改报的人无法审查。请先用“延长时间”延长资格审查。"
                .to_owned(),
        );
    }
    if exam.settings.steps.has_payment()
        && exam
            .window(Phase::Payment)
            .is_some_and(|payment| payment.close() <= reapply.open())
    {
        warnings.push("缴费在改报开始前就结束，没有缴过费的人改报后无法缴费。".to_owned());
    }
    warnings
}

/// A decision to look at.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The row.
    pub row: DecisionRow,
    /// Its positions, at most [`SHOWN`], each with the position as it stands now.
    pub items: Vec<(ItemRow, Option<Arc<Item>>)>,
    /// How many items there are of each outcome: kept, cut, cancelled.
    pub counts: (usize, usize, usize),
    /// Live applications on positions that would be cancelled, when they were counted.
    pub concerned: i64,
}

impl Decision {
    /// Whether it waits for this person's word.
    pub fn awaits(&self, staff_id: i64) -> bool {
        self.row.state == "asked" && self.row.asked_by != Some(staff_id)
    }

    /// Items that are done, and all.
    pub fn progress(&self) -> (usize, usize) {
        let done = self.items.iter().filter(|(item, _)| item.state == "done");
        (done.count(), self.items.len())
    }

    /// Applications that were ended, and that wait for 改报.
    pub fn moved(&self) -> (i64, i64) {
        self.items.iter().fold((0, 0), |sum, (item, _)| {
            (sum.0 + item.ended, sum.1 + item.waiting)
        })
    }
}

async fn row_of(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<DecisionRow> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    store::decision_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.exam_id == exam.id() && row.state != "staging")
        .ok_or(Error::NotFound)
}

async fn items(q: &mut impl Query, decision_id: i64) -> Result<Vec<ItemRow>> {
    let (mut items, mut after): (Vec<ItemRow>, i64) = (Vec::new(), -1);
    loop {
        let rows = store::items_of(q, decision_id, after, SHOWN).await?;
        let Some(last) = rows.last().map(|row| row.line) else {
            return Ok(items);
        };
        after = last;
        items.extend(rows);
    }
}

/// One decision of an exam.
///
/// # Errors
/// `NotFound` also for one of another exam.
pub async fn find(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<Decision> {
    let row = row_of(ctx, exam, public_id).await?;
    let all = items(&mut ctx.app.db().scan(Crowd::Staff), row.id).await?;
    let table = positions::table(&ctx.app, exam).await?;
    let of = |outcome: PositionOutcome| {
        all.iter()
            .filter(|item| item.outcome == outcome.code())
            .count()
    };
    let counts = (
        of(PositionOutcome::Keep),
        of(PositionOutcome::Cut),
        of(PositionOutcome::Cancel),
    );
    let concerned = all
        .iter()
        .filter(|item| item.outcome == PositionOutcome::Cancel.code())
        .map(|item| item.applied)
        .sum();
    let items = all
        .into_iter()
        .map(|item| {
            let position = table.by_id(item.position_id).cloned();
            (item, position)
        })
        .collect();
    Ok(Decision {
        row,
        items,
        counts,
        concerned,
    })
}

/// The decision of an exam that isn't over: drafted, asked for or running; `None` for none.
pub async fn open(ctx: &Ctx, exam: &Exam) -> Result<Option<DecisionRow>> {
    let rows = list(ctx, exam, None, 50).await?;
    Ok(rows
        .into_iter()
        .find(|row| ["draft", "asked", "running"].contains(&row.state.as_str())))
}

/// The decisions of an exam, newest first.
pub async fn list(
    ctx: &Ctx,
    exam: &Exam,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<DecisionRow>> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = store::decisions_of(&mut scan, exam.id(), before.unwrap_or(i64::MAX), limit).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.state != "staging")
        .collect())
}
