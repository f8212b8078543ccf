//! Makes a plan: the same input, options and seed always give the same one.
//!
//! Candidates are taken apart by region and by need of accommodation. Those who share papers fill rooms of their own,
//! first by level or specialty, then by paper; what is left over shares tail rooms (混编). Inside a room neighbours are
//! chosen to share no employer or school.

use std::collections::{BTreeMap, BTreeSet};

use super::input::{Candidate, Options, Room, RoomUse, Seat, SeatKeeping};
use super::pattern::Pattern;
use super::seed::{Shuffler, seed_hash};

/// A plan and what staff want to know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Every seat, by session, room and seat.
    pub seats: Vec<Seat>,
    /// SHA-256 of the seed.
    pub seed_hash: String,
    /// Rooms that open more than one paper in some session.
    pub mixed_rooms: BTreeSet<u32>,
    /// Neighbours who share an employer or school, because there was no other way.
    pub close_pairs: u32,
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

/// People of one room.
type Filled<'a> = Vec<(&'a Room, Vec<&'a Candidate>)>;

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
struct Part<'a> {
    region: &'a str,
    usage: RoomUse,
    rooms: Vec<&'a Room>,
    options: &'a Options,
    seed: &'a str,
}

impl<'a> Part<'a> {
    /// One seat over all sessions. Candidates without a common session, even through others, may use the same rooms.
    fn keep_seats(&self, people: &[&'a Candidate], plan: &mut Plan) -> Result<(), PlanProblem> {
        for people in components(people) {
            let filled = self.fill(&people, &self.rooms, &|candidate| papers_text(candidate))?;
            for (room, people) in filled {
                self.seat(room, people, None, plan);
            }
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
                for (room, people) in self.fill(&here, &rooms, &paper)? {
                    self.seat(room, people, Some(session), plan);
                }
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

    /// Puts people into rooms: whole rooms of one paper and group, then of one paper, then tail rooms.
    fn fill(
        &self,
        people: &[&'a Candidate],
        rooms: &[&'a Room],
        paper: &dyn Fn(&Candidate) -> String,
    ) -> Result<Filled<'a>, PlanProblem> {
        let capacity: u64 = rooms.iter().map(|room| u64::from(room.capacity)).sum();
        if capacity < people.len() as u64 {
            return Err(self.shortage(people));
        }
        let mut groups: BTreeMap<(String, &str), Vec<&'a Candidate>> = BTreeMap::new();
        for person in people {
            groups
                .entry((paper(person), person.group.as_str()))
                .or_default()
                .push(person);
        }
        let mut filled = Filled::new();
        let mut rooms = rooms
            .iter()
            .copied()
            .filter(|room| room.capacity > 0)
            .peekable();
        let mut by_paper: BTreeMap<String, Vec<&'a Candidate>> = BTreeMap::new();
        for ((paper, group), mut people) in groups {
            let purpose = format!(
                "{}\u{1}{}\u{1}{paper}\u{1}{group}",
                self.region,
                self.usage.code()
            );
            Shuffler::new(self.seed, &purpose).shuffle(&mut people);
            take_whole_rooms(&mut people, &mut rooms, &mut filled);
            by_paper.entry(paper).or_default().extend(people);
        }
        let mut tail = Vec::new();
        for (_, mut people) in by_paper {
            take_whole_rooms(&mut people, &mut rooms, &mut filled);
            tail.extend(people);
        }
        while !tail.is_empty() {
            let Some(room) = rooms.next() else {
                return Err(self.shortage(people));
            };
            let here = tail.drain(..tail.len().min(seats_of(room))).collect();
            filled.push((room, here));
        }
        Ok(filled)
    }

    /// Gives out the seats of one room, for one session or for all that each person sits.
    fn seat(&self, room: &Room, people: Vec<&'a Candidate>, only: Option<u32>, plan: &mut Plan) {
        let people = if self.options.spread {
            spread(people, &self.options.pattern)
        } else {
            people
        };
        let mut papers: BTreeMap<u32, &str> = BTreeMap::new();
        for (seat, person) in (1u32..).zip(&people) {
            let sits = person
                .sittings
                .iter()
                .filter(|one| only.is_none_or(|session| session == one.session));
            for sitting in sits {
                plan.seats.push(Seat {
                    candidate: person.id,
                    session: sitting.session,
                    room: room.no,
                    seat,
                });
                if *papers.entry(sitting.session).or_insert(&sitting.paper) != sitting.paper {
                    plan.mixed_rooms.insert(room.no);
                }
            }
        }
        plan.close_pairs += close_pairs(&people, &self.options.pattern);
    }
}

fn seats_of(room: &Room) -> usize {
    usize::try_from(room.capacity).unwrap_or(usize::MAX)
}

/// Fills rooms as long as the people fill them to the last seat; the rest stays in `people`.
fn take_whole_rooms<'a>(
    people: &mut Vec<&'a Candidate>,
    rooms: &mut std::iter::Peekable<impl Iterator<Item = &'a Room>>,
    filled: &mut Filled<'a>,
) {
    while let Some(room) = rooms.next_if(|room| seats_of(room) <= people.len()) {
        filled.push((room, people.drain(..seats_of(room)).collect()));
    }
}

fn papers_text(candidate: &Candidate) -> String {
    candidate
        .bundle()
        .iter()
        .map(|sitting| format!("{:05}\u{2}{}\u{3}", sitting.session, sitting.paper))
        .collect()
}

fn paper_of(candidate: &Candidate, session: u32) -> Option<&str> {
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

fn close(a: &Candidate, b: &Candidate) -> bool {
    a.apart
        .iter()
        .any(|one| !one.is_empty() && b.apart.contains(one))
}

/// Seats that touch a seat and have a lower number, by seat number from 1.
fn lower_neighbours(count: usize, pattern: &Pattern) -> Vec<Vec<usize>> {
    let desks: BTreeMap<_, usize> = (1u32..)
        .zip(0..count)
        .map(|(seat, index)| (pattern.desk(seat), index))
        .collect();
    let mut neighbours = vec![Vec::new(); count];
    for (desk, index) in &desks {
        for (column, row) in [(1, 0), (0, 1)] {
            let beside = super::pattern::Desk {
                column: desk.column + column,
                row: desk.row + row,
            };
            if let Some(other) = desks.get(&beside) {
                let (low, high) = (*index.min(other), *index.max(other));
                if let Some(list) = neighbours.get_mut(high) {
                    list.push(low);
                }
            }
        }
    }
    neighbours
}

/// Seats people one by one, each time the first who shares least with those already beside him.
fn spread<'a>(people: Vec<&'a Candidate>, pattern: &Pattern) -> Vec<&'a Candidate> {
    let neighbours = lower_neighbours(people.len(), pattern);
    let mut waiting = people;
    let mut seated: Vec<&Candidate> = Vec::with_capacity(waiting.len());
    for beside in &neighbours {
        let clashes = |person: &Candidate| {
            beside
                .iter()
                .filter_map(|seat| seated.get(*seat))
                .filter(|other| close(person, other))
                .count()
        };
        // Among equals, whoever has most namesakes still waiting goes first: left to the end they would sit together.
        let crowd =
            |person: &Candidate| waiting.iter().filter(|other| close(person, other)).count();
        let best = (0..waiting.len())
            .filter_map(|index| waiting.get(index).map(|person| (index, person)))
            .min_by_key(|(index, person)| {
                (clashes(person), std::cmp::Reverse(crowd(person)), *index)
            })
            .map(|(index, _)| index);
        if let Some(index) = best {
            let person = waiting.remove(index);
            seated.push(person);
        }
    }
    seated
}

fn close_pairs(people: &[&Candidate], pattern: &Pattern) -> u32 {
    let neighbours = lower_neighbours(people.len(), pattern);
    let pairs = people.iter().zip(&neighbours).flat_map(|(person, beside)| {
        beside
            .iter()
            .filter_map(|seat| people.get(*seat))
            .filter(move |other| close(person, other))
    });
    u32::try_from(pairs.count()).unwrap_or(u32::MAX)
}
