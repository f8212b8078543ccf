//! 公示: a list with names in public, for so many working days, and what people say against it.
//!
//! ```text
//! list:       Draft → Published → Withdrawn;  Draft → Withdrawn
//! objection:  Open → Upheld | Dismissed
//! ```
//! Source: reference `domain.md` §4 (公示 7 working days). Which days are worked is an input, since every autumn's notice of the State Council
//! moves weekends.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::time::{Date, Timestamp};

coded! {
    /// What a list is about.
    pub enum PublicityKind {
        /// 加分.
        Bonus = "bonus", "加分";
        /// 入围.
        Shortlist = "shortlist", "入围名单";
        /// 面试成绩.
        Interview = "interview", "面试成绩";
        /// 总成绩.
        Total = "total", "总成绩";
        /// 体检.
        Medical = "medical", "体检名单";
        /// 拟聘用.
        Hire = "hire", "拟聘用人员";
    }
}

coded! {
    /// Where a list stands.
    pub enum PublicityState {
        /// Its rows stand still, nobody outside sees it.
        Draft = "draft", "待发布";
        /// In public from its opening on.
        Published = "published", "已发布";
        /// Taken away, or never published.
        Withdrawn = "withdrawn", "已撤下";
    }
}

coded! {
    /// What happens to a list.
    pub enum PublicityEvent {
        /// A second person publishes it.
        Publish = "publish", "发布";
        /// It is taken away.
        Withdraw = "withdraw", "撤下";
    }
}

coded! {
    /// Where an objection stands.
    pub enum ObjectionState {
        /// Is looked into.
        Open = "open", "核查中";
        /// It is right.
        Upheld = "upheld", "异议成立";
        /// It isn't.
        Dismissed = "dismissed", "异议不成立";
    }
}

coded! {
    /// What happens to an objection.
    pub enum ObjectionEvent {
        /// It is found right.
        Uphold = "uphold", "认定成立";
        /// It isn't.
        Dismiss = "dismiss", "认定不成立";
    }
}

/// Why a list or an objection can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicityRefused {
    /// The event doesn't belong to the list's state.
    #[error("公示{}，不能{}", .0.label(), .1.label())]
    List(PublicityState, PublicityEvent),
    /// The event doesn't belong to the objection's state.
    #[error("{}，不能再{}", .0.label(), .1.label())]
    Objection(ObjectionState, ObjectionEvent),
    /// The same person made the list.
    #[error("发布须由拟定以外的人员进行")]
    PublisherIsMaker,
    /// The same person entered the objection.
    #[error("认定须由登记异议以外的人员进行")]
    DeciderIsMaker,
    /// Taken away without a reason.
    #[error("撤下公示请写明原因")]
    NoReason,
}

impl PublicityState {
    /// The next state. `made_by`: who made the list; `reason`: why it is taken away.
    ///
    /// # Errors
    /// Why it can't.
    pub fn on(
        self,
        event: PublicityEvent,
        made_by: i64,
        actor: i64,
        reason: &str,
    ) -> Result<Self, PublicityRefused> {
        use PublicityEvent as E;
        use PublicityState as S;
        match (self, event) {
            (S::Draft, E::Publish) if actor == made_by => Err(PublicityRefused::PublisherIsMaker),
            (S::Draft, E::Publish) => Ok(S::Published),
            // Nobody has seen a draft.
            (S::Draft, E::Withdraw) => Ok(S::Withdrawn),
            (S::Published, E::Withdraw) if reason.trim().is_empty() => {
                Err(PublicityRefused::NoReason)
            }
            (S::Published, E::Withdraw) => Ok(S::Withdrawn),
            (state, event) => Err(PublicityRefused::List(state, event)),
        }
    }
}

impl ObjectionState {
    /// The next state.
    ///
    /// # Errors
    /// Why it can't.
    pub fn on(
        self,
        event: ObjectionEvent,
        entered_by: i64,
        actor: i64,
    ) -> Result<Self, PublicityRefused> {
        use ObjectionEvent as E;
        match (self, event) {
            (Self::Open, _) if actor == entered_by => Err(PublicityRefused::DeciderIsMaker),
            (Self::Open, E::Uphold) => Ok(Self::Upheld),
            (Self::Open, E::Dismiss) => Ok(Self::Dismissed),
            (state, event) => Err(PublicityRefused::Objection(state, event)),
        }
    }
}

/// Which days are worked, where they aren't Monday to Friday.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Weekdays that aren't worked.
    pub holidays: BTreeSet<Date>,
    /// Weekends that are (调休).
    pub worked: BTreeSet<Date>,
}

/// Days that are looked at before a calendar is taken for a broken one.
const FARTHEST: i32 = 1_000;

impl Calendar {
    /// Whether a day is worked. A day that stands under both is not: whoever counts on it must not get fewer days than he was promised.
    pub fn is_worked(&self, day: Date) -> bool {
        !self.holidays.contains(&day) && (self.worked.contains(&day) || !day.is_weekend())
    }

    /// The last of so many working days, the first of which is `first` or the next one that is worked. `None` for no days, or for a
    /// calendar without enough of them in three years.
    pub fn last_day(&self, first: Date, days: u32) -> Option<Date> {
        let mut left = days.checked_sub(1)?;
        for later in 0..FARTHEST {
            let day = first.plus_days(later);
            if self.is_worked(day) {
                if left == 0 {
                    return Some(day);
                }
                left -= 1;
            }
        }
        None
    }

    /// When a 公示 of so many working days closes that opens at an instant. The day of the opening counts only if it is open all day, since
    /// a period is counted from the day after its beginning (民法典 第二百零一条).
    pub fn closes(&self, opens: Timestamp, days: u32) -> Option<Timestamp> {
        let day = opens.date();
        let first = if opens == day.start() {
            day
        } else {
            day.plus_days(1)
        };
        self.last_day(first, days).map(Date::end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_local(text).unwrap()
    }

    /// 国庆节 and 中秋节 of 2025: off from 1 to 8 October, worked on 28 September and 11 October.
    fn autumn() -> Calendar {
        Calendar {
            holidays: (1..=8).map(|n| Date::new(2025, 10, n).unwrap()).collect(),
            worked: [day("2025-09-28"), day("2025-10-11")].into(),
        }
    }

    #[test]
    fn seven_working_days_go_over_weekends_and_holidays() {
        for (opens, days, closes) in [
            // Monday 00:00 to the end of the Tuesday of the week after.
            ("2025-08-18 00:00", 7, "2025-08-27 00:00"),
            // During a Monday: it counts from Tuesday.
            ("2025-08-18 09:00", 7, "2025-08-28 00:00"),
            ("2025-08-22 17:00", 1, "2025-08-26 00:00"),
            ("2025-08-23 00:00", 1, "2025-08-26 00:00"),
            // 26 (Fri), 28 (Sun, worked), 29, 30 September, 9, 10, 11 (Sat, worked) October.
            ("2025-09-26 00:00", 7, "2025-10-12 00:00"),
        ] {
            assert_eq!(
                autumn().closes(at(opens), days),
                Some(at(closes)),
                "{opens} {days}"
            );
        }
        assert_eq!(autumn().closes(at("2025-08-18 00:00"), 0), None);
        assert_eq!(autumn().closes(at("2025-08-18 00:00"), 5_000), None);
        let both = Calendar {
            holidays: [day("2025-10-11")].into(),
            ..autumn()
        };
        assert!(!both.is_worked(day("2025-10-11")));
    }

    #[test]
    fn every_pair_of_state_and_event() {
        use PublicityState as S;
        // Columns: Publish, Withdraw.
        let w = Some(S::Withdrawn);
        let table = [
            (S::Draft, [Some(S::Published), w]),
            (S::Published, [None, w]),
            (S::Withdrawn, [None, None]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (event, next) in PublicityEvent::ALL.iter().zip(row) {
                let found = state.on(*event, 1, 2, "名单有误");
                assert_eq!(found.ok(), next, "{state:?} {event:?}");
            }
        }
        use ObjectionState as O;
        let table = [
            (O::Open, [Some(O::Upheld), Some(O::Dismissed)]),
            (O::Upheld, [None, None]),
            (O::Dismissed, [None, None]),
        ];
        assert_eq!(table.len(), O::ALL.len());
        for (state, row) in table {
            for (event, next) in ObjectionEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event, 1, 2).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn it_takes_two_people_and_a_reason() {
        use PublicityRefused as R;
        assert_eq!(
            PublicityState::Draft.on(PublicityEvent::Publish, 1, 1, ""),
            Err(R::PublisherIsMaker)
        );
        assert_eq!(
            PublicityState::Draft.on(PublicityEvent::Withdraw, 1, 1, ""),
            Ok(PublicityState::Withdrawn)
        );
        assert_eq!(
            PublicityState::Published.on(PublicityEvent::Withdraw, 1, 2, " "),
            Err(R::NoReason)
        );
        for event in ObjectionEvent::ALL {
            assert_eq!(
                ObjectionState::Open.on(*event, 1, 1),
                Err(R::DeciderIsMaker)
            );
        }
    }

    proptest! {
        #[test]
        fn exactly_so_many_days_are_worked_until_the_last(
            start in 0i32..1_000, days in 1u32..40,
            holidays in prop::collection::btree_set(0i32..1_100, 0..30), worked in prop::collection::btree_set(0i32..1_100, 0..30)
        ) {
            let zero = day("2025-01-01");
            let of = |days: BTreeSet<i32>| days.into_iter().map(|one| zero.plus_days(one)).collect();
            let calendar = Calendar { holidays: of(holidays), worked: of(worked) };
            let first = zero.plus_days(start);
            let last = calendar.last_day(first, days).unwrap();
            prop_assert!(calendar.is_worked(last));
            let mut counted = 0;
            let mut day = first;
            while day <= last {
                counted += u32::from(calendar.is_worked(day));
                day = day.plus_days(1);
            }
            prop_assert_eq!(counted, days);
        }
    }
}
