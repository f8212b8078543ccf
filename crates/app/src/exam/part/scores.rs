//! 成绩规则.

use std::collections::BTreeMap;

use domain::field::FieldErrors;
use domain::score::rules::FlagRule;
use domain::score::{Decimal, Formula, Rounding};
use domain::sheet::squeezed;
use serde::Deserialize;

use super::{Changing, Draft, number, pairs, text};
use crate::exam::Exam;

/// 成绩规则 as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ScoresDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// The total; empty for an exam that publishes subjects only.
    pub formula: String,
    /// A rounding's code.
    pub rounding: String,
    /// Digits after the point.
    pub digits: String,
    /// What a flag does: a [`FlagRule`]'s code.
    pub on_flag: String,
    /// Lines of `科目 = 满分`.
    pub full_marks: String,
    /// Lines of `科目 = 合格线`.
    pub subject_lines: String,
    /// 总分合格线.
    pub total_line: String,
    /// Subjects that decide between equals, first to last, one a line.
    pub tie_break: String,
    /// Whether the candidate sees his rank.
    pub rank_shown: bool,
    /// What stands beside the score.
    pub notice: String,
    /// Whether an SMS goes out with the inbox message when scores are published.
    pub sms: bool,
}

fn lines(marks: &BTreeMap<String, Decimal>) -> String {
    marks
        .iter()
        .map(|(name, mark)| format!("{name} = {mark}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn read(errors: &mut FieldErrors, field: &str, typed: &str) -> BTreeMap<String, Decimal> {
    let mut marks = BTreeMap::new();
    for (name, mark) in pairs(typed) {
        match mark.and_then(|mark| mark.parse::<Decimal>().ok()) {
            Some(mark) if !mark.is_negative() => {
                marks.insert(squeezed(&name), mark);
            }
            _ => errors.add(
                field,
                format!("“{name}”一行应写作“科目 = 分数”，例如 综合知识 = 100"),
            ),
        }
    }
    marks
}

impl Draft for ScoresDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let rules = &exam.settings.score;
        Self {
            version: exam.row.version,
            formula: rules
                .formula
                .as_ref()
                .map(|one| one.text().to_owned())
                .unwrap_or_default(),
            rounding: rules.rounding.code().to_owned(),
            digits: rules.digits.to_string(),
            on_flag: rules.on_flag.code().to_owned(),
            full_marks: lines(&rules.full_marks),
            subject_lines: lines(&rules.subject_lines),
            total_line: rules
                .total_line
                .map(|line| line.to_string())
                .unwrap_or_default(),
            tie_break: rules.tie_break.join("\n"),
            rank_shown: rules.rank_shown,
            notice: exam.settings.notices.score.clone(),
            sms: exam.settings.notices.score_sms,
        }
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut rules = exam.settings.score.clone();
        rules.formula = match self.formula.trim() {
            "" => None,
            typed => errors.take("formula", typed.parse::<Formula>()),
        };
        match Rounding::from_code(&self.rounding) {
            Some(rounding) => rules.rounding = rounding,
            None => errors.add("rounding", "请选择舍入方式"),
        }
        if let Some(digits) = number(&mut errors, "digits", &self.digits, (0, 4)) {
            rules.digits = u8::try_from(digits).unwrap_or(2);
        }
        match FlagRule::from_code(&self.on_flag) {
            Some(rule) => rules.on_flag = rule,
            None => errors.add("on_flag", "请选择缺考、违纪的计分方式"),
        }
        rules.full_marks = read(&mut errors, "full_marks", &self.full_marks);
        rules.subject_lines = read(&mut errors, "subject_lines", &self.subject_lines);
        rules.total_line = match self.total_line.trim() {
            "" => None,
            typed => {
                let line = domain::sheet::plain(typed).parse::<Decimal>().ok();
                if line.is_none() {
                    errors.add("total_line", "应为分数，例如 60");
                }
                line
            }
        };
        rules.tie_break = self
            .tie_break
            .lines()
            .map(squeezed)
            .filter(|name| !name.is_empty())
            .collect();
        rules.rank_shown = self.rank_shown;
        let notice = text(&mut errors, "notice", &self.notice, 500);
        if exam.category.has_positions() {
            let papers = &exam.settings.papers;
            let names: Vec<&str> = papers
                .iter()
                .flat_map(|one| [one.name.as_str(), one.code.as_str()])
                .collect();
            for problem in rules.problems(&names) {
                errors.add("formula", problem);
            }
        }
        errors.into_result()?;
        exam.settings.score = rules;
        exam.settings.notices.score = notice;
        exam.settings.notices.score_sms = self.sms;
        Ok(())
    }
}
