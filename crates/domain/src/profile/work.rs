//! 工作与联系.

use serde::{Deserialize, Serialize};

use super::{Month, Occupation, optional_line};
use crate::field::FieldErrors;
use crate::time::Date;

/// 工作与联系, checked. The mobile is the account's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Work {
    /// 人员身份.
    pub occupation: Occupation,
    /// 工作单位.
    pub employer: String,
    /// 职务.
    pub job_title: String,
    /// 参加工作时间.
    pub started_on: Option<Month>,
    /// 工作年限, full years.
    pub work_years: Option<u32>,
    /// 专业工作年限.
    pub specialty_work_years: Option<u32>,
    /// 职称, one a line.
    pub titles: Vec<String>,
    /// 职（执）业资格, one a line.
    pub qualifications: Vec<String>,
    /// 通讯地址.
    pub address: String,
    /// 邮编.
    pub postcode: String,
    /// 固定电话.
    pub phone: String,
    /// 电子邮箱.
    pub email: String,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            occupation: Occupation::Unemployed,
            employer: String::new(),
            job_title: String::new(),
            started_on: None,
            work_years: None,
            specialty_work_years: None,
            titles: Vec::new(),
            qualifications: Vec::new(),
            address: String::new(),
            postcode: String::new(),
            phone: String::new(),
            email: String::new(),
        }
    }
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work")
            .field("occupation", &self.occupation)
            .finish_non_exhaustive()
    }
}

/// The form as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "each is the text typed for the field of the same name in `Work`"
)]
pub struct WorkForm {
    pub occupation: String,
    pub employer: String,
    pub job_title: String,
    pub started_on: String,
    pub work_years: String,
    pub specialty_work_years: String,
    pub titles: String,
    pub qualifications: String,
    pub address: String,
    pub postcode: String,
    pub phone: String,
    pub email: String,
}

impl std::fmt::Debug for WorkForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WorkForm(…)")
    }
}

/// Full years, typed with or without 年.
fn years(errors: &mut FieldErrors, field: &str, what: &str, typed: &str) -> Option<u32> {
    let text = crate::text::to_half_width(typed);
    let text = text.trim().trim_end_matches('年').trim();
    if text.is_empty() {
        return None;
    }
    match text.parse::<u32>() {
        Ok(years) if years <= 60 => Some(years),
        _ => {
            errors.add(field, format!("{what}应为 0 至 60 的整数"));
            None
        }
    }
}

/// One entry a line, separators people use instead understood.
fn entries(errors: &mut FieldErrors, field: &str, what: &str, typed: &str) -> Vec<String> {
    let entries: Vec<String> = crate::text::paragraph(typed)
        .split(['\n', '、', '；', ';'])
        .map(crate::text::line)
        .filter(|entry| !entry.is_empty())
        .collect();
    if entries.len() > 10 {
        errors.add(field, format!("{what}最多填 10 项"));
    } else if entries.iter().any(|entry| entry.chars().count() > 40) {
        errors.add(field, format!("{what}每项最多 40 个字，每行填一项"));
    }
    entries
}

impl WorkForm {
    /// Checks all of it.
    ///
    /// # Errors
    /// Every field to mend, in the order of the page.
    pub fn check(&self, today: Date) -> Result<Work, FieldErrors> {
        let mut errors = FieldErrors::new();
        let occupation = Occupation::from_code(&self.occupation);
        if occupation.is_none() {
            errors.add("occupation", "请选择人员身份");
        }
        let employer = optional_line(&mut errors, "employer", "工作单位", &self.employer, 60);
        if occupation == Some(Occupation::Employed) && employer.is_empty() {
            errors.add("employer", "在职人员请填写工作单位");
        }
        let job_title = optional_line(&mut errors, "job_title", "职务", &self.job_title, 40);
        let started_on = match self.started_on.trim() {
            "" => None,
            text => {
                let month = Month::parse_typed(text);
                match month {
                    None => errors.add("started_on", "参加工作时间应写成 2022年7月 的样子"),
                    Some(month) if month > Month::of(today) => {
                        errors.add("started_on", "参加工作时间不能晚于今天");
                    }
                    Some(_) => {}
                }
                month
            }
        };
        let work_years = years(&mut errors, "work_years", "工作年限", &self.work_years);
        let specialty_work_years = years(
            &mut errors,
            "specialty_work_years",
            "专业工作年限",
            &self.specialty_work_years,
        );
        if let (Some(all), Some(special)) = (work_years, specialty_work_years)
            && special > all
        {
            errors.add("specialty_work_years", "专业工作年限不能多于工作年限");
        }
        let titles = entries(&mut errors, "titles", "职称", &self.titles);
        let qualifications = entries(
            &mut errors,
            "qualifications",
            "资格证书",
            &self.qualifications,
        );
        let address = optional_line(&mut errors, "address", "通讯地址", &self.address, 80);
        let postcode: String = crate::text::to_half_width(&self.postcode)
            .split_whitespace()
            .collect();
        let six_digits = postcode.len() == 6 && postcode.bytes().all(|b| b.is_ascii_digit());
        if !postcode.is_empty() && !six_digits {
            errors.add("postcode", "邮编应为 6 位数字");
        }
        let phone: String = crate::text::to_half_width(&self.phone)
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| {
                if matches!(c, '—' | '－' | '–') {
                    '-'
                } else {
                    c
                }
            })
            .collect();
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let reads_as_phone = (7..=16).contains(&digits)
            && phone
                .chars()
                .all(|c| c.is_ascii_digit() || "-+()".contains(c));
        if !phone.is_empty() && !reads_as_phone {
            errors.add("phone", "固定电话应写成 0735-2368000 的样子");
        }
        let email = crate::text::to_half_width(&crate::text::line(&self.email)).to_lowercase();
        if !email.is_empty() && !is_email(&email) {
            errors.add("email", "电子邮箱应写成 name@example.com 的样子");
        }
        match occupation {
            Some(occupation) if errors.is_empty() => Ok(Work {
                occupation,
                employer,
                job_title,
                started_on,
                work_years,
                specialty_work_years,
                titles,
                qualifications,
                address,
                postcode,
                phone,
                email,
            }),
            _ => Err(errors),
        }
    }
}

/// Something before one `@`, a name with a dot after it, no spaces. Whether it works, only a letter would tell.
fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && text.len() <= 100
        && host.split('.').count() >= 2
        && host.split('.').all(|part| !part.is_empty())
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "<>\"',;".contains(c))
        && !host.contains('@')
}

impl From<&Work> for WorkForm {
    fn from(work: &Work) -> Self {
        let number = |years: Option<u32>| years.map(|y| y.to_string()).unwrap_or_default();
        Self {
            occupation: work.occupation.code().to_owned(),
            employer: work.employer.clone(),
            job_title: work.job_title.clone(),
            started_on: work.started_on.map(Month::to_chinese).unwrap_or_default(),
            work_years: number(work.work_years),
            specialty_work_years: number(work.specialty_work_years),
            titles: work.titles.join("\n"),
            qualifications: work.qualifications.join("\n"),
            address: work.address.clone(),
            postcode: work.postcode.clone(),
            phone: work.phone.clone(),
            email: work.email.clone(),
        }
    }
}
