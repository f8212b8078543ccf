//! 改报: when a candidate may choose another position.

use serde::{Deserialize, Serialize};

use super::refused::Refused;
use super::state::{Payment, Review, Tracks};
use crate::coded::coded;
use crate::exam::windows::OpenNow;

coded! {
    /// What the exam allows.
    pub enum WhenMove {
        /// Never: withdraw and apply again.
        Never = "never", "不允许改报";
        /// Only while nobody has reviewed.
        BeforeReview = "before_review", "审核前可改报";
        /// Before the review, and after a refusal until registration closes.
        BeforeReviewOrRejected = "before_review_or_rejected", "审核前、不通过后可改报";
    }
}

/// The move settings of an exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MoveRules {
    /// When a candidate may move.
    pub may_move: WhenMove,
    /// Refusals by one position after which it is barred to the candidate; 0 for never.
    pub barred_after: u32,
}

impl Default for MoveRules {
    fn default() -> Self {
        Self {
            may_move: WhenMove::BeforeReviewOrRejected,
            barred_after: 0,
        }
    }
}

/// Where the candidate wants to go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Target {
    /// Whether the position that he leaves was cancelled.
    pub from_cancelled: bool,
    /// Whether the position that he wants was cancelled.
    pub to_cancelled: bool,
    /// How often the position that he wants has refused him.
    pub refusals: u32,
}

/// Whether a living application may move.
///
/// After approval nobody moves, except out of a cancelled position in the 改报 window. While a reviewer is at work
/// (初审通过, 退回补充, 申诉处理中) nobody moves either.
pub fn may_move(
    rules: &MoveRules,
    tracks: Tracks,
    open: OpenNow,
    target: Target,
) -> Result<(), Refused> {
    check_target(rules, target)?;
    if target.from_cancelled {
        if matches!(tracks.payment, Payment::Refunding | Payment::Refunded) {
            return Err(Refused::MoveAfterPayment);
        }
        return if open.reapply || open.registration {
            Ok(())
        } else {
            Err(Refused::ReapplyClosed)
        };
    }
    if rules.may_move == WhenMove::Never {
        return Err(Refused::MoveNever);
    }
    if !open.registration {
        return Err(Refused::RegistrationClosed);
    }
    if tracks.holds_money() {
        return Err(Refused::MoveAfterPayment);
    }
    match tracks.review {
        Review::None | Review::Pending => Ok(()),
        Review::Rejected if rules.may_move == WhenMove::BeforeReviewOrRejected => Ok(()),
        Review::Rejected => Err(Refused::MoveAfterRejection),
        Review::Approved => Err(Refused::MoveAfterApproval),
        Review::FirstApproved | Review::Returned | Review::Appealed => {
            Err(Refused::MoveDuringReview)
        }
    }
}

/// Whether the wanted position takes this candidate at all.
pub fn check_target(rules: &MoveRules, target: Target) -> Result<(), Refused> {
    if target.to_cancelled {
        return Err(Refused::PositionCancelled);
    }
    if rules.barred_after > 0 && target.refusals >= rules.barred_after {
        return Err(Refused::PositionBarred(target.refusals));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::state::Attendance;

    const OPEN: OpenNow = OpenNow {
        registration: true,
        ..OpenNow::NONE
    };

    fn tracks(review: Review) -> Tracks {
        Tracks {
            review,
            payment: Payment::None,
            attendance: Attendance::None,
        }
    }

    #[test]
    fn each_setting_against_each_review_state() {
        use Review as R;
        // Columns: Never, BeforeReview, BeforeReviewOrRejected.
        let table = [
            (R::None, [false, true, true]),
            (R::Pending, [false, true, true]),
            (R::FirstApproved, [false, false, false]),
            (R::Approved, [false, false, false]),
            (R::Returned, [false, false, false]),
            (R::Rejected, [false, false, true]),
            (R::Appealed, [false, false, false]),
        ];
        assert_eq!(table.len(), R::ALL.len());
        for (review, row) in table {
            for (when, allowed) in WhenMove::ALL.iter().zip(row) {
                let rules = MoveRules {
                    may_move: *when,
                    barred_after: 0,
                };
                let verdict = may_move(&rules, tracks(review), OPEN, Target::default());
                assert_eq!(verdict.is_ok(), allowed, "{review:?} {when:?}");
                let closed = may_move(&rules, tracks(review), OpenNow::NONE, Target::default());
                assert!(closed.is_err(), "{review:?} {when:?} after the close");
            }
        }
    }

    #[test]
    fn a_cancelled_position_may_be_left_in_the_reapply_window_even_after_approval() {
        let rules = MoveRules {
            may_move: WhenMove::Never,
            barred_after: 0,
        };
        let target = Target {
            from_cancelled: true,
            ..Target::default()
        };
        let paid = Tracks {
            payment: Payment::Paid,
            ..tracks(Review::Approved)
        };
        let reapply = OpenNow {
            reapply: true,
            ..OpenNow::NONE
        };
        assert_eq!(may_move(&rules, paid, reapply, target), Ok(()));
        assert_eq!(
            may_move(&rules, paid, OpenNow::NONE, target),
            Err(Refused::ReapplyClosed)
        );
        let refunding = Tracks {
            payment: Payment::Refunding,
            ..paid
        };
        assert_eq!(
            may_move(&rules, refunding, reapply, target),
            Err(Refused::MoveAfterPayment)
        );
    }

    #[test]
    fn a_position_is_barred_after_two_rejections_where_the_exam_says_so() {
        let rules = MoveRules {
            barred_after: 2,
            ..MoveRules::default()
        };
        let target = |refusals| Target {
            refusals,
            ..Target::default()
        };
        assert_eq!(
            may_move(&rules, tracks(Review::Rejected), OPEN, target(1)),
            Ok(())
        );
        assert_eq!(
            may_move(&rules, tracks(Review::Rejected), OPEN, target(2)),
            Err(Refused::PositionBarred(2))
        );
        let lenient = MoveRules::default();
        assert_eq!(
            may_move(&lenient, tracks(Review::Rejected), OPEN, target(9)),
            Ok(())
        );
    }
}
