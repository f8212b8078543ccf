//! Seats inside a room: by chance, then changed until as few neighbours as can be share something.

use std::cmp::Reverse;

use super::classes::Classes;
use super::pattern::Graph;
use super::seed::Shuffler;

/// How often a room is begun anew while it is above its floor: every other time from the order that keeps large classes apart.
const TRIES: usize = 6;
/// Changes in one try, for each seat.
const CHANGES: usize = 4;
/// Draws that mix a room without making it worse, for each seat.
const MIXED: usize = 8;

/// Who mustn't sit beside whom, among the people of a room by their index.
#[derive(Debug, Clone)]
pub(super) struct Clashes {
    people: usize,
    rows: Vec<bool>,
    any: bool,
}

impl Clashes {
    /// Whoever shares a class and, as `meet` says, is ever there with the other.
    pub(super) fn of(
        people: usize,
        classes: &Classes,
        meet: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let mut clashes = Self {
            people,
            rows: vec![false; people * people],
            any: false,
        };
        for class in 0..classes.len() {
            let members = classes.members(class);
            for (at, one) in members.iter().enumerate() {
                for other in members.iter().skip(at + 1) {
                    if meet(*one, *other) {
                        clashes.set(*one, *other);
                        clashes.set(*other, *one);
                        clashes.any = true;
                    }
                }
            }
        }
        clashes
    }

    fn set(&mut self, one: usize, other: usize) {
        if let Some(cell) = self.rows.get_mut(one * self.people + other) {
            *cell = true;
        }
    }

    /// Whether two people mustn't sit beside each other.
    fn between(&self, one: usize, other: usize) -> bool {
        let cell = self.rows.get(one * self.people + other);
        cell.copied().unwrap_or(false)
    }
}

/// The people of a room by seat. `floor`: what no seating is below.
pub(super) fn place(
    graph: &Graph,
    classes: &Classes,
    clashes: &Clashes,
    floor: usize,
    shuffler: &mut Shuffler,
) -> Vec<usize> {
    let mut drawn: Vec<usize> = (0..clashes.people).collect();
    shuffler.shuffle(&mut drawn);
    if !clashes.any {
        return drawn;
    }
    let mut best: Option<(usize, Vec<usize>)> = None;
    for turn in 0..TRIES {
        let by_colour = turn % 2 == 1;
        let seats = if by_colour {
            alternate(graph, classes, &drawn, turn % 4 == 1)
        } else {
            drawn.clone()
        };
        let mut room = Room::new(graph, clashes, seats);
        room.improve(floor, shuffler);
        let better = best.as_ref().is_none_or(|(total, _)| room.total < *total);
        if better {
            if by_colour {
                room.mix(shuffler);
            }
            best = Some((room.total, room.seats));
        }
        if best.as_ref().is_some_and(|(total, _)| *total <= floor) {
            break;
        }
        shuffler.shuffle(&mut drawn);
    }
    best.map_or(drawn, |(_, seats)| seats)
}

/// Neighbours who clash, by the index of their seats.
pub(super) fn close(graph: &Graph, clashes: &Clashes, seats: &[usize]) -> Vec<(usize, usize)> {
    let at = |seat: usize| seats.get(seat).copied().unwrap_or(usize::MAX);
    let touching = graph.edges.iter().copied();
    touching
        .filter(|(a, b)| clashes.between(at(*a), at(*b)))
        .collect()
}

/// The largest class on the one colour of a chessboard, from the front to the back, and the others in order over what is left: a
/// class is parted only where a colour ends.
fn alternate(graph: &Graph, classes: &Classes, drawn: &[usize], white: bool) -> Vec<usize> {
    let mut desks: Vec<usize> = (0..graph.desks.len()).collect();
    desks.sort_by_key(|index| {
        let desk = graph.desks.get(*index);
        desk.map(|desk| (desk.is_white() != white, desk.row, desk.column))
    });
    let mut people = drawn.to_vec();
    people.sort_by_key(|person| {
        let own = classes.of_person(*person).iter();
        let largest = own.map(|class| (classes.members(*class).len(), Reverse(*class)));
        Reverse(largest.max())
    });
    let mut seats = vec![usize::MAX; desks.len()];
    for (desk, person) in desks.into_iter().zip(people) {
        if let Some(seat) = seats.get_mut(desk) {
            *seat = person;
        }
    }
    seats
}

/// A room whose seats are being changed.
struct Room<'r> {
    graph: &'r Graph,
    clashes: &'r Clashes,
    seats: Vec<usize>,
    /// Neighbours who clash.
    total: usize,
}

impl<'r> Room<'r> {
    fn new(graph: &'r Graph, clashes: &'r Clashes, seats: Vec<usize>) -> Self {
        let total = close(graph, clashes, &seats).len();
        Self {
            graph,
            clashes,
            seats,
            total,
        }
    }

    fn at(&self, seat: usize) -> usize {
        self.seats.get(seat).copied().unwrap_or(usize::MAX)
    }

    fn beside(&self, seat: usize) -> &'r [usize] {
        self.graph.neighbours.get(seat).map_or(&[], Vec::as_slice)
    }

    /// With how many of the neighbours of `seat`, `except` one, `person` would clash.
    fn clashing(&self, person: usize, seat: usize, except: usize) -> usize {
        let beside = self.beside(seat).iter().filter(|other| **other != except);
        beside
            .filter(|other| self.clashes.between(person, self.at(**other)))
            .count()
    }

    /// Clashes before and after two people change places.
    fn change(&self, a: usize, b: usize) -> (usize, usize) {
        let (one, other) = (self.at(a), self.at(b));
        let before = self.clashing(one, a, b) + self.clashing(other, b, a);
        let after = self.clashing(other, a, b) + self.clashing(one, b, a);
        (before, after)
    }

    fn swap(&mut self, a: usize, b: usize, (before, after): (usize, usize)) {
        self.seats.swap(a, b);
        self.total = (self.total + after).saturating_sub(before);
    }

    /// Takes somebody who clashes, by chance, to the best other place, also if that is no better, until the floor is reached.
    fn improve(&mut self, floor: usize, shuffler: &mut Shuffler) {
        let count = self.seats.len();
        for _ in 0..CHANGES * count {
            if self.total <= floor {
                return;
            }
            let close = close(self.graph, self.clashes, &self.seats);
            let Some((one, other)) = close.get(shuffler.below(close.len())).copied() else {
                return;
            };
            let seat = if shuffler.below(2) == 0 { one } else { other };
            let first = shuffler.below(count);
            let mut best: Option<(usize, usize, (usize, usize))> = None;
            for there in (first..count)
                .chain(0..first)
                .filter(|there| *there != seat)
            {
                let (before, after) = self.change(seat, there);
                // As a whole number: what is left if all of the old clashes were gone.
                let cost = (self.total + after).saturating_sub(before);
                if cost <= self.total && best.is_none_or(|(known, ..)| cost < known) {
                    best = Some((cost, there, (before, after)));
                }
            }
            if let Some((_, there, change)) = best {
                self.swap(seat, there, change);
            }
        }
    }

    /// Changes that neither help nor harm, so that the order leaves no trace.
    fn mix(&mut self, shuffler: &mut Shuffler) {
        let count = self.seats.len();
        for _ in 0..MIXED * count {
            let (a, b) = (shuffler.below(count), shuffler.below(count));
            let change = self.change(a, b);
            if a != b && change.0 == change.1 {
                self.swap(a, b, change);
            }
        }
    }
}
