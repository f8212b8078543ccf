//! The qualification review of one application, as a table of (state, event).
//!
//! ```text
//! None → Pending → (FirstApproved →) Approved
//! Pending | FirstApproved → Returned → Pending        补充材料
//! Pending | FirstApproved → Rejected → Appealed → Rejected (upheld) | Approved (reversed)
//! Rejected → Pending                                  moved to another position, or mended before the close
//! ```

use serde::{Deserialize, Serialize};

use crate::coded::coded;

coded! {
    /// Where the review stands. A track of the application.
    pub enum Review {
        /// Not begun, or the exam has none.
        None = "none", "未开始";
        /// Waits for the first reviewer.
        Pending = "pending", "待审核";
        /// The first of two levels has approved.
        FirstApproved = "first_approved", "初审通过";
        /// Approved at every level.
        Approved = "approved", "审核通过";
        /// Sent back for more material, with a due time.
        Returned = "returned", "退回补充";
        /// Refused with a reason.
        Rejected = "rejected", "审核不通过";
        /// Refused, and the candidate appealed.
        Appealed = "appealed", "申诉处理中";
    }
}

coded! {
    /// What happens in a review.
    pub enum ReviewEvent {
        /// The step before it is done; the application enters the queue.
        Open = "open", "送审";
        /// A reviewer approves.
        Approve = "approve", "审核通过";
        /// A reviewer asks for more, with items and a due time.
        Return = "return", "退回补充";
        /// A reviewer refuses, with a reason.
        Reject = "reject", "审核不通过";
        /// The candidate changes what he submitted.
        Edit = "edit", "修改报考信息";
        /// The candidate hands in what was asked for.
        Supplement = "supplement", "提交补充材料";
        /// The due time of a return has passed.
        SupplementDue = "supplement_due", "补充逾期";
        /// The candidate submits again after a refusal, for this or another position.
        Resubmit = "resubmit", "重新提交";
        /// The candidate appeals.
        Appeal = "appeal", "申诉";
        /// The appeal is refused.
        Uphold = "uphold", "维持原结论";
        /// The appeal is right.
        Reverse = "reverse", "改为通过";
        /// Staff take a conclusion back before anything was built on it.
        Reopen = "reopen", "撤销审核结论";
        /// Nobody decided in the time that the exam promises.
        TimedOut = "timed_out", "审核超时";
    }
}

coded! {
    /// What silence of the reviewers means.
    pub enum OnTimeout {
        /// The application stays in the queue, and the supervisor is told.
        Escalate = "escalate", "提醒上级";
        /// Silence is consent.
        AutoApprove = "auto_approve", "视为通过";
    }
}

/// The review settings of an exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewRules {
    /// 1, or 2 for 初审 and 复审.
    pub levels: u8,
    /// Hours in which a decision is promised.
    pub hours: u32,
    /// What happens after that.
    pub on_timeout: OnTimeout,
    /// Whether a refusal may be appealed, once.
    pub appeal: bool,
    /// Hours after the refusal in which an appeal is taken.
    pub appeal_hours: u32,
    /// Hours that a candidate has to supplement, unless the reviewer says otherwise.
    pub supplement_hours: u32,
    /// Approve without a person when every rule passes (老考生 of a professional exam, automatic screening).
    pub auto_when_all_pass: bool,
    /// Approve a returning candidate without a person when the carried-over file bears him out and no condition fails.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub auto_returning: bool,
}

impl Default for ReviewRules {
    fn default() -> Self {
        Self {
            levels: 1,
            hours: 24,
            on_timeout: OnTimeout::Escalate,
            appeal: true,
            appeal_hours: 24,
            supplement_hours: 24,
            auto_when_all_pass: false,
            auto_returning: false,
        }
    }
}

/// Why a review can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefused {
    /// The event doesn't belong to the state.
    #[error("当前状态为“{}”，不能{}", .0.label(), .1.label())]
    Impossible(Review, ReviewEvent),
    /// A reviewer has begun: what he approved must stay what was submitted.
    #[error("资格审查已开始或已有结论，报考信息不能修改")]
    EditAfterReview,
    /// The exam takes no appeals.
    #[error("本考试不受理网上申诉，请联系审核单位")]
    NoAppeal,
    /// Appealed before.
    #[error("每次审核结论只能申诉一次，您已申诉过")]
    AppealUsed,
}

impl Review {
    /// The next state. `appealed_before`: this refusal has already been upheld once.
    pub fn on(
        self,
        event: ReviewEvent,
        rules: &ReviewRules,
        appealed_before: bool,
    ) -> Result<Self, ReviewRefused> {
        use Review as S;
        use ReviewEvent as E;
        match (self, event) {
            (S::None, E::Open) => Ok(S::Pending),
            (S::Pending, E::Approve) if rules.levels >= 2 => Ok(S::FirstApproved),
            (S::Pending | S::FirstApproved, E::Approve) => Ok(S::Approved),
            (S::Pending | S::FirstApproved, E::Return) => Ok(S::Returned),
            (S::Pending | S::FirstApproved, E::Reject) => Ok(S::Rejected),
            (S::Pending | S::FirstApproved, E::TimedOut) => match rules.on_timeout {
                OnTimeout::AutoApprove => Ok(S::Approved),
                OnTimeout::Escalate => Ok(self),
            },
            (S::None | S::Pending, E::Edit) => Ok(self),
            (S::FirstApproved | S::Approved | S::Appealed, E::Edit) => {
                Err(ReviewRefused::EditAfterReview)
            }
            (S::Returned, E::Supplement) => Ok(S::Pending),
            (S::Returned, E::SupplementDue) => Ok(S::Rejected),
            (S::Rejected, E::Resubmit) => Ok(S::Pending),
            (S::Rejected, E::Appeal) if !rules.appeal => Err(ReviewRefused::NoAppeal),
            (S::Rejected, E::Appeal) if appealed_before => Err(ReviewRefused::AppealUsed),
            (S::Rejected, E::Appeal) => Ok(S::Appealed),
            (S::Appealed, E::Uphold) => Ok(S::Rejected),
            (S::Appealed, E::Reverse) => Ok(S::Approved),
            (S::FirstApproved | S::Approved | S::Rejected, E::Reopen) => Ok(S::Pending),
            (state, event) => Err(ReviewRefused::Impossible(state, event)),
        }
    }

    /// Whether a person of the reviewing side has to act now.
    pub const fn waits_for_staff(self) -> bool {
        matches!(self, Self::Pending | Self::FirstApproved | Self::Appealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The machine with two levels and appeals, every pair; what isn't here is refused.
    const TWO_LEVELS: &[(Review, ReviewEvent, Review)] = {
        use Review as S;
        use ReviewEvent as E;
        &[
            (S::None, E::Open, S::Pending),
            (S::None, E::Edit, S::None),
            (S::Pending, E::Approve, S::FirstApproved),
            (S::Pending, E::Return, S::Returned),
            (S::Pending, E::Reject, S::Rejected),
            (S::Pending, E::Edit, S::Pending),
            (S::Pending, E::TimedOut, S::Pending),
            (S::FirstApproved, E::Approve, S::Approved),
            (S::FirstApproved, E::Return, S::Returned),
            (S::FirstApproved, E::Reject, S::Rejected),
            (S::FirstApproved, E::Reopen, S::Pending),
            (S::FirstApproved, E::TimedOut, S::FirstApproved),
            (S::Approved, E::Reopen, S::Pending),
            (S::Returned, E::Supplement, S::Pending),
            (S::Returned, E::SupplementDue, S::Rejected),
            (S::Rejected, E::Resubmit, S::Pending),
            (S::Rejected, E::Appeal, S::Appealed),
            (S::Rejected, E::Reopen, S::Pending),
            (S::Appealed, E::Uphold, S::Rejected),
            (S::Appealed, E::Reverse, S::Approved),
        ]
    };

    fn expected(state: Review, event: ReviewEvent) -> Option<Review> {
        TWO_LEVELS
            .iter()
            .find(|row| row.0 == state && row.1 == event)
            .map(|row| row.2)
    }

    #[test]
    fn every_pair_of_state_and_event() {
        let two = ReviewRules {
            levels: 2,
            ..ReviewRules::default()
        };
        let one = ReviewRules::default();
        let silent = ReviewRules {
            on_timeout: OnTimeout::AutoApprove,
            ..ReviewRules::default()
        };
        for state in Review::ALL.iter().copied() {
            for event in ReviewEvent::ALL.iter().copied() {
                let next = expected(state, event);
                assert_eq!(
                    state.on(event, &two, false).ok(),
                    next,
                    "{state:?} {event:?}"
                );
                let next_of_one = match (state, event) {
                    (Review::Pending, ReviewEvent::Approve) => Some(Review::Approved),
                    _ => next,
                };
                assert_eq!(
                    state.on(event, &one, false).ok(),
                    next_of_one,
                    "{state:?} {event:?}"
                );
                if event == ReviewEvent::TimedOut {
                    let consent = next.map(|_| Review::Approved);
                    assert_eq!(state.on(event, &silent, false).ok(), consent, "{state:?}");
                }
            }
        }
    }

    #[test]
    fn an_appeal_is_taken_once_and_only_where_the_exam_takes_it() {
        let rules = ReviewRules::default();
        assert_eq!(
            Review::Rejected.on(ReviewEvent::Appeal, &rules, true),
            Err(ReviewRefused::AppealUsed)
        );
        let deaf = ReviewRules {
            appeal: false,
            ..rules
        };
        assert_eq!(
            Review::Rejected.on(ReviewEvent::Appeal, &deaf, false),
            Err(ReviewRefused::NoAppeal)
        );
    }

    #[test]
    fn an_edit_after_a_decision_is_refused() {
        for state in [Review::FirstApproved, Review::Approved, Review::Appealed] {
            let refused = state.on(ReviewEvent::Edit, &ReviewRules::default(), false);
            assert_eq!(refused, Err(ReviewRefused::EditAfterReview));
        }
    }

    proptest! {
        /// However the events come, two levels never approve with fewer than two approvals, save by appeal or silence.
        #[test]
        fn two_levels_need_two_approvals(
            events in proptest::collection::vec(0..ReviewEvent::ALL.len(), 0..40)
        ) {
            let rules = ReviewRules { levels: 2, ..ReviewRules::default() };
            let (mut state, mut approvals) = (Review::None, 0);
            for event in events.into_iter().map(|index| ReviewEvent::ALL[index]) {
                let Ok(next) = state.on(event, &rules, false) else { continue };
                match event {
                    ReviewEvent::Approve => approvals += 1,
                    ReviewEvent::Reverse => approvals = 2,
                    ReviewEvent::TimedOut | ReviewEvent::Edit => {}
                    _ => approvals = 0,
                }
                state = next;
                prop_assert!(state != Review::Approved || approvals >= 2);
            }
        }
    }
}
