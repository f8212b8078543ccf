//! 面试与聘用: who comes to the interview, how both parts are weighed, which steps follow.

use domain::field::FieldErrors;
use domain::score::{Decimal, Formula, Rounding};
use domain::selection::rules::{Ends, RatioStep, Ties};
use domain::sheet::{plain, squeezed};
use serde::Deserialize;

use super::{Changing, Draft, number};
use crate::exam::Exam;

/// 面试与聘用 as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SelectionDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// Whether anything comes after the scores.
    pub on: bool,
    /// Lines of `招聘人数上限 = 比例`.
    pub ratios: String,
    /// An [`Ends`]'s code.
    pub ends: String,
    /// A [`Ties`]'s code.
    pub ties: String,
    /// Whether an absence excludes.
    pub absent: bool,
    /// Whether a violation excludes.
    pub violation: bool,
    /// Whether a zero excludes.
    pub zero: bool,
    /// Whether a line that isn't reached excludes.
    pub below_line: bool,
    /// Whether there is a 资格复审.
    pub documents: bool,
    /// Whether there is a 体检.
    pub medical: bool,
    /// Whether there is a 考察.
    pub background: bool,
    /// Hours to answer an offer.
    pub offer_hours: String,
    /// How often a place that gets free at 体检 or 考察 is filled again.
    pub medical_rounds: String,
    /// Judges of a panel.
    pub judges: String,
    /// How many of the highest marks don't count.
    pub drop_highest: String,
    /// How many of the lowest marks don't count.
    pub drop_lowest: String,
    /// Digits of an interview's mark after the point.
    pub interview_digits: String,
    /// 面试最低分; empty for none.
    pub least: String,
    /// 总成绩.
    pub total: String,
    /// Digits of the total after the point.
    pub digits: String,
    /// A rounding's code.
    pub rounding: String,
    /// What decides between equal totals, one a line.
    pub tie_break: String,
    /// Working days of the 公示.
    pub publicity_days: String,
}

/// The field that a problem of the rules stands beside.
fn field_of(problem: &str) -> &'static str {
    for (word, field) in [
        ("入围比例", "ratios"),
        ("并列", "tie_break"),
        ("考官", "judges"),
        ("小数", "digits"),
        ("最低分", "least"),
        ("递补", "offer_hours"),
        ("公示", "publicity_days"),
    ] {
        if problem.contains(word) {
            return field;
        }
    }
    "total"
}

fn small(errors: &mut FieldErrors, field: &str, typed: &str, most: u8) -> Option<u8> {
    let read = number(errors, field, typed, (0, u32::from(most)))?;
    u8::try_from(read).ok()
}

impl Draft for SelectionDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let rules = &exam.settings.selection;
        let lines: Vec<String> = rules.ratios.iter().map(|step| step.line()).collect();
        let least = rules.least.map(|least| least.to_string());
        let total = rules.total.as_ref().map(|one| one.text().to_owned());
        Self {
            version: exam.row.version,
            on: rules.on,
            ratios: lines.join("\n"),
            ends: rules.ends.code().to_owned(),
            ties: rules.ties.code().to_owned(),
            absent: rules.exclude.absent,
            violation: rules.exclude.violation,
            zero: rules.exclude.zero,
            below_line: rules.exclude.below_line,
            documents: rules.documents,
            medical: rules.medical,
            background: rules.background,
            offer_hours: rules.offer_hours.to_string(),
            medical_rounds: rules.medical_rounds.to_string(),
            judges: rules.judges.to_string(),
            drop_highest: rules.drop.highest.to_string(),
            drop_lowest: rules.drop.lowest.to_string(),
            interview_digits: rules.interview_digits.to_string(),
            least: least.unwrap_or_default(),
            total: total.unwrap_or_default(),
            digits: rules.digits.to_string(),
            rounding: rules.rounding.code().to_owned(),
            tie_break: rules.tie_break.join("\n"),
            publicity_days: rules.publicity_days.to_string(),
        }
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut rules = exam.settings.selection.clone();
        rules.on = self.on;
        let typed = self.ratios.lines().filter(|line| !line.trim().is_empty());
        match typed.map(RatioStep::parse_line).collect() {
            Some(ratios) => rules.ratios = ratios,
            None => errors.add(
                "ratios",
                "每行写作“招聘人数 = 比例”，例如 10 = 1:3；不分档的只写比例，例如 1:3",
            ),
        }
        match Ends::from_code(&self.ends) {
            Some(ends) => rules.ends = ends,
            None => errors.add("ends", "请选择名额有小数时怎样处理"),
        }
        match Ties::from_code(&self.ties) {
            Some(ties) => rules.ties = ties,
            None => errors.add("ties", "请选择末位并列时怎样处理"),
        }
        rules.exclude.absent = self.absent;
        rules.exclude.violation = self.violation;
        rules.exclude.zero = self.zero;
        rules.exclude.below_line = self.below_line;
        rules.documents = self.documents;
        rules.medical = self.medical;
        rules.background = self.background;
        if let Some(hours) = number(&mut errors, "offer_hours", &self.offer_hours, (1, 720)) {
            rules.offer_hours = hours;
        }
        if let Some(days) = number(&mut errors, "publicity_days", &self.publicity_days, (1, 60)) {
            rules.publicity_days = days;
        }
        for (field, typed, most, to) in [
            (
                "medical_rounds",
                &self.medical_rounds,
                9,
                &mut rules.medical_rounds,
            ),
            ("judges", &self.judges, 30, &mut rules.judges),
            (
                "drop_highest",
                &self.drop_highest,
                9,
                &mut rules.drop.highest,
            ),
            ("drop_lowest", &self.drop_lowest, 9, &mut rules.drop.lowest),
            (
                "interview_digits",
                &self.interview_digits,
                4,
                &mut rules.interview_digits,
            ),
            ("digits", &self.digits, 4, &mut rules.digits),
        ] {
            if let Some(read) = small(&mut errors, field, typed, most) {
                *to = read;
            }
        }
        rules.least = match self.least.trim() {
            "" => None,
            typed => {
                let least = plain(typed).parse::<Decimal>().ok();
                if least.is_none() {
                    errors.add("least", "应为分数，例如 60");
                }
                least
            }
        };
        rules.total = match self.total.trim() {
            "" => None,
            typed => errors.take("total", typed.parse::<Formula>()),
        };
        match Rounding::from_code(&self.rounding) {
            Some(rounding) => rules.rounding = rounding,
            None => errors.add("rounding", "请选择舍入方式"),
        }
        let names = self.tie_break.lines().map(squeezed);
        rules.tie_break = names.filter(|name| !name.is_empty()).collect();
        // What can't be read has been told already.
        if errors.is_empty() {
            let papers = exam.settings.papers.iter();
            let subjects: Vec<&str> = papers
                .flat_map(|paper| [paper.name.as_str(), paper.code.as_str()])
                .collect();
            for problem in rules.problems(&subjects, exam.settings.steps.seating) {
                errors.add(field_of(&problem), problem);
            }
        }
        errors.into_result()?;
        exam.settings.selection = rules;
        Ok(())
    }
}
