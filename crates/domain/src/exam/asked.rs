//! Of whom a question is asked, who reads the answer, and what a line of text has to look like.

use serde::{Deserialize, Serialize};

use super::snapshot::Choice;
use crate::coded::coded;
use crate::eligibility::EducationLevel;

coded! {
    /// Which reviewers read the answer to a question.
    #[derive(Default)]
    pub enum SeenBy {
        /// Every reviewer within his scope.
        #[default]
        All = "all", "初审和复审";
        /// 初审 only.
        First = "first", "只有初审";
        /// 复审 only.
        Second = "second", "只有复审";
    }
}

impl SeenBy {
    /// Whether somebody who decides at these levels reads it.
    pub const fn shows(self, first: bool, second: bool) -> bool {
        match self {
            Self::All => first || second,
            Self::First => first,
            Self::Second => second,
        }
    }
}

/// Of whom a question is asked; an empty list asks everybody. What several lists say must hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct AskedOf {
    /// Codes of positions.
    pub positions: Vec<String>,
    /// Levels of a professional exam.
    pub levels: Vec<String>,
    /// The highest completed education.
    pub education: Vec<EducationLevel>,
}

impl AskedOf {
    /// Whether nobody is left out.
    pub fn is_everybody(&self) -> bool {
        self.positions.is_empty() && self.levels.is_empty() && self.education.is_empty()
    }

    /// Whether somebody with this choice and this education is asked.
    pub fn includes(&self, choice: &Choice, education: Option<EducationLevel>) -> bool {
        let chosen = match choice {
            Choice::Position { code, .. } => {
                self.levels.is_empty()
                    && (self.positions.is_empty() || self.positions.contains(code))
            }
            Choice::Professional { level, .. } => {
                self.positions.is_empty() && (self.levels.is_empty() || self.levels.contains(level))
            }
            Choice::Exam => self.positions.is_empty() && self.levels.is_empty(),
        };
        let educated = self.education.is_empty()
            || education.is_some_and(|level| self.education.contains(&level));
        chosen && educated
    }

    /// In words: `报考岗位 0101、0102；学历为本科`.
    pub fn says(&self) -> String {
        if self.is_everybody() {
            return "所有报考人员".to_owned();
        }
        let mut parts = Vec::new();
        if !self.positions.is_empty() {
            parts.push(format!("报考岗位 {}", self.positions.join("、")));
        }
        if !self.levels.is_empty() {
            parts.push(format!("报考级别 {}", self.levels.join("、")));
        }
        if !self.education.is_empty() {
            let names: Vec<&str> = self.education.iter().map(|one| one.label()).collect();
            parts.push(format!("学历为{}", names.join("、")));
        }
        parts.join("；")
    }
}

coded! {
    /// What a line of text has to look like.
    #[derive(Default)]
    pub enum TextForm {
        /// Anything.
        #[default]
        Any = "any", "不限";
        /// Digits only.
        Digits = "digits", "只有数字";
        /// Letters and digits.
        Alphanumeric = "alphanumeric", "字母和数字";
        /// A mobile number.
        Mobile = "mobile", "手机号码";
        /// 邮政编码.
        Postcode = "postcode", "邮政编码";
        /// An e-mail address.
        Email = "email", "电子邮箱";
        /// A mask: `9` stands for a digit, `A` for a letter, `*` for either, everything else for itself.
        Mask = "mask", "按格式";
    }
}

impl TextForm {
    /// Whether a text has this form. `mask` counts for [`TextForm::Mask`] only.
    pub fn takes(self, text: &str, mask: &str) -> bool {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            Self::Any => true,
            Self::Digits => digits(text),
            Self::Alphanumeric => {
                !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
            }
            Self::Mobile => crate::phone::Mobile::parse(text).is_ok(),
            Self::Postcode => text.len() == 6 && digits(text),
            Self::Email => is_address(text),
            Self::Mask => fits(text, mask),
        }
    }
}

fn is_address(text: &str) -> bool {
    let plain = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(&b))
    };
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && plain(name)
            && plain(host)
            && host.contains('.')
            && host.split('.').all(|label| !label.is_empty())
    })
}

fn fits(text: &str, mask: &str) -> bool {
    let (mut given, mut wanted) = (text.chars(), mask.chars());
    loop {
        match (given.next(), wanted.next()) {
            (None, None) => return true,
            (Some(one), Some('9')) if one.is_ascii_digit() => {}
            (Some(one), Some('A')) if one.is_ascii_alphabetic() => {}
            (Some(one), Some('*')) if one.is_ascii_alphanumeric() => {}
            (Some(one), Some(same)) if one == same && !"9A*".contains(same) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_of_whom_it_names() {
        let position = |code: &str| Choice::Position {
            code: code.into(),
            name: String::new(),
            employer: String::new(),
            department: String::new(),
        };
        let level = Choice::Professional {
            level: "考全科".into(),
            specialty: String::new(),
            subjects: Vec::new(),
        };
        let of = |positions: &[&str], levels: &[&str], education: &[EducationLevel]| AskedOf {
            positions: positions.iter().map(|one| (*one).into()).collect(),
            levels: levels.iter().map(|one| (*one).into()).collect(),
            education: education.to_vec(),
        };
        let (college, master) = (Some(EducationLevel::College), Some(EducationLevel::Master));
        for (asked, choice, education, expected) in [
            (of(&[], &[], &[]), position("1"), None, true),
            (of(&["1"], &[], &[]), position("1"), None, true),
            (of(&["1"], &[], &[]), position("2"), None, false),
            (of(&["1"], &[], &[]), level.clone(), None, false),
            (of(&[], &["考全科"], &[]), level.clone(), None, true),
            (of(&[], &["免一科"], &[]), level, None, false),
            (of(&[], &["考全科"], &[]), Choice::Exam, None, false),
            (
                of(&[], &[], &[EducationLevel::Master]),
                position("1"),
                master,
                true,
            ),
            (
                of(&[], &[], &[EducationLevel::Master]),
                position("1"),
                college,
                false,
            ),
            (
                of(&[], &[], &[EducationLevel::Master]),
                position("1"),
                None,
                false,
            ),
            (
                of(&["1"], &[], &[EducationLevel::Master]),
                position("1"),
                college,
                false,
            ),
        ] {
            assert_eq!(
                asked.includes(&choice, education),
                expected,
                "{asked:?} {choice:?}"
            );
        }
    }

    #[test]
    fn answers_show_to_the_level_that_they_are_for() {
        for (seen, first, second, shown) in [
            (SeenBy::All, true, false, true),
            (SeenBy::All, false, true, true),
            (SeenBy::First, true, false, true),
            (SeenBy::First, false, true, false),
            (SeenBy::Second, true, false, false),
            (SeenBy::Second, false, true, true),
            (SeenBy::Second, true, true, true),
            (SeenBy::All, false, false, false),
        ] {
            assert_eq!(
                seen.shows(first, second),
                shown,
                "{seen:?} {first} {second}"
            );
        }
    }

    #[test]
    fn forms_take_and_refuse() {
        for (form, mask, text, taken) in [
            (TextForm::Any, "", "随便", true),
            (TextForm::Digits, "", "0123", true),
            (TextForm::Digits, "", "12a", false),
            (TextForm::Alphanumeric, "", "A12b", true),
            (TextForm::Alphanumeric, "", "A-12", false),
            (TextForm::Mobile, "", "13800001234", true),
            (TextForm::Mobile, "", "1380000123", false),
            (TextForm::Postcode, "", "423000", true),
            (TextForm::Postcode, "", "42300", false),
            (TextForm::Email, "", "a.b@example.com", true),
            (TextForm::Email, "", "a@b", false),
            (TextForm::Email, "", "a@@b.c", false),
            (TextForm::Email, "", "@b.c", false),
            (TextForm::Mask, "湘A-9999", "湘B-0123", true),
            (TextForm::Mask, "湘A-9999", "湘B-012", false),
            (TextForm::Mask, "湘A-9999", "湘1-0123", false),
            (TextForm::Mask, "**9", "a13", true),
            (TextForm::Mask, "**9", "a1x", false),
        ] {
            assert_eq!(form.takes(text, mask), taken, "{form:?} {mask} {text}");
        }
    }
}
