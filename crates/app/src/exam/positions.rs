//! A position table as candidates and staff look through it: from memory, with search, filter, pages and verdicts.
//!
//! A table that is visible never changes (an amended one is another version), so it is parsed once. Search is a walk over
//! it: 20,000 positions take a few milliseconds, and nobody's search costs the database anything.

use std::collections::HashMap;
use std::sync::Arc;

use db::Crowd;
use domain::eligibility::rule::{Fact, Operand, Operator};
use domain::eligibility::{self, EducationLevel, Facts, Report, Rule, Verdict};
use domain::exam::{Position, PositionState};
use domain::major::{Band, Match, Studied};
use domain::sheet::squeezed;
use domain::time::Timestamp;

use super::catalogue::Exam;
use super::position_store::{self as store, PositionRow};
use crate::{App, Error, Result};

/// Positions on a page.
pub const PAGE: usize = 20;
/// Rows read at a time when a table is brought into memory.
const CHUNK: i64 = 1_000;

/// A position with everything that stands in the table.
#[derive(Debug, Clone)]
pub struct Item {
    /// `position.id`.
    pub id: i64,
    /// What URLs carry.
    pub public_id: String,
    /// Its line in the published table.
    pub line: i64,
    /// The unit that reviewers are bound to: the employer's department, or the employer.
    pub unit: String,
    /// The amendment that it stands in now; 0 as long as it stands as it was first published.
    pub amendment: i64,
    /// How many may apply, when the table was read; 0 for any number.
    pub capacity: i64,
    /// The published texts and the rules read from them.
    pub position: Position,
    search: String,
}

impl Item {
    /// The main conditions in one line: 学历, 学位, 专业, 年龄 and the rest as published.
    pub fn conditions(&self) -> String {
        let p = &self.position;
        let mut parts: Vec<&str> = Vec::new();
        let all = [
            &p.education,
            &p.degree,
            &p.majors,
            &p.age,
            &p.sex,
            &p.hukou,
            &p.political,
            &p.target,
            &p.qualification,
            &p.experience,
        ];
        for text in all {
            if !domain::exam::table::is_unlimited(text) && !parts.contains(&text.as_str()) {
                parts.push(text);
            }
        }
        if parts.is_empty() {
            "不限".to_owned()
        } else {
            parts.join("；")
        }
    }

    /// The published columns that say something, with their names, in the order of the table.
    pub fn columns(&self) -> Vec<(&str, &str)> {
        let p = &self.position;
        let known = [
            ("主管部门", &p.department),
            ("招聘单位", &p.employer),
            ("单位性质", &p.funding),
            ("岗位类别", &p.category),
            ("岗位等级", &p.grade),
            ("招聘对象", &p.target),
            ("性别", &p.sex),
            ("年龄", &p.age),
            ("户籍", &p.hukou),
            ("学历", &p.education),
            ("学位", &p.degree),
            ("专业", &p.majors),
            ("职称/资格", &p.qualification),
            ("工作经历", &p.experience),
            ("政治面貌", &p.political),
            ("其他条件", &p.other),
            ("开考比例", &p.open_ratio),
            ("笔试类别", &p.paper),
            ("面试方式", &p.interview),
            ("咨询电话", &p.phone),
            ("备注", &p.remark),
        ];
        let known = known.into_iter().map(|(name, text)| (name, text.as_str()));
        let extra = p
            .extra
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        known
            .chain(extra)
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }
}

/// A table in memory.
#[derive(Debug, Default)]
pub struct PositionTable {
    items: Vec<Arc<Item>>,
    by_public_id: HashMap<String, usize>,
    by_id: HashMap<i64, usize>,
    departments: Vec<String>,
}

impl PositionTable {
    /// All positions in the order of the table.
    pub fn items(&self) -> &[Arc<Item>] {
        &self.items
    }

    /// One position.
    pub fn get(&self, public_id: &str) -> Option<&Arc<Item>> {
        self.by_public_id
            .get(public_id)
            .and_then(|at| self.items.get(*at))
    }

    /// One position by `position.id`.
    pub fn by_id(&self, id: i64) -> Option<&Arc<Item>> {
        self.by_id.get(&id).and_then(|at| self.items.get(*at))
    }

    /// 主管部门, each once, in order; employers where the table has no departments.
    pub fn departments(&self) -> &[String] {
        &self.departments
    }

    /// How many people are sought.
    pub fn headcount(&self) -> u64 {
        self.items
            .iter()
            .map(|item| u64::from(item.position.headcount))
            .sum()
    }

    fn push(&mut self, row: PositionRow) -> Result<()> {
        let mut position: Position = serde_json::from_str(&row.content)
            .map_err(|e| Error::internal("position.content", e))?;
        position.rules = serde_json::from_str::<Vec<Rule>>(&row.rules)
            .map_err(|e| Error::internal("position.rules", e))?;
        let unit = if position.department.is_empty() {
            &position.employer
        } else {
            &position.department
        };
        if !self.departments.contains(unit) {
            self.departments.push(unit.clone());
        }
        self.by_id.insert(row.id, self.items.len());
        self.by_public_id
            .insert(row.public_id.clone(), self.items.len());
        self.items.push(Arc::new(Item {
            id: row.id,
            public_id: row.public_id,
            line: row.line,
            unit: row.unit,
            amendment: row.amendment_id,
            capacity: row.capacity.unwrap_or(0),
            search: position.search_text(),
            position,
        }));
        Ok(())
    }
}

/// What moves while the table stands still.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PositionFigures {
    /// Live applications.
    pub applied: i64,
    /// Waiting for a reviewer.
    pub pending: i64,
    /// Sent back for supplements.
    pub returned: i64,
    /// Refused, appealed ones among them.
    pub rejected: i64,
    /// Approved ones.
    pub approved: i64,
    /// Paid ones.
    pub paid: i64,
    /// Places taken, where places are limited.
    pub taken: i64,
    /// The limit, where there is one.
    pub capacity: Option<i64>,
    /// Whether the position was cancelled.
    pub cancelled: bool,
}

impl PositionFigures {
    /// Whether no place is left.
    pub fn is_full(&self) -> bool {
        self.capacity.is_some_and(|capacity| self.taken >= capacity)
    }
}

/// The figures of a whole table at an instant.
#[derive(Debug, Default)]
pub struct TableFigures {
    /// When they were read.
    pub at: Timestamp,
    by_id: HashMap<i64, PositionFigures>,
}

impl TableFigures {
    /// Of one position.
    pub fn of(&self, position_id: i64) -> PositionFigures {
        self.by_id.get(&position_id).copied().unwrap_or_default()
    }

    /// Those of one member of staff's units together.
    pub fn sum_of(&self, table: &PositionTable, only: Option<&[String]>) -> PositionFigures {
        let Some(units) = only else {
            return self.sum();
        };
        table
            .items
            .iter()
            .filter(|item| units.contains(&item.unit))
            .map(|item| self.of(item.id))
            .fold(PositionFigures::default(), |sum, one| PositionFigures {
                applied: sum.applied + one.applied,
                approved: sum.approved + one.approved,
                paid: sum.paid + one.paid,
                ..sum
            })
    }

    /// All together.
    pub fn sum(&self) -> PositionFigures {
        self.by_id
            .values()
            .fold(PositionFigures::default(), |sum, one| PositionFigures {
                applied: sum.applied + one.applied,
                pending: sum.pending + one.pending,
                returned: sum.returned + one.returned,
                rejected: sum.rejected + one.rejected,
                approved: sum.approved + one.approved,
                paid: sum.paid + one.paid,
                ..sum
            })
    }
}

/// The visible positions of an exam.
pub async fn table(app: &App, exam: &Exam) -> Result<Arc<PositionTable>> {
    of_batch(
        app,
        exam.id(),
        (exam.row.positions_batch, exam.row.positions_amendment),
    )
    .await
}

async fn of_batch(app: &App, exam_id: i64, key: (i64, i64)) -> Result<Arc<PositionTable>> {
    let (catalogue, batch) = (app.exams(), key.0);
    if batch == 0 {
        return Ok(Arc::default());
    }
    if let Some(table) = catalogue.tables.get(&key) {
        return Ok(table);
    }
    let _filling = catalogue.filling.lock().await;
    if let Some(table) = catalogue.tables.get(&key) {
        return Ok(table);
    }
    let mut scan = app.db().scan(Crowd::System);
    let (mut table, mut after) = (PositionTable::default(), 0);
    loop {
        let rows = store::positions_of(&mut scan, exam_id, batch, after, CHUNK).await?;
        let Some(last) = rows.last().map(|row| row.line) else {
            break;
        };
        after = last;
        for row in rows {
            table.push(row)?;
        }
    }
    let table = Arc::new(table);
    catalogue.tables.insert(key, Arc::clone(&table));
    Ok(table)
}

/// The figures of an exam's positions, a few seconds old at most; older while the database is away
/// ([`TableFigures::at`] says how old).
pub async fn figures(app: &App, exam: &Exam) -> Result<Arc<TableFigures>> {
    let batch = exam.row.positions_batch;
    let shelf = app.exams().figures.get_with(batch, Arc::default);
    let read = async {
        let at = app.now();
        let rows = store::figures_of(&mut app.db().scan(Crowd::System), exam.id(), batch).await?;
        let by_id = rows
            .into_iter()
            .map(|row| {
                let figures = PositionFigures {
                    applied: row.applied,
                    pending: row.pending,
                    returned: row.returned,
                    rejected: row.rejected,
                    approved: row.approved,
                    paid: row.paid,
                    taken: row.taken,
                    capacity: row.capacity,
                    cancelled: row.state == PositionState::Cancelled.code(),
                };
                (row.id, figures)
            })
            .collect();
        Ok(TableFigures { at, by_id })
    };
    shelf.get(app, read).await
}

/// One visible position of an exam.
///
/// # Errors
/// `NotFound`.
pub async fn find(app: &App, exam: &Exam, public_id: &str) -> Result<Arc<Item>> {
    table(app, exam)
        .await?
        .get(public_id)
        .cloned()
        .ok_or(Error::NotFound)
}

/// What became of positions, as the office filters them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Situation {
    /// All.
    #[default]
    Any,
    /// 无人报考.
    Nobody,
    /// 未达开考比例.
    Short,
    /// 已取消.
    Cancelled,
}

impl Situation {
    /// Those that can be chosen, with their codes and words.
    pub const CHOICES: [(&'static str, &'static str); 3] = [
        ("nobody", "无人报考"),
        ("short", "未达开考比例"),
        ("cancelled", "已取消"),
    ];

    /// As the address carries it.
    pub fn parse(code: &str) -> Self {
        match code {
            "nobody" => Self::Nobody,
            "short" => Self::Short,
            "cancelled" => Self::Cancelled,
            _ => Self::Any,
        }
    }
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Of the published table.
    #[default]
    Table,
    /// Most applications first.
    MostApplied,
    /// Fewest applications first.
    FewestApplied,
    /// Fewest people for each post first.
    LowestRatio,
    /// Most people for each post first.
    HighestRatio,
    /// By 主管部门, then 招聘单位.
    Department,
}

impl Sort {
    /// Those that can be chosen, with their codes and words.
    pub const CHOICES: [(&'static str, &'static str); 5] = [
        ("applied", "报名多的在前"),
        ("few", "报名少的在前"),
        ("ratio", "比例低的在前"),
        ("high", "比例高的在前"),
        ("department", "按主管部门"),
    ];

    /// As the address carries it.
    pub fn parse(code: &str) -> Self {
        match code {
            "applied" => Self::MostApplied,
            "few" => Self::FewestApplied,
            "ratio" => Self::LowestRatio,
            "high" => Self::HighestRatio,
            "department" => Self::Department,
            _ => Self::Table,
        }
    }
}

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

/// What is looked for; empty fields look for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In name, code, employer, department; several words must all be there.
    pub words: String,
    /// 主管部门 or 招聘单位, whole.
    pub unit: String,
    /// The education that somebody has: positions that ask for more are left out.
    pub education: Option<EducationLevel>,
    /// A major: positions whose table names it, or whose requirement may take it.
    pub major: String,
    /// At least so many posts.
    pub headcount: u32,
    /// Only positions with this verdict.
    pub verdict: Option<Verdict>,
    /// Only positions that the candidate may apply for: those that fit and those that a person has to judge.
    pub possible: bool,
    /// Only those of these units; `None` for every unit.
    pub only: Option<Vec<String>>,
    /// Only those with which this is the case.
    pub situation: Situation,
    /// In which order.
    pub sort: Sort,
    /// From 1.
    pub page: usize,
}

impl Filter {
    /// The positions under the filter in its order.
    fn select(&self, exam: &Exam, table: &PositionTable, figures: &TableFigures) -> Vec<Arc<Item>> {
        let standing = |item: &Arc<Item>| {
            super::decision::Standing::of(exam, Arc::clone(item), figures.of(item.id))
        };
        let mut found: Vec<Arc<Item>> = table
            .items
            .iter()
            .filter(|item| self.takes(item))
            .filter(|item| {
                let figures = figures.of(item.id);
                match self.situation {
                    Situation::Any => true,
                    Situation::Nobody => figures.applied == 0 && !figures.cancelled,
                    Situation::Short => !figures.cancelled && standing(item).ratio.is_short(),
                    Situation::Cancelled => figures.cancelled,
                }
            })
            .cloned()
            .collect();
        let applied = |item: &Arc<Item>| figures.of(item.id).applied;
        // People for each post, in thousandths.
        let ratio = |item: &Arc<Item>| {
            u64::from(standing(item).ratio.counted) * 1_000
                / u64::from(item.position.headcount.max(1))
        };
        match self.sort {
            Sort::Table => {}
            Sort::MostApplied => found.sort_by_key(|item| std::cmp::Reverse(applied(item))),
            Sort::FewestApplied => found.sort_by_key(applied),
            Sort::LowestRatio => found.sort_by_cached_key(ratio),
            Sort::HighestRatio => found.sort_by_cached_key(|item| std::cmp::Reverse(ratio(item))),
            Sort::Department => found.sort_by(|a, b| {
                let key = |item: &Item| {
                    (
                        item.position.department.clone(),
                        item.position.employer.clone(),
                    )
                };
                key(a).cmp(&key(b))
            }),
        }
        found
    }

    fn takes(&self, item: &Item) -> bool {
        if self
            .only
            .as_ref()
            .is_some_and(|units| !units.contains(&item.unit))
        {
            return false;
        }
        let p = &item.position;
        let words = domain::sheet::plain(&self.words).to_lowercase();
        let named = words.split(' ').all(|word| item.search.contains(word));
        let unit = self.unit.is_empty() || p.department == self.unit || p.employer == self.unit;
        named
            && unit
            && p.headcount >= self.headcount
            && self
                .education
                .is_none_or(|level| takes_education(&p.rules, level))
            && self.takes_major(p)
    }

    fn takes_major(&self, position: &Position) -> bool {
        let major = squeezed(&self.major);
        if major.is_empty() || position.majors.contains(&major) {
            return true;
        }
        let mut wanted = position
            .rules
            .iter()
            .filter_map(|rule| match &rule.operand {
                Operand::Majors(majors) if rule.fact == Fact::Major => Some(majors),
                _ => None,
            });
        wanted.all(|majors| {
            majors.is_any()
                || Band::ALL.iter().any(|band| {
                    majors.compare(&[Studied {
                        band: *band,
                        major: &major,
                    }]) == Match::Yes
                })
        })
    }
}

/// Whether somebody of this education may come by the rules of education alone.
fn takes_education(rules: &[Rule], level: EducationLevel) -> bool {
    rules
        .iter()
        .filter(|rule| rule.fact == Fact::Education)
        .all(|rule| match &rule.operand {
            Operand::Education(bound) => match rule.operator {
                Operator::AtLeast => level >= *bound,
                Operator::AtMost => level <= *bound,
                Operator::IsNot => level != *bound,
                Operator::Is | Operator::Matches => level == *bound,
            },
            _ => true,
        })
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
