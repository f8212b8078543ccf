//! 演练考试: the mark that its title carries, and the candidates that are made for it, 演练考生.
//!
//! A candidate of a rehearsal is made of a seed and a number. His document's number has the form of a resident's, with a right
//! birth date, sex and check digit, so that every rule finds what it looks for; its region begins with 99, which no province has,
//! so that nobody can sign up under it (`IdDocument::parse` refuses it) and it is nobody's. His mobile begins with 154, which no
//! operator gives out; nothing is ever sent to it.

use crate::chance::Dice;
use crate::field::FieldErrors;
use crate::id_number::check_digit;
use crate::profile::{
    BasicForm, EducationForm, FamilyForm, FamilyRowForm, ResumeRowForm, WorkForm,
};
use crate::time::Date;

/// What the title of every rehearsal begins with, wherever it stands.
pub const TITLE: &str = "【演练】";
/// What its documents say.
pub const PAPER: &str = "演练，无效";
/// Most candidates of one rehearsal.
pub const MOST: u32 = 500;
/// Region codes beginning with this exist nowhere.
pub const REGION: &str = "99";
/// Days after the last window in which its candidates can still log in.
pub const DAYS_AFTER: i64 = 30;

/// A title as it is kept: with the mark if it is a rehearsal's, without it if not.
pub fn titled(title: &str, rehearsal: bool) -> String {
    let bare = untitled(title);
    if rehearsal {
        format!("{TITLE}{bare}")
    } else {
        bare.to_owned()
    }
}

/// A title without the mark.
pub fn untitled(title: &str) -> &str {
    let mut bare = title.trim();
    while let Some(rest) = bare.strip_prefix(TITLE) {
        bare = rest.trim_start();
    }
    bare
}

/// Whether a title carries the mark.
pub fn is_titled(title: &str) -> bool {
    title.starts_with(TITLE)
}

/// Candidates that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// How many more.
    pub count: u32,
    /// Of a hundred, how many apply by themselves.
    pub apply: u32,
    /// Of a hundred of those, how many pay once it is their turn.
    pub pay: u32,
}

impl Wanted {
    /// Reads what was typed; `there` are made already.
    ///
    /// # Errors
    /// Fields `count`, `apply`, `pay`.
    pub fn check(count: &str, apply: &str, pay: &str, there: u32) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let left = MOST.saturating_sub(there);
        let mut number = |key: &'static str, typed: &str, least: u32, most: u32, says: String| {
            let typed = crate::sheet::squeezed(typed);
            match typed.parse::<u32>() {
                Ok(number) if (least..=most).contains(&number) => number,
                _ => {
                    errors.add(key, says);
                    least
                }
            }
        };
        let says = if left == 0 {
            format!("已有 {there} 名演练考生，最多 {MOST} 名")
        } else {
            format!("请填写 1 至 {left} 的整数")
        };
        let percent = || "请填写 0 至 100 的整数".to_owned();
        let wanted = Self {
            count: number("count", count, 1, left, says),
            apply: number("apply", apply, 0, 100, percent()),
            pay: number("pay", pay, 0, 100, percent()),
        };
        errors.into_result().map(|()| wanted)
    }
}

/// 学士 and 硕士 codes with a major of the discipline.
const STUDIES: [(&str, &str, &str); 12] = [
    ("汉语言文学", "405", "305"),
    ("法学", "403", "303"),
    ("会计学", "412", "312"),
    ("计算机科学与技术", "408", "308"),
    ("软件工程", "408", "308"),
    ("土木工程", "408", "308"),
    ("临床医学", "410", "310"),
    ("学前教育", "404", "304"),
    ("数学与应用数学", "407", "307"),
    ("英语", "405", "305"),
    ("行政管理", "412", "312"),
    ("经济学", "402", "302"),
];

/// Somebody who doesn't exist.
#[derive(Debug, Clone)]
pub struct Person {
    /// 演练考生001.
    pub name: String,
    /// 证件号码, a resident's in form.
    pub number: String,
    /// 手机号码.
    pub mobile: String,
    no: u32,
    birth: (u32, u32, u32),
    dice: Dice,
}

impl Person {
    /// The candidate `no` of the rehearsal with this `serial` (below 10,000) and seed.
    pub fn new(seed: u64, serial: u32, no: u32) -> Self {
        let mut dice = Dice::new(seed, "rehearsal", no);
        let birth = (
            1988 + dice.below(14),
            1 + dice.below(12),
            1 + dice.below(28),
        );
        let digits = format!(
            "{REGION}{:04}{}{:02}{:02}{:03}",
            serial % 10_000,
            birth.0,
            birth.1,
            birth.2,
            no % 1_000
        );
        let check = check_digit(&digits).unwrap_or('0');
        Self {
            name: format!("演练考生{no:03}"),
            number: format!("{digits}{check}"),
            mobile: format!("154{:04}{:04}", serial % 10_000, no % 10_000),
            no,
            birth,
            dice,
        }
    }

    /// What he types into each part of his profile: a graduate of one of `majors` (what the exam asks for), where there are any.
    pub fn forms(&self, majors: &[String], today: Date) -> Forms {
        let mut dice = self.dice.clone();
        let (own, bachelor, master) = dice.pick(&STUDIES).copied().unwrap_or_default();
        let major = match dice.pick(majors) {
            Some(asked) if dice.chance(70) => asked.clone(),
            _ => own.to_owned(),
        };
        let masters = dice.chance(30);
        let this_year = u32::try_from(today.year()).unwrap_or(2026);
        let bachelor_at = (self.birth.0 + 22).min(this_year - 1);
        let graduated = (bachelor_at + if masters { 3 } else { 0 }).min(this_year - 1);
        let years = this_year - 1 - graduated;
        Forms {
            basic: BasicForm {
                ethnicity: "01".into(),
                political: dice.text(&["13", "13", "03", "01"]).into(),
                marital: dice.text(&["10", "20"]).into(),
                native_province: "43".into(),
                native_place: "演练市演练区".into(),
                birth_province: "43".into(),
                birth_place: "演练市演练区".into(),
                hukou_province: "43".into(),
                hukou_place: "演练市演练区".into(),
                origin_province: "43".into(),
                origin_place: "演练市演练区".into(),
                disability: "0".into(),
                ..BasicForm::default()
            },
            education: EducationForm {
                level: if masters { "14" } else { "21" }.into(),
                degree: if masters { master } else { bachelor }.into(),
                study_mode: "full_time".into(),
                school: "演练大学".into(),
                major,
                graduated_on: format!("{graduated}年6月"),
                certificate_no: format!("99999{graduated}{:07}", self.no),
                degree_certificate_no: format!("999994{graduated}{:06}", self.no),
            },
            work: WorkForm {
                occupation: "employed".into(),
                employer: "演练单位".into(),
                job_title: "职员".into(),
                started_on: format!("{graduated}年7月"),
                work_years: years.to_string(),
                specialty_work_years: years.to_string(),
                address: format!("演练市演练路 {} 号", self.no),
                postcode: "999999".into(),
                ..WorkForm::default()
            },
            resume: self.resume(bachelor_at, graduated),
            family: FamilyForm {
                rows: vec![FamilyRowForm {
                    relation: "father".into(),
                    name: "演练家属".into(),
                    political: "13".into(),
                    unit: "演练单位".into(),
                }],
                awards: String::new(),
                remarks: "演练考生，并无其人".into(),
            },
        }
    }

    fn resume(&self, bachelor_at: u32, graduated: u32) -> Vec<ResumeRowForm> {
        let row = |from: String, to: String, place: &str, role: &str| ResumeRowForm {
            from,
            to,
            place: place.into(),
            role: role.into(),
        };
        let school = bachelor_at - 7;
        let mut rows = vec![
            row(
                format!("{school}年9月"),
                format!("{}年6月", school + 3),
                "演练中学",
                "学生",
            ),
            row(
                format!("{}年9月", school + 3),
                format!("{graduated}年6月"),
                "演练大学",
                "学生",
            ),
        ];
        rows.push(row(
            format!("{graduated}年7月"),
            "至今".into(),
            "演练单位",
            "职员",
        ));
        rows
    }
}

/// What a candidate types into 个人信息修改.
#[derive(Debug)]
pub struct Forms {
    /// 基本信息.
    pub basic: BasicForm,
    /// 学历学位.
    pub education: EducationForm,
    /// 工作与联系.
    pub work: WorkForm,
    /// 简历.
    pub resume: Vec<ResumeRowForm>,
    /// 家庭成员.
    pub family: FamilyForm,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::id_number::{IdDocument, IdType, NumberProblem};
    use crate::phone::Mobile;

    fn today() -> Date {
        Date::new(2026, 3, 16).unwrap()
    }

    #[test]
    fn a_number_is_right_in_all_but_its_region_and_nobody_can_sign_up_with_it() {
        let mut seen = HashSet::new();
        for no in 1..=MOST {
            let person = Person::new(7, 12, no);
            let refused = IdDocument::parse(IdType::ResidentCard, &person.number, today());
            assert_eq!(refused, Err(NumberProblem::Region), "{}", person.number);
            // But for the region it would be taken, so that birth date and sex can be read off it.
            let moved = format!("43{}", &person.number[2..17]);
            let moved = format!("{moved}{}", check_digit(&moved).unwrap());
            assert!(IdDocument::parse(IdType::ResidentCard, &moved, today()).is_ok());
            assert_eq!(
                check_digit(&person.number[..17]),
                person.number.chars().last()
            );
            let read = IdDocument::from_stored(IdType::ResidentCard, &person.number);
            assert!(read.birth_date().is_some() && read.sex().is_some());
            assert!(Mobile::parse(&person.mobile).is_ok());
            assert!(seen.insert(person.number.clone()) && seen.insert(person.mobile.clone()));
        }
    }

    #[test]
    fn what_everybody_types_is_accepted() {
        for no in 1..=MOST {
            let person = Person::new(3, 1, no);
            let forms = person.forms(&["会计学".to_owned()], today());
            forms.education.check(1, today()).unwrap();
            forms.work.check(today()).unwrap();
            crate::profile::check_resume(&forms.resume, today()).unwrap();
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_people() {
        assert_eq!(Person::new(1, 1, 7).number, Person::new(1, 1, 7).number);
        assert_ne!(Person::new(1, 1, 7).number, Person::new(2, 1, 7).number);
    }

    #[test]
    fn a_title_carries_the_mark_once_or_not_at_all() {
        for typed in ["甲", " 【演练】甲", "【演练】【演练】 甲"] {
            assert_eq!(titled(typed, true), "【演练】甲");
            assert_eq!(titled(typed, false), "甲");
        }
        assert!(is_titled("【演练】甲") && !is_titled("甲【演练】"));
    }

    #[test]
    fn what_is_asked_for_stays_within_bounds() {
        let good = Wanted::check("３０", "80", "50", 0).unwrap();
        assert_eq!((good.count, good.apply, good.pay), (30, 80, 50));
        for (count, apply, pay, there, key) in [
            ("0", "0", "0", 0, "count"),
            ("501", "0", "0", 0, "count"),
            ("1", "0", "0", 500, "count"),
            ("471", "0", "0", 30, "count"),
            ("1", "101", "0", 0, "apply"),
            ("1", "0", "-1", 0, "pay"),
            ("x", "0", "0", 0, "count"),
        ] {
            let errors = Wanted::check(count, apply, pay, there).unwrap_err();
            assert!(errors.get(key).is_some(), "{count} {apply} {pay} {there}");
        }
    }
}
