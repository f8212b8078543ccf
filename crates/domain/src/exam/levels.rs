//! How the subjects of a level are taken (考全科、免试部分科目、增报专业、自选科目), and how long a pass is carried over.
//!
//! Settings of the exam, by the name of the level in its subject table. Source: reference `domain.md` §3: a level is an exemption
//! status; rolling validity is per level (一级消防 all three subjects within 3 consecutive exam years, exempt-one within 2; others
//! 1, 2 or 4).

use serde::{Deserialize, Serialize};

use super::asked::{AskedOf, SeenBy};
use super::professional::ProfessionalTable;
use super::question::{Question, QuestionKind};
use crate::coded::coded;

coded! {
    /// How the subjects of a level are taken.
    pub enum TakeMode {
        /// Any of them.
        Free = "free", "自选科目";
        /// All that aren't passed yet.
        All = "all", "考全科";
        /// All of a shorter list, for who meets a condition (免试部分科目).
        Exempt = "exempt", "免试部分科目";
        /// Another specialty, for who holds the certificate of one.
        Extra = "extra", "增报专业";
    }
}

impl TakeMode {
    /// Whether everything that is left is taken together.
    pub const fn takes_all(self) -> bool {
        !matches!(self, Self::Free)
    }

    /// Whether who isn't in the carried-over file must show that he may take it.
    pub const fn needs_claim(self) -> bool {
        matches!(self, Self::Exempt | Self::Extra)
    }
}

coded! {
    /// What becomes of somebody who claims passes that the carried-over file doesn't have.
    pub enum OnMismatch {
        /// He is refused.
        Refuse = "refuse", "不能保存";
        /// A reviewer looks.
        Manual = "manual", "转人工审核";
    }
}

/// Exam years that a pass may count at most.
pub const LONGEST: u32 = 20;
/// Key of the question for the condition of a claim. Officers can't use it themselves.
pub const CLAIM_KEY: &str = "claim_condition";
/// Key of the question for its evidence.
pub const PROOF_KEY: &str = "claim_proof";

/// The rule of one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelRule {
    /// The level, as in the subject table.
    pub level: String,
    /// How its subjects are taken.
    pub mode: TakeMode,
    /// Consecutive exam years in which all subjects must be passed, that of the first pass counted; 0: a pass never runs out.
    pub valid_years: u32,
    /// Conditions, one of which a claim must name.
    #[serde(default)]
    pub conditions: Vec<String>,
    /// What proves it, as the name of an upload; empty: nothing is uploaded.
    #[serde(default)]
    pub proof: String,
}

impl LevelRule {
    /// What holds for a level without a rule: subjects are free to choose, passes aren't carried over.
    pub fn unset(level: &str) -> Self {
        Self {
            level: level.to_owned(),
            mode: TakeMode::Free,
            valid_years: 1,
            conditions: Vec::new(),
            proof: String::new(),
        }
    }

    /// Whether a pass of `year` counts in the exam of `exam_year`.
    pub fn counts(&self, year: u32, exam_year: u32) -> bool {
        year <= exam_year && self.last_year(year).is_none_or(|last| exam_year <= last)
    }

    /// The last exam year in which a pass of `year` counts; `None`: it never runs out.
    pub fn last_year(&self, year: u32) -> Option<u32> {
        (self.valid_years > 0).then(|| year.saturating_add(self.valid_years - 1))
    }

    /// How long passes count, in words.
    pub fn validity(&self) -> String {
        match self.valid_years {
            0 => "合格成绩长期有效".to_owned(),
            1 => "须在一个考试年度内通过全部科目".to_owned(),
            years => format!("须在连续 {years} 个考试年度内通过全部科目"),
        }
    }

    /// The questions that a claim answers; none where nothing is claimed.
    pub fn questions(&self) -> Vec<Question> {
        if !self.mode.needs_claim() || self.conditions.is_empty() {
            return Vec::new();
        }
        let mut questions = vec![Question {
            key: CLAIM_KEY.to_owned(),
            label: format!("{}的条件", self.level),
            hint: "选择您符合的一项，由审核人员核对".to_owned(),
            required: true,
            kind: QuestionKind::Choice {
                options: self.conditions.clone(),
                many: false,
                most: 0,
            },
            asked_of: AskedOf::default(),
            seen_by: SeenBy::All,
        }];
        if !self.proof.is_empty() {
            questions.push(Question {
                key: PROOF_KEY.to_owned(),
                label: self.proof.clone(),
                hint: "须清晰、完整".to_owned(),
                required: true,
                kind: QuestionKind::File {
                    types: ["application/pdf", "image/jpeg", "image/png"]
                        .map(str::to_owned)
                        .to_vec(),
                    max_kb: 4_096,
                    max_files: 3,
                },
                asked_of: AskedOf::default(),
                seen_by: SeenBy::All,
            });
        }
        questions
    }
}

/// The level rules of an exam, and what is done with those who aren't found as they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LevelRules {
    /// A rule for each level; a level without one is free to choose.
    pub levels: Vec<LevelRule>,
    /// When the file contradicts a claim.
    pub mismatch: OnMismatch,
}

impl Default for LevelRules {
    fn default() -> Self {
        Self {
            levels: Vec::new(),
            mismatch: OnMismatch::Refuse,
        }
    }
}

impl LevelRules {
    /// The rule of a level.
    pub fn of(&self, level: &str) -> LevelRule {
        self.levels
            .iter()
            .find(|rule| rule.level == level)
            .cloned()
            .unwrap_or_else(|| LevelRule::unset(level))
    }

    /// Whether the exam takes over anything from earlier years.
    pub fn carry(&self) -> bool {
        self.levels.iter().any(|rule| rule.valid_years != 1)
    }

    /// Whether nothing is set: what exams without levels store.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// Everything that forbids publication, in plain Chinese, each naming the level.
    pub fn problems(&self, table: &ProfessionalTable) -> Vec<String> {
        let mut problems = Vec::new();
        for rule in &self.levels {
            let level = &rule.level;
            if !table.levels().contains(&level.as_str()) {
                problems.push(format!("级别“{level}”有规则，但科目表里没有它的科目"));
                continue;
            }
            if rule.mode.needs_claim() && rule.conditions.is_empty() {
                problems.push(format!("级别“{level}”为{}，请填写条件", rule.mode.label()));
            }
            if rule.mode.takes_all() {
                problems.extend(clashes(table, level));
            }
        }
        problems
    }
}

/// Subjects that must be taken together and can't be.
fn clashes(table: &ProfessionalTable, level: &str) -> Vec<String> {
    let mut found = Vec::new();
    for specialty in table.specialties(level) {
        let subjects = table.subjects_of(level, specialty);
        for (index, one) in subjects.iter().enumerate() {
            if let Some(other) = subjects
                .iter()
                .skip(index + 1)
                .find(|other| one.overlaps(other))
            {
                found.push(format!(
                    "级别“{level}”须报考全部科目，但“{}”和“{}”的考试时间冲突",
                    one.name, other.name
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(mode: TakeMode, valid_years: u32) -> LevelRule {
        LevelRule {
            mode,
            valid_years,
            ..LevelRule::unset("级")
        }
    }

    #[test]
    fn a_pass_counts_as_many_exam_years_as_the_level_says() {
        // 一级消防: all within 3 years, exempt-one within 2; 1 year: nothing is carried over; 0: for good.
        for (valid, year, exam, counts) in [
            (3, 2024, 2026, true),
            (3, 2023, 2026, false),
            (2, 2025, 2026, true),
            (2, 2024, 2026, false),
            (4, 2023, 2026, true),
            (4, 2022, 2026, false),
            (1, 2026, 2026, true),
            (1, 2025, 2026, false),
            (0, 1999, 2026, true),
            // A pass of a year to come is no pass.
            (3, 2027, 2026, false),
            (0, 2027, 2026, false),
        ] {
            let rule = rule(TakeMode::All, valid);
            assert_eq!(rule.counts(year, exam), counts, "{valid} {year} {exam}");
        }
        assert_eq!(rule(TakeMode::All, 3).last_year(2024), Some(2026));
        assert_eq!(rule(TakeMode::All, 0).last_year(2024), None);
    }

    #[test]
    fn only_a_claim_is_asked_about() {
        let conditions = vec![
            "取得工学学士学位".to_owned(),
            "取得管理学学士学位".to_owned(),
        ];
        for (mode, proof, asked) in [
            (TakeMode::All, "证明", 0),
            (TakeMode::Free, "证明", 0),
            (TakeMode::Exempt, "", 1),
            (TakeMode::Exempt, "证明", 2),
            (TakeMode::Extra, "证书", 2),
        ] {
            let rule = LevelRule {
                conditions: conditions.clone(),
                proof: proof.to_owned(),
                ..rule(mode, 2)
            };
            assert_eq!(rule.questions().len(), asked, "{mode:?}");
        }
        assert!(rule(TakeMode::Exempt, 2).questions().is_empty());
    }

    proptest! {
        #[test]
        fn a_pass_that_counts_has_counted_every_year_since_and_stops_after_its_last(
            valid in 0u32..=LONGEST, year in 1990u32..2060, exam in 1990u32..2060,
        ) {
            let rule = rule(TakeMode::All, valid);
            if rule.counts(year, exam) {
                for between in year..=exam {
                    prop_assert!(rule.counts(year, between));
                }
            }
            if let Some(last) = rule.last_year(year) {
                prop_assert!(rule.counts(year, last));
                prop_assert!(!rule.counts(year, last + 1));
            }
        }
    }
}
