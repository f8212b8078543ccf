//! The exam's windows, each `[open, close)` by server time, and how they depend on each other.

use serde::{Deserialize, Serialize};

use super::steps::Steps;
use crate::coded::coded;
use crate::time::Timestamp;
use crate::window::Window;

coded! {
    /// Which window.
    pub enum Phase {
        /// 网上报名.
        Registration = "registration", "网上报名";
        /// 补充材料, for applications that were sent back.
        Supplement = "supplement", "补充材料";
        /// 资格审查.
        Review = "review", "资格审查";
        /// 网上缴费.
        Payment = "payment", "网上缴费";
        /// 减免申请.
        Waiver = "waiver", "减免申请";
        /// 改报 for candidates of cancelled positions.
        Reapply = "reapply", "改报";
        /// 考场编排: applications are frozen.
        Arrangement = "arrangement", "考场编排";
        /// 准考证打印.
        Ticket = "ticket", "准考证打印";
        /// 考试.
        Sitting = "sitting", "考试";
        /// 成绩查询.
        Score = "score", "成绩查询";
        /// 成绩复查.
        Recheck = "recheck", "成绩复查";
        /// 资格复审.
        Requalification = "requalification", "资格复审";
    }
}

/// The windows of an exam. What an exam doesn't have is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Windows {
    /// 网上报名.
    pub registration: Option<Window>,
    /// 补充材料.
    pub supplement: Option<Window>,
    /// 资格审查.
    pub review: Option<Window>,
    /// 网上缴费.
    pub payment: Option<Window>,
    /// 减免申请.
    pub waiver: Option<Window>,
    /// 改报.
    pub reapply: Option<Window>,
    /// 考场编排.
    pub arrangement: Option<Window>,
    /// 准考证打印.
    pub ticket: Option<Window>,
    /// 考试.
    pub sitting: Option<Window>,
    /// 成绩查询.
    pub score: Option<Window>,
    /// 成绩复查.
    pub recheck: Option<Window>,
    /// 资格复审.
    pub requalification: Option<Window>,
}

/// Which windows are open at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenNow {
    /// 网上报名.
    pub registration: bool,
    /// 补充材料; the caller also looks at the due time of the return.
    pub supplement: bool,
    /// 资格审查.
    pub review: bool,
    /// Appeals; the caller computes it from the refusal's time and the exam's hours.
    pub appeal: bool,
    /// 网上缴费.
    pub payment: bool,
    /// 改报 for candidates of cancelled positions.
    pub reapply: bool,
    /// 改报 is open, or still to come.
    pub reapply_ahead: bool,
    /// 准考证打印.
    pub ticket: bool,
}

impl OpenNow {
    /// Nothing is open.
    pub const NONE: Self = Self {
        registration: false,
        supplement: false,
        review: false,
        appeal: false,
        payment: false,
        reapply: false,
        reapply_ahead: false,
        ticket: false,
    };

    /// Everything is open.
    pub const ALL: Self = Self {
        registration: true,
        supplement: true,
        review: true,
        appeal: true,
        payment: true,
        reapply: true,
        reapply_ahead: true,
        ticket: true,
    };
}

impl Windows {
    /// One window.
    pub const fn get(&self, phase: Phase) -> Option<Window> {
        match phase {
            Phase::Registration => self.registration,
            Phase::Supplement => self.supplement,
            Phase::Review => self.review,
            Phase::Payment => self.payment,
            Phase::Waiver => self.waiver,
            Phase::Reapply => self.reapply,
            Phase::Arrangement => self.arrangement,
            Phase::Ticket => self.ticket,
            Phase::Sitting => self.sitting,
            Phase::Score => self.score,
            Phase::Recheck => self.recheck,
            Phase::Requalification => self.requalification,
        }
    }

    /// Sets or removes one window, for an extension or an import.
    pub const fn set(&mut self, phase: Phase, window: Option<Window>) {
        let slot = match phase {
            Phase::Registration => &mut self.registration,
            Phase::Supplement => &mut self.supplement,
            Phase::Review => &mut self.review,
            Phase::Payment => &mut self.payment,
            Phase::Waiver => &mut self.waiver,
            Phase::Reapply => &mut self.reapply,
            Phase::Arrangement => &mut self.arrangement,
            Phase::Ticket => &mut self.ticket,
            Phase::Sitting => &mut self.sitting,
            Phase::Score => &mut self.score,
            Phase::Recheck => &mut self.recheck,
            Phase::Requalification => &mut self.requalification,
        };
        *slot = window;
    }

    /// Whether a window is open at an instant. A window that the exam doesn't have is never open.
    pub fn is_open(&self, phase: Phase, now: Timestamp) -> bool {
        self.get(phase).is_some_and(|window| window.contains(now))
    }

    /// What is open at an instant. Review falls back to "from the opening of registration" and supplement to the
    /// review window where the exam has set none. Appeals are open while the review is.
    pub fn open_at(&self, now: Timestamp) -> OpenNow {
        let review = match (self.review, self.registration) {
            (Some(window), _) => window.contains(now),
            (None, Some(registration)) => now >= registration.open(),
            (None, None) => false,
        };
        OpenNow {
            registration: self.is_open(Phase::Registration, now),
            supplement: self
                .supplement
                .map_or(review, |window| window.contains(now)),
            review,
            appeal: review,
            payment: self.is_open(Phase::Payment, now),
            reapply: self.is_open(Phase::Reapply, now),
            reapply_ahead: self.reapply.is_some_and(|window| now < window.close()),
            ticket: self.is_open(Phase::Ticket, now),
        }
    }

    /// Problems that forbid publication, in plain Chinese, against the steps that the exam has.
    pub fn problems(&self, steps: Steps) -> Vec<String> {
        use Phase as P;
        let mut problems = Vec::new();
        let mut required = vec![P::Registration];
        if steps.has_payment() {
            required.push(P::Payment);
        }
        if steps.seating {
            required.extend([P::Ticket, P::Sitting]);
        }
        for phase in required.iter().filter(|phase| self.get(**phase).is_none()) {
            problems.push(format!("请设置{}的开始和结束时间", phase.label()));
        }
        problems.extend(self.conflicts(steps).into_iter().map(|one| one.text));
        problems
    }

    /// Which windows don't fit to which others, against the steps that the exam has.
    pub fn conflicts(&self, steps: Steps) -> Vec<Conflict> {
        use Phase as P;
        let mut conflicts = Vec::new();
        let mut found = |earlier: Phase, later: Phase, text: String| {
            conflicts.push(Conflict {
                earlier,
                later,
                text,
            });
        };
        // (earlier, later): the later window may neither open nor close before the earlier one does.
        let mut closes = vec![
            (P::Registration, P::Supplement),
            (P::Registration, P::Review),
        ];
        if steps.has_payment() {
            closes.push((P::Registration, P::Payment));
            closes.push((P::Waiver, P::Payment));
            if steps.has_review() && !steps.pays_first() {
                closes.push((P::Review, P::Payment));
            }
        }
        for (earlier, later) in closes {
            if let (Some(first), Some(second)) = (self.get(earlier), self.get(later)) {
                if second.close() < first.close() {
                    let text = format!(
                        "{}的结束时间不能早于{}的结束时间",
                        later.label(),
                        earlier.label()
                    );
                    found(earlier, later, text);
                }
                // Waivers may be asked for at any time before they can no longer be paid for.
                if second.open() < first.open() && earlier != P::Waiver {
                    let text = format!("{}不能早于{}开始", later.label(), earlier.label());
                    found(earlier, later, text);
                }
            }
        }
        // (earlier, later): the later window may not open before the earlier one closes.
        let order = [
            (P::Payment, P::Arrangement),
            (P::Registration, P::Arrangement),
            (P::Reapply, P::Arrangement),
            (P::Registration, P::Ticket),
            (P::Payment, P::Ticket),
            (P::Reapply, P::Ticket),
            (P::Registration, P::Sitting),
            (P::Sitting, P::Score),
        ];
        for (earlier, later) in order {
            if let (Some(first), Some(second)) = (self.get(earlier), self.get(later))
                && second.open() < first.close()
            {
                let text = format!("{}应在{}结束之后开始", later.label(), earlier.label());
                found(earlier, later, text);
            }
        }
        // (earlier, later, words): the later window may not open before the earlier one opens.
        let begins = [
            (P::Ticket, P::Sitting, "准考证打印应在考试之前开始"),
            (P::Score, P::Recheck, "成绩复查不能早于成绩查询开始"),
            (P::Registration, P::Waiver, "减免申请不能早于网上报名开始"),
        ];
        for (earlier, later, text) in begins {
            if let (Some(first), Some(second)) = (self.get(earlier), self.get(later)) {
                let late = second.open() < first.open()
                    || (earlier == P::Ticket && second.open() == first.open());
                if late {
                    found(earlier, later, text.to_owned());
                }
            }
        }
        conflicts
    }
}

/// Two windows that don't fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The one that goes before.
    pub earlier: Phase,
    /// The one that depends on it.
    pub later: Phase,
    /// In words.
    pub text: String,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::exam) fn at(local: &str) -> Timestamp {
        Timestamp::parse_local(local).unwrap()
    }

    pub(in crate::exam) fn window(open: &str, close: &str) -> Option<Window> {
        Window::new(at(open), at(close)).ok()
    }

    pub(in crate::exam) fn standing() -> Windows {
        Windows {
            registration: window("2026-03-16 09:00", "2026-03-20 17:00"),
            review: window("2026-03-16 09:00", "2026-03-21 17:00"),
            payment: window("2026-03-17 09:00", "2026-03-23 17:00"),
            waiver: window("2026-03-16 09:00", "2026-03-22 17:00"),
            arrangement: window("2026-03-24 09:00", "2026-03-30 17:00"),
            ticket: window("2026-04-07 09:00", "2026-04-12 09:00"),
            sitting: window("2026-04-12 09:00", "2026-04-12 17:00"),
            score: window("2026-05-08 09:00", "2026-06-08 17:00"),
            ..Windows::default()
        }
    }

    #[test]
    fn every_dependency_is_checked() {
        let steps = Steps::default();
        for (phase, open, close, word) in [
            (
                Phase::Supplement,
                "2026-03-15 09:00",
                "2026-03-21 17:00",
                "补充材料不能早于",
            ),
            (
                Phase::Review,
                "2026-03-16 09:00",
                "2026-03-20 16:59",
                "资格审查的结束",
            ),
            (
                Phase::Payment,
                "2026-03-17 09:00",
                "2026-03-21 16:59",
                "网上缴费的结束",
            ),
            (
                Phase::Waiver,
                "2026-03-16 09:00",
                "2026-03-23 17:01",
                "网上缴费的结束时间不能早于减免",
            ),
            (
                Phase::Waiver,
                "2026-03-16 08:59",
                "2026-03-22 17:00",
                "减免申请不能早于",
            ),
            (
                Phase::Reapply,
                "2026-03-23 09:00",
                "2026-03-24 09:01",
                "考场编排应在改报",
            ),
            (
                Phase::Arrangement,
                "2026-03-23 16:59",
                "2026-03-30 17:00",
                "考场编排应在网上缴费",
            ),
            (
                Phase::Ticket,
                "2026-04-12 09:00",
                "2026-04-12 10:00",
                "准考证打印应在考试之前",
            ),
            (
                Phase::Score,
                "2026-04-12 16:59",
                "2026-06-08 17:00",
                "成绩查询应在考试",
            ),
            (
                Phase::Recheck,
                "2026-05-08 08:59",
                "2026-05-12 17:00",
                "成绩复查不能早于",
            ),
        ] {
            let mut windows = standing();
            windows.set(phase, window(open, close));
            let problems = windows.problems(steps);
            assert!(
                problems.iter().any(|text| text.contains(word)),
                "{word}: {problems:?}"
            );
        }
    }
}
