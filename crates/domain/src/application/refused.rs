//! Why an application can't take an event. Each variant names the rule in words that a candidate can act on.

use super::event::Event;
use super::state::{EndReason, State};
use crate::review::ReviewRefused;

/// A refusal. [`Refused::code`] is stable; the display text is what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The event doesn't belong to the state.
    #[error("当前状态为“{}”，不能{}", .0.label(), .1.label())]
    Impossible(State, Event),
    /// The application is over.
    #[error("这项报名已终止（{}），不能{}", .0.label(), .1.label())]
    Over(EndReason, Event),
    /// Outside the registration window.
    #[error("网上报名不在开放时间内")]
    RegistrationClosed,
    /// Outside the supplement window.
    #[error("补充材料的时间已过")]
    SupplementClosed,
    /// Outside the review window.
    #[error("资格审查不在开放时间内")]
    ReviewClosed,
    /// Outside the payment window.
    #[error("网上缴费不在开放时间内")]
    PaymentClosed,
    /// Outside the window in which candidates of cancelled positions move.
    #[error("报考岗位已取消，改报时间不在开放范围内")]
    ReapplyClosed,
    /// The payment window is still open.
    #[error("缴费时间未到截止，不能按逾期处理")]
    PaymentStillOpen,
    /// No acceptable photo.
    #[error("还没有合格的照片，请先到“照片维护”上传照片")]
    PhotoMissing,
    /// The photo isn't approved yet.
    #[error("照片审核通过后才能继续，请先等待照片审核")]
    PhotoNotApproved,
    /// A hard rule of the position fails.
    #[error("您不符合所选岗位的报考条件")]
    NotEligible,
    /// The integrity record bars the candidate.
    #[error("您在诚信档案记录期内，不能报名")]
    IntegrityRecord,
    /// The exam doesn't review.
    #[error("本考试没有网上资格审查")]
    NoReview,
    /// The exam is free.
    #[error("本考试不收费")]
    NoPayment,
    /// The review comes first.
    #[error("资格审查通过后才能缴费")]
    ReviewFirst,
    /// Moving isn't allowed in this exam.
    #[error("本考试不允许改报")]
    MoveNever,
    /// Moving after approval.
    #[error("资格审查已通过，不能改报其他岗位")]
    MoveAfterApproval,
    /// Moving after a refusal isn't allowed in this exam.
    #[error("本考试审核不通过后不能改报")]
    MoveAfterRejection,
    /// Moving while a reviewer works.
    #[error("资格审查正在进行，暂不能改报")]
    MoveDuringReview,
    /// Moving after payment.
    #[error("已缴费，不能改报其他岗位")]
    MoveAfterPayment,
    /// The position refused too often.
    #[error("该岗位已 {0} 次审核不通过，不能再报考这个岗位")]
    PositionBarred(u32),
    /// The wanted position was cancelled.
    #[error("该岗位已取消，请另选岗位")]
    PositionCancelled,
    /// The time for an appeal has passed.
    #[error("申诉时间已过")]
    AppealClosed,
    /// Editing after payment.
    #[error("已缴费，报考信息不能修改")]
    EditAfterPayment,
    /// Paid or approved applications can't be withdrawn by the candidate.
    #[error("已缴费的报名不能自行取消")]
    WithdrawAfterPayment,
    /// Seats are arranged.
    #[error("考场已编排，不能再{}", .0.label())]
    Arranged(Event),
    /// Attendance of somebody who has no seat.
    #[error("该考生未编排考场，不能登记考试情况")]
    NotSeated,
    /// The review machine says no.
    #[error(transparent)]
    Review(#[from] ReviewRefused),
}

impl Refused {
    /// A stable name for pages and tests.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Impossible(..) => "impossible",
            Self::Over(..) => "over",
            Self::RegistrationClosed => "registration_closed",
            Self::SupplementClosed => "supplement_closed",
            Self::ReviewClosed => "review_closed",
            Self::PaymentClosed => "payment_closed",
            Self::ReapplyClosed => "reapply_closed",
            Self::PaymentStillOpen => "payment_still_open",
            Self::PhotoMissing => "photo_missing",
            Self::PhotoNotApproved => "photo_not_approved",
            Self::NotEligible => "not_eligible",
            Self::IntegrityRecord => "integrity_record",
            Self::NoReview => "no_review",
            Self::NoPayment => "no_payment",
            Self::ReviewFirst => "review_first",
            Self::MoveNever => "move_never",
            Self::MoveAfterApproval => "move_after_approval",
            Self::MoveAfterRejection => "move_after_rejection",
            Self::MoveDuringReview => "move_during_review",
            Self::MoveAfterPayment => "move_after_payment",
            Self::PositionBarred(_) => "position_barred",
            Self::PositionCancelled => "position_cancelled",
            Self::AppealClosed => "appeal_closed",
            Self::EditAfterPayment => "edit_after_payment",
            Self::WithdrawAfterPayment => "withdraw_after_payment",
            Self::Arranged(_) => "arranged",
            Self::NotSeated => "not_seated",
            Self::Review(_) => "review",
        }
    }
}
