//! What is looked for in a position table, and in which order.

use std::sync::Arc;

use domain::eligibility::rule::{Fact, Operand, Operator};
use domain::eligibility::{EducationLevel, Rule, Verdict};
use domain::exam::Position;
use domain::major::{Band, Match, Studied};
use domain::sheet::squeezed;

use super::{Item, PositionTable, TableFigures};
use crate::exam::catalogue::Exam;
use crate::exam::decision::Standing;

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
    pub(super) fn select(
        &self,
        exam: &Exam,
        table: &PositionTable,
        figures: &TableFigures,
    ) -> Vec<Arc<Item>> {
        let standing = |item: &Arc<Item>| Standing::of(exam, Arc::clone(item), figures.of(item.id));
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

    pub(super) fn takes(&self, item: &Item) -> bool {
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
