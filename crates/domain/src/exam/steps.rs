//! The order of an exam's steps, as data: the gates between the tracks of an application are computed from it.

use serde::{Deserialize, Serialize};

use crate::coded::coded;

coded! {
    /// When the qualification is reviewed.
    pub enum ReviewStep {
        /// Never on this site: 资格复审 happens on paper before the interview, or not at all.
        None = "none", "网上不审查";
        /// Before the fee is paid: the usual order.
        BeforePayment = "before_payment", "先审查后缴费";
        /// After the fee is paid.
        AfterPayment = "after_payment", "先缴费后审查";
    }
}

coded! {
    /// Whether a fee is paid.
    pub enum PaymentStep {
        /// The exam is free.
        None = "none", "不收费";
        /// A fee is paid, or waived.
        Required = "required", "须缴费";
    }
}

coded! {
    /// What the photo must be, and when.
    pub enum PhotoStep {
        /// No photo is needed.
        None = "none", "不需要照片";
        /// A photo that meets the specification is there at 保存.
        Uploaded = "uploaded", "报名时须已上传";
        /// The photo is approved before the candidate may apply.
        ApprovedBeforeApply = "approved_before_apply", "照片审核通过后才能报名";
        /// The photo is approved before the fee is paid.
        ApprovedBeforePayment = "approved_before_payment", "照片审核通过后才能缴费";
    }
}

/// The steps of an exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Steps {
    /// Qualification review.
    pub review: ReviewStep,
    /// Fee.
    pub payment: PaymentStep,
    /// Photo.
    pub photo: PhotoStep,
    /// Whether there is a written exam with seats and tickets (直接面试 has none).
    pub seating: bool,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            review: ReviewStep::BeforePayment,
            payment: PaymentStep::Required,
            photo: PhotoStep::Uploaded,
            seating: true,
        }
    }
}

impl Steps {
    /// Every combination, for tests and for the settings page.
    pub fn all() -> impl Iterator<Item = Self> {
        ReviewStep::ALL.iter().flat_map(|review| {
            PaymentStep::ALL.iter().flat_map(move |payment| {
                PhotoStep::ALL.iter().flat_map(move |photo| {
                    [true, false].map(|seating| Self {
                        review: *review,
                        payment: *payment,
                        photo: *photo,
                        seating,
                    })
                })
            })
        })
    }

    /// Whether the exam reviews on this site.
    pub fn has_review(self) -> bool {
        self.review != ReviewStep::None
    }

    /// Whether the exam takes a fee.
    pub fn has_payment(self) -> bool {
        self.payment != PaymentStep::None
    }

    /// Whether the review comes only after the fee. A free exam reviews at once, whatever its setting says.
    pub fn pays_first(self) -> bool {
        self.review == ReviewStep::AfterPayment && self.has_payment()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_combinations_are_listed_once() {
        let all: std::collections::HashSet<Steps> = Steps::all().collect();
        assert_eq!(all.len(), 3 * 2 * 4 * 2);
        assert_eq!(Steps::all().count(), all.len());
    }

    #[test]
    fn a_free_exam_never_waits_for_a_payment() {
        let free = Steps {
            review: ReviewStep::AfterPayment,
            payment: PaymentStep::None,
            ..Steps::default()
        };
        assert!(!free.pays_first());
    }
}
