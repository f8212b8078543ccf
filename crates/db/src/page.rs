//! Pages of long lists by key, and counts that give up in time.
//!
//! `OFFSET` reads what it skips, so its last page costs as much as the table. A keyset page begins after the last row of
//! the one before, found by an index over the key and a unique column behind it that settles ties.

use std::fmt;

use crate::filter::{Piece, Select};
use crate::{DbResult, FromRow, Query, Value};

/// Where counting stops: beyond 10,000 nobody wants to know, and the database would have to look at every row.
pub const COUNT_STOPS_AT: i64 = 10_001;

/// How many rows there are, up to ten thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(i64);

impl Count {
    /// Counts what the conditions of `select` leave.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn of(query: &mut impl Query, select: &Select<'_>) -> DbResult<Self> {
        select.count(query, COUNT_STOPS_AT).await.map(Self)
    }

    /// A number counted elsewhere.
    pub const fn from_rows(rows: i64) -> Self {
        Self(if rows > COUNT_STOPS_AT {
            COUNT_STOPS_AT
        } else {
            rows
        })
    }

    /// The number, if it was counted to the end.
    pub fn exact(self) -> Option<i64> {
        (self.0 < COUNT_STOPS_AT).then_some(self.0)
    }
}

/// `128`, or `超过 1 万`.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact() {
            Some(rows) => rows.fmt(f),
            None => f.write_str("超过 1 万"),
        }
    }
}

/// What a list is ordered by: an indexed NOT NULL column, and a unique one behind it, both in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyset {
    ascending: Piece,
    descending: Piece,
    after: Piece,
    before: Piece,
    descends: bool,
}

impl Keyset {
    #[doc(hidden)]
    pub const fn __of(orders: [Piece; 2], sides: [Piece; 2]) -> Self {
        let [ascending, descending] = orders;
        let [after, before] = sides;
        Self {
            ascending,
            descending,
            after,
            before,
            descends: false,
        }
    }

    /// The greatest key first.
    #[must_use]
    pub const fn descending(mut self) -> Self {
        self.descends = true;
        self
    }
}

/// The key of a list: `keyset!("a.created_at", "a.id")`, the smallest first unless it is
/// [`descending`](page::Keyset::descending).
#[macro_export]
macro_rules! keyset {
    ($key:literal, $unique:literal) => {
        $crate::page::Keyset::__of(
            [
                $crate::filter::Piece::__of(concat!($key, ", ", $unique)),
                $crate::filter::Piece::__of(concat!($key, " DESC, ", $unique, " DESC")),
            ],
            [
                $crate::filter::Piece::__of(concat!("(", $key, ", ", $unique, ") > ($1, $2)")),
                $crate::filter::Piece::__of(concat!("(", $key, ", ", $unique, ") < ($1, $2)")),
            ],
        )
    };
}

/// Which way a page lies from the row that a cursor names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Next,
    Previous,
}

/// Where a page begins: the key of the row before it, or behind it when turning back. URLs carry its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    side: Side,
    key: Value,
    unique: Value,
}

impl Cursor {
    /// Reads what [`Display`](fmt::Display) wrote. None for anything else: then the first page is as good as any.
    pub fn parse(text: &str) -> Option<Self> {
        let (side, rest) = match text.split_at_checked(1)? {
            ("n", rest) => (Side::Next, rest),
            ("p", rest) => (Side::Previous, rest),
            _ => return None,
        };
        let (key, unique) = rest.split_once('.')?;
        Some(Self {
            side,
            key: value_of(key)?,
            unique: value_of(unique)?,
        })
    }
}

fn value_of(text: &str) -> Option<Value> {
    let (kind, rest) = text.split_at_checked(1)?;
    match kind {
        "i" => rest.parse().ok().map(Value::Int),
        "t" => String::from_utf8(hex::decode(rest).ok()?)
            .ok()
            .map(Value::Text),
        _ => None,
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.side {
            Side::Next => "n",
            Side::Previous => "p",
        })?;
        for (number, value) in [&self.key, &self.unique].into_iter().enumerate() {
            if number > 0 {
                f.write_str(".")?;
            }
            match value {
                Value::Int(v) => write!(f, "i{v}")?,
                Value::Text(v) => write!(f, "t{}", hex::encode(v))?,
                Value::Null | Value::Blob(_) => f.write_str("?")?,
            }
        }
        Ok(())
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows, in the list's order.
    pub rows: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// Where the one before ends, if there is one.
    pub previous: Option<Cursor>,
}

impl<T> Page<T> {
    /// The page with its rows turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(turn).collect();
        Page {
            rows,
            next: self.next,
            previous: self.previous,
        }
    }
}

/// A page of what `select` finds (it must have neither order nor limit), of at most `size` rows.
///
/// `key_of` tells the two values of a row that `keyset` names.
///
/// # Errors
/// What the database refuses.
pub async fn page<T: FromRow>(
    query: &mut impl Query,
    select: Select<'_>,
    keyset: Keyset,
    (cursor, size): (Option<&Cursor>, u32),
    key_of: impl Fn(&T) -> (Value, Value),
) -> DbResult<Page<T>> {
    let size = size.max(1);
    let side = cursor.map_or(Side::Next, |cursor| cursor.side);
    let back = side == Side::Previous;
    let mut values = Vec::new();
    let mut select = shorten(select);
    if let Some(cursor) = cursor {
        values.extend([cursor.key.as_p(), cursor.unique.as_p()]);
        let beyond = if keyset.descends == back {
            keyset.after
        } else {
            keyset.before
        };
        select = select.and(beyond, &values);
    }
    let order = if keyset.descends == back {
        keyset.ascending
    } else {
        keyset.descending
    };
    let mut rows: Vec<T> = select
        .order(order)
        .limit(size.saturating_add(1))
        .rows(query)
        .await?;
    let wanted = usize::try_from(size).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    if back {
        rows.reverse();
    }
    let at = |row: Option<&T>, side, exists: bool| {
        let (key, unique) = key_of(row.filter(|_| exists)?);
        Some(Cursor { side, key, unique })
    };
    // The page that one came from is there, whatever was deleted meanwhile.
    let next = at(rows.last(), Side::Next, more || back);
    let previous = at(
        rows.first(),
        Side::Previous,
        if back { more } else { cursor.is_some() },
    );
    Ok(Page {
        rows,
        next,
        previous,
    })
}

/// A query whose values live at least as long as those of a cursor.
fn shorten<'long: 'short, 'short>(select: Select<'long>) -> Select<'short> {
    select
}

/// All of a long list, page by page, so that no read is held for long: calls `each` with at most `size` rows at a time
/// until there are no more or it says stop (`false`).
///
/// # Errors
/// What the database refuses.
pub async fn each_page<T: FromRow>(
    query: &mut impl Query,
    select: &Select<'_>,
    keyset: Keyset,
    size: u32,
    key_of: impl Fn(&T) -> (Value, Value),
    mut each: impl FnMut(Vec<T>) -> bool,
) -> DbResult<()> {
    let mut cursor: Option<Cursor> = None;
    loop {
        let at = (cursor.as_ref(), size);
        let found = page(query, select.clone(), keyset, at, &key_of).await?;
        let next = found.next;
        if !each(found.rows) || next.is_none() {
            return Ok(());
        }
        cursor = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nonsense_is_no_cursor() {
        for side in [Side::Next, Side::Previous] {
            for key in [
                Value::Int(i64::MIN),
                Value::Int(5),
                Value::Text("王.".to_owned()),
            ] {
                let cursor = Cursor {
                    side,
                    key,
                    unique: Value::Int(7),
                };
                assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
            }
        }
        for nonsense in [
            "",
            "n",
            "x1.2",
            "ni1",
            "ni1.",
            "ni1.x2",
            "ni1.tzz",
            "王",
            "ni1.i2.i3",
        ] {
            assert_eq!(Cursor::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_count_says_when_it_gave_up() {
        assert_eq!(Count::from_rows(0).to_string(), "0");
        assert_eq!(Count::from_rows(10_000).exact(), Some(10_000));
        assert_eq!(Count::from_rows(10_001).to_string(), "超过 1 万");
        assert_eq!(Count::from_rows(5_000_000), Count::from_rows(10_001));
    }
}
