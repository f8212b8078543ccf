//! Where a list goes on: the sort key of the last row, written so that nobody takes it for a name of the row.
//!
//! Lists are read by key in one direction only. So that a page leads back to the one before it, a place carries the places that
//! led to it: `3w5e11`, then `3w5d08~3w5e11`, then `3w5c02~3w5d08~3w5e11`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// The keys of the last row shown, most significant first, and the places before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    keys: Vec<i64>,
    /// Where the pages before this one began, the nearest first; the list's own beginning is none of them.
    trail: Vec<Vec<i64>>,
    /// There were more pages than the trail holds.
    cut: bool,
}

/// Pages that an address remembers: about 1,500 characters of it.
const MOST_REMEMBERED: usize = 60;

/// Where 上一页 leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Back {
    /// To the first page.
    First,
    /// To a page in between.
    To(Cursor),
    /// Nobody remembers.
    Unknown,
}

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
        Self::of(vec![key])
    }

    /// After a row with two keys.
    pub(crate) fn two(first: i64, second: i64) -> Self {
        Self::of(vec![first, second])
    }

    /// After a row with three keys.
    pub(crate) fn three(first: i64, second: i64, third: i64) -> Self {
        Self::of(vec![first, second, third])
    }

    fn of(keys: Vec<i64>) -> Self {
        Self {
            keys,
            trail: Vec::new(),
            cut: false,
        }
    }

    /// This place, reached from the page that began at `from` (`None`: from the first page).
    #[must_use]
    pub(crate) fn after(mut self, from: Option<&Self>) -> Self {
        if let Some(from) = from {
            self.trail.push(from.keys.clone());
            self.trail.extend(from.trail.iter().cloned());
            self.cut = from.cut || self.trail.len() > MOST_REMEMBERED;
            self.trail.truncate(MOST_REMEMBERED);
        }
        self
    }

    /// Where the page before the one that begins here began.
    pub(crate) fn back(&self) -> Back {
        match self.trail.split_first() {
            None if self.cut => Back::Unknown,
            None => Back::First,
            Some((keys, rest)) => Back::To(Self {
                keys: keys.clone(),
                trail: rest.to_vec(),
                cut: self.cut,
            }),
        }
    }

    /// The first key.
    pub(crate) fn first(&self) -> i64 {
        self.keys.first().copied().unwrap_or(i64::MAX)
    }

    /// The second key.
    pub(crate) fn second(&self) -> i64 {
        self.keys.get(1).copied().unwrap_or(i64::MAX)
    }

    /// The third key.
    pub(crate) fn third(&self) -> i64 {
        self.keys.get(2).copied().unwrap_or(i64::MAX)
    }
}

fn write_keys(f: &mut fmt::Formatter<'_>, keys: &[i64]) -> fmt::Result {
    for (place, key) in keys.iter().enumerate() {
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

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_keys(f, &self.keys)?;
        for keys in &self.trail {
            f.write_str("~")?;
            write_keys(f, keys)?;
        }
        // Nothing stands behind the last mark: what came before is forgotten.
        if self.cut { f.write_str("~") } else { Ok(()) }
    }
}

/// The text isn't a place in a list.
#[derive(Debug)]
pub(crate) struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (text, cut) = match text.strip_suffix('~') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let mut places = text.split('~').map(|place| {
            let keys = place.split('-').map(|key| {
                u64::from_str_radix(key, 36)
                    .map(|bits| i64::from_ne_bytes(bits.to_ne_bytes()))
                    .map_err(|_| NotACursor)
            });
            keys.collect::<Result<Vec<i64>, _>>()
        });
        let keys = places.next().ok_or(NotACursor)??;
        let trail = places
            .take(MOST_REMEMBERED)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { keys, trail, cut })
    }
}

/// From a query: an address that somebody mangled shows the first page.
impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.parse().unwrap_or(Self::of(Vec::new())))
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
        for wrong in ["a b", "", "~", "1~", "1~x y"] {
            assert_eq!(wrong.parse::<Cursor>().is_err(), wrong != "1~", "{wrong:?}");
        }
    }

    #[test]
    fn a_page_leads_back_the_way_that_led_to_it() {
        let two = Cursor::one(70).after(None);
        let three = Cursor::one(40).after(Some(&two));
        let four: Cursor = Cursor::one(10)
            .after(Some(&three))
            .to_string()
            .parse()
            .unwrap();
        assert_eq!((two.back(), four.first()), (Back::First, 10));
        assert_eq!(four.back(), Back::To(three.clone()));
        assert_eq!(three.back(), Back::To(two));
    }

    #[test]
    fn what_an_address_forgets_it_does_not_invent() {
        let mut here = Cursor::one(1_000);
        for page in 0..100 {
            here = Cursor::one(999 - page).after(Some(&here));
        }
        assert!(here.to_string().len() < 300);
        let mut here: Cursor = here.to_string().parse().unwrap();
        let mut steps = 0;
        while let Back::To(before) = here.back() {
            (here, steps) = (before, steps + 1);
        }
        assert_eq!((steps, here.back()), (MOST_REMEMBERED, Back::Unknown));
    }
}
