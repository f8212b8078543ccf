//! How desks stand and in which order seats are numbered.

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
    }
}
