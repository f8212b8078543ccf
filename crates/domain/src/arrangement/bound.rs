//! How many neighbours must share something, whoever sits where: what a plan is measured by.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::pattern::Graph;

/// The bound of one room in which the first desks of a pattern are taken.
///
/// Of `n` people, `m` are of one class. The edges between desks fall into four sets in which no two edges share a desk
/// ([`Graph::matchings`]), of `s` edges each. Each of the `n − m` others sits at one edge of such a set at most, so at least
/// `s − (n − m)` of its edges have members at both ends; the sets have no edge in common, so
/// `f(m) = Σ max(0, s − (n − m))` neighbours of the class are inevitable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    seats: usize,
    matchings: [usize; 4],
}

impl Bound {
    pub(super) fn of(graph: &Graph) -> Self {
        Self {
            seats: graph.desks.len(),
            matchings: graph.matchings,
        }
    }

    /// People in the room.
    pub(super) fn seats(&self) -> usize {
        self.seats
    }

    /// `f(members)`.
    pub(super) fn least(&self, members: usize) -> usize {
        let over = |edges: &usize| (edges + members).saturating_sub(self.seats);
        self.matchings.iter().map(over).sum()
    }

    /// What one more member adds. It never falls: `f` is convex.
    pub(super) fn marginal(&self, members: usize) -> usize {
        self.least(members + 1) - self.least(members)
    }

    /// The most members for whom nothing is inevitable.
    fn free(&self) -> usize {
        let most = self.matchings.iter().max().copied().unwrap_or(0);
        self.seats - most
    }
}

/// The least of `Σ f(m)` over some rooms for `members` of a class, however they are dealt out: as each `f` is convex, each
/// member goes where one more costs least.
pub(super) fn least_over(rooms: &[Bound], members: usize) -> usize {
    let free: usize = rooms.iter().map(Bound::free).sum();
    if members <= free {
        return 0;
    }
    let next =
        |room: &Bound, members: usize| (members < room.seats).then(|| room.marginal(members));
    let mut heap: BinaryHeap<Reverse<(usize, usize, usize)>> = BinaryHeap::new();
    for (index, room) in rooms.iter().enumerate() {
        heap.extend(next(room, room.free()).map(|cost| Reverse((cost, index, room.free()))));
    }
    let mut least = 0;
    for _ in free..members {
        let Some(Reverse((cost, index, before))) = heap.pop() else {
            break;
        };
        least += cost;
        let room = rooms.get(index);
        let cost = room.and_then(|room| next(room, before + 1));
        heap.extend(cost.map(|cost| Reverse((cost, index, before + 1))));
    }
    least
}

#[cfg(test)]
mod tests {
    use super::super::pattern::Pattern;
    use super::*;
    use proptest::prelude::*;

    fn bound(pattern: &Pattern, count: usize) -> Bound {
        Bound::of(&pattern.graph(count))
    }

    #[test]
    fn half_a_room_can_be_kept_apart_and_a_full_one_cannot() {
        let room = bound(&Pattern::five_by_six(), 30);
        assert_eq!(room.free(), 15);
        assert_eq!((room.least(15), room.least(16)), (0, 1));
        // Every two desks that touch: 5 columns of 5 and 4 gaps of 6.
        assert_eq!(room.least(30), 25 + 24);
        assert_eq!(least_over(&[room, room], 30), 0);
        assert_eq!(least_over(&[room, room], 32), 2);
        assert_eq!(least_over(&[room, room], 60), 98);
        assert_eq!(least_over(&[], 0), 0);
    }

    proptest! {
        /// Whoever the members are and wherever they sit.
        #[test]
        fn no_seating_of_a_class_is_below_its_bound(
            columns in proptest::collection::vec(1u32..8, 1..6), snake: bool, class in proptest::collection::vec(any::<bool>(), 0..40),
        ) {
            let graph = Pattern { columns, snake }.graph(class.len());
            let pairs = graph.edges.iter().filter(|(a, b)| class[*a] && class[*b]).count();
            let members = class.iter().filter(|one| **one).count();
            prop_assert!(Bound::of(&graph).least(members) <= pairs);
        }

        #[test]
        fn each_member_costs_as_much_as_the_one_before(columns in proptest::collection::vec(1u32..8, 1..6), count in 1usize..40) {
            let room = bound(&Pattern { columns, snake: true }, count);
            for members in 1..count {
                prop_assert!(room.marginal(members - 1) <= room.marginal(members));
            }
        }

        /// Against every way to deal out members over three rooms.
        #[test]
        fn the_least_over_rooms_is_the_least(counts in proptest::array::uniform3(0usize..12), share in 0usize..=100) {
            let pattern = Pattern { columns: vec![2, 3, 3], snake: true };
            let rooms = counts.map(|count| bound(&pattern, count));
            let members = counts.iter().sum::<usize>() * share / 100;
            let mut best = usize::MAX;
            for a in 0..=counts[0].min(members) {
                for b in 0..=counts[1].min(members - a) {
                    let c = members - a - b;
                    if c <= counts[2] {
                        best = best.min(rooms[0].least(a) + rooms[1].least(b) + rooms[2].least(c));
                    }
                }
            }
            prop_assert_eq!(least_over(&rooms, members), best);
        }
    }
}
