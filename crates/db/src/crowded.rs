//! Counts that came to where counting stops are believed for a while: a list that is longer than ten thousand stays so for a minute,
//! and looking at ten thousand entries of an index costs as much as the page that they are counted for.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::P;

/// Smaller counts aren't remembered: they cost little, and some of them decide something.
pub(crate) const FROM: i64 = 1_000;
/// How long a count is believed.
const BELIEVED: Duration = Duration::from_secs(60);
/// Questions remembered at once.
const MOST: usize = 4_096;

/// The counts of one database that came to their end, by question.
#[derive(Debug, Default)]
pub struct Crowded(Mutex<HashMap<u64, Instant>>);

impl Crowded {
    /// A question: its text, which names where it stops, and its values.
    pub(crate) fn key(text: &str, values: &[P<'_>]) -> u64 {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        for value in values {
            match value {
                P::Null => 0u8.hash(&mut hasher),
                P::Int(value) => (1u8, value).hash(&mut hasher),
                P::Text(value) => (2u8, value).hash(&mut hasher),
                P::Blob(value) => (3u8, value).hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    /// Whether it came to its end a short while ago.
    pub(crate) fn knows(&self, key: u64) -> bool {
        self.knows_at(key, Instant::now())
    }

    /// It came to its end.
    pub(crate) fn remember(&self, key: u64) {
        self.remember_at(key, Instant::now());
    }

    fn knows_at(&self, key: u64, now: Instant) -> bool {
        let seen = self.0.lock();
        seen.get(&key)
            .is_some_and(|at| now.duration_since(*at) < BELIEVED)
    }

    fn remember_at(&self, key: u64, now: Instant) {
        let mut seen = self.0.lock();
        if seen.len() >= MOST {
            seen.retain(|_, at| now.duration_since(*at) < BELIEVED);
        }
        if seen.len() < MOST {
            seen.insert(key, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_believed_for_a_minute_and_for_its_question_only() {
        let crowded = Crowded::default();
        let key = Crowded::key("SELECT $1", &[P::Int(7)]);
        let now = Instant::now();
        assert!(!crowded.knows_at(key, now));
        crowded.remember_at(key, now);
        assert!(crowded.knows_at(key, now + Duration::from_secs(59)));
        assert!(!crowded.knows_at(key, now + Duration::from_secs(60)));
        for (text, value) in [
            ("SELECT $1", P::Int(8)),
            ("SELECT $1", P::Text("7")),
            ("SELECT $1", P::Null),
            ("SELECT  $1", P::Int(7)),
        ] {
            assert!(!crowded.knows_at(Crowded::key(text, &[value]), now));
        }
    }

    #[test]
    fn it_remembers_no_more_than_its_most_and_makes_room() {
        let crowded = Crowded::default();
        let now = Instant::now();
        for key in 0..=MOST as u64 {
            crowded.remember_at(key, now);
        }
        assert!(!crowded.knows_at(MOST as u64, now), "full");
        crowded.remember_at(MOST as u64, now + BELIEVED);
        assert!(crowded.knows_at(MOST as u64, now + BELIEVED));
        assert_eq!(crowded.0.lock().len(), 1);
    }
}
