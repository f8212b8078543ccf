//! How desks stand and in which order seats are numbered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Columns of desks. With `snake`, odd columns count from the front to the back and even ones back again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Desks in each column, left to right.
    pub columns: Vec<u32>,
    /// Whether numbers turn at the end of a column.
    pub snake: bool,
}

impl Default for Pattern {
    /// Snake 7-7-8-8, thirty seats.
    fn default() -> Self {
        Self {
            columns: vec![7, 7, 8, 8],
            snake: true,
        }
    }
}

/// Where a desk stands: column from the left and row from the front, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Desk {
    /// Column.
    pub column: u32,
    /// Row.
    pub row: u32,
}

impl Desk {
    /// Its colour if the desks were a chessboard: those that touch have different ones.
    pub fn is_white(self) -> bool {
        (self.column + self.row).is_multiple_of(2)
    }
}

/// The first desks of a pattern, by index from 0 (the seat's number less one), and which of them touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// Where each desk stands.
    pub desks: Vec<Desk>,
    /// The desks beside, before and behind each.
    pub neighbours: Vec<Vec<usize>>,
    /// Every two desks that touch, once.
    pub edges: Vec<(usize, usize)>,
    /// How many of the edges there are of each of four kinds: from an even row to the one behind, from an odd one, from an even
    /// column to the one on the right, from an odd one. No two edges of a kind share a desk.
    pub matchings: [usize; 4],
}

impl Pattern {
    /// Five columns of six.
    pub fn five_by_six() -> Self {
        Self {
            columns: vec![6; 5],
            snake: true,
        }
    }

    /// Desks that the pattern draws.
    pub fn seats(&self) -> u32 {
        self.columns.iter().sum()
    }

    /// Problems in the settings.
    pub fn problems(&self) -> Vec<String> {
        if self.columns.is_empty() || self.columns.contains(&0) {
            return vec!["座位排列应至少有一列，每列至少一个座位".to_owned()];
        }
        if self.seats() > 500 {
            return vec!["座位排列最多 500 个座位".to_owned()];
        }
        Vec::new()
    }

    /// The desk of a seat number, counted from 1. A room larger than the pattern goes on with columns like the last.
    pub fn desk(&self, seat: u32) -> Desk {
        let mut before = 0;
        let mut column = 0;
        let last = self.columns.last().copied().unwrap_or(1).max(1);
        let index = seat.saturating_sub(1);
        for height in self.columns.iter().copied() {
            if index < before + height {
                return self.turned(column, index - before, height);
            }
            before += height;
            column += 1;
        }
        let beyond = index - before;
        self.turned(column + beyond / last, beyond % last, last)
    }

    fn turned(&self, column: u32, along: u32, height: u32) -> Desk {
        let row = if self.snake && column % 2 == 1 {
            height - 1 - along
        } else {
            along
        };
        Desk { column, row }
    }

    /// The first `count` desks and which of them touch.
    pub fn graph(&self, count: usize) -> Graph {
        let desks: Vec<Desk> = (1u32..)
            .zip(0..count)
            .map(|(seat, _)| self.desk(seat))
            .collect();
        let index: BTreeMap<Desk, usize> = desks.iter().copied().zip(0..).collect();
        let mut neighbours = vec![Vec::new(); count];
        let (mut edges, mut matchings) = (Vec::new(), [0; 4]);
        let [back_even, back_odd, right_even, right_odd] = &mut matchings;
        for (here, desk) in desks.iter().enumerate() {
            let (column, row) = (desk.column, desk.row);
            let back = Desk {
                column,
                row: row + 1,
            };
            let right = Desk {
                column: column + 1,
                row,
            };
            let kinds = [
                (
                    back,
                    if row.is_multiple_of(2) {
                        &mut *back_even
                    } else {
                        &mut *back_odd
                    },
                ),
                (
                    right,
                    if column.is_multiple_of(2) {
                        &mut *right_even
                    } else {
                        &mut *right_odd
                    },
                ),
            ];
            for (desk, count) in kinds {
                let Some(there) = index.get(&desk).copied() else {
                    continue;
                };
                *count += 1;
                edges.push((here.min(there), here.max(there)));
                for (one, other) in [(here, there), (there, here)] {
                    if let Some(list) = neighbours.get_mut(one) {
                        list.push(other);
                    }
                }
            }
        }
        Graph {
            desks,
            neighbours,
            edges,
            matchings,
        }
    }

    /// Whether two seats are side by side or one behind the other.
    pub fn adjacent(&self, a: u32, b: u32) -> bool {
        let (a, b) = (self.desk(a), self.desk(b));
        a.column.abs_diff(b.column) + a.row.abs_diff(b.row) == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn desk(column: u32, row: u32) -> Desk {
        Desk { column, row }
    }

    #[test]
    fn the_snake_turns_at_the_back() {
        let pattern = Pattern::default();
        assert_eq!(pattern.seats(), 30);
        for (seat, at) in [
            (1, desk(0, 0)),
            (7, desk(0, 6)),
            (8, desk(1, 6)),
            (14, desk(1, 0)),
            (15, desk(2, 0)),
            (22, desk(2, 7)),
            (23, desk(3, 7)),
            (30, desk(3, 0)),
            (31, desk(4, 0)),
            (39, desk(5, 7)),
        ] {
            assert_eq!(pattern.desk(seat), at, "{seat}");
        }
        assert!(pattern.adjacent(7, 8) && pattern.adjacent(1, 14) && !pattern.adjacent(1, 8));
    }

    #[test]
    fn straight_columns_start_at_the_front() {
        let pattern = Pattern {
            snake: false,
            ..Pattern::five_by_six()
        };
        assert_eq!(pattern.desk(7), desk(1, 0));
    }

    proptest! {
        #[test]
        fn no_two_seats_share_a_desk(columns in proptest::collection::vec(1u32..9, 1..7), snake: bool) {
            let pattern = Pattern { columns, snake };
            let desks: std::collections::HashSet<Desk> = (1..=60).map(|seat| pattern.desk(seat)).collect();
            prop_assert_eq!(desks.len(), 60);
        }

        #[test]
        fn a_graph_has_every_pair_of_seats_that_touch(columns in proptest::collection::vec(1u32..9, 1..7), snake: bool, count in 0usize..40) {
            let pattern = Pattern { columns, snake };
            let graph = pattern.graph(count);
            let mut touching = Vec::new();
            for (a, b) in (0..count).flat_map(|b| (0..b).map(move |a| (a, b))) {
                if pattern.adjacent(u32::try_from(a).unwrap() + 1, u32::try_from(b).unwrap() + 1) {
                    touching.push((a, b));
                }
            }
            let mut edges = graph.edges.clone();
            edges.sort_unstable();
            touching.sort_unstable();
            prop_assert_eq!(&edges, &touching);
            prop_assert_eq!(graph.matchings.iter().sum::<usize>(), edges.len());
            prop_assert_eq!(graph.neighbours.iter().map(Vec::len).sum::<usize>(), 2 * edges.len());
            for (a, b) in edges {
                // Chessboard: desks that touch have different colours.
                prop_assert_ne!(graph.desks[a].is_white(), graph.desks[b].is_white());
            }
        }
    }
}
