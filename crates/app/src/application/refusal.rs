//! The domain's refusals as pages: a heading, the rule, and what can be done now.

use domain::application::Refused;
use domain::exam::{ExamSettings, Phase};

use super::store::ApplicationRow;
use crate::Error;

/// A refusal in the candidate's words, with the dates that it depends on.
pub(super) fn refused(no: Refused, now: &ExamSettings, row: &ApplicationRow) -> Error {
    let window = |phase: Phase| now.windows.get(phase).map(|window| window.to_chinese());
    let (title, text) = match no {
        Refused::RegistrationClosed => (
            "现在不在报名时间内",
            match window(Phase::Registration) {
                Some(span) => format!("网上报名时间为 {span}，以本站时间为准。没有保存任何内容。"),
                None => "这项考试现在不接受网上报名。".to_owned(),
            },
        ),
        Refused::ReapplyClosed => (
            "现在不在改报时间内",
            match window(Phase::Reapply) {
                Some(span) => format!("报考岗位已取消，改报时间为 {span}。"),
                None => "报考岗位已取消，本考试没有安排改报。已缴的费用将退回。".to_owned(),
            },
        ),
        Refused::SupplementClosed => (
            "补充材料的时间已过",
            "补充截止时间已过，不能再提交。有疑问请联系审核单位。".to_owned(),
        ),
        Refused::ReviewClosed => (
            "现在不在审查时间内",
            match window(Phase::Review) {
                Some(span) => format!("资格审查时间为 {span}。"),
                None => no.to_string() + "。",
            },
        ),
        Refused::PaymentClosed => (
            "现在不在缴费时间内",
            match window(Phase::Payment) {
                Some(span) => format!("网上缴费时间为 {span}。"),
                None => no.to_string() + "。",
            },
        ),
        Refused::PhotoMissing => (
            "还没有合格的照片",
            "请先到“照片维护”上传照片，再回来保存。您填的内容已保留。".to_owned(),
        ),
        Refused::PhotoNotApproved => (
            "照片还没有审核通过",
            "本考试要求照片审核通过后才能报名。审核结果会发站内消息，您填的内容已保留。".to_owned(),
        ),
        Refused::NotEligible => (
            "不符合报考条件",
            "按您的个人信息自动比对，您不符合所选岗位的条件。个人信息有误的，请先修改；也可以另选岗位。".to_owned(),
        ),
        Refused::IntegrityRecord => (
            "现在不能报名",
            "您在诚信档案记录期内，不能报名。有异议请联系考试机构。".to_owned(),
        ),
        Refused::MoveAfterApproval | Refused::MoveNever | Refused::MoveAfterRejection
        | Refused::MoveDuringReview | Refused::MoveAfterPayment => {
            ("不能改报其他岗位", format!("{no}。报考信息没有改变。"))
        }
        Refused::PositionBarred(_) | Refused::PositionCancelled => {
            ("不能报考这个岗位", format!("{no}。您填的内容已保留。"))
        }
        Refused::AppealClosed => (
            "申诉时间已过",
            format!(
                "审核不通过后 {} 小时内可以申诉，现在已经超过。有疑问请联系审核单位。",
                now.review.appeal_hours
            ),
        ),
        Refused::WithdrawAfterPayment => (
            "已缴费的报名不能自行取消",
            "需要退出考试的，请联系考试机构。缺考不影响其他考试的报名，另有规定的除外。".to_owned(),
        ),
        Refused::EditAfterPayment | Refused::Review(_) if !row.registration_no.is_empty() => {
            ("报考信息不能修改", format!("{no}。"))
        }
        Refused::Arranged(_) => ("考场已经编排", format!("{no}。有疑问请联系考试机构。")),
        other => ("现在不能办理", format!("{other}。")),
    };
    Error::refused(no.code(), title, text)
}
