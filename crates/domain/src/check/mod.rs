//! 实名核验 and 学历核验: whether an authority knows this person under this document, and this education.
//!
//! An authority's answer has three values: 一致, 不一致, 无法核验. It is bound to what was asked ([`Subject`]): another name, number or
//! education is another question, and the old answer counts no more. What follows from it is a rule of each exam ([`Demand`]).

mod rule;
mod sheet;

pub use rule::{Barrier, CheckRules, Demand, Why};
pub use sheet::{BatchRow, ReadResult, ResultTable, TITLES, read_results, titles, watermark};

use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::profile::{Degree, Education, Identity, Profile};

coded! {
    /// What is checked.
    pub enum CheckKind {
        /// Name and document belong together.
        Identity = "identity", "实名核验";
        /// The education is on record.
        Education = "education", "学历核验";
    }
}

coded! {
    /// What the authority says.
    pub enum Verdict {
        /// It is so.
        Match = "match", "一致";
        /// It is not so.
        Mismatch = "mismatch", "不一致";
        /// It can't tell.
        Unknown = "unknown", "无法核验";
    }
}

coded! {
    /// Why it can't tell.
    pub enum Unknown {
        /// The authority has no such record: old certificates, documents that it doesn't keep.
        NotFound = "not_found", "没有查到记录";
        /// It gave no answer.
        Down = "down", "核验服务没有答复";
        /// What is needed wasn't told.
        Missing = "missing", "填写的资料不够";
    }
}

/// What is asked about a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    /// Which question.
    pub kind: CheckKind,
    /// Who.
    pub identity: Identity,
    /// The education that is asked about; none for the question about the person.
    pub education: Option<Education>,
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subject({})", self.kind.code())
    }
}

impl Subject {
    /// The question about a person as he is; `None` if there is nothing to ask yet.
    pub fn of(kind: CheckKind, identity: &Identity, profile: &Profile) -> Option<Self> {
        let education = match kind {
            CheckKind::Identity => None,
            CheckKind::Education => Some(profile.highest_education()?.clone()),
        };
        Some(Self {
            kind,
            identity: identity.clone(),
            education,
        })
    }

    /// Everything that the answer hangs on, as one text: its keyed digest tells whether an answer is to this question.
    pub fn text(&self) -> String {
        let mut parts = vec![
            self.kind.code().to_owned(),
            self.identity.name.clone(),
            self.identity.document.id_type().code().to_owned(),
            self.identity.document.canonical().to_owned(),
        ];
        if let Some(education) = &self.education {
            parts.extend([
                education.level.code().to_owned(),
                education.degree.map_or("", Degree::code).to_owned(),
                education.study_mode.code().to_owned(),
                education.school.clone(),
                education.major.clone(),
                education.graduated_on.to_string(),
                education.certificate_no.clone(),
                education.degree_certificate_no.clone(),
            ]);
        }
        // Each with its length, so that no two lists of parts give one text.
        parts
            .iter()
            .map(|part| format!("{}:{part};", part.len()))
            .collect()
    }
}

/// What an application keeps of a check when it is saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSeen {
    /// Which.
    pub kind: CheckKind,
    /// What the exam asked for then.
    pub demand: Demand,
    /// The answer; `None` while there was none.
    pub verdict: Option<Verdict>,
    /// Why there was none to be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
    /// Whose answer it was; empty without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// When it was given, in microseconds; 0 without one.
    #[serde(default)]
    pub at: i64,
}

impl CheckSeen {
    /// What a person has to look at because of it; `None` if it is in order.
    pub fn manual(&self) -> Option<String> {
        let what = self.kind.label();
        match self.verdict {
            Some(Verdict::Match) => None,
            Some(Verdict::Mismatch) => Some(format!("{what}：不一致，请核对证件原件")),
            Some(Verdict::Unknown) => {
                let why = self.unknown.map_or("", Unknown::label);
                Some(format!("{what}：无法核验（{why}），请核对证件原件"))
            }
            None => Some(format!("{what}：还没有结果")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id_number::{IdDocument, IdType};
    use crate::profile::EducationForm;

    fn identity(name: &str) -> Identity {
        Identity {
            name: name.into(),
            document: IdDocument::from_stored(IdType::ResidentCard, "11010519491231002X"),
            mobile: "13900000001".into(),
        }
    }

    fn education(level: &str, graduated: &str) -> Education {
        let form = EducationForm {
            level: level.into(),
            study_mode: "full_time".into(),
            school: "某大学".into(),
            major: "会计学".into(),
            graduated_on: graduated.into(),
            ..EducationForm::default()
        };
        form.check(1, crate::time::Date::new(2026, 3, 1).unwrap())
            .unwrap()
    }

    #[test]
    fn another_name_number_or_education_is_another_question_and_a_mobile_is_not() {
        let mut profile = Profile {
            educations: vec![education("21", "2020年6月")],
            ..Profile::default()
        };
        let ask = |kind, identity: &Identity, profile: &Profile| {
            Subject::of(kind, identity, profile).map(|one| one.text())
        };
        let (zhang, li) = (identity("张三"), identity("李四"));
        let moved = Identity {
            mobile: "13900000002".into(),
            ..zhang.clone()
        };
        for kind in CheckKind::ALL.iter().copied() {
            assert_ne!(ask(kind, &zhang, &profile), ask(kind, &li, &profile));
            assert_eq!(ask(kind, &zhang, &profile), ask(kind, &moved, &profile));
        }
        let before = ask(CheckKind::Education, &zhang, &profile);
        let person = ask(CheckKind::Identity, &zhang, &profile);
        profile.educations[0].certificate_no = "1001".into();
        assert_ne!(ask(CheckKind::Education, &zhang, &profile), before);
        assert_eq!(ask(CheckKind::Identity, &zhang, &profile), person);
        let empty = Profile::default();
        assert_eq!(ask(CheckKind::Education, &zhang, &empty), None);
        assert_ne!(ask(CheckKind::Identity, &zhang, &empty), None);
        assert_ne!(
            ask(CheckKind::Identity, &zhang, &profile),
            ask(CheckKind::Education, &zhang, &profile)
        );
    }
}
