//! Forms of rows: each row's fields carry its number (`place_2`), rows left empty are dropped, 增加一行 shows more.

use app::draft::Fields;

/// Rows that are read at most, whatever is sent.
const MOST: usize = 40;

/// One field of one row, as typed.
pub(super) fn value<'a>(fields: &'a Fields, name: &str, row: usize) -> &'a str {
    fields
        .get(&format!("{name}_{row}"))
        .and_then(|values| values.first())
        .map_or("", String::as_str)
}

/// One field outside the rows.
pub(super) fn single<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields
        .get(name)
        .and_then(|values| values.first())
        .map_or("", String::as_str)
}

/// How many rows were sent, by a field that each has.
pub(super) fn count(fields: &Fields, name: &str) -> usize {
    (0..MOST)
        .rev()
        .find(|row| fields.contains_key(&format!("{name}_{row}")))
        .map_or(0, |row| row + 1)
}

/// Whether the button 增加一行 was pressed.
pub(super) fn wants_more(fields: &Fields) -> bool {
    single(fields, "op") == "more"
}

/// Rows to show: those filled in, and room for more.
pub(super) fn shown(filled: usize, most: usize) -> usize {
    (filled + 2).max(3).min(most)
}
