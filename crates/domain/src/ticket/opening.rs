//! 分批打印: everybody's own opening inside the ticket window, so that a city doesn't come in the same minute.
//!
//! Who comes when hangs on the 报名序号 alone: it is the same on every page and at every log-in, nobody can change it, and
//! anybody can work it out.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::window::Window;

/// Most groups of an exam.
pub const MOST_GROUPS: u32 = 12;
/// Most minutes from one group to the next.
pub const MOST_MINUTES: u32 = 120;

/// How an exam's candidates are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stagger {
    /// Groups, 1 to [`MOST_GROUPS`]; one is everybody at once.
    pub groups: u32,
    /// Minutes from one group's opening to the next one's, up to [`MOST_MINUTES`].
    pub minutes: u32,
}

impl Default for Stagger {
    /// Everybody at once.
    fn default() -> Self {
        Self {
            groups: 1,
            minutes: 0,
        }
    }
}

impl Stagger {
    /// Whether everybody may print from the window's beginning on.
    pub const fn is_off(&self) -> bool {
        self.groups <= 1 || self.minutes == 0
    }

    /// `分 6 批，每批相隔 10 分钟`, or `不分批`.
    pub fn to_chinese(self) -> String {
        if self.is_off() {
            "不分批".to_owned()
        } else {
            format!("分 {} 批，每批相隔 {} 分钟", self.groups, self.minutes)
        }
    }

    /// From the first group's opening to the last one's, in seconds.
    pub fn span(self) -> i64 {
        if self.is_off() {
            return 0;
        }
        // Far below the limits of an i64, whatever was stored.
        (i64::from(self.groups) - 1) * i64::from(self.minutes) * 60
    }

    /// Whether the last group still opens inside the window.
    pub fn fits(self, window: Window) -> bool {
        window.open().plus_seconds(self.span()) < window.close()
    }

    /// The group of a 报名序号, from 0: the sum of its digits, which parts neighbours as well as years and exams.
    pub fn group(self, registration_no: &str) -> u32 {
        let sum: u32 = registration_no
            .chars()
            .filter_map(|c| c.to_digit(10))
            .fold(0, u32::wrapping_add);
        sum.checked_rem(self.groups).unwrap_or(0)
    }
}

/// From when on the ticket of a 报名序号 can be printed. Where the groups don't fit into the window (its close was brought
/// forward), everybody opens with it: nobody may be left without a minute to print.
pub fn opens_for(window: Window, stagger: Stagger, registration_no: &str) -> Timestamp {
    if stagger.is_off() || !stagger.fits(window) {
        return window.open();
    }
    let wait = i64::from(stagger.group(registration_no)) * i64::from(stagger.minutes) * 60;
    window.open().plus_seconds(wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(minutes: i64) -> Window {
        let open = Timestamp::from_seconds(1_775_523_600);
        Window::new(open, open.plus_seconds(minutes * 60)).unwrap()
    }

    #[test]
    fn the_group_is_the_sum_of_the_digits() {
        let stagger = Stagger {
            groups: 6,
            minutes: 10,
        };
        for (number, group) in [
            ("", 0),
            ("000000", 0),
            ("000005", 5),
            ("000006", 0),
            ("2026A0017", 0),
            ("2026A0018", 1),
        ] {
            assert_eq!(stagger.group(number), group, "{number}");
        }
        let opens = opens_for(window(600), stagger, "000005");
        assert_eq!(opens.seconds_since(window(600).open()), 50 * 60);
    }

    #[test]
    fn one_group_or_no_pause_is_everybody_at_once() {
        for (groups, minutes) in [(0, 10), (1, 10), (6, 0)] {
            let stagger = Stagger { groups, minutes };
            assert!(stagger.is_off());
            assert_eq!(stagger.to_chinese(), "不分批");
            assert_eq!(opens_for(window(9), stagger, "99"), window(9).open());
        }
        assert!(Stagger::default().is_off());
        let on = Stagger {
            groups: 6,
            minutes: 10,
        };
        assert_eq!(on.to_chinese(), "分 6 批，每批相隔 10 分钟");
    }

    #[test]
    fn groups_that_do_not_fit_all_open_with_the_window() {
        let stagger = Stagger {
            groups: 6,
            minutes: 10,
        };
        assert!(!stagger.fits(window(50)) && stagger.fits(window(51)));
        assert_eq!(opens_for(window(50), stagger, "5"), window(50).open());
        assert_ne!(opens_for(window(51), stagger, "5"), window(51).open());
    }

    proptest! {
        #[test]
        fn everybody_opens_inside_the_window(
            groups in 0..=MOST_GROUPS, minutes in 0..=MOST_MINUTES, length in 1i64..3_000, number in "[0-9]{0,14}",
        ) {
            let (window, stagger) = (window(length), Stagger { groups, minutes });
            let opens = opens_for(window, stagger, &number);
            prop_assert!(window.contains(opens));
            prop_assert!(opens.seconds_since(window.open()) <= stagger.span());
        }

        #[test]
        fn consecutive_numbers_spread_evenly(groups in 2..=MOST_GROUPS, first in 0u32..900_000) {
            let stagger = Stagger { groups, minutes: 1 };
            let mut people = vec![0u32; usize::try_from(groups).unwrap()];
            for number in first..first + 6_000 {
                people[usize::try_from(stagger.group(&format!("{number:06}"))).unwrap()] += 1;
            }
            let even = 6_000 / groups;
            // 12 groups have 500 people each, more or less.
            prop_assert!(people.iter().all(|one| one.abs_diff(even) * 4 <= even), "{people:?}");
        }
    }
}
