//! 入围: who of a position comes to the interview, who shares the last place, who is excluded and why.
//!
//! Excluded people hold no rank in the list; the written rank stays as it was published. Source: reference `domain.md` §4.

use std::collections::BTreeMap;

use super::rules::{SelectionRules, Ties};
use crate::coded::coded;
use crate::score::rank::{Entry, rank};
use crate::score::{Decimal, Flag, Mark, Total};

/// Somebody with a written result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// The application.
    pub id: i64,
    /// The position.
    pub position: i64,
    /// His written total.
    pub total: Total,
    /// His marks by subject.
    pub marks: BTreeMap<String, Mark>,
    /// Whether he reaches the lines; `None` where none are set.
    pub passed: Option<bool>,
    /// Whether his application has ended.
    pub gone: bool,
}

coded! {
    /// Why somebody isn't ranked for the list.
    pub enum Why {
        /// His application ended, or the position was cancelled.
        Gone = "gone", "报名已终止或岗位已取消";
        /// A subject that he was absent from.
        Absent = "absent", "有科目缺考";
        /// A subject with a violation.
        Violation = "violation", "有科目违纪";
        /// A subject that was declared void.
        Invalidated = "invalidated", "有科目成绩无效";
        /// A subject with zero.
        Zero = "zero", "有科目零分";
        /// A line that he doesn't reach.
        Line = "line", "未达到合格线";
        /// No total: a mark is missing.
        NoTotal = "no_total", "没有总成绩";
    }
}

/// What the list says of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Enters.
    In,
    /// Enters: shares the last place with others.
    Tie,
    /// Isn't ranked.
    Excluded(Why),
    /// Ranked behind the last place.
    Beyond,
}

impl Verdict {
    /// The stored code; what is behind an exclusion is [`Why::code`].
    pub const fn code(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Tie => "tie",
            Self::Excluded(_) => "excluded",
            Self::Beyond => "beyond",
        }
    }

    /// Reads a stored verdict.
    pub fn from_parts(code: &str, why: &str) -> Option<Self> {
        match code {
            "in" => Some(Self::In),
            "tie" => Some(Self::Tie),
            "excluded" => Why::from_code(why).map(Self::Excluded),
            "beyond" => Some(Self::Beyond),
            _ => None,
        }
    }

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::In => "入围",
            Self::Tie => "入围（末位并列）",
            Self::Excluded(why) => why.label(),
            Self::Beyond => "未入围",
        }
    }

    /// Whether he enters.
    pub const fn is_in(self) -> bool {
        matches!(self, Self::In | Self::Tie)
    }
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// The application.
    pub id: i64,
    /// The position.
    pub position: i64,
    /// Rank among those who aren't excluded.
    pub rank: Option<u32>,
    /// What becomes of him.
    pub verdict: Verdict,
}

/// The settings have no ratio for a position that hires so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("招聘 {headcount} 人的岗位没有设置入围比例")]
pub struct NoRatio {
    /// 招聘人数.
    pub headcount: u32,
}

/// Why a runner isn't ranked; the first reason that holds, the gravest first.
pub fn excluded(rules: &SelectionRules, runner: &Runner) -> Option<Why> {
    let flagged = |flag: Flag| runner.marks.values().any(|mark| mark.flag() == flag);
    let exclude = rules.exclude;
    let zero = || {
        let number = |mark: &Mark| mark.number().is_some_and(Decimal::is_zero);
        runner.marks.values().any(number)
    };
    if runner.gone {
        Some(Why::Gone)
    } else if exclude.violation && flagged(Flag::Invalidated) {
        Some(Why::Invalidated)
    } else if exclude.violation && flagged(Flag::Violation) {
        Some(Why::Violation)
    } else if exclude.absent && flagged(Flag::Absent) {
        Some(Why::Absent)
    } else if exclude.zero && zero() {
        Some(Why::Zero)
    } else if !matches!(runner.total, Total::Score(_)) {
        Some(Why::NoTotal)
    } else if exclude.below_line && runner.passed == Some(false) {
        Some(Why::Line)
    } else {
        None
    }
}

/// Ranks those who aren't excluded, gives each position its places, and at the last place everybody who shares it.
///
/// `headcounts`: what each position hires after all amendments; whoever runs for one that isn't there is [`Why::Gone`].
/// `tie_break`: the exam's deciding subjects, for [`Ties::TieBreak`]. The answer is in the order of `runners`.
///
/// # Errors
/// [`NoRatio`] for a position that the settings say nothing about.
pub fn shortlist(
    rules: &SelectionRules,
    tie_break: &[String],
    headcounts: &BTreeMap<i64, u32>,
    runners: &[Runner],
) -> Result<Vec<Listed>, NoRatio> {
    let mut places = BTreeMap::new();
    for (position, headcount) in headcounts {
        let headcount = *headcount;
        let count = rules.places(headcount).ok_or(NoRatio { headcount })?;
        places.insert(*position, count);
    }
    let why = |runner: &Runner| {
        if places.contains_key(&runner.position) {
            excluded(rules, runner)
        } else {
            Some(Why::Gone)
        }
    };
    let eligible: Vec<Entry> = runners
        .iter()
        .filter(|runner| why(runner).is_none())
        .map(|runner| Entry {
            id: runner.id,
            group: runner.position,
            total: runner.total,
            marks: runner.marks.clone(),
        })
        .collect();
    let deciding = match rules.ties {
        Ties::AllIn => &[],
        Ties::TieBreak => tie_break,
    };
    let ranks: BTreeMap<i64, u32> = rank(&eligible, deciding)
        .into_iter()
        .filter_map(|place| Some((place.id, place.rank?)))
        .collect();
    // How many share each rank of a position.
    let mut sharing: BTreeMap<(i64, u32), u32> = BTreeMap::new();
    for entry in &eligible {
        if let Some(rank) = ranks.get(&entry.id) {
            *sharing.entry((entry.group, *rank)).or_default() += 1;
        }
    }
    let judged = |runner: &Runner| {
        let rank = ranks.get(&runner.id).copied();
        let verdict = match (why(runner), rank) {
            (Some(why), _) => Verdict::Excluded(why),
            (None, None) => Verdict::Excluded(Why::NoTotal),
            (None, Some(rank)) => {
                let places = places.get(&runner.position).copied().unwrap_or(0);
                let with_him = sharing.get(&(runner.position, rank)).copied().unwrap_or(1);
                by_place(rank, with_him, places)
            }
        };
        Listed {
            id: runner.id,
            position: runner.position,
            rank,
            verdict,
        }
    };
    Ok(runners.iter().map(judged).collect())
}

/// In, if fewer than `places` are better; a tie, if not all who share the rank would have found a place.
pub(super) const fn by_place(rank: u32, sharing: u32, places: u32) -> Verdict {
    if rank > places {
        Verdict::Beyond
    } else if rank.saturating_sub(1).saturating_add(sharing) > places {
        Verdict::Tie
    } else {
        Verdict::In
    }
}

/// The list of an exam without a written paper: everybody whose application lives comes to the interview.
pub fn everybody(runners: &[Runner]) -> Vec<Listed> {
    runners
        .iter()
        .map(|runner| Listed {
            id: runner.id,
            position: runner.position,
            rank: None,
            verdict: if runner.gone {
                Verdict::Excluded(Why::Gone)
            } else {
                Verdict::In
            },
        })
        .collect()
}
