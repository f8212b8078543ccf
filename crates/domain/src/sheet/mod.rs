//! A sheet of a workbook as rows of typed cells: what the documents crate reads and the parsers here understand.
//!
//! Rows and columns count from 0; people read [`Sheet::line`], which counts from 1 as the spreadsheet does.

pub mod clean;
pub mod columns;

use serde::{Deserialize, Serialize};

pub use clean::{plain, squeezed};
pub use columns::{Column, Header};

/// A cell as the workbook stores it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Cell {
    /// Nothing, or a cell hidden by a merge.
    #[default]
    Empty,
    /// Text as typed.
    Text(String),
    /// A number in the workbook's own decimal text (`2`, `1.5`), so that no float reaches a rule.
    Number(String),
    /// A date or an instant as `YYYY-MM-DD` or `YYYY-MM-DD HH:MM`.
    Date(String),
}

impl Cell {
    /// A text cell.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number cell from a whole number.
    pub fn number(number: i64) -> Self {
        Self::Number(number.to_string())
    }

    /// The raw text of the cell; empty for [`Cell::Empty`].
    pub fn raw(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) | Self::Number(text) | Self::Date(text) => text,
        }
    }

    /// Whether nothing but white space is in it.
    pub fn is_blank(&self) -> bool {
        self.raw()
            .chars()
            .all(|c| c.is_whitespace() || c == '\u{feff}')
    }

    /// Whether it is a whole number of more digits than a spreadsheet keeps: the last ones are lost, and nothing in the
    /// cell says which they were.
    pub fn is_rounded(&self) -> bool {
        let Self::Number(text) = self else {
            return false;
        };
        let whole = text.split('.').next().unwrap_or_default();
        whole.bytes().filter(u8::is_ascii_digit).count() > KEPT_DIGITS
    }
}

/// Digits of a number that a spreadsheet keeps; it writes 0 for those behind them.
const KEPT_DIGITS: usize = 15;

/// A merged area, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Last row.
    pub bottom: usize,
    /// Last column.
    pub right: usize,
}

impl Merge {
    /// Whether the cell lies inside.
    pub const fn covers(&self, row: usize, column: usize) -> bool {
        row >= self.top && row <= self.bottom && column >= self.left && column <= self.right
    }

    /// Number of columns that it spans.
    pub const fn width(&self) -> usize {
        self.right.saturating_sub(self.left) + 1
    }

    /// Number of rows that it spans.
    pub const fn height(&self) -> usize {
        self.bottom.saturating_sub(self.top) + 1
    }
}

/// One sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Sheet {
    /// The name on its tab.
    pub name: String,
    /// Rows, top to bottom; they may differ in length.
    pub rows: Vec<Vec<Cell>>,
    /// Merged areas.
    pub merges: Vec<Merge>,
}

impl Sheet {
    /// A sheet as a test writes it.
    #[cfg(test)]
    pub(crate) fn of_texts(rows: &[&[&str]]) -> Self {
        let cells = |row: &&[&str]| row.iter().map(|text| Cell::text(*text)).collect();
        Self {
            rows: rows.iter().map(cells).collect(),
            ..Self::default()
        }
    }

    /// The cell itself, without looking at merges; empty outside the sheet.
    pub fn at(&self, row: usize, column: usize) -> &Cell {
        self.rows
            .get(row)
            .and_then(|cells| cells.get(column))
            .unwrap_or(&Cell::Empty)
    }

    /// The merged area that covers a cell.
    pub fn merge_at(&self, row: usize, column: usize) -> Option<&Merge> {
        self.merges.iter().find(|merge| merge.covers(row, column))
    }

    /// The cell that a person sees at this place: inside a merged area, its top left cell.
    pub fn seen(&self, row: usize, column: usize) -> &Cell {
        match self.merge_at(row, column) {
            Some(merge) => self.at(merge.top, merge.left),
            None => self.at(row, column),
        }
    }

    /// Number of columns of the widest row.
    pub fn width(&self) -> usize {
        let merged = self
            .merges
            .iter()
            .map(|merge| merge.right + 1)
            .max()
            .unwrap_or(0);
        self.rows
            .iter()
            .map(Vec::len)
            .max()
            .unwrap_or(0)
            .max(merged)
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// The line number that a spreadsheet shows for a row.
    pub fn line(row: usize) -> u32 {
        u32::try_from(row).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The column letters that a spreadsheet shows (`A`, `AB`).
    pub fn column_name(column: usize) -> String {
        let mut letters = Vec::new();
        let mut rest = column + 1;
        while rest > 0 {
            let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
            letters.push(char::from(b'A' + digit));
            rest = (rest - 1) / 26;
        }
        letters.iter().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_longer_than_a_spreadsheet_keeps_is_rounded() {
        for (cell, rounded) in [
            (Cell::Number("43012326301234500000".into()), true),
            (Cell::Number("1234567890123456".into()), true),
            (Cell::Number("-1234567890123456".into()), true),
            (Cell::Number("123456789012345".into()), false),
            (Cell::Number("-123456789012345".into()), false),
            (Cell::Number("0.30000000000000004".into()), false),
            (Cell::text("43012326301234567897"), false),
            (Cell::Date("2026-03-18 09:30".into()), false),
            (Cell::Empty, false),
        ] {
            assert_eq!(cell.is_rounded(), rounded, "{cell:?}");
        }
    }

    #[test]
    fn columns_are_named_as_in_a_spreadsheet() {
        for (column, name) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (702, "AAA"),
        ] {
            assert_eq!(Sheet::column_name(column), name);
        }
    }

    #[test]
    fn a_merged_cell_is_seen_in_every_cell_that_it_covers() {
        let sheet = Sheet {
            name: "岗位表".into(),
            rows: vec![
                vec![Cell::text("市图书馆"), Cell::text("甲")],
                vec![Cell::Empty, Cell::text("乙")],
            ],
            merges: vec![Merge {
                top: 0,
                left: 0,
                bottom: 1,
                right: 0,
            }],
        };
        assert_eq!(sheet.seen(1, 0).raw(), "市图书馆");
        assert!(sheet.at(1, 0).is_blank());
        assert_eq!(sheet.seen(1, 1).raw(), "乙");
        assert_eq!(sheet.seen(9, 9), &Cell::Empty);
        assert_eq!((sheet.width(), sheet.height()), (2, 2));
    }
}
