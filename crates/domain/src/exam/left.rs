//! What an extension leaves to the reviewers.

use super::steps::Steps;
use super::windows::{Phase, Windows};

/// The time between the end of what brings in applications and the end of the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewLeft {
    /// The window that ends last before the review.
    pub after: Phase,
    /// Seconds from its end to the end of the review; 0 or less for none.
    pub seconds: i64,
    /// Seconds in which a decision is promised, the exam's own setting.
    pub promised: i64,
}

impl Windows {
    /// What these windows leave to the reviewers, where they differ from those that stand in anything that the review hangs on.
    /// `hours` is the time in which the exam promises a decision.
    pub fn review_left(&self, before: &Self, steps: Steps, hours: u32) -> Option<ReviewLeft> {
        let review = self.review.filter(|_| steps.has_review())?;
        let moved = |phase| self.get(phase) != before.get(phase);
        let (after, ends) = [Phase::Registration, Phase::Supplement, Phase::Reapply]
            .into_iter()
            // 改报 has its reviews after the others are over: it counts when it is moved itself.
            .filter(|phase| moved(*phase) || (moved(Phase::Review) && *phase != Phase::Reapply))
            .filter_map(|phase| Some((phase, self.get(phase)?.close())))
            .max_by_key(|(_, ends)| *ends)?;
        Some(ReviewLeft {
            after,
            seconds: review.close().seconds_since(ends),
            promised: i64::from(hours) * 3600,
        })
    }
}

impl ReviewLeft {
    /// Whether the reviewers have no time, or less than the exam promises for one decision.
    pub const fn is_short(&self) -> bool {
        self.seconds <= 0 || self.seconds < self.promised
    }

    /// What it comes to, in a sentence.
    pub fn says(&self) -> String {
        let after = self.after.label();
        if self.seconds <= 0 {
            return format!("{after}结束时资格审查也已结束，没有给审查留出时间");
        }
        let left = span(self.seconds);
        if self.is_short() {
            return format!(
                "{after}结束后，资格审查只剩 {left}，少于本场考试规定的审查时限 {}",
                span(self.promised)
            );
        }
        format!("{after}结束后，资格审查还有 {left}")
    }
}

/// `2 天 3 小时`, `45 分钟`.
fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (
        seconds / 86_400,
        seconds % 86_400 / 3600,
        seconds % 3600 / 60,
    );
    match (days, hours, minutes) {
        (0, 0, minutes) => format!("{} 分钟", minutes.max(1)),
        (0, hours, 0) => format!("{hours} 小时"),
        (0, hours, minutes) => format!("{hours} 小时 {minutes} 分钟"),
        (days, 0, _) => format!("{days} 天"),
        (days, hours, _) => format!("{days} 天 {hours} 小时"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::steps::ReviewStep;
    use super::super::windows::tests::{standing, window};
    use super::*;

    /// Registration (or another window) is extended to `close`: what is said of the review, and whether it is a warning.
    fn told(phase: Phase, close: &str) -> (bool, String) {
        let before = standing();
        let mut asked = before.clone();
        asked.set(phase, window("2026-03-16 09:00", close));
        let left = asked.review_left(&before, Steps::default(), 24).unwrap();
        (left.is_short(), left.says())
    }

    #[test]
    fn an_extension_says_what_it_leaves_to_the_reviewers() {
        for (phase, close, short, word) in [
            // Review ends on 21 March at 17:00; it stood at 24 hours.
            (Phase::Registration, "2026-03-20 17:00", false, "还有 1 天"),
            (
                Phase::Registration,
                "2026-03-20 18:00",
                true,
                "只剩 23 小时，少于本场考试规定的审查时限 1 天",
            ),
            (
                Phase::Registration,
                "2026-03-21 16:30",
                true,
                "只剩 30 分钟",
            ),
            (
                Phase::Registration,
                "2026-03-21 17:00",
                true,
                "没有给审查留出时间",
            ),
            (
                Phase::Review,
                "2026-03-24 20:00",
                false,
                "网上报名结束后，资格审查还有 4 天 3 小时",
            ),
            (
                Phase::Supplement,
                "2026-03-21 17:00",
                true,
                "补充材料结束时资格审查也已结束",
            ),
        ] {
            if phase == Phase::Registration && close == "2026-03-20 17:00" {
                // Nothing moved: nothing to say.
                let mut same = standing();
                same.set(phase, window("2026-03-16 09:00", close));
                assert_eq!(same.review_left(&standing(), Steps::default(), 24), None);
                continue;
            }
            let (is_short, says) = told(phase, close);
            assert_eq!(is_short, short, "{says}");
            assert!(says.contains(word), "{says}");
        }
    }

    #[test]
    fn what_has_no_review_or_moves_nothing_of_it_is_not_judged() {
        let before = standing();
        let mut asked = before.clone();
        asked.set(
            Phase::Ticket,
            window("2026-04-08 09:00", "2026-04-12 09:00"),
        );
        assert_eq!(asked.review_left(&before, Steps::default(), 24), None);
        asked.set(
            Phase::Registration,
            window("2026-03-16 09:00", "2026-03-21 17:00"),
        );
        let none = Steps {
            review: ReviewStep::None,
            ..Steps::default()
        };
        assert_eq!(asked.review_left(&before, none, 24), None);
        assert!(asked.review_left(&before, Steps::default(), 24).is_some());
    }
}
