//! A rule of a position or an exam, as data.

use serde::{Deserialize, Serialize};

use super::level::{Degree, EducationLevel};
use crate::coded::coded;
use crate::major::MajorRequirement;
use crate::time::Date;

coded! {
    /// What a rule is about.
    pub enum Fact {
        /// 性别.
        Sex = "sex", "性别";
        /// 出生日期.
        BirthDate = "birth_date", "年龄";
        /// 学历.
        Education = "education", "学历";
        /// 学位.
        Degree = "degree", "学位";
        /// 学习形式 of the education that counts.
        StudyMode = "study_mode", "学习形式";
        /// 专业.
        Major = "major", "专业";
        /// 户籍 at notice date.
        Hukou = "hukou", "户籍";
        /// 生源地.
        Origin = "origin", "生源地";
        /// 政治面貌.
        Political = "political", "政治面貌";
        /// 民族.
        Ethnicity = "ethnicity", "民族";
        /// 工作年限.
        WorkYears = "work_years", "工作经历";
        /// 专业工作年限.
        SpecialtyWorkYears = "specialty_work_years", "专业工作年限";
        /// 职（执）业资格证书.
        Certificate = "certificate", "资格证书";
        /// 职称.
        Title = "title", "职称";
        /// 毕业年份.
        GraduateYear = "graduate_year", "毕业时间";
        /// 招聘对象: 应届毕业生, 退役士兵, 基层项目 ….
        Group = "group", "招聘对象";
        /// 诚信档案.
        Integrity = "integrity", "诚信档案";
        /// A condition in words that no fact holds.
        Other = "other", "其他条件";
    }
}

coded! {
    /// How the fact is compared.
    pub enum Operator {
        /// Equal to one of the operand's values.
        Is = "is", "为";
        /// Equal to none of them.
        IsNot = "is_not", "不为";
        /// At least.
        AtLeast = "at_least", "不低于";
        /// At most.
        AtMost = "at_most", "不高于";
        /// Named by the requirement (majors), or held among what the candidate has (certificates).
        Matches = "matches", "符合";
    }
}

coded! {
    /// What a failure means.
    pub enum Severity {
        /// The candidate can't apply.
        Hard = "hard", "硬性条件";
        /// A person decides.
        NeedsManual = "needs_manual", "人工审核";
    }
}

/// What the fact is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Operand {
    /// A date: birth dates compare with a cut-off, on or after it.
    Date(Date),
    /// A whole number: years, codes.
    Number(u32),
    /// Texts: codes, regions, names of certificates, or the sentence of [`Fact::Other`].
    Texts(Vec<String>),
    /// A level of education.
    Education(EducationLevel),
    /// A degree.
    Degree(Degree),
    /// A major requirement.
    Majors(MajorRequirement),
    /// Nothing to compare with.
    None,
}

/// Another bound for candidates who meet a condition: `硕士研究生及以上学历放宽至40周岁`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relaxed {
    /// Who gets it.
    pub when: Condition,
    /// The other bound.
    pub operand: Operand,
}

/// A comparison without consequences: the condition of a relaxation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What it is about.
    pub fact: Fact,
    /// How it compares.
    pub operator: Operator,
    /// With what.
    pub operand: Operand,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is about.
    pub fact: Fact,
    /// How it compares.
    pub operator: Operator,
    /// With what.
    pub operand: Operand,
    /// What a failure means.
    pub severity: Severity,
    /// The requirement as published, for reviewers and for the candidate.
    pub message: String,
    /// Other bounds for some candidates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relaxed: Vec<Relaxed>,
}

impl Rule {
    /// A hard rule.
    pub fn hard(
        fact: Fact,
        operator: Operator,
        operand: Operand,
        message: impl Into<String>,
    ) -> Self {
        Self {
            fact,
            operator,
            operand,
            severity: Severity::Hard,
            message: message.into(),
            relaxed: Vec::new(),
        }
    }

    /// A rule whose failure a person judges.
    pub fn manual(
        fact: Fact,
        operator: Operator,
        operand: Operand,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::NeedsManual,
            ..Self::hard(fact, operator, operand, message)
        }
    }

    /// A condition in words: always for a person.
    pub fn in_words(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::manual(
            Fact::Other,
            Operator::Matches,
            Operand::Texts(vec![text.clone()]),
            text,
        )
    }
}
