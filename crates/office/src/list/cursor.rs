//! Where a list goes on: the sort key of the last row, written so that nobody takes it for a name of the row.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// The keys of the last row shown, most significant first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor(Vec<i64>);

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The query of a list without filters: from where on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) before: Option<Cursor>,
}

impl Cursor {
    /// After a row with one key.
    pub(crate) fn one(key: i64) -> Self {
        Self(vec![key])
    }

    /// After a row with two keys.
    pub(crate) fn two(first: i64, second: i64) -> Self {
        Self(vec![first, second])
    }

    /// The first key.
    pub(crate) fn first(&self) -> i64 {
        self.0.first().copied().unwrap_or(i64::MAX)
    }

    /// The second key.
    pub(crate) fn second(&self) -> i64 {
        self.0.get(1).copied().unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, key) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("-")?;
            }
            let mut rest = u64::from_ne_bytes(key.to_ne_bytes());
            let mut text = Vec::new();
            loop {
                let digit = usize::try_from(rest % 36).unwrap_or(0);
                text.push(DIGITS.get(digit).copied().unwrap_or(b'0'));
                rest /= 36;
                if rest == 0 {
                    break;
                }
            }
            for digit in text.iter().rev() {
                write!(f, "{}", char::from(*digit))?;
            }
        }
        Ok(())
    }
}

/// The text isn't a place in a list.
#[derive(Debug)]
pub(crate) struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let keys: Result<Vec<i64>, _> = text
            .split('-')
            .map(|key| {
                u64::from_str_radix(key, 36)
                    .map(|bits| i64::from_ne_bytes(bits.to_ne_bytes()))
                    .map_err(|_| NotACursor)
            })
            .collect();
        keys.map(Self)
    }
}

/// From a query: an address that somebody mangled shows the first page.
impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.parse().unwrap_or(Self(Vec::new())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        for key in [0, 1, 35, 36, i64::MAX, -1, i64::MIN] {
            let text = Cursor::two(key, 7).to_string();
            let back: Cursor = text.parse().unwrap();
            assert_eq!((back.first(), back.second()), (key, 7));
        }
        assert!("a b".parse::<Cursor>().is_err());
    }
}
