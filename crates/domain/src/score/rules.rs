//! How an exam makes a total out of marks, and who has passed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bonus::{BONUS, BonusRules};
use super::decimal::{Decimal, Rounding};
use super::formula::{EvalError, Formula};
use super::mark::{Flag, Mark};
use crate::coded::coded;

coded! {
    /// What an absence, violation or void mark does to the total.
    pub enum FlagRule {
        /// The candidate has no total and no rank.
        NoTotal = "no_total", "不计总成绩";
        /// The subject counts as zero.
        AsZero = "as_zero", "按 0 分计入";
    }
}

/// The score settings of an exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreRules {
    /// The total; `None` for an exam that publishes subjects only.
    pub formula: Option<Formula>,
    /// How the total is rounded.
    pub rounding: Rounding,
    /// Digits of the total after the point.
    pub digits: u8,
    /// What a flag does to the total.
    pub on_flag: FlagRule,
    /// Full marks by subject name or code; a mark above is refused at import.
    pub full_marks: BTreeMap<String, Decimal>,
    /// Lines that each subject must reach.
    pub subject_lines: BTreeMap<String, Decimal>,
    /// Line that the total must reach.
    pub total_line: Option<Decimal>,
    /// Subjects that decide between equal totals, first to last.
    pub tie_break: Vec<String>,
    /// Whether the candidate sees his rank.
    pub rank_shown: bool,
    /// 加分; its points are what 加分 stands for in the formula.
    #[serde(skip_serializing_if = "BonusRules::is_unset")]
    pub bonus: BonusRules,
    /// Whether the candidate sees 客观分 and 主观分 beside the mark.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub parts_shown: bool,
}

impl Default for ScoreRules {
    fn default() -> Self {
        Self {
            formula: None,
            rounding: Rounding::HalfUp,
            digits: 2,
            on_flag: FlagRule::NoTotal,
            full_marks: BTreeMap::new(),
            subject_lines: BTreeMap::new(),
            total_line: None,
            tie_break: Vec::new(),
            rank_shown: false,
            bonus: BonusRules::default(),
            parts_shown: false,
        }
    }
}

/// The total of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// A number.
    Score(Decimal),
    /// No total: this flag stands in its place.
    Flagged(Flag),
    /// The exam has no formula.
    NotUsed,
}

impl ScoreRules {
    /// Problems in the settings, in plain Chinese; `subjects` are the names and codes that the exam has. That a bonus is set and counts
    /// nowhere is seen by the exam's settings as a whole, since it may count beside the interview's mark.
    pub fn problems(&self, subjects: &[&str]) -> Vec<String> {
        let mut problems = self.bonus.problems();
        let uses_bonus = self
            .formula
            .as_ref()
            .is_some_and(|formula| formula.subjects().contains(BONUS));
        let has_bonus = !self.bonus.is_unset();
        if has_bonus && subjects.contains(&BONUS) {
            problems.push(format!("科目不能叫“{BONUS}”，公式里分不清是科目还是加分"));
        }
        if !has_bonus && uses_bonus && !subjects.contains(&BONUS) {
            problems.push(format!("总成绩公式用到“{BONUS}”，但没有设置加分项"));
        }
        // Told above what is wrong with it.
        let named = self
            .formula
            .iter()
            .flat_map(Formula::subjects)
            .filter(|name| *name != BONUS);
        let lines = self
            .subject_lines
            .keys()
            .chain(self.full_marks.keys())
            .map(String::as_str);
        for name in named
            .chain(lines)
            .chain(self.tie_break.iter().map(String::as_str))
        {
            if !subjects.contains(&name) {
                problems.push(format!("成绩规则用到的科目“{name}”不在本考试的科目中"));
            }
        }
        if self.digits > 4 {
            problems.push("总成绩最多保留 4 位小数".to_owned());
        }
        if self.formula.is_none() && self.total_line.is_some() {
            problems.push("设置了总分合格线，但没有总成绩公式".to_owned());
        }
        problems
    }

    /// The total from the marks by subject, without a bonus.
    ///
    /// # Errors
    /// A subject without a mark, a division by zero, a number that can't be kept.
    pub fn total(&self, marks: &BTreeMap<String, Mark>) -> Result<Total, EvalError> {
        self.total_with(marks, Decimal::ZERO)
    }

    /// The total from the marks by subject and the points of the bonus. A flag that takes the total away takes the bonus with it.
    ///
    /// # Errors
    /// As [`Self::total`].
    pub fn total_with(
        &self,
        marks: &BTreeMap<String, Mark>,
        bonus: Decimal,
    ) -> Result<Total, EvalError> {
        let Some(formula) = &self.formula else {
            return Ok(Total::NotUsed);
        };
        if self.on_flag == FlagRule::NoTotal {
            // The gravest flag of the subjects that count stands for the total.
            let flag = formula
                .subjects()
                .into_iter()
                .filter_map(|name| marks.get(name))
                .map(|mark| mark.flag())
                .max_by_key(|flag| -flag.number());
            if let Some(flag) = flag.filter(|flag| *flag != Flag::Normal) {
                return Ok(Total::Flagged(flag));
            }
        }
        let mark = |name: &str| {
            if name == BONUS && !self.bonus.is_unset() {
                return Some(bonus);
            }
            marks
                .get(name)
                .map(|mark| mark.number().unwrap_or(Decimal::ZERO))
        };
        let value = formula.value(&mark)?;
        value
            .round(self.digits, self.rounding)
            .map(Total::Score)
            .ok_or(EvalError::Arithmetic)
    }

    /// Whether the candidate reaches every line; `None` when the exam has set none yet.
    pub fn passed(&self, marks: &BTreeMap<String, Mark>, total: Total) -> Option<bool> {
        if self.subject_lines.is_empty() && self.total_line.is_none() {
            return None;
        }
        let subjects = self.subject_lines.iter().all(|(name, line)| {
            marks
                .get(name)
                .and_then(|mark| mark.number())
                .is_some_and(|mark| mark >= *line)
        });
        let sum = match (self.total_line, total) {
            (None, _) => true,
            (Some(line), Total::Score(total)) => total >= line,
            (Some(_), _) => false,
        };
        Some(subjects && sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::bonus::BonusSource;

    fn marks(pairs: &[(&str, Mark)]) -> BTreeMap<String, Mark> {
        pairs
            .iter()
            .map(|(name, mark)| ((*name).to_owned(), *mark))
            .collect()
    }

    fn n(text: &str) -> Mark {
        Mark::Normal(text.parse().unwrap())
    }

    fn rules() -> ScoreRules {
        ScoreRules {
            formula: Some("(职测+综应)/3".parse().unwrap()),
            ..ScoreRules::default()
        }
    }

    #[test]
    fn an_absence_takes_the_total_away_and_a_zero_does_not() {
        let absent = marks(&[("职测", Mark::Absent), ("综应", n("90"))]);
        let zero = marks(&[("职测", n("0")), ("综应", n("90"))]);
        assert_eq!(
            rules().total(&absent).unwrap(),
            Total::Flagged(Flag::Absent)
        );
        assert_eq!(
            rules().total(&zero).unwrap(),
            Total::Score("30.00".parse().unwrap())
        );
        let lenient = ScoreRules {
            on_flag: FlagRule::AsZero,
            ..rules()
        };
        assert_eq!(
            lenient.total(&absent).unwrap(),
            Total::Score("30".parse().unwrap())
        );
    }

    #[test]
    fn the_gravest_flag_stands_for_the_total() {
        let both = marks(&[("职测", Mark::Absent), ("综应", Mark::Violation)]);
        assert_eq!(
            rules().total(&both).unwrap(),
            Total::Flagged(Flag::Violation)
        );
    }

    #[test]
    fn a_missing_mark_is_not_an_absence() {
        let one = marks(&[("职测", n("90"))]);
        assert_eq!(rules().total(&one), Err(EvalError::Missing("综应".into())));
    }

    #[test]
    fn lines_hold_per_subject_and_for_the_total() {
        let mut rules = rules();
        let good = marks(&[("职测", n("90")), ("综应", n("90"))]);
        let total = rules.total(&good).unwrap();
        assert_eq!(rules.passed(&good, total), None);
        rules.total_line = Some("60".parse().unwrap());
        assert_eq!(rules.passed(&good, total), Some(true));
        rules
            .subject_lines
            .insert("综应".into(), "90.01".parse().unwrap());
        assert_eq!(rules.passed(&good, total), Some(false));
        let absent = marks(&[("职测", Mark::Absent), ("综应", n("150"))]);
        assert_eq!(
            rules.passed(&absent, rules.total(&absent).unwrap()),
            Some(false)
        );
    }

    #[test]
    fn a_rule_over_a_foreign_subject_is_a_problem() {
        let rules = ScoreRules {
            tie_break: vec!["申论".into()],
            ..rules()
        };
        assert_eq!(
            rules.problems(&["职测", "综应"]),
            ["成绩规则用到的科目“申论”不在本考试的科目中"]
        );
        assert!(rules.problems(&["职测", "综应", "申论"]).is_empty());
    }

    #[test]
    fn the_bonus_is_a_name_of_the_formula() {
        let bonus = BonusRules {
            cap: Some("5".parse().unwrap()),
            source: BonusSource::File,
            ..BonusRules::default()
        };
        let mut rules = ScoreRules { bonus, ..rules() };
        let both = ["职测", "综应"];
        rules.formula = Some("(职测+综应)/3+加分".parse().unwrap());
        assert!(rules.problems(&both).is_empty());
        assert_eq!(rules.problems(&["职测", "综应", "加分"]).len(), 1);
        let points = "2.5".parse().unwrap();
        let zero = marks(&[("职测", n("0")), ("综应", n("90"))]);
        assert_eq!(
            rules.total_with(&zero, points).unwrap(),
            Total::Score("32.5".parse().unwrap())
        );
        assert_eq!(
            rules.total(&zero).unwrap(),
            Total::Score("30".parse().unwrap())
        );
        let absent = marks(&[("职测", Mark::Absent), ("综应", n("90"))]);
        assert_eq!(
            rules.total_with(&absent, points).unwrap(),
            Total::Flagged(Flag::Absent)
        );
        rules.bonus = BonusRules::default();
        assert_eq!(
            rules.problems(&both),
            ["总成绩公式用到“加分”，但没有设置加分项"]
        );
    }

    #[test]
    fn an_exam_with_a_subject_called_like_the_bonus_keeps_its_meaning() {
        let rules = ScoreRules {
            formula: Some("职测+加分".parse().unwrap()),
            ..ScoreRules::default()
        };
        assert!(rules.problems(&["职测", "加分"]).is_empty());
        let both = marks(&[("职测", n("60")), ("加分", n("3"))]);
        assert_eq!(
            rules.total(&both).unwrap(),
            Total::Score("63".parse().unwrap())
        );
    }

    #[test]
    fn rules_of_before_keep_their_bytes() {
        let json = serde_json::to_string(&ScoreRules::default()).unwrap();
        assert!(!json.contains("bonus") && !json.contains("parts"), "{json}");
        assert_eq!(
            serde_json::from_str::<ScoreRules>(&json).unwrap(),
            ScoreRules::default()
        );
        let set = ScoreRules {
            parts_shown: true,
            bonus: BonusRules {
                source: BonusSource::File,
                ..BonusRules::default()
            },
            ..ScoreRules::default()
        };
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<ScoreRules>(&json).unwrap(), set);
    }
}
