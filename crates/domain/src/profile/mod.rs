//! 个人信息 (manual 1.2.2.1): what a candidate tells once, in five parts; every application takes a copy of it.
//!
//! Name, document and mobile belong to the account and are locked here. Each part is checked whole when it is saved, so a
//! part that is there is right. Fields and code tables follow the domain notes, §2.

mod basic;
pub mod codes;
mod education;
mod family;
mod month;
mod place;
mod resume;
mod work;

pub use basic::{Basic, BasicForm};
pub use codes::{
    Degree, Disability, EducationCode, Ethnicity, MaritalStatus, Occupation, PoliticalStatus,
    Relation, StudyMode,
};
pub use education::{Education, EducationForm, MOST_EDUCATIONS};
pub use family::{Family, FamilyForm, FamilyRow, FamilyRowForm, MOST_FAMILY};
pub use month::Month;
pub use place::{Place, Province};
pub use resume::{MOST_RESUME, ResumeRow, ResumeRowForm, check_resume};
pub use work::{Work, WorkForm};

use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::eligibility::{self, Facts, Studies};
use crate::id_number::{IdDocument, IdType, Sex};
use crate::time::Date;

coded! {
    /// A part of the profile, in the order of the page.
    pub enum Part {
        /// Sex, birth, ethnicity, politics, places.
        Basic = "basic", "基本信息";
        /// The list of educations.
        Education = "education", "学历学位";
        /// Occupation, employer, how to be reached.
        Work = "work", "工作与联系";
        /// 简历, row by row.
        Resume = "resume", "简历";
        /// Family members, awards, remarks.
        Family = "family", "家庭成员与其他";
    }
}

/// The profile as stored: encrypted whole, one per account.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// 基本信息, once saved.
    pub basic: Option<Basic>,
    /// Educations, in the order in which they were added.
    pub educations: Vec<Education>,
    /// 工作与联系, once saved.
    pub work: Option<Work>,
    /// 简历, oldest first.
    pub resume: Vec<ResumeRow>,
    /// 家庭成员与其他, once saved.
    pub family: Option<Family>,
}

impl std::fmt::Debug for Profile {
    /// Tells nothing about a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("missing", &self.missing(Part::ALL))
            .finish_non_exhaustive()
    }
}

/// What the account says about the person, locked in the profile.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// 姓名.
    pub name: String,
    /// 证件.
    pub document: IdDocument,
    /// 手机号码.
    pub mobile: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(…)")
    }
}

impl Identity {
    /// The sex that the number tells; the candidate can't contradict it.
    pub fn sex(&self) -> Option<Sex> {
        self.document.sex()
    }

    /// The day of birth that the number tells.
    pub fn birth_date(&self) -> Option<Date> {
        self.document.birth_date()
    }

    /// Whether a place of 户籍 must be given: holders of a resident card have one.
    pub fn has_hukou(&self) -> bool {
        self.document.id_type() == IdType::ResidentCard
    }
}

impl Profile {
    /// Whether a part was saved.
    pub fn has(&self, part: Part) -> bool {
        match part {
            Part::Basic => self.basic.is_some(),
            Part::Education => !self.educations.is_empty(),
            Part::Work => self.work.is_some(),
            Part::Resume => !self.resume.is_empty(),
            Part::Family => self.family.is_some(),
        }
    }

    /// Which of `parts` are still to be filled in.
    pub fn missing(&self, parts: &[Part]) -> Vec<Part> {
        parts
            .iter()
            .copied()
            .filter(|part| !self.has(*part))
            .collect()
    }

    /// What every exam asks for.
    pub const ALWAYS: &'static [Part] = &[Part::Basic, Part::Education, Part::Work];
    /// What 公开招聘 and 公务员 exams ask for: 简历 and family for 回避 as well.
    pub const RECRUITMENT: &'static [Part] = Part::ALL;

    /// Whether everything that every exam asks for is there.
    pub fn is_complete(&self) -> bool {
        self.missing(Self::ALWAYS).is_empty()
    }

    /// The education that counts: the highest, the latest of equals.
    pub fn highest_education(&self) -> Option<&Education> {
        self.educations
            .iter()
            .max_by_key(|education| (education.level.rank(), education.graduated_on))
    }

    /// The next id for a row of the list of educations.
    pub fn next_education_id(&self) -> u32 {
        self.educations
            .iter()
            .map(|education| education.id)
            .max()
            .unwrap_or(0)
            .saturating_add(1)
    }

    /// What eligibility rules compare, counted to the day `on`. The caller adds the integrity record.
    pub fn facts(&self, on: Date) -> Facts {
        let basic = self.basic.as_ref();
        let work = self.work.as_ref();
        let mut groups: Vec<String> = work
            .and_then(|work| work.occupation.group())
            .map(str::to_owned)
            .into_iter()
            .collect();
        if basic.is_some_and(|basic| basic.disability != Disability::None) {
            groups.push("残疾人".to_owned());
        }
        Facts {
            sex: basic.map(|basic| basic.sex.label().to_owned()),
            birth_date: basic.map(|basic| basic.birth_date),
            ethnicity: basic.map(|basic| basic.ethnicity.label().to_owned()),
            political: basic.map(|basic| basic.political.label().to_owned()),
            hukou: basic
                .and_then(|basic| basic.hukou.as_ref())
                .map(Place::text),
            origin: basic
                .and_then(|basic| basic.origin.as_ref())
                .map(Place::text),
            studies: self.educations.iter().map(studies).collect(),
            work_years: work.and_then(|work| work.work_years),
            specialty_work_years: work.and_then(|work| work.specialty_work_years),
            certificates: work
                .map(|work| work.qualifications.clone())
                .unwrap_or_default(),
            titles: work.map(|work| work.titles.clone()).unwrap_or_default(),
            groups,
            integrity_barred: false,
            on: Some(on),
        }
    }
}

fn studies(education: &Education) -> Studies {
    Studies {
        level: eligibility::EducationLevel::from_gb(education.level.code()),
        degree: education
            .degree
            .and_then(|degree| eligibility::Degree::from_gb(degree.code())),
        study_mode: education.study_mode.label().to_owned(),
        major: education.major.clone(),
        graduated_on: Some(education.graduated_on.first_day()),
    }
}

/// Something typed that may stay empty, cleaned and no longer than `most` characters.
fn optional_line(
    errors: &mut crate::field::FieldErrors,
    field: &str,
    what: &str,
    typed: &str,
    most: usize,
) -> String {
    let line = crate::text::line(typed);
    let length = line.chars().count();
    if length > most {
        errors.add(field, format!("{what}最多 {most} 个字，您填了 {length} 个"));
    }
    line
}

/// The same for what must be filled in.
fn required_line(
    errors: &mut crate::field::FieldErrors,
    field: &str,
    what: &str,
    typed: &str,
    most: usize,
) -> String {
    let line = optional_line(errors, field, what, typed, most);
    if line.is_empty() {
        errors.add(field, format!("请填写{what}"));
    }
    line
}

#[cfg(test)]
mod tests;
