//! 级别与老考生: how the subjects of each level are taken, how long passes count, what is done with returning candidates.

use domain::exam::levels::LONGEST;
use domain::exam::{LevelRule, LevelRules, OnMismatch, TakeMode};
use domain::field::FieldErrors;
use domain::sheet::squeezed;
use serde::Deserialize;

use super::{Changing, Draft};
use crate::exam::Exam;

/// The rules as typed: a level is the same place of every list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LevelsDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// Names of the levels.
    pub level: Vec<String>,
    /// A [`TakeMode`]'s code.
    pub mode: Vec<String>,
    /// Exam years, 0 for good.
    pub valid_years: Vec<String>,
    /// Conditions of a claim, one a line.
    pub conditions: Vec<String>,
    /// Name of the evidence.
    pub proof: Vec<String>,
    /// An [`OnMismatch`]'s code.
    pub mismatch: String,
    /// Whether a returning candidate is approved without a person.
    pub auto_returning: bool,
}

/// More levels than any exam has.
const MOST: usize = 40;

impl LevelsDraft {
    /// How many levels there are.
    pub fn rows(&self) -> usize {
        self.level.len().min(MOST)
    }

    /// A cell; empty where nothing was sent.
    pub fn cell<'a>(&'a self, column: &str, row: &usize) -> &'a str {
        let list = match column {
            "level" => &self.level,
            "mode" => &self.mode,
            "valid_years" => &self.valid_years,
            "conditions" => &self.conditions,
            _ => &self.proof,
        };
        list.get(*row).map_or("", String::as_str)
    }

    /// Adds the levels of the subject table that have no rule yet.
    #[must_use]
    pub fn with(mut self, levels: &[&str]) -> Self {
        for level in levels {
            if !self.level.iter().any(|one| one == level) {
                self.push(&LevelRule::unset(level));
            }
        }
        self
    }

    fn push(&mut self, rule: &LevelRule) {
        self.level.push(rule.level.clone());
        self.mode.push(rule.mode.code().to_owned());
        self.valid_years.push(rule.valid_years.to_string());
        self.conditions.push(rule.conditions.join("\n"));
        self.proof.push(rule.proof.clone());
    }

    fn rule(&self, row: usize, errors: &mut FieldErrors) -> Option<LevelRule> {
        let cell = |column| self.cell(column, &row);
        let level = squeezed(cell("level"));
        if level.is_empty() {
            return None;
        }
        let field = format!("level{row}");
        let mut refuse = |what: &str| errors.add(&field, format!("{level}：{what}"));
        let mode = TakeMode::from_code(cell("mode"));
        if mode.is_none() {
            refuse("请选择报考方式");
        }
        let years = squeezed(cell("valid_years")).parse::<u32>().ok();
        let years = years.filter(|years| *years <= LONGEST);
        if years.is_none() {
            refuse("成绩有效期应为 0 到 20 的整数，0 为长期有效");
        }
        let mut conditions: Vec<String> = Vec::new();
        for line in cell("conditions").lines().map(domain::sheet::plain) {
            if !line.is_empty() && !conditions.contains(&line) {
                conditions.push(line);
            }
        }
        if conditions.len() > 12 || conditions.iter().any(|one| one.chars().count() > 60) {
            refuse("条件最多 12 项，每项最多 60 个字");
        }
        let proof = domain::text::line(cell("proof"));
        if proof.chars().count() > 30 {
            refuse("证明材料的名称最多 30 个字");
        }
        Some(LevelRule {
            mode: mode?,
            valid_years: years?,
            conditions,
            proof,
            level,
        })
    }
}

impl Draft for LevelsDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let rules = &exam.settings.levels;
        let mut draft = Self {
            version: exam.row.version,
            mismatch: rules.mismatch.code().to_owned(),
            auto_returning: exam.settings.review.auto_returning,
            ..Self::default()
        };
        for rule in &rules.levels {
            draft.push(rule);
        }
        draft
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut levels: Vec<LevelRule> = Vec::new();
        for row in 0..self.rows() {
            if let Some(rule) = self.rule(row, &mut errors)
                && !levels.iter().any(|one| one.level == rule.level)
            {
                levels.push(rule);
            }
        }
        let mismatch = OnMismatch::from_code(&self.mismatch);
        if mismatch.is_none() {
            errors.add("mismatch", "请选择与档案不一致时的处理");
        }
        errors.into_result()?;
        exam.settings.levels = LevelRules {
            levels,
            mismatch: mismatch.unwrap_or(OnMismatch::Refuse),
        };
        exam.settings.review.auto_returning = self.auto_returning;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::exam::{ExamCategory, ExamSettings};

    use super::*;

    fn typed(mode: &str, years: &str, conditions: &str) -> Result<LevelRules, FieldErrors> {
        let draft = LevelsDraft {
            level: vec![" 免一科 ".into()],
            mode: vec![mode.into()],
            valid_years: vec![years.into()],
            conditions: vec![conditions.into()],
            proof: vec!["学位证书".into()],
            mismatch: "manual".into(),
            ..LevelsDraft::default()
        };
        let mut exam = Changing {
            title: String::new(),
            category: ExamCategory::ProfessionalQualification,
            settings: ExamSettings::default(),
            version: 1,
        };
        draft.apply(&mut exam).map(|()| exam.settings.levels)
    }

    #[test]
    fn what_is_typed_becomes_a_rule_or_a_problem_at_its_level() {
        let rules = typed(
            "exempt",
            "２",
            "取得学士学位\n\n 取得学士学位 \n取得高级职称",
        )
        .unwrap();
        let rule = &rules.levels[0];
        assert_eq!(
            (rule.level.as_str(), rule.mode, rule.valid_years),
            ("免一科", TakeMode::Exempt, 2)
        );
        assert_eq!(rule.conditions, ["取得学士学位", "取得高级职称"]);
        assert_eq!(rules.mismatch, OnMismatch::Manual);
        for (mode, years) in [("", "2"), ("all", "21"), ("all", "两年"), ("all", "")] {
            let errors = typed(mode, years, "").unwrap_err();
            assert!(errors.get("level0").is_some(), "{mode} {years}");
        }
    }
}
