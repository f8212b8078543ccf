//! 总成绩: the written total and the interview's mark combined by the exam's weights, the ranks by it, and who goes to the 体检.
//!
//! Source: reference `domain.md` §9: `(职测+综应)/3×60% + 面试×40%`, 笔试 60 % + 面试 40 %, and the tie-break lists.

use std::collections::BTreeMap;

use super::rules::SelectionRules;
use super::shortlist::{Verdict, by_place};
use crate::score::bonus::BONUS;
use crate::score::formula::EvalError;
use crate::score::rank::{Entry, rank};
use crate::score::{Decimal, Mark, Total};

/// The name that stands for the written total.
pub const WRITTEN: &str = "笔试";
/// The name that stands for the interview's mark.
pub const INTERVIEW: &str = "面试";

/// The combined total of one person.
///
/// # Errors
/// A part that the formula names and that he doesn't have; a division by zero; a number that can't be kept.
pub fn combine(
    rules: &SelectionRules,
    written: Option<Decimal>,
    interview: Option<Decimal>,
    bonus: Decimal,
) -> Result<Total, EvalError> {
    let Some(formula) = &rules.total else {
        return Ok(Total::NotUsed);
    };
    let value = formula.value(&|name| match name {
        WRITTEN => written,
        INTERVIEW => interview,
        BONUS => Some(bonus),
        _ => None,
    })?;
    value
        .round(rules.digits, rules.rounding)
        .map(Total::Score)
        .ok_or(EvalError::Arithmetic)
}

/// Somebody with a combined total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finalist {
    /// The application.
    pub id: i64,
    /// The position.
    pub position: i64,
    /// His written total.
    pub written: Option<Decimal>,
    /// His interview's mark; `None` if he missed it or broke its rules.
    pub interview: Option<Decimal>,
    /// His combined total.
    pub total: Total,
    /// His written marks by subject.
    pub marks: BTreeMap<String, Mark>,
}

/// A finalist's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinalPlace {
    /// The application.
    pub id: i64,
    /// The position.
    pub position: i64,
    /// Rank by the combined total; `None` without one, without an interview, or below the interview's least mark.
    pub rank: Option<u32>,
    /// How many of the position are ranked.
    pub out_of: u32,
}

/// Ranks the finalists of each position, in the order of the input.
pub fn final_ranks(rules: &SelectionRules, finalists: &[Finalist]) -> Vec<FinalPlace> {
    let entries: Vec<Entry> = finalists.iter().map(|one| entry(rules, one)).collect();
    rank(&entries, &rules.tie_break)
        .into_iter()
        .zip(finalists)
        .map(|(place, one)| FinalPlace {
            id: one.id,
            position: one.position,
            rank: place.rank,
            out_of: place.out_of,
        })
        .collect()
}

fn entry(rules: &SelectionRules, one: &Finalist) -> Entry {
    let reached = one
        .interview
        .is_some_and(|mark| rules.least.is_none_or(|least| mark >= least));
    let mut marks = one.marks.clone();
    for (name, mark) in [(WRITTEN, one.written), (INTERVIEW, one.interview)] {
        if let Some(mark) = mark {
            marks.insert(name.to_owned(), Mark::Normal(mark));
        }
    }
    Entry {
        id: one.id,
        group: one.position,
        total: if reached { one.total } else { Total::NotUsed },
        marks,
    }
}

/// The list for the 体检, one person a post: [`Verdict::In`] as far as the posts go. People who share a rank that the posts aren't enough
/// for are all [`Verdict::Tie`]: here nobody more may enter than posts, so that somebody has to decide between them (加试) first.
/// `None`: he isn't ranked.
///
/// `headcounts`: what each position hires after all amendments.
pub fn medical_list(
    headcounts: &BTreeMap<i64, u32>,
    places: &[FinalPlace],
) -> Vec<(i64, Option<Verdict>)> {
    let mut sharing: BTreeMap<(i64, u32), u32> = BTreeMap::new();
    for place in places {
        if let Some(rank) = place.rank {
            *sharing.entry((place.position, rank)).or_default() += 1;
        }
    }
    let verdict = |place: &FinalPlace| {
        let rank = place.rank?;
        let with_him = sharing.get(&(place.position, rank)).copied().unwrap_or(1);
        let posts = headcounts.get(&place.position).copied().unwrap_or(0);
        Some(by_place(rank, with_him, posts))
    };
    places
        .iter()
        .map(|place| (place.id, verdict(place)))
        .collect()
}
