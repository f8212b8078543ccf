//! What an extension does to the windows that depend on the one that is extended.

use super::steps::Steps;
use super::windows::{Conflict, Phase, Windows};
use crate::time::Timestamp;
use crate::window::Window;

/// What moves along with an extension.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Along {
    /// What no longer fits if nothing moves along.
    pub conflicts: Vec<Conflict>,
    /// The windows with their dependants moved.
    pub windows: Windows,
    /// What doesn't fit even then, and somebody has to decide.
    pub left: Vec<Conflict>,
}

impl Windows {
    /// What an extension does to the windows that depend on those that it moves: which no longer fit, and how they would
    /// fit again. `before` are the windows that stand; a window that is open or over at `now` keeps its start, and the day of
    /// the exam is nobody's to move along.
    pub fn moved_along(&self, before: &Self, steps: Steps, now: Timestamp) -> Along {
        let old = before.conflicts(steps);
        let mut along = Along {
            windows: self.clone(),
            ..Along::default()
        };
        let new = |windows: &Self| -> Vec<Conflict> {
            let mut new = windows.conflicts(steps);
            new.retain(|one| !old.contains(one));
            new
        };
        along.conflicts = new(self);
        // Each round repairs at least one window or ends: there are no more chains than windows.
        for _ in Phase::ALL {
            let mut moved = false;
            for conflict in new(&along.windows) {
                moved |= along.repair(before, &conflict, now);
            }
            if !moved {
                break;
            }
        }
        along.left = new(&along.windows);
        along
    }
}

impl Along {
    /// Moves the later window as far as the earlier one was moved, or as far as it takes. Whether anything changed.
    fn repair(&mut self, before: &Windows, conflict: &Conflict, now: Timestamp) -> bool {
        if conflict.later == Phase::Sitting {
            return false;
        }
        let (Some(first), Some(second)) = (
            self.windows.get(conflict.earlier),
            self.windows.get(conflict.later),
        ) else {
            return false;
        };
        let moved = before
            .get(conflict.earlier)
            .map_or(0, |old| first.close().micros() - old.close().micros())
            .max(0);
        let plus = |at: Timestamp| Timestamp::from_micros(at.micros() + moved);
        let opens = if second.open() <= now {
            second.open()
        } else {
            plus(second.open())
        };
        let wanted = Window::new(opens, plus(second.close())).ok();
        if moved == 0 || wanted.is_none() || wanted == Some(second) {
            return false;
        }
        // Never further than once: what still doesn't fit then is for a person.
        if before.get(conflict.later) != Some(second) {
            return false;
        }
        self.windows.set(conflict.later, wanted);
        true
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::windows::tests::{at, standing, window};

    #[test]
    fn an_extension_names_what_must_move_and_moves_it_as_far() {
        let (before, steps) = (standing(), Steps::default());
        assert_eq!(before.conflicts(steps), []);
        let now = at("2026-03-20 15:00");
        for (phase, close, conflicts, moved, left) in [
            // Within the slack: nothing moves.
            (Phase::Registration, "2026-03-21 09:00", 0, vec![], 0),
            // Two days: review, then payment, then the seating follow by two days each.
            (
                Phase::Registration,
                "2026-03-22 17:00",
                1,
                vec![(Phase::Review, "2026-03-16 09:00", "2026-03-23 17:00")],
                0,
            ),
            (
                Phase::Payment,
                "2026-03-25 17:00",
                1,
                vec![(Phase::Arrangement, "2026-03-26 09:00", "2026-04-01 17:00")],
                0,
            ),
            // Up to the exam's day itself: that is for a person.
            (
                Phase::Registration,
                "2026-04-13 17:00",
                5,
                vec![
                    (Phase::Review, "2026-03-16 09:00", "2026-04-14 17:00"),
                    (Phase::Payment, "2026-03-17 09:00", "2026-04-16 17:00"),
                    (Phase::Arrangement, "2026-04-17 09:00", "2026-04-23 17:00"),
                    (Phase::Ticket, "2026-05-01 09:00", "2026-05-06 09:00"),
                ],
                2,
            ),
        ] {
            let mut asked = before.clone();
            let open = before.get(phase).unwrap().open();
            asked.set(phase, Window::new(open, at(close)).ok());
            let along = asked.moved_along(&before, steps, now);
            assert_eq!(
                along.conflicts.len(),
                conflicts,
                "{close}: {:?}",
                along.conflicts
            );
            let followed: Vec<_> = Phase::ALL
                .iter()
                .filter(|one| **one != phase && along.windows.get(**one) != before.get(**one))
                .map(|one| (*one, along.windows.get(*one).unwrap()))
                .collect();
            let expected: Vec<_> = moved
                .iter()
                .map(|(one, open, close)| (*one, window(open, close).unwrap()))
                .collect();
            assert_eq!(followed, expected, "{close}");
            assert_eq!(along.left.len(), left, "{close}: {:?}", along.left);
        }
    }
}
