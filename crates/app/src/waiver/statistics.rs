//! How many asked for a waiver, by exam and category, what became of it, and what was waived.

use db::Crowd;
use domain::money::Fen;
use domain::payment::WaiverState;
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;

use super::list_store::{self as lists, CountRow};
use crate::copy::{Copied, Format, Listing, take};
use crate::{Ctx, Error, Object, Result};

/// A category of an exam, and what was asked for under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The exam's title.
    pub exam: String,
    /// The category, as it was called when somebody asked.
    pub category: String,
    /// Applications in each state, in the order of [`WaiverState::ALL`].
    pub counts: Vec<i64>,
    /// What was waived by those that were granted, in 分.
    pub off: i64,
}

impl Line {
    fn new(exam: String, category: String) -> Self {
        Self {
            exam,
            category,
            counts: vec![0; WaiverState::ALL.len()],
            off: 0,
        }
    }

    /// All that were asked for.
    pub fn all(&self) -> i64 {
        self.counts.iter().sum()
    }

    fn add(&mut self, state: WaiverState, count: i64, off: i64) {
        let at = WaiverState::ALL.iter().position(|one| *one == state);
        if let Some(sum) = at.and_then(|at| self.counts.get_mut(at)) {
            *sum += count;
        }
        self.off += off;
    }
}

/// Waivers by exam and category, and all of them together.
#[derive(Debug, Clone)]
pub struct Statistics {
    /// The newest exam first, its categories by name.
    pub lines: Vec<Line>,
    /// The sum of them.
    pub total: Line,
}

/// Counts waivers; `exam_id` 0 for all exams but rehearsals.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn statistics(ctx: &Ctx, exam_id: i64) -> Result<Statistics> {
    ctx.allow(Permission::Finance)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = if exam_id == 0 {
        lists::counted(&mut scan).await?
    } else {
        lists::counted_of(&mut scan, exam_id).await?
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut total = Line::new("合计".to_owned(), String::new());
    let mut last = 0;
    for CountRow {
        exam_id,
        exam,
        category,
        state,
        count,
        off,
    } in rows
    {
        let state =
            WaiverState::from_code(&state).ok_or(Error::inconsistent("fee_waiver.state"))?;
        let same = lines
            .last()
            .is_some_and(|line| last == exam_id && line.category == category);
        if !same {
            lines.push(Line::new(exam, category));
            last = exam_id;
        }
        if let Some(line) = lines.last_mut() {
            line.add(state, count, off);
        }
        total.add(state, count, off);
    }
    Ok(Statistics { lines, total })
}

/// The same as a file.
///
/// # Errors
/// `Forbidden` to who has nothing to do with money.
pub async fn export_statistics(ctx: &Ctx, exam_id: i64, format: Format) -> Result<Copied> {
    take(ctx, &Counts(exam_id), format).await
}

struct Counts(i64);

impl Listing for Counts {
    type Row = Line;
    type Place = ();
    const NAME: &'static str = "减免统计";
    const ACTION: &'static str = "waiver.statistics_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("考试", 40.0),
        ("减免类别", 24.0),
        ("申请（人次）", 14.0),
        ("待审核", 10.0),
        ("待复核退款", 12.0),
        ("已通过", 10.0),
        ("未通过", 10.0),
        ("已撤回", 10.0),
        ("已失效", 10.0),
        ("减免金额（元）", 16.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "fee_waiver",
            id: 0,
            exam_id: self.0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({})
    }

    async fn page(&self, ctx: &Ctx, from: Option<()>) -> Result<(Vec<Line>, Option<()>)> {
        if from.is_some() {
            return Ok((Vec::new(), None));
        }
        let found = statistics(ctx, self.0).await?;
        let mut rows = found.lines;
        rows.push(found.total);
        Ok((rows, None))
    }

    fn cells(&self, _: &Ctx, row: &Line) -> Vec<Cell> {
        let mut cells = vec![
            Cell::text(row.exam.as_str()),
            Cell::text(row.category.as_str()),
            Cell::number(row.all()),
        ];
        cells.extend(row.counts.iter().map(|count| Cell::number(*count)));
        cells.push(Cell::Number(Fen::new(row.off).yuan()));
        cells
    }
}
