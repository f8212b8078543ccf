//! Finding the header of a table and which column is which, by the names that centres use.

use super::{Cell, Sheet, clean};

/// A column that a parser wants.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The parser's key.
    pub key: &'static str,
    /// The name that messages use.
    pub title: &'static str,
    /// Names under which it is published, without spaces and brackets.
    pub names: &'static [&'static str],
}

/// A column that the parser doesn't know, with its published name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra {
    /// Where.
    pub column: usize,
    /// Its published name.
    pub name: String,
}

/// The header of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// First row of the header.
    pub top: usize,
    /// First row after it.
    pub body: usize,
    /// Key and column, for those found.
    pub columns: Vec<(&'static str, usize)>,
    /// Named columns that no key fits.
    pub extra: Vec<Extra>,
}

/// Most rows that may stand above a header.
const SEARCHED: usize = 30;
/// Most rows of a header.
const MAX_ROWS: usize = 3;

impl Header {
    /// Finds the header: the rows, one to three, in which most of the wanted columns are named.
    ///
    /// Needs at least `enough` of them. Rows of a taller header are taken only when they name more columns.
    pub fn find(sheet: &Sheet, wanted: &[Column], enough: usize) -> Option<Self> {
        let mut best: Option<Self> = None;
        for top in 0..sheet.height().min(SEARCHED) {
            for rows in 1..=MAX_ROWS.min(sheet.height() - top) {
                let header = Self::read(sheet, wanted, top, rows);
                // Of two readings with as many columns the shorter one: a title above isn't part of the header.
                let merit = |header: &Self| {
                    (
                        header.columns.len(),
                        std::cmp::Reverse(header.body - header.top),
                    )
                };
                let better = best
                    .as_ref()
                    .is_none_or(|best| merit(&header) > merit(best));
                if header.columns.len() >= enough && better {
                    best = Some(header);
                }
            }
        }
        best.map(|header| header.including_merged_rows(sheet))
    }

    fn read(sheet: &Sheet, wanted: &[Column], top: usize, rows: usize) -> Self {
        let mut header = Self {
            top,
            body: top + rows,
            columns: Vec::new(),
            extra: Vec::new(),
        };
        for column in 0..sheet.width() {
            let parts = parts(sheet, column, top, rows);
            let Some(last) = parts.last() else { continue };
            let whole = parts.concat();
            // The lowest name is the exact one (`学历` under `资格条件`); the whole is for `年龄` over `要求`.
            let key = match_key(wanted, last)
                .or_else(|| match_key(wanted, &whole))
                .or_else(|| {
                    parts
                        .iter()
                        .rev()
                        .skip(1)
                        .find_map(|part| match_key(wanted, part))
                });
            match key {
                Some(key) if header.column(key).is_none() => header.columns.push((key, column)),
                _ => header.extra.push(Extra {
                    column,
                    name: last.clone(),
                }),
            }
        }
        header
    }

    /// A header cell merged over rows makes every row that it covers part of the header.
    fn including_merged_rows(mut self, sheet: &Sheet) -> Self {
        let (top, body) = (self.top, self.body);
        let crossing = sheet
            .merges
            .iter()
            .filter(|merge| merge.top < body && merge.bottom >= top && merge.height() <= MAX_ROWS);
        for merge in crossing {
            self.top = self.top.min(merge.top);
            self.body = self.body.max(merge.bottom + 1);
        }
        self
    }

    /// The column of a key.
    pub fn column(&self, key: &str) -> Option<usize> {
        self.columns
            .iter()
            .find(|(found, _)| *found == key)
            .map(|(_, column)| *column)
    }

    /// What a person sees in a key's column of a row; empty when the column is missing.
    pub fn seen<'s>(&self, sheet: &'s Sheet, row: usize, key: &str) -> &'s str {
        self.cell(sheet, row, key).raw()
    }

    /// The same as a cell, for a parser to which a number isn't the text that it is shown as.
    pub fn cell<'s>(&self, sheet: &'s Sheet, row: usize, key: &str) -> &'s Cell {
        match self.column(key) {
            Some(column) => sheet.seen(row, column),
            None => &Cell::Empty,
        }
    }
}

/// The header texts of a column from top to bottom, each once, without repetitions by merges.
fn parts(sheet: &Sheet, column: usize, top: usize, rows: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for row in top..top + rows {
        let text = clean::squeezed(sheet.seen(row, column).raw());
        // A long text is a title or a note, not a column's name.
        if !text.is_empty() && text.chars().count() <= 24 && parts.last() != Some(&text) {
            parts.push(text);
        }
    }
    parts
}

fn match_key(wanted: &[Column], text: &str) -> Option<&'static str> {
    let full = clean::condition(text).replace(['*', '＊', '※'], "");
    let bare = clean::without_brackets(&full);
    wanted
        .iter()
        .find(|column| {
            column
                .names
                .iter()
                .any(|name| *name == full || *name == bare)
        })
        .map(|column| column.key)
}

#[cfg(test)]
mod tests {
    use super::super::Merge;
    use super::*;

    const WANTED: &[Column] = &[
        Column {
            key: "employer",
            title: "招聘单位",
            names: &["招聘单位", "用人单位"],
        },
        Column {
            key: "name",
            title: "岗位名称",
            names: &["岗位名称", "职位名称"],
        },
        Column {
            key: "education",
            title: "学历",
            names: &["学历", "学历要求"],
        },
        Column {
            key: "major",
            title: "专业",
            names: &["专业", "专业要求"],
        },
    ];

    fn sheet(rows: &[&[&str]], merges: &[Merge]) -> Sheet {
        let cell = |text: &&str| {
            if text.is_empty() {
                Cell::Empty
            } else {
                Cell::text(*text)
            }
        };
        Sheet {
            name: "表".into(),
            rows: rows
                .iter()
                .map(|row| row.iter().map(cell).collect())
                .collect(),
            merges: merges.to_vec(),
        }
    }

    #[test]
    fn a_two_row_header_under_a_title_is_found() {
        let sheet = sheet(
            &[
                &["附件1：某县招聘岗位表"],
                &["用人 单位", "职位名称", "资格条件", ""],
                &["", "", "学历（学位）", "专业"],
                &["县图书馆", "馆员", "本科", "图书馆学"],
            ],
            &[
                Merge {
                    top: 1,
                    left: 0,
                    bottom: 2,
                    right: 0,
                },
                Merge {
                    top: 1,
                    left: 1,
                    bottom: 2,
                    right: 1,
                },
                Merge {
                    top: 1,
                    left: 2,
                    bottom: 1,
                    right: 3,
                },
            ],
        );
        let header = Header::find(&sheet, WANTED, 2).unwrap();
        assert_eq!((header.top, header.body), (1, 3));
        assert_eq!(header.column("education"), Some(2));
        assert_eq!(header.column("major"), Some(3));
        assert_eq!(header.seen(&sheet, 3, "employer"), "县图书馆");
    }

    #[test]
    fn a_single_row_header_does_not_swallow_the_first_row() {
        let sheet = sheet(
            &[
                &["招聘单位", "岗位名称", "备注"],
                &["甲", "乙", "丙"],
                &["甲", "学历", "丙"],
            ],
            &[],
        );
        let header = Header::find(&sheet, WANTED, 2).unwrap();
        assert_eq!((header.top, header.body), (0, 1));
        assert_eq!(
            header.extra,
            [Extra {
                column: 2,
                name: "备注".into()
            }]
        );
    }

    #[test]
    fn a_sheet_without_the_columns_has_no_header() {
        assert_eq!(
            Header::find(&sheet(&[&["你好", "世界"]], &[]), WANTED, 2),
            None
        );
        assert_eq!(Header::find(&Sheet::default(), WANTED, 1), None);
    }
}
