//! 递补: who follows when a place gets free, and until when he has to say so.
//!
//! In rank order, by whole ranks: of two who are equal neither can be asked before the other. Source: reference `domain.md` §4
//! (递补 in rank order until the interview notice is issued; at 体检 and 考察 one or two rounds).

use std::collections::{BTreeMap, BTreeSet};

use super::combine::FinalPlace;
use super::rules::SelectionRules;
use super::shortlist::{Listed, Verdict};
use crate::time::Timestamp;

/// Free places of a position.
///
/// `alive`: who is called, asked or further on. People who shared the last place can be more than the places: then nothing gets free
/// until they are fewer.
pub const fn vacant(places: u32, alive: u32) -> u32 {
    places.saturating_sub(alive)
}

/// Whom to ask next for the interview when so many places of a position are free: of those behind the last place, whole ranks in order
/// until there are enough. Never somebody of `used`: who was called or asked before, whatever became of him.
///
/// `listed`: one position's list.
pub fn next_in_line(listed: &[Listed], used: &BTreeSet<i64>, free: u32) -> Vec<i64> {
    in_order(
        listed
            .iter()
            .filter(|one| one.verdict == Verdict::Beyond)
            .filter_map(|one| Some((one.rank?, one.id))),
        used,
        free,
    )
}

/// Whom to ask next for the 体检 when so many posts are free: by the combined total. Who has no rank there, since he missed the interview
/// or stayed below its least mark, never follows.
///
/// `places`: one position's.
pub fn next_for_medical(places: &[FinalPlace], used: &BTreeSet<i64>, free: u32) -> Vec<i64> {
    in_order(
        places.iter().filter_map(|one| Some((one.rank?, one.id))),
        used,
        free,
    )
}

fn in_order(ranked: impl Iterator<Item = (u32, i64)>, used: &BTreeSet<i64>, free: u32) -> Vec<i64> {
    let mut ranks: BTreeMap<u32, BTreeSet<i64>> = BTreeMap::new();
    for (rank, id) in ranked {
        if !used.contains(&id) {
            ranks.entry(rank).or_default().insert(id);
        }
    }
    let free = usize::try_from(free).unwrap_or(usize::MAX);
    let mut next = Vec::new();
    for ids in ranks.into_values() {
        if next.len() >= free {
            break;
        }
        next.extend(ids);
    }
    next
}

/// Who of a position's list was passed over: isn't of `used`, though somebody of a worse rank is. Empty when 递补 went by the ranks.
pub fn passed_over(listed: &[Listed], used: &BTreeSet<i64>) -> Vec<i64> {
    let behind = |one: &&Listed| one.verdict == Verdict::Beyond;
    let worst = listed
        .iter()
        .filter(behind)
        .filter(|one| used.contains(&one.id))
        .filter_map(|one| one.rank)
        .max();
    listed
        .iter()
        .filter(behind)
        .filter(|one| !used.contains(&one.id) && one.rank.is_some_and(|rank| Some(rank) < worst))
        .map(|one| one.id)
        .collect()
}

/// Whether a place that gets free at 体检 or 考察 is filled once more, after so many times.
pub const fn again(rules: &SelectionRules, rounds: u8) -> bool {
    rounds < rules.medical_rounds
}

/// The instant from which an offer doesn't stand any more.
pub fn answer_by(rules: &SelectionRules, offered_at: Timestamp) -> Timestamp {
    offered_at.plus_seconds(i64::from(rules.offer_hours) * 3600)
}

/// Whether an answer comes in time: before the deadline, as all windows close. What isn't in time has lapsed; never both.
pub fn in_time(due_at: Timestamp, at: Timestamp) -> bool {
    at < due_at
}
