//! 学历学位: a list, because rules may count any of them.

use serde::{Deserialize, Serialize};

use super::{Degree, EducationCode, Month, StudyMode, optional_line, required_line};
use crate::field::FieldErrors;
use crate::time::Date;

/// More educations than anybody needs to tell.
pub const MOST_EDUCATIONS: usize = 8;

/// One education, checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Education {
    /// Its number in the list, for its address; never used again.
    pub id: u32,
    /// 学历.
    pub level: EducationCode,
    /// 学位.
    pub degree: Option<Degree>,
    /// 学习形式.
    pub study_mode: StudyMode,
    /// 毕业院校.
    pub school: String,
    /// 所学专业, as on the certificate; empty where a level has none.
    pub major: String,
    /// 毕业时间; of people about to graduate in the future.
    pub graduated_on: Month,
    /// 毕业证书编号.
    pub certificate_no: String,
    /// 学位证书编号.
    pub degree_certificate_no: String,
}

impl std::fmt::Debug for Education {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Education")
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

/// The form as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "each is the text typed for the field of the same name in `Education`"
)]
pub struct EducationForm {
    pub level: String,
    pub degree: String,
    pub study_mode: String,
    pub school: String,
    pub major: String,
    pub graduated_on: String,
    pub certificate_no: String,
    pub degree_certificate_no: String,
}

impl std::fmt::Debug for EducationForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EducationForm(…)")
    }
}

impl EducationForm {
    /// Checks all of it, for the row `id`.
    ///
    /// # Errors
    /// Every field to mend, in the order of the page.
    pub fn check(&self, id: u32, today: Date) -> Result<Education, FieldErrors> {
        let mut errors = FieldErrors::new();
        let level = EducationCode::from_code(&self.level);
        if level.is_none() {
            errors.add("level", "请选择学历");
        }
        let degree = Degree::from_code(&self.degree);
        if degree.is_none() && !self.degree.is_empty() {
            errors.add("degree", "请选择学位，没有的不选");
        }
        let study_mode = StudyMode::from_code(&self.study_mode);
        if study_mode.is_none() {
            errors.add("study_mode", "请选择学习形式");
        }
        let school = required_line(&mut errors, "school", "毕业院校", &self.school, 60);
        let major = if level.is_none_or(EducationCode::has_major) {
            required_line(&mut errors, "major", "所学专业", &self.major, 60)
        } else {
            optional_line(&mut errors, "major", "所学专业", &self.major, 60)
        };
        let graduated_on = Month::parse_typed(&self.graduated_on);
        match graduated_on {
            None if self.graduated_on.trim().is_empty() => {
                errors.add("graduated_on", "请填写毕业时间");
            }
            None => errors.add("graduated_on", "毕业时间应写成 2022年6月 的样子"),
            // Somebody in the last year of studies knows the month to come.
            Some(month) if month.number() > Month::of(today).number() + 18 => {
                errors.add(
                    "graduated_on",
                    "毕业时间太晚：应届毕业生填写预计毕业的年月，请核对",
                );
            }
            Some(month) if month < Month::of(today.plus_days(-80 * 366)) => {
                errors.add("graduated_on", "毕业时间太早，请核对");
            }
            Some(_) => {}
        }
        let number = |errors: &mut FieldErrors, field: &str, what: &str, typed: &str| {
            let line: String = crate::text::to_half_width(typed)
                .split_whitespace()
                .collect();
            optional_line(errors, field, what, &line, 40)
        };
        let certificate_no = number(
            &mut errors,
            "certificate_no",
            "毕业证书编号",
            &self.certificate_no,
        );
        let degree_certificate_no = number(
            &mut errors,
            "degree_certificate_no",
            "学位证书编号",
            &self.degree_certificate_no,
        );
        match (level, study_mode, graduated_on) {
            (Some(level), Some(study_mode), Some(graduated_on)) if errors.is_empty() => {
                Ok(Education {
                    id,
                    level,
                    degree,
                    study_mode,
                    school,
                    major,
                    graduated_on,
                    certificate_no,
                    degree_certificate_no,
                })
            }
            _ => Err(errors),
        }
    }
}

impl From<&Education> for EducationForm {
    fn from(education: &Education) -> Self {
        Self {
            level: education.level.code().to_owned(),
            degree: education
                .degree
                .map(|d| d.code().to_owned())
                .unwrap_or_default(),
            study_mode: education.study_mode.code().to_owned(),
            school: education.school.clone(),
            major: education.major.clone(),
            graduated_on: education.graduated_on.to_chinese(),
            certificate_no: education.certificate_no.clone(),
            degree_certificate_no: education.degree_certificate_no.clone(),
        }
    }
}
