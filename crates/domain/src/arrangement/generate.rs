//! Makes a plan: the same input, options and seed always give the same one.
//!
//! Candidates are taken apart by region and by need of accommodation. Those who share papers fill rooms of their own, first by
//! level or specialty, then by paper; what is left over shares tail rooms (`blocks`). Inside such a block people are dealt out so
//! that each room can keep apart those who share an employer or school (`deal`), then seated so that as few as can be are
//! neighbours (`place`). How few that is, whatever the seating, is known beforehand (`bound`).

use std::collections::{BTreeMap, BTreeSet};

use super::blocks;
use super::input::{Candidate, Options, Room, RoomUse, Seat, SeatKeeping};
use super::seat::Scope;
use super::seed::seed_hash;

/// The version of the way in which a plan is made: kept with each, since another one makes another plan from the same seed. 1 was
/// without a floor and dealt people out by chance alone.
pub const ALGORITHM: u32 = 2;

/// Most pairs of neighbours that a plan lists.
pub const MOST_CLOSE: usize = 10_000;

/// Neighbours who share an employer or school.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClosePair {
    /// The first session in which they sit there.
    pub session: u32,
    /// The room.
    pub room: u32,
    /// The lower seat.
    pub a: u32,
    /// The other one.
    pub b: u32,
}

/// A plan and what staff want to know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Every seat, by session, room and seat.
    pub seats: Vec<Seat>,
    /// SHA-256 of the seed.
    pub seed_hash: String,
    /// Rooms that open more than one paper in some session.
    pub mixed_rooms: BTreeSet<u32>,
    /// Neighbours who share an employer or school; those of several sessions count once if they keep their seats.
    pub close_pairs: u32,
    /// The least that [`Plan::close_pairs`] could be with as many people of each paper in each room, whoever sits where.
    pub floor: u32,
    /// The pairs, at most [`MOST_CLOSE`].
    pub close: Vec<ClosePair>,
    /// Groups of rooms that were filled together.
    pub blocks: usize,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanProblem {
    /// Nobody to seat.
    #[error("没有需要编排的考生")]
    NoCandidates,
    /// Rooms are missing.
    #[error("{}{}不够：需要 {need} 个座位，现有 {have} 个", region_text(.region), .usage.label())]
    NotEnough {
        /// Region, empty where the exam has one.
        region: String,
        /// Kind of room.
        usage: RoomUse,
        /// Seats needed.
        need: u64,
        /// Seats there.
        have: u64,
    },
    /// Two rooms with one number.
    #[error("考场号 {0} 重复")]
    RoomTwice(u32),
    /// A candidate twice in the list.
    #[error("考生 {0} 在名单中出现两次")]
    CandidateTwice(i64),
    /// A candidate with no sitting, or two papers in one session.
    #[error("考生 {0} 的科目安排有误：没有科目，或同一场次有两个科目")]
    BadSittings(i64),
    /// The pattern can't be used.
    #[error("{0}")]
    Pattern(String),
}

fn region_text(region: &str) -> String {
    if region.is_empty() {
        String::new()
    } else {
        format!("考区“{region}”的")
    }
}

/// Makes the plan.
pub fn generate(
    candidates: &[Candidate],
    rooms: &[Room],
    options: &Options,
    seed: &str,
) -> Result<Plan, PlanProblem> {
    refuse_bad_input(candidates, rooms, options)?;
    let mut plan = Plan {
        seats: Vec::new(),
        seed_hash: seed_hash(seed),
        mixed_rooms: BTreeSet::new(),
        close_pairs: 0,
        floor: 0,
        close: Vec::new(),
        blocks: 0,
    };
    let mut parts: BTreeMap<(&str, bool), Vec<&Candidate>> = BTreeMap::new();
    for candidate in candidates {
        parts
            .entry((&candidate.region, candidate.accommodation))
            .or_default()
            .push(candidate);
    }
    for ((region, accommodation), mut people) in parts {
        people.sort_by_key(|candidate| candidate.id);
        let usage = if accommodation {
            RoomUse::Accommodation
        } else {
            RoomUse::Standard
        };
        let mut rooms: Vec<&Room> = rooms
            .iter()
            .filter(|room| room.region == region && room.usage == usage)
            .collect();
        rooms.sort_by_key(|room| (room.site, room.no));
        let part = Part {
            region,
            usage,
            rooms,
            options,
            seed,
        };
        match options.keeping {
            SeatKeeping::Seat => part.keep_seats(&people, &mut plan)?,
            SeatKeeping::Site => part.keep_sites(&people, &mut plan)?,
        }
    }
    plan.seats
        .sort_by_key(|seat| (seat.session, seat.room, seat.seat));
    plan.close.sort_unstable();
    plan.close.truncate(MOST_CLOSE);
    Ok(plan)
}

fn refuse_bad_input(
    candidates: &[Candidate],
    rooms: &[Room],
    options: &Options,
) -> Result<(), PlanProblem> {
    if candidates.is_empty() {
        return Err(PlanProblem::NoCandidates);
    }
    if let Some(problem) = options.pattern.problems().into_iter().next() {
        return Err(PlanProblem::Pattern(problem));
    }
    let mut numbers = BTreeSet::new();
    if let Some(room) = rooms.iter().find(|room| !numbers.insert(room.no)) {
        return Err(PlanProblem::RoomTwice(room.no));
    }
    let mut ids = BTreeSet::new();
    for candidate in candidates {
        if !ids.insert(candidate.id) {
            return Err(PlanProblem::CandidateTwice(candidate.id));
        }
        let sessions: BTreeSet<u32> = candidate
            .sittings
            .iter()
            .map(|sitting| sitting.session)
            .collect();
        if sessions.is_empty() || sessions.len() != candidate.sittings.len() {
            return Err(PlanProblem::BadSittings(candidate.id));
        }
    }
    Ok(())
}

/// One region and kind of room.
pub(super) struct Part<'a> {
    pub(super) region: &'a str,
    pub(super) usage: RoomUse,
    pub(super) rooms: Vec<&'a Room>,
    pub(super) options: &'a Options,
    pub(super) seed: &'a str,
}

impl<'a> Part<'a> {
    /// One seat over all sessions. Candidates without a common session, even through others, may use the same rooms.
    fn keep_seats(&self, people: &[&'a Candidate], plan: &mut Plan) -> Result<(), PlanProblem> {
        for people in components(people) {
            // Components share no session: the first one names theirs.
            let first = people.iter().filter_map(|one| one.first_session()).min();
            let scope = Scope {
                name: first.unwrap_or(0).to_string(),
                only: None,
            };
            let paper = |candidate: &Candidate| papers_text(candidate);
            self.fill(&people, &self.rooms, &paper, &scope, plan)?;
        }
        Ok(())
    }

    /// One site over all sessions, rooms filled anew for each.
    fn keep_sites(&self, people: &[&'a Candidate], plan: &mut Plan) -> Result<(), PlanProblem> {
        let mut left: BTreeMap<(u32, u32), u64> = BTreeMap::new();
        let mut sites: Vec<u32> = self.rooms.iter().map(|room| room.site).collect();
        sites.dedup();
        let capacity = |site: u32| -> u64 {
            self.rooms
                .iter()
                .filter(|room| room.site == site)
                .map(|room| u64::from(room.capacity))
                .sum()
        };
        let mut order = people.to_vec();
        // Who sits most sessions is hardest to place and comes first; then those of one paper and group together.
        order.sort_by_cached_key(|one| {
            (
                std::cmp::Reverse(one.sittings.len()),
                papers_text(one),
                one.group.clone(),
                one.id,
            )
        });
        let mut by_site: BTreeMap<u32, Vec<&'a Candidate>> = BTreeMap::new();
        for person in order {
            let fits = |site: &&u32| {
                person.sittings.iter().all(|sitting| {
                    left.get(&(**site, sitting.session))
                        .copied()
                        .unwrap_or_else(|| capacity(**site))
                        > 0
                })
            };
            let Some(site) = sites.iter().find(fits).copied() else {
                return Err(self.shortage(&busiest_session(people)));
            };
            for sitting in &person.sittings {
                let seats = left
                    .entry((site, sitting.session))
                    .or_insert_with(|| capacity(site));
                *seats = seats.saturating_sub(1);
            }
            by_site.entry(site).or_default().push(person);
        }
        for (site, people) in by_site {
            let rooms: Vec<&Room> = self
                .rooms
                .iter()
                .copied()
                .filter(|room| room.site == site)
                .collect();
            let sessions: BTreeSet<u32> = people
                .iter()
                .flat_map(|one| one.sittings.iter().map(|sitting| sitting.session))
                .collect();
            for session in sessions {
                let here: Vec<&Candidate> = people
                    .iter()
                    .copied()
                    .filter(|one| paper_of(one, session).is_some())
                    .collect();
                let paper = |one: &Candidate| paper_of(one, session).unwrap_or_default().to_owned();
                let scope = Scope {
                    name: format!("{session}/{site}"),
                    only: Some(session),
                };
                self.fill(&here, &rooms, &paper, &scope, plan)?;
            }
        }
        Ok(())
    }

    fn shortage(&self, people: &[&Candidate]) -> PlanProblem {
        PlanProblem::NotEnough {
            region: self.region.to_owned(),
            usage: self.usage,
            need: people.len() as u64,
            have: self.rooms.iter().map(|room| u64::from(room.capacity)).sum(),
        }
    }

    /// Fills rooms with people and gives out their seats.
    fn fill(
        &self,
        people: &[&'a Candidate],
        rooms: &[&'a Room],
        paper: &dyn Fn(&Candidate) -> String,
        scope: &Scope,
        plan: &mut Plan,
    ) -> Result<(), PlanProblem> {
        let shuffler = |label: &str| self.shuffler(scope, label);
        let capacity: u64 = rooms.iter().map(|room| u64::from(room.capacity)).sum();
        let blocks = (capacity >= people.len() as u64)
            .then(|| blocks::fill(people, rooms, paper, &shuffler))
            .flatten()
            .ok_or_else(|| self.shortage(people))?;
        for block in blocks {
            self.seat_block(&block, scope, plan);
        }
        Ok(())
    }
}

fn papers_text(candidate: &Candidate) -> String {
    candidate
        .bundle()
        .iter()
        .map(|sitting| format!("{:05}\u{2}{}\u{3}", sitting.session, sitting.paper))
        .collect()
}

pub(super) fn paper_of(candidate: &Candidate, session: u32) -> Option<&str> {
    candidate
        .sittings
        .iter()
        .find(|sitting| sitting.session == session)
        .map(|sitting| sitting.paper.as_str())
}

/// The people of the session that most of them sit: what a shortage is measured by.
fn busiest_session<'a>(people: &[&'a Candidate]) -> Vec<&'a Candidate> {
    let mut by_session: BTreeMap<u32, Vec<&'a Candidate>> = BTreeMap::new();
    for person in people {
        for sitting in &person.sittings {
            by_session.entry(sitting.session).or_default().push(person);
        }
    }
    by_session
        .into_values()
        .max_by_key(Vec::len)
        .unwrap_or_default()
}

/// Groups of people such that no two groups share a session.
fn components<'a>(people: &[&'a Candidate]) -> Vec<Vec<&'a Candidate>> {
    let mut leader: BTreeMap<u32, u32> = BTreeMap::new();
    fn find(leader: &BTreeMap<u32, u32>, mut session: u32) -> u32 {
        while let Some(next) = leader.get(&session).filter(|next| **next != session) {
            session = *next;
        }
        session
    }
    for person in people {
        let mut first = None;
        for sitting in &person.sittings {
            leader.entry(sitting.session).or_insert(sitting.session);
            let root = find(&leader, sitting.session);
            let joined = *first.get_or_insert(root);
            let joined = find(&leader, joined);
            // The lower session leads, so that the result doesn't depend on the order of people.
            leader.insert(root.max(joined), root.min(joined));
        }
    }
    let mut groups: BTreeMap<u32, Vec<&'a Candidate>> = BTreeMap::new();
    for person in people {
        if let Some(session) = person.first_session() {
            groups
                .entry(find(&leader, session))
                .or_default()
                .push(person);
        }
    }
    groups.into_values().collect()
}
