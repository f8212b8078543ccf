//! 入场核验: what a pass lets a phone do and until when, and which of several marks about one person counts (issue 5, point 4).
//!
//! A pass (核验授权) and a phone are `active` until they are `revoked`, for good. Marks are evidence and move nothing else: they may
//! come late, twice and in any order, and the latest by the phones' corrected clocks is the last word.

use crate::time::Timestamp;

crate::coded::coded! {
    /// Where a pass, or a phone, stands.
    pub enum PassState {
        /// It lets in while its time lasts.
        Active = "active", "有效";
        /// Nothing is answered to it any more.
        Revoked = "revoked", "已撤销";
    }
}

crate::coded::coded! {
    /// What happens to a pass or a phone.
    pub enum PassEvent {
        /// Taken back by an officer.
        Revoke = "revoke", "撤销";
    }
}

impl PassState {
    /// The next state; `None` for a pair that the table doesn't have. What was lost stays lost: a new pass is made instead.
    pub const fn on(self, event: PassEvent) -> Option<Self> {
        match (self, event) {
            (Self::Active, PassEvent::Revoke) => Some(Self::Revoked),
            (Self::Revoked, PassEvent::Revoke) => None,
        }
    }
}

crate::coded::coded! {
    /// What was said about a person at the door.
    pub enum MarkKind {
        /// Let in.
        Present = "present", "已入场";
        /// Sent back.
        Refused = "refused", "已退回";
        /// What was said before doesn't count.
        Undone = "undone", "已撤销";
    }
}

crate::coded::coded! {
    /// How the person was found.
    pub enum MarkHow {
        /// By the camera.
        Scan = "scan", "扫码";
        /// By a picture of the code.
        Photo = "photo", "拍照";
        /// By a typed number.
        Typed = "typed", "输入号码";
    }
}

/// Phones of one pass at most.
pub const MOST_DEVICES: i64 = 100;
/// Days between the opening and the close of a pass at most.
pub const MOST_DAYS: i64 = 60;
/// Hours after the close in which a phone that had no network may still hand in what it noted.
const LATE_HOURS: i64 = 48;
/// Seconds that a phone's corrected clock may be ahead of ours.
const AHEAD: i64 = 10 * 60;

/// When a pass opens and closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From here on phones are let in.
    pub opens: Timestamp,
    /// From here on they get no more names.
    pub closes: Timestamp,
}

impl Span {
    /// May a phone join, or fetch names, at this instant?
    ///
    /// # Errors
    /// Says whether it is too early or too late.
    pub fn lets_in(self, at: Timestamp) -> Result<(), OutOfTime> {
        if at < self.opens {
            Err(OutOfTime::Early)
        } else if at >= self.closes {
            Err(OutOfTime::Late)
        } else {
            Ok(())
        }
    }

    /// May a phone that joined still hand in marks?
    pub fn takes_marks(self, at: Timestamp) -> bool {
        at < self.ends()
    }

    /// From here on nothing is taken, and phones delete what they have.
    pub fn ends(self) -> Timestamp {
        self.closes.plus_seconds(LATE_HOURS * 3600)
    }

    /// Can a mark have been made then, as it is told at `at`? Nothing before the pass opened, and nothing of the future.
    pub fn may_be_made(self, marked: Timestamp, at: Timestamp) -> bool {
        marked >= self.opens && marked < self.ends() && marked.seconds_since(at) <= AHEAD
    }
}

/// Why a phone isn't let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutOfTime {
    /// Not yet.
    Early,
    /// No more.
    Late,
}

/// The rooms that a pass is for: all of a site, or some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// The site's number on the tickets.
    pub site: i64,
    /// First and last room; 0 and 0 for the whole site.
    pub rooms: (i64, i64),
}

impl Area {
    /// First and last number, for a range in a query.
    pub const fn range(self) -> (i64, i64) {
        match self.rooms {
            (0, 0) => (i64::MIN, i64::MAX),
            rooms => rooms,
        }
    }

    /// Does it hold this room of this site?
    pub const fn holds(self, site: i64, room: i64) -> bool {
        let (first, last) = self.range();
        self.site == site && room >= first && room <= last
    }

    /// `整个考点`, `第 003–012 考场`.
    pub fn text(self) -> String {
        match self.rooms {
            (0, 0) => "整个考点".to_owned(),
            (first, last) if first == last => format!("第 {first:03} 考场"),
            (first, last) => format!("第 {first:03}–{last:03} 考场"),
        }
    }
}

/// A mark among others about the same person in the same session. The greatest is the last word: by time, then by phone and key,
/// so that two marks of the same instant have an order too, and every order of arrival comes to one end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When, by the phone's corrected clock, in microseconds.
    pub marked_at: i64,
    /// Which phone.
    pub device: i64,
    /// What the phone drew.
    pub key: String,
}

/// Is it a key that a phone draws: sixteen hexadecimal digits, lower case?
pub fn is_key(text: &str) -> bool {
    text.len() == 16
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_pair_of_pass_state_and_event() {
        let table = [
            (PassState::Active, [Some(PassState::Revoked)]),
            (PassState::Revoked, [None]),
        ];
        assert_eq!(table.len(), PassState::ALL.len());
        for (state, row) in table {
            for (event, next) in PassEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event), next, "{state:?} {event:?}");
            }
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_local(text).unwrap()
    }

    fn span() -> Span {
        Span {
            opens: at("2026-04-11 08:00"),
            closes: at("2026-04-12 18:00"),
        }
    }

    #[test]
    fn a_pass_opens_and_closes_to_the_second() {
        let span = span();
        for (moment, answer) in [
            (span.opens.plus_seconds(-1), Err(OutOfTime::Early)),
            (span.opens, Ok(())),
            (span.closes.plus_seconds(-1), Ok(())),
            (span.closes, Err(OutOfTime::Late)),
        ] {
            assert_eq!(span.lets_in(moment), answer);
        }
        assert_eq!(span.ends(), at("2026-04-14 18:00"));
        assert!(span.takes_marks(span.ends().plus_seconds(-1)));
        assert!(!span.takes_marks(span.ends()));
    }

    #[test]
    fn a_mark_is_neither_older_than_its_pass_nor_of_the_future() {
        let (span, now) = (span(), at("2026-04-12 08:30"));
        for (marked, good) in [
            (span.opens, true),
            (span.opens.plus_seconds(-1), false),
            (now.plus_seconds(600), true),
            (now.plus_seconds(601), false),
            (now, true),
        ] {
            assert_eq!(span.may_be_made(marked, now), good, "{marked:?}");
        }
        // Told a year later, it can't be of a time in which the pass had ended.
        let later = now.plus_days(365);
        assert!(!span.may_be_made(span.ends(), later));
        assert!(span.may_be_made(span.ends().plus_seconds(-1), later));
    }

    #[test]
    fn an_area_is_a_site_or_some_of_its_rooms() {
        let whole = Area {
            site: 2,
            rooms: (0, 0),
        };
        let some = Area {
            rooms: (3, 12),
            ..whole
        };
        assert!(whole.holds(2, 1) && whole.holds(2, 999) && !whole.holds(1, 1));
        assert!(some.holds(2, 3) && some.holds(2, 12) && !some.holds(2, 13) && !some.holds(2, 2));
        assert!(!some.holds(3, 5));
        assert_eq!(whole.text(), "整个考点");
        assert_eq!(some.text(), "第 003–012 考场");
    }

    #[test]
    fn keys_are_sixteen_digits() {
        assert!(is_key("00ff00ff00ff00ff"));
        for other in ["", "00ff", "00FF00FF00FF00FF", "00ff00ff00ff00fg", "字"] {
            assert!(!is_key(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_order_of_arrival_and_any_repetition_come_to_one_end(
            marks in proptest::collection::vec((0..4i64, 0..3i64, 0..3u8), 1..12),
            order in proptest::collection::vec(any::<proptest::sample::Index>(), 12..40),
        ) {
            let marks: Vec<Place> = marks
                .into_iter()
                .map(|(marked_at, device, key)| Place { marked_at, device, key: format!("{key:016x}") })
                .collect();
            // As the database does it: a later one takes the place of the one that stands there.
            let arrive = |all: &mut dyn Iterator<Item = &Place>| {
                let mut last: Option<Place> = None;
                for mark in all {
                    if last.as_ref().is_none_or(|known| mark > known) {
                        last = Some(mark.clone());
                    }
                }
                last
            };
            let straight = arrive(&mut marks.iter());
            // All of them, some twice, in another order.
            let jumbled = order.iter().map(|index| index.get(&marks));
            let jumbled = arrive(&mut jumbled.chain(marks.iter().rev()));
            prop_assert_eq!(&straight, &jumbled);
            prop_assert_eq!(straight.as_ref(), marks.iter().max());
        }
    }
}
