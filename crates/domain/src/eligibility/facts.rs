//! What is known about a candidate, typed. `None` means that he hasn't told: a rule over it goes to a person.

use super::level::{Degree, EducationLevel};
use crate::time::Date;

/// One completed education.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Studies {
    /// Level; `None` for what wasn't completed or isn't known.
    pub level: Option<EducationLevel>,
    /// Degree.
    pub degree: Option<Degree>,
    /// 学习形式 as a code or word (`全日制`).
    pub study_mode: String,
    /// Major as on the certificate.
    pub major: String,
    /// Date of graduation.
    pub graduated_on: Option<Date>,
}

/// The facts.
///
/// Texts are compared as they are, without spaces: the caller turns codes of the profile into the words or codes that
/// the rules of position tables use (`男`, `中共党员`, region codes).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// 性别, `男` or `女`.
    pub sex: Option<String>,
    /// 出生日期.
    pub birth_date: Option<Date>,
    /// 民族.
    pub ethnicity: Option<String>,
    /// 政治面貌.
    pub political: Option<String>,
    /// 户籍 at the notice date: name with all its parents, `湖南省郴州市桂东县`.
    pub hukou: Option<String>,
    /// 生源地, the same.
    pub origin: Option<String>,
    /// Every education.
    pub studies: Vec<Studies>,
    /// Full years of work.
    pub work_years: Option<u32>,
    /// Full years of work in the specialty.
    pub specialty_work_years: Option<u32>,
    /// 资格证书.
    pub certificates: Vec<String>,
    /// 职称.
    pub titles: Vec<String>,
    /// Groups: `应届毕业生`, `退役士兵`, `残疾人` ….
    pub groups: Vec<String>,
    /// Whether the integrity record bars him on the day.
    pub integrity_barred: bool,
    /// The day that ages and years are counted to.
    pub on: Option<Date>,
}

impl std::fmt::Debug for Studies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Studies")
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Facts {
    /// Tells nothing about a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts")
            .field("studies", &self.studies.len())
            .finish_non_exhaustive()
    }
}

impl Facts {
    /// The highest completed education.
    pub fn education(&self) -> Option<EducationLevel> {
        self.studies
            .iter()
            .filter_map(|studies| studies.level)
            .max()
    }

    /// The highest degree.
    pub fn degree(&self) -> Option<Degree> {
        self.studies
            .iter()
            .filter_map(|studies| studies.degree)
            .max()
    }

    /// The year of the last graduation.
    pub fn graduate_year(&self) -> Option<u32> {
        self.studies
            .iter()
            .filter_map(|studies| studies.graduated_on)
            .max()
            .and_then(|on| u32::try_from(on.year()).ok())
    }
}
