//! Reasons that a candidate can act on, as templates that staff choose and complete.

use serde::{Deserialize, Serialize};

use crate::coded::coded;

coded! {
    /// What a decision of this template may be.
    pub enum ReasonKind {
        /// Refusing a photo.
        PhotoReject = "photo_reject", "照片不通过";
        /// Sending an application back.
        Return = "return", "退回补充";
        /// Refusing an application.
        Reject = "reject", "审核不通过";
    }
}

/// One reason: its code is stored, its title heads the page, its text is the first draft of the explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonTemplate {
    /// Stored code.
    pub code: &'static str,
    /// What it is for.
    pub kind: ReasonKind,
    /// Short title, as in “不通过原因：专业不符”.
    pub title: &'static str,
    /// Explanation that tells what to do; staff complete it.
    pub text: &'static str,
}

/// A field or document that the candidate is asked to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnItem {
    /// Field name of the profile, question key of the exam, or a document name.
    pub field: String,
    /// What is wrong and how to mend it.
    pub note: String,
}

const fn reason(
    code: &'static str,
    kind: ReasonKind,
    title: &'static str,
    text: &'static str,
) -> ReasonTemplate {
    ReasonTemplate {
        code,
        kind,
        title,
        text,
    }
}

/// The templates that the product ships; a centre may add its own.
pub const TEMPLATES: &[ReasonTemplate] = &[
    reason(
        "photo_background",
        ReasonKind::PhotoReject,
        "背景不是纯色",
        "背景不是纯色，请换浅色墙面重拍。",
    ),
    reason(
        "photo_blur",
        ReasonKind::PhotoReject,
        "照片模糊",
        "照片模糊，看不清面部，请重新拍摄。",
    ),
    reason(
        "photo_face",
        ReasonKind::PhotoReject,
        "面部不完整",
        "请露出完整面部和双耳，不戴帽子、墨镜，头发不遮眉眼。",
    ),
    reason(
        "photo_not_self",
        ReasonKind::PhotoReject,
        "疑似不是本人",
        "照片与身份信息不一致，请上传本人近期照片。",
    ),
    reason(
        "photo_old",
        ReasonKind::PhotoReject,
        "不是近期照片",
        "请上传半年内拍摄的照片。",
    ),
    reason(
        "photo_edited",
        ReasonKind::PhotoReject,
        "修饰过度",
        "照片修饰过度，与本人差别较大，请上传未经美化的照片。",
    ),
    reason(
        "photo_not_id",
        ReasonKind::PhotoReject,
        "不是证件照",
        "请上传正面免冠证件照，不用生活照、翻拍照。",
    ),
    reason(
        "missing_document",
        ReasonKind::Return,
        "缺少证明材料",
        "请补充以下材料的扫描件或照片：",
    ),
    reason(
        "unclear_document",
        ReasonKind::Return,
        "材料不清或缺章",
        "证明材料不清或缺少公章，请重新上传清晰、加盖公章的材料。",
    ),
    reason(
        "wrong_entry",
        ReasonKind::Return,
        "填报内容有误",
        "以下内容与材料不一致，请核对后修改：",
    ),
    reason(
        "resume_gap",
        ReasonKind::Return,
        "简历不连续",
        "简历有空档，请从高中起逐段填写，时间前后衔接。",
    ),
    reason(
        "major",
        ReasonKind::Reject,
        "专业不符",
        "岗位要求的专业与您的毕业专业不一致。",
    ),
    reason(
        "education",
        ReasonKind::Reject,
        "学历学位不符",
        "您的学历或学位达不到岗位要求。",
    ),
    reason(
        "age",
        ReasonKind::Reject,
        "年龄不符",
        "您的出生日期不在岗位要求的范围内。",
    ),
    reason(
        "hukou",
        ReasonKind::Reject,
        "户籍不符",
        "您的户籍所在地不在岗位要求的范围内。",
    ),
    reason(
        "experience",
        ReasonKind::Reject,
        "工作经历不符",
        "您的工作经历达不到岗位要求。",
    ),
    reason(
        "certificate",
        ReasonKind::Reject,
        "资格证书不符",
        "您没有岗位要求的职（执）业资格或职称。",
    ),
    reason(
        "group",
        ReasonKind::Reject,
        "招聘对象不符",
        "您不属于岗位限定的招聘对象。",
    ),
    reason(
        "untrue",
        ReasonKind::Reject,
        "信息不实",
        "填报信息与核查结果不一致。",
    ),
    reason(
        "supplement_overdue",
        ReasonKind::Reject,
        "逾期未补充",
        "在补充截止时间前没有收到要求补充的材料。",
    ),
    reason(
        "other",
        ReasonKind::Reject,
        "其他",
        "请写明原因和考生可以怎么做。",
    ),
];

/// The template with a code.
pub fn template(code: &str) -> Option<&'static ReasonTemplate> {
    TEMPLATES.iter().find(|template| template.code == code)
}

/// The templates for one kind of decision.
pub fn templates(kind: ReasonKind) -> impl Iterator<Item = &'static ReasonTemplate> {
    TEMPLATES
        .iter()
        .filter(move |template| template.kind == kind)
}

/// Why a reason isn't enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReasonProblem {
    /// Nothing that a candidate could act on.
    #[error("请写明原因，至少 4 个字，让考生知道怎么做")]
    TooShort,
    /// More than a page holds.
    #[error("原因最多 500 个字")]
    TooLong,
    /// A return without an item.
    #[error("请至少选一项需要补充的内容")]
    NoItems,
}

/// Checks an explanation, and for a return its items. A refusal without a reason doesn't exist.
pub fn check(kind: ReasonKind, text: &str, items: &[ReturnItem]) -> Result<(), ReasonProblem> {
    let length = text.chars().filter(|c| !c.is_whitespace()).count();
    if length < 4 {
        return Err(ReasonProblem::TooShort);
    }
    if length > 500 {
        return Err(ReasonProblem::TooLong);
    }
    if kind == ReasonKind::Return && items.is_empty() {
        return Err(ReasonProblem::NoItems);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_each_kind_has_templates() {
        for kind in ReasonKind::ALL {
            assert!(templates(*kind).count() >= 3, "{kind:?}");
        }
        for (index, one) in TEMPLATES.iter().enumerate() {
            assert_eq!(template(one.code), Some(one));
            assert!(
                TEMPLATES
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.code != one.code)
            );
            assert_eq!(check(ReasonKind::Reject, one.text, &[]), Ok(()));
        }
    }

    #[test]
    fn a_decision_without_a_usable_reason_is_refused() {
        let item = ReturnItem {
            field: "employment".into(),
            note: "缺单位公章".into(),
        };
        assert_eq!(
            check(ReasonKind::Reject, "  不行 ", &[]),
            Err(ReasonProblem::TooShort)
        );
        assert_eq!(
            check(ReasonKind::Reject, &"长".repeat(501), &[]),
            Err(ReasonProblem::TooLong)
        );
        assert_eq!(
            check(ReasonKind::Return, "请补充在职证明", &[]),
            Err(ReasonProblem::NoItems)
        );
        assert_eq!(check(ReasonKind::Return, "请补充在职证明", &[item]), Ok(()));
    }
}
