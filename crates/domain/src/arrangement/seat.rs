//! Seats of a block: dealt out to its rooms, placed in each, and measured against what is inevitable.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::Block;
use super::bound::{Bound, least_over};
use super::classes::Classes;
use super::deal;
use super::generate::{ClosePair, Part, Plan, paper_of};
use super::input::{Candidate, Room, Seat};
use super::place::{self, Clashes};
use super::seed::Shuffler;

/// Whose seats are given out together: one session, or all that people share.
pub(super) struct Scope {
    /// For what is drawn.
    pub(super) name: String,
    /// The session; `None` where people keep their seats over all of theirs.
    pub(super) only: Option<u32>,
}

impl<'a> Part<'a> {
    /// What is drawn for a purpose, alike for the same people whatever else the plan has.
    pub(super) fn shuffler(&self, scope: &Scope, purpose: &str) -> Shuffler {
        let purpose = format!(
            "{}\u{1}{}\u{1}{}\u{1}{purpose}",
            self.region,
            self.usage.code(),
            scope.name
        );
        Shuffler::new(self.seed, &purpose)
    }

    /// Gives out the seats of a block.
    pub(super) fn seat_block(&self, block: &Block<'a>, scope: &Scope, plan: &mut Plan) {
        let people = block.people();
        let classes = Classes::of(&people);
        let mut known: BTreeMap<usize, Bound> = BTreeMap::new();
        let bounds: Vec<Bound> = block
            .rooms
            .iter()
            .map(|(_, seats)| {
                let bound = || Bound::of(&self.options.pattern.graph(*seats));
                *known.entry(*seats).or_insert_with(bound)
            })
            .collect();
        // People who are never there together are no neighbours, and nothing is inevitable among them.
        let together = scope.only.is_some() || share_a_session(&people);
        if together {
            plan.floor += number(classes.floor(|members| least_over(&bounds, members)));
        }
        plan.blocks += 1;
        let dealt = if self.options.spread {
            let mut shuffler = self.shuffler(scope, &format!("deal\u{1}{}", block.label));
            deal::deal(block, &classes, &bounds, &mut shuffler)
        } else {
            deal::pour(block)
        };
        for (((room, _), bound), members) in block.rooms.iter().zip(&bounds).zip(dealt) {
            let members = members.into_iter();
            let here = members.filter_map(|index| people.get(index).copied());
            let here: Vec<&Candidate> = here.collect();
            self.seat_room((room, bound), &here, together, scope, plan);
        }
    }

    /// Gives out the seats of one room, for one session or for all that each person sits.
    fn seat_room(
        &self,
        (room, bound): (&Room, &Bound),
        here: &[&'a Candidate],
        together: bool,
        scope: &Scope,
        plan: &mut Plan,
    ) {
        let graph = self.options.pattern.graph(here.len());
        let classes = Classes::of(here);
        let meeting = |one: usize, other: usize| match scope.only {
            Some(session) => Some(session),
            None => first_meeting(here.get(one)?, here.get(other)?),
        };
        let meet = |one: usize, other: usize| together || meeting(one, other).is_some();
        let clashes = Clashes::of(here.len(), &classes, meet);
        let floor = if together {
            classes.room_floor(bound)
        } else {
            0
        };
        let mut shuffler = self.shuffler(scope, &format!("place\u{1}{}", room.no));
        let order = if self.options.spread {
            place::place(&graph, &classes, &clashes, floor, &mut shuffler)
        } else {
            (0..here.len()).collect()
        };
        let mut papers: BTreeMap<u32, &str> = BTreeMap::new();
        let seated = order.iter().filter_map(|index| here.get(*index));
        for (seat, person) in (1u32..).zip(seated) {
            let sits = person.sittings.iter();
            for sitting in sits.filter(|one| scope.only.is_none_or(|only| only == one.session)) {
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
        let close = place::close(&graph, &clashes, &order);
        plan.close_pairs += number(close.len());
        for (a, b) in close {
            let at = |seat: usize| order.get(seat).copied().unwrap_or(usize::MAX);
            plan.close.push(ClosePair {
                session: meeting(at(a), at(b)).unwrap_or(0),
                room: room.no,
                a: number(a + 1),
                b: number(b + 1),
            });
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The first session that two people both sit.
fn first_meeting(one: &Candidate, other: &Candidate) -> Option<u32> {
    let sessions = one.sittings.iter().map(|sitting| sitting.session);
    sessions
        .filter(|session| paper_of(other, *session).is_some())
        .min()
}

/// Whether there is a session that everybody sits.
fn share_a_session(people: &[&Candidate]) -> bool {
    let Some((first, others)) = people.split_first() else {
        return true;
    };
    let mut sessions: BTreeSet<u32> = first.sittings.iter().map(|one| one.session).collect();
    for person in others {
        sessions.retain(|session| paper_of(person, *session).is_some());
    }
    !sessions.is_empty()
}
