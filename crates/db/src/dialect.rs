//! The few places where the two databases can't be asked with one text.
//!
//! * Row locks: PostgreSQL has `FOR UPDATE`, SQLite one writer. Two literals and [`pick`].
//! * `LIKE` ignores case on SQLite only, and `%` in what people type would match anything: [`Select::contains`] and
//!   [`prefix_end`] do without it.
//! * SQLite stores text in an integer column unless the table is `STRICT`: ours all are.
//!
//! [`Select::contains`]: crate::filter::Select::contains

use crate::filter::Piece;
use crate::{Backend, Sql, piece};

/// The statement of the database that is there. Both are literals, and both must be executed by the tests.
pub fn pick(backend: Backend, sqlite: Sql, postgres: Sql) -> Sql {
    match backend {
        Backend::Sqlite => sqlite,
        Backend::Postgres => postgres,
    }
}

/// The stand-in for a column's name in [`CONTAINS`].
pub(crate) const COLUMN: &str = "{column}";

/// Whether a text contains another. SQLite calls the plain way `instr`, PostgreSQL `strpos`; this both have.
pub(crate) const CONTAINS: Piece = piece!("REPLACE({column}, $1, '') <> {column}");

/// The first text after all those that begin with `prefix`, in the order of bytes that all our columns have; none if
/// there is no such text. A search by prefix is `column >= prefix AND column < end`, which an index answers.
pub fn prefix_end(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The characters of UTF-8 are ordered as their numbers are; the surrogates between have none.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => u32::from(last).checked_add(1).and_then(char::from_u32),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::prefix_end;

    #[test]
    fn the_end_of_a_prefix_is_the_next_text() {
        assert_eq!(prefix_end("王小").as_deref(), Some("王尐"));
        assert_eq!(prefix_end("ab").as_deref(), Some("ac"));
        assert_eq!(prefix_end("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(prefix_end("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(prefix_end("\u{10ffff}"), None);
        assert_eq!(prefix_end(""), None);
    }
}
