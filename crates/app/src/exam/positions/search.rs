//! Pages of a position table under a filter, with or without a candidate's verdicts.

use std::sync::Arc;

use domain::eligibility::{self, Facts, Report, Rule, Verdict};
use domain::exam::Position;
use domain::time::Timestamp;

use super::{Filter, Item, PAGE, PositionFigures, TableFigures, figures, table};
use crate::exam::catalogue::Exam;
use crate::{App, Result};

/// The units whose positions the asking member of staff may see; `None` for every unit.
pub fn scope(ctx: &crate::Ctx, exam: &Exam) -> Option<Vec<String>> {
    let crate::Actor::Staff(staff) = &ctx.actor else {
        return None;
    };
    let units = staff
        .grants
        .units(domain::staff::Permission::ExamView, exam.id())?;
    Some(units.into_iter().map(str::to_owned).collect())
}

/// A position of a page.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The position.
    pub item: Arc<Item>,
    /// Its figures.
    pub figures: PositionFigures,
    /// How the asking candidate compares; `None` if nobody was compared.
    pub report: Option<Report>,
}

/// How many positions have which verdict, over the filter without its verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerdictCounts {
    /// All.
    pub all: usize,
    /// 符合.
    pub pass: usize,
    /// 需人工审核.
    pub manual: usize,
    /// 不符合.
    pub fail: usize,
}

/// A page of positions.
#[derive(Debug, Clone)]
pub struct Page {
    /// The positions.
    pub shown: Vec<Shown>,
    /// How many there are under the filter.
    pub total: usize,
    /// Which page, from 1.
    pub page: usize,
    /// Of how many, at least 1.
    pub pages: usize,
    /// How many have which verdict; zero if nobody was compared.
    pub verdicts: VerdictCounts,
    /// When the figures were read.
    pub figures_at: Timestamp,
}

impl Page {
    /// The number of the first position shown, from 1; 0 for an empty page.
    pub fn first(&self) -> usize {
        if self.shown.is_empty() {
            0
        } else {
            (self.page - 1) * PAGE + 1
        }
    }

    /// The number of the last position shown.
    pub fn last(&self) -> usize {
        if self.shown.is_empty() {
            0
        } else {
            self.first() + self.shown.len() - 1
        }
    }

    /// The page numbers to offer: first, last, the neighbours; 0 stands for a gap of more than one.
    pub fn numbers(&self) -> Vec<usize> {
        let shown =
            |page: &usize| *page == 1 || *page == self.pages || page.abs_diff(self.page) <= 1;
        let mut numbers = Vec::new();
        for page in 1..=self.pages {
            let alone = shown(&(page - 1)) && shown(&(page + 1));
            if shown(&page) || alone {
                numbers.push(page);
            } else if numbers.last() != Some(&0) {
                numbers.push(0);
            }
        }
        numbers
    }
}

/// The positions of an exam under a filter, for everybody.
pub async fn search(app: &App, exam: &Exam, filter: &Filter) -> Result<Page> {
    let (table, figures) = (table(app, exam).await?, figures(app, exam).await?);
    let found = filter.select(exam, &table, &figures);
    let found = found.into_iter().map(|item| (item, None)).collect();
    Ok(paged(found, filter, &figures, VerdictCounts::default()))
}

/// Every position under a filter with its live counts, whatever its page.
pub(crate) async fn all(app: &App, exam: &Exam, filter: &Filter) -> Result<Vec<Shown>> {
    let (table, figures) = (table(app, exam).await?, figures(app, exam).await?);
    Ok(filter
        .select(exam, &table, &figures)
        .into_iter()
        .map(|item| Shown {
            figures: figures.of(item.id),
            item,
            report: None,
        })
        .collect())
}

/// 我能报的岗位: the same, each compared with a candidate's facts by the rules of exam and position.
///
/// The verdict is a help for choosing; 保存 compares again ([`report`]).
pub async fn positions_with_verdicts(
    app: &App,
    exam: &Exam,
    facts: &Facts,
    filter: &Filter,
) -> Result<Page> {
    let (table, figures) = (table(app, exam).await?, figures(app, exam).await?);
    let mut verdicts = VerdictCounts::default();
    let mut found = Vec::new();
    for item in table.items.iter().filter(|item| filter.takes(item)) {
        let report = report(exam, &item.position, facts);
        verdicts.all += 1;
        match report.verdict {
            Verdict::Pass => verdicts.pass += 1,
            Verdict::Manual => verdicts.manual += 1,
            Verdict::Fail => verdicts.fail += 1,
        }
        let possible = !filter.possible || report.verdict != Verdict::Fail;
        if possible && filter.verdict.is_none_or(|wanted| wanted == report.verdict) {
            found.push((Arc::clone(item), Some(report)));
        }
    }
    Ok(paged(found, filter, &figures, verdicts))
}

/// How a candidate compares with a position of an exam: the exam's own rules first.
pub fn report(exam: &Exam, position: &Position, facts: &Facts) -> Report {
    if exam.settings.rules.is_empty() {
        return eligibility::check_all(&position.rules, facts);
    }
    eligibility::check_all(&rules(exam, position), facts)
}

/// The rules that somebody who applies for a position is compared with: the exam's, then the position's.
pub fn rules(exam: &Exam, position: &Position) -> Vec<Rule> {
    exam.settings
        .rules
        .iter()
        .chain(&position.rules)
        .cloned()
        .collect()
}

fn paged(
    found: Vec<(Arc<Item>, Option<Report>)>,
    filter: &Filter,
    figures: &TableFigures,
    verdicts: VerdictCounts,
) -> Page {
    let total = found.len();
    let pages = total.div_ceil(PAGE).max(1);
    let page = filter.page.clamp(1, pages);
    let shown = found
        .into_iter()
        .skip((page - 1) * PAGE)
        .take(PAGE)
        .map(|(item, report)| Shown {
            figures: figures.of(item.id),
            item,
            report,
        })
        .collect();
    Page {
        shown,
        total,
        page,
        pages,
        verdicts,
        figures_at: figures.at,
    }
}
