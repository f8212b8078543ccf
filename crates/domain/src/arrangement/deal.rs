//! Who of a block goes into which of its rooms: those who share something are spread, the largest classes first, so that each
//! room can keep them apart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::blocks::Block;
use super::bound::Bound;
use super::classes::Classes;
use super::seed::Shuffler;

/// How many rooms are looked at for somebody who shares several things.
const LOOKED_AT: usize = 16;

/// Everybody in the order of the block, room after room.
pub(super) fn pour(block: &Block<'_>) -> Vec<Vec<usize>> {
    let mut rooms = vec![Vec::new(); block.rooms.len()];
    let mut people = 0..block.people().len();
    for (room, count) in block.parts.iter().flat_map(|part| &part.places) {
        if let Some(list) = rooms.get_mut(*room) {
            list.extend(people.by_ref().take(*count));
        }
    }
    rooms
}

/// People by room, told by their index in the block.
pub(super) fn deal(
    block: &Block<'_>,
    classes: &Classes,
    bounds: &[Bound],
    shuffler: &mut Shuffler,
) -> Vec<Vec<usize>> {
    if classes.len() == 0 {
        return pour(block);
    }
    let mut dealer = Dealer::new(block, classes, bounds, shuffler);
    let mut order: Vec<usize> = (0..classes.len()).collect();
    shuffler.shuffle(&mut order);
    order.sort_by_key(|class| Reverse(classes.members(*class).len()));
    for class in order {
        dealer.place_class(class);
    }
    dealer.finish()
}

/// The places that are left for one part.
#[derive(Debug)]
struct Open {
    left: BTreeMap<usize, usize>,
    /// The emptiest room first, then by chance.
    order: BTreeSet<(Reverse<usize>, usize, usize)>,
}

/// How good a room is for one more of a class that sits there already: the least is the best.
type Used = (usize, usize, Reverse<usize>, usize, usize);

/// How good a room is for somebody: what his class costs there, what his other classes do, how crowded it is with them, how
/// full it is, then chance.
type Cost = (usize, usize, usize, usize, Reverse<usize>, usize, usize);

struct Dealer<'b> {
    classes: &'b Classes,
    bounds: &'b [Bound],
    /// The rooms' order by chance.
    rank: Vec<usize>,
    open: Vec<Open>,
    part_of: Vec<usize>,
    room_of: Vec<Option<usize>>,
    /// How many of each class sit in each room.
    counts: Vec<BTreeMap<usize, usize>>,
}

impl<'b> Dealer<'b> {
    fn new(
        block: &Block<'_>,
        classes: &'b Classes,
        bounds: &'b [Bound],
        shuffler: &mut Shuffler,
    ) -> Self {
        let mut rank: Vec<usize> = (0..block.rooms.len()).collect();
        shuffler.shuffle(&mut rank);
        let of = |room: usize| rank.get(room).copied().unwrap_or(0);
        let open = block.parts.iter().map(|part| Open {
            left: part.places.iter().copied().collect(),
            order: part
                .places
                .iter()
                .map(|(room, left)| (Reverse(*left), of(*room), *room))
                .collect(),
        });
        let open = open.collect();
        let parts = block.parts.iter().enumerate();
        let part_of: Vec<usize> = parts
            .flat_map(|(index, part)| part.people.iter().map(move |_| index))
            .collect();
        Self {
            classes,
            bounds,
            rank,
            open,
            room_of: vec![None; part_of.len()],
            part_of,
            counts: vec![BTreeMap::new(); classes.len()],
        }
    }

    fn rank(&self, room: usize) -> usize {
        self.rank.get(room).copied().unwrap_or(0)
    }

    fn part(&self, person: usize) -> usize {
        self.part_of.get(person).copied().unwrap_or(0)
    }

    fn count(&self, class: usize, room: usize) -> usize {
        let rooms = self.counts.get(class);
        let count = rooms.and_then(|rooms| rooms.get(&room));
        count.copied().unwrap_or(0)
    }

    fn left(&self, part: usize, room: usize) -> usize {
        let open = self.open.get(part);
        let left = open.and_then(|open| open.left.get(&room));
        left.copied().unwrap_or(0)
    }

    /// What one more of a class costs in a room, and how crowded it is with them, in hundredths.
    fn crowd(&self, class: usize, room: usize) -> (usize, usize) {
        let count = self.count(class, room);
        let bound = self.bounds.get(room);
        bound.map_or((0, 0), |bound| {
            (bound.marginal(count), 100 * count / bound.seats().max(1))
        })
    }

    fn used(&self, class: usize, part: usize, room: usize) -> Used {
        let (marginal, density) = self.crowd(class, room);
        let left = Reverse(self.left(part, room));
        (marginal, density, left, self.rank(room), room)
    }

    fn place_class(&mut self, class: usize) {
        let classes = self.classes;
        let mut by_part: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for person in classes.members(class) {
            if self.room_of.get(*person) == Some(&None) {
                by_part.entry(self.part(*person)).or_default().push(*person);
            }
        }
        for (part, people) in by_part {
            // Rooms of this part in which some of the class sit: changed with each of them, the others keep their order.
            let mut used: BTreeSet<Used> = BTreeSet::new();
            let rooms = self.counts.get(class).into_iter().flatten();
            for (room, _) in rooms.filter(|(room, _)| self.left(part, **room) > 0) {
                used.insert(self.used(class, part, *room));
            }
            for person in people {
                let Some(room) = self.choose(class, part, person, &used) else {
                    continue;
                };
                used.remove(&self.used(class, part, room));
                self.put(person, part, room);
                if self.left(part, room) > 0 {
                    used.insert(self.used(class, part, room));
                }
            }
        }
    }

    fn choose(
        &self,
        class: usize,
        part: usize,
        person: usize,
        used: &BTreeSet<Used>,
    ) -> Option<usize> {
        let open = self.open.get(part)?;
        let own = self.classes.of_person(person);
        let looked_at = if own.len() > 1 { LOOKED_AT } else { 1 };
        let fresh = open.order.iter().map(|(_, _, room)| *room);
        let fresh = fresh.filter(|room| self.count(class, *room) == 0);
        // Once the class sits in all of them, no look at the others is worth while.
        let some = if used.len() < open.order.len() {
            looked_at
        } else {
            0
        };
        let used = used.iter().map(|(.., room)| *room);
        let rooms = fresh.take(some).chain(used.take(looked_at));
        rooms
            .map(|room| self.cost(class, part, own, room))
            .min()
            .map(|(.., room)| room)
    }

    fn cost(&self, class: usize, part: usize, own: &[usize], room: usize) -> Cost {
        let (marginal, density, left, rank, room) = self.used(class, part, room);
        let others = own.iter().filter(|other| **other != class);
        let (mut clashes, mut crowd) = (0, 0);
        for other in others {
            let (marginal, _) = self.crowd(*other, room);
            clashes += marginal;
            crowd += self.count(*other, room);
        }
        (marginal, clashes, density, crowd, left, rank, room)
    }

    fn put(&mut self, person: usize, part: usize, room: usize) {
        let rank = self.rank(room);
        if let Some(open) = self.open.get_mut(part)
            && let Some(left) = open.left.get_mut(&room)
        {
            open.order.remove(&(Reverse(*left), rank, room));
            *left = left.saturating_sub(1);
            if *left > 0 {
                open.order.insert((Reverse(*left), rank, room));
            } else {
                open.left.remove(&room);
            }
        }
        if let Some(of) = self.room_of.get_mut(person) {
            *of = Some(room);
        }
        for class in self.classes.of_person(person) {
            if let Some(rooms) = self.counts.get_mut(*class) {
                *rooms.entry(room).or_default() += 1;
            }
        }
    }

    /// Whoever shares nothing takes what is left, in the order in which he was drawn.
    fn finish(mut self) -> Vec<Vec<usize>> {
        let mut rooms = vec![Vec::new(); self.bounds.len()];
        for person in 0..self.part_of.len() {
            let part = self.part(person);
            let known = self.room_of.get(person).copied().flatten();
            let first = || self.open.get(part)?.left.keys().next().copied();
            let Some(room) = known.or_else(first) else {
                continue;
            };
            if known.is_none() {
                self.put(person, part, room);
            }
            if let Some(list) = rooms.get_mut(room) {
                list.push(person);
            }
        }
        rooms
    }
}
