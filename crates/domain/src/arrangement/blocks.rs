//! Which rooms open which papers, and how many people of each: whole rooms of one paper and group, then of one paper, then tail
//! rooms (尾数混编). Who goes where inside a block is dealt out afterwards.

use std::collections::BTreeMap;

use super::input::{Candidate, Room};
use super::seed::Shuffler;

/// People who may change places: those of one paper and group in the rooms of one block.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    /// They, shuffled.
    pub(super) people: Vec<&'a Candidate>,
    /// How many of them each room takes, by the room's index in the block.
    pub(super) places: Vec<(usize, usize)>,
}

/// Rooms that are filled together.
#[derive(Debug, Clone)]
pub(super) struct Block<'a> {
    /// Paper and group, as far as they are one: draws of one block leave the others as they were.
    pub(super) label: String,
    /// Rooms, and how many people each takes.
    pub(super) rooms: Vec<(&'a Room, usize)>,
    /// Who goes into them.
    pub(super) parts: Vec<Part<'a>>,
}

impl<'a> Block<'a> {
    /// Everybody, part after part.
    pub(super) fn people(&self) -> Vec<&'a Candidate> {
        let parts = self.parts.iter();
        parts.flat_map(|part| part.people.iter().copied()).collect()
    }
}

/// The rooms that are left, in their order.
type Left<'a> = std::iter::Peekable<std::vec::IntoIter<&'a Room>>;

/// Deals people out to rooms by `paper`; `None` when the rooms don't suffice. `purpose` names what is drawn.
pub(super) fn fill<'a>(
    people: &[&'a Candidate],
    rooms: &[&'a Room],
    paper: &dyn Fn(&Candidate) -> String,
    shuffler: &dyn Fn(&str) -> Shuffler,
) -> Option<Vec<Block<'a>>> {
    let mut groups: BTreeMap<(String, &str), Vec<&'a Candidate>> = BTreeMap::new();
    for person in people {
        let group = (paper(person), person.group.as_str());
        groups.entry(group).or_default().push(person);
    }
    let open = rooms.iter().copied().filter(|room| room.capacity > 0);
    let mut left: Left<'a> = open.collect::<Vec<_>>().into_iter().peekable();
    let mut blocks = Vec::new();
    let mut by_paper: BTreeMap<String, Vec<Vec<&'a Candidate>>> = BTreeMap::new();
    for ((paper, group), mut people) in groups {
        let label = format!("{paper}\u{1}{group}");
        shuffler(&label).shuffle(&mut people);
        let mut parts = vec![people];
        blocks.extend(whole_rooms(label, &mut parts, &mut left));
        by_paper.entry(paper).or_default().extend(parts);
    }
    let mut tail = Vec::new();
    for (paper, mut parts) in by_paper {
        blocks.extend(whole_rooms(paper, &mut parts, &mut left));
        tail.extend(parts);
    }
    let mut seats = Vec::new();
    let mut waiting: usize = tail.iter().map(Vec::len).sum();
    while waiting > 0 {
        let room = left.next()?;
        let here = waiting.min(seats_of(room));
        waiting -= here;
        seats.push((room, here));
    }
    blocks.extend(pour(String::new(), &mut tail, seats));
    Some(blocks)
}

fn seats_of(room: &Room) -> usize {
    usize::try_from(room.capacity).unwrap_or(usize::MAX)
}

/// Rooms as long as the people fill them to the last seat; the rest stays in `parts`.
fn whole_rooms<'a>(
    label: String,
    parts: &mut Vec<Vec<&'a Candidate>>,
    left: &mut Left<'a>,
) -> Option<Block<'a>> {
    let mut waiting: usize = parts.iter().map(Vec::len).sum();
    let mut rooms = Vec::new();
    while let Some(room) = left.next_if(|room| seats_of(room) <= waiting) {
        waiting -= seats_of(room);
        rooms.push((room, seats_of(room)));
    }
    pour(label, parts, rooms)
}

/// A block of these rooms, filled in their order by the first of the people: a room opens no more groups than it must.
fn pour<'a>(
    label: String,
    parts: &mut Vec<Vec<&'a Candidate>>,
    rooms: Vec<(&'a Room, usize)>,
) -> Option<Block<'a>> {
    if rooms.is_empty() {
        return None;
    }
    let mut block = Block {
        label,
        rooms,
        parts: Vec::new(),
    };
    let mut sizes = block.rooms.iter().map(|(_, seats)| *seats).enumerate();
    let mut open = sizes.next();
    let mut rest = Vec::new();
    for mut people in std::mem::take(parts) {
        let (mut taken, mut places) = (0, Vec::new());
        while let Some((room, seats)) = open {
            let here = seats.min(people.len() - taken);
            if here > 0 {
                places.push((room, here));
                taken += here;
            }
            if here < seats {
                open = Some((room, seats - here));
                break;
            }
            open = sizes.next();
        }
        let others = people.split_off(taken);
        if !others.is_empty() {
            rest.push(others);
        }
        if !people.is_empty() {
            block.parts.push(Part { people, places });
        }
    }
    *parts = rest;
    Some(block)
}
