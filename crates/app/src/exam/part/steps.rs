//! 报考流程: the order of steps, the review, moving to another position.

use domain::application::moves::WhenMove;
use domain::check::Demand;
use domain::exam::steps::{PaymentStep, PhotoStep, ReviewStep, Steps};
use domain::field::FieldErrors;
use domain::review::OnTimeout;
use serde::Deserialize;

use super::{Changing, Draft, number};
use crate::exam::Exam;

/// 报考流程 as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct StepsDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// A [`ReviewStep`]'s code.
    pub review: String,
    /// A [`PaymentStep`]'s code.
    pub payment: String,
    /// A [`PhotoStep`]'s code.
    pub photo: String,
    /// Whether there is a written exam.
    pub seating: bool,
    /// 1 or 2.
    pub levels: String,
    /// Hours in which a decision is promised.
    pub hours: String,
    /// An [`OnTimeout`]'s code.
    pub on_timeout: String,
    /// Whether a refusal may be appealed.
    pub appeal: bool,
    /// Hours for an appeal.
    pub appeal_hours: String,
    /// Hours to supplement.
    pub supplement_hours: String,
    /// Approve without a person when every rule passes.
    pub auto_when_all_pass: bool,
    /// A [`WhenMove`]'s code.
    pub may_move: String,
    /// Refusals after which a position is barred; 0 for never.
    pub barred_after: String,
    /// 实名核验, a [`Demand`]'s code.
    pub identity_check: String,
    /// 学历核验, a [`Demand`]'s code.
    pub education_check: String,
}

impl Draft for StepsDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let (steps, review, moves) = (
            exam.settings.steps,
            &exam.settings.review,
            &exam.settings.moves,
        );
        Self {
            version: exam.row.version,
            review: steps.review.code().to_owned(),
            payment: steps.payment.code().to_owned(),
            photo: steps.photo.code().to_owned(),
            seating: steps.seating,
            levels: review.levels.to_string(),
            hours: review.hours.to_string(),
            on_timeout: review.on_timeout.code().to_owned(),
            appeal: review.appeal,
            appeal_hours: review.appeal_hours.to_string(),
            supplement_hours: review.supplement_hours.to_string(),
            auto_when_all_pass: review.auto_when_all_pass,
            may_move: moves.may_move.code().to_owned(),
            barred_after: moves.barred_after.to_string(),
            identity_check: exam.settings.checks.identity.code().to_owned(),
            education_check: exam.settings.checks.education.code().to_owned(),
        }
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let settings = &mut exam.settings;
        let steps = (
            ReviewStep::from_code(&self.review),
            PaymentStep::from_code(&self.payment),
            PhotoStep::from_code(&self.photo),
        );
        match steps {
            (Some(review), Some(payment), Some(photo)) => {
                settings.steps = Steps {
                    review,
                    payment,
                    photo,
                    seating: self.seating,
                };
            }
            (None, _, _) => errors.add("review", "请选择资格审查的时间"),
            (_, None, _) => errors.add("payment", "请选择是否收费"),
            (_, _, None) => errors.add("photo", "请选择照片要求"),
        }
        for (field, typed, slot) in [
            (
                "identity_check",
                &self.identity_check,
                &mut settings.checks.identity,
            ),
            (
                "education_check",
                &self.education_check,
                &mut settings.checks.education,
            ),
        ] {
            match Demand::from_code(typed) {
                Some(demand) => *slot = demand,
                None => errors.add(field, "请选择是否要求核验"),
            }
        }
        let review = &mut settings.review;
        if let Some(levels) = number(&mut errors, "levels", &self.levels, (1, 2)) {
            review.levels = u8::try_from(levels).unwrap_or(1);
        }
        for (field, typed, slot) in [
            ("hours", &self.hours, &mut review.hours),
            ("appeal_hours", &self.appeal_hours, &mut review.appeal_hours),
            (
                "supplement_hours",
                &self.supplement_hours,
                &mut review.supplement_hours,
            ),
        ] {
            if let Some(value) = number(&mut errors, field, typed, (1, 720)) {
                *slot = value;
            }
        }
        match OnTimeout::from_code(&self.on_timeout) {
            Some(on_timeout) => review.on_timeout = on_timeout,
            None => errors.add("on_timeout", "请选择超时未审核的处理"),
        }
        review.appeal = self.appeal;
        review.auto_when_all_pass = self.auto_when_all_pass;
        match WhenMove::from_code(&self.may_move) {
            Some(may_move) => settings.moves.may_move = may_move,
            None => errors.add("may_move", "请选择改报规则"),
        }
        if let Some(barred) = number(&mut errors, "barred_after", &self.barred_after, (0, 9)) {
            settings.moves.barred_after = barred;
        }
        errors.into_result()
    }
}
