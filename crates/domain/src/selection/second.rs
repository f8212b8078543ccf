//! The list a second time, straight from its definition: somebody enters if and only if fewer than the places of his position are
//! eligible and strictly better than he. Nothing here calls [`super::shortlist::shortlist`] or [`crate::score::rank::rank`].
//!
//! It compares everybody with everybody of his position, which is slow for tens of thousands; for the tests and the invariants.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::rules::{Ends, SelectionRules, Ties};
use super::shortlist::{Listed, Runner, Verdict, Why};
use crate::score::{Decimal, Flag, Mark, Total};

/// The same question as [`super::shortlist::shortlist`]; `None` when the settings have no ratio for a position.
pub fn shortlist(
    rules: &SelectionRules,
    tie_break: &[String],
    headcounts: &BTreeMap<i64, u32>,
    runners: &[Runner],
) -> Option<Vec<Listed>> {
    for headcount in headcounts.values() {
        places(rules, *headcount)?;
    }
    let mut fields: BTreeMap<i64, Vec<&Runner>> = BTreeMap::new();
    for runner in runners {
        if eligible(rules, headcounts, runner).is_none() {
            fields.entry(runner.position).or_default().push(runner);
        }
    }
    let judged = |runner: &Runner| {
        let why = eligible(rules, headcounts, runner);
        let field = fields.get(&runner.position).map_or(&[][..], Vec::as_slice);
        let count = |wanted: Ordering| {
            let them = field
                .iter()
                .filter(|other| against(rules, tie_break, other, runner) == wanted);
            u32::try_from(them.count()).unwrap_or(u32::MAX)
        };
        let places = headcounts
            .get(&runner.position)
            .and_then(|headcount| places(rules, *headcount))
            .unwrap_or(0);
        let (better, equal) = (count(Ordering::Greater), count(Ordering::Equal));
        let verdict = match why {
            Some(why) => Verdict::Excluded(why),
            None if better >= places => Verdict::Beyond,
            None if better + equal > places => Verdict::Tie,
            None => Verdict::In,
        };
        Listed {
            id: runner.id,
            position: runner.position,
            rank: why.is_none().then_some(better + 1),
            verdict,
        }
    };
    Some(runners.iter().map(judged).collect())
}

/// Counted up: the smallest number of places that is enough, or the largest that isn't too many.
fn places(rules: &SelectionRules, headcount: u32) -> Option<u32> {
    let mut steps = rules.ratios.iter();
    let step = steps.find(|step| step.upto == 0 || step.upto >= headcount)?;
    if step.den == 0 {
        return None;
    }
    let (num, den) = (u64::from(step.num), u64::from(step.den));
    let exact = u64::from(headcount) * num;
    let near = exact / den;
    let places = match rules.ends {
        Ends::Up if near * den < exact => near + 1,
        Ends::Up | Ends::Down => near,
    };
    u32::try_from(places).ok()
}

fn eligible(
    rules: &SelectionRules,
    headcounts: &BTreeMap<i64, u32>,
    runner: &Runner,
) -> Option<Why> {
    let mut found = Vec::new();
    if runner.gone || !headcounts.contains_key(&runner.position) {
        found.push(Why::Gone);
    }
    for mark in runner.marks.values() {
        match mark {
            Mark::Normal(number) if rules.exclude.zero && *number == Decimal::ZERO => {
                found.push(Why::Zero);
            }
            Mark::Normal(_) => {}
            Mark::Absent if rules.exclude.absent => found.push(Why::Absent),
            Mark::Violation if rules.exclude.violation => found.push(Why::Violation),
            Mark::Invalidated if rules.exclude.violation => found.push(Why::Invalidated),
            Mark::Absent | Mark::Violation | Mark::Invalidated => {}
        }
    }
    match runner.total {
        Total::Score(_) => {}
        Total::Flagged(Flag::Normal | Flag::Absent | Flag::Violation | Flag::Invalidated)
        | Total::NotUsed => found.push(Why::NoTotal),
    }
    if rules.exclude.below_line && runner.passed == Some(false) {
        found.push(Why::Line);
    }
    // One reason is told: the first of these.
    [
        Why::Gone,
        Why::Invalidated,
        Why::Violation,
        Why::Absent,
        Why::Zero,
        Why::NoTotal,
        Why::Line,
    ]
    .into_iter()
    .find(|why| found.contains(why))
}

/// How one stands against another.
fn against(rules: &SelectionRules, tie_break: &[String], one: &Runner, other: &Runner) -> Ordering {
    let (Total::Score(a), Total::Score(b)) = (one.total, other.total) else {
        return Ordering::Equal;
    };
    if a != b {
        return a.cmp(&b);
    }
    if rules.ties == Ties::TieBreak {
        for subject in tie_break {
            let of = |runner: &Runner| match runner.marks.get(subject) {
                Some(Mark::Normal(number)) => Some(*number),
                _ => None,
            };
            // Who has no mark there stands behind who has one.
            let order = of(one).cmp(&of(other));
            if order != Ordering::Equal {
                return order;
            }
        }
    }
    Ordering::Equal
}
