//! 专业技术资格: levels with exemption status, their specialties and subjects.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::money::Fen;
use crate::time::Timestamp;

/// A subject of a specialty at a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Level with exemption status (`考全科`, `免二科`, `增报专业`), or a grade (`初级`).
    pub level: String,
    /// Specialty; empty where the level has one.
    pub specialty: String,
    /// 科目代码.
    pub code: String,
    /// 科目.
    pub name: String,
    /// Session, from 1, numbered by starting time.
    pub session: u32,
    /// Start.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
    /// Fee of this subject.
    pub fee: Fen,
}

impl Subject {
    /// Whether nobody can sit both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

/// What a candidate chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct LevelChoice {
    /// Level.
    pub level: String,
    /// Specialty.
    pub specialty: String,
    /// Codes of the subjects.
    pub subjects: Vec<String>,
    /// Whether he says that he passed the others in earlier years, whatever the carried-over file has.
    #[serde(default)]
    pub claims_passes: bool,
}

/// Why a choice isn't possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// No such level and specialty.
    #[error("请选择级别和专业")]
    NoSuchLevel,
    /// Nothing chosen.
    #[error("请至少选择一个科目")]
    NoSubjects,
    /// A subject that the specialty doesn't have.
    #[error("所选专业没有科目“{0}”")]
    NoSuchSubject(String),
    /// A subject twice.
    #[error("科目“{0}”选了两次")]
    Twice(String),
    /// Two subjects at one time.
    #[error("“{0}”和“{1}”的考试时间冲突，请只选一科")]
    Clash(String, String),
    /// The level takes all its subjects together, or all that are left; those that were left out.
    #[error("{level}须报考{}，您还没有选：{}", if *.left { "未通过的全部科目" } else { "全部科目" }, .missing.join("、"))]
    AllRequired {
        /// The level.
        level: String,
        /// Whether some subjects are passed already.
        left: bool,
        /// Names of the subjects that were left out.
        missing: Vec<String>,
    },
    /// A subject whose pass still counts.
    #[error("“{0}”以前年度已合格，成绩仍在有效期内，不用再报考")]
    Passed(String),
    /// Every subject is passed.
    #[error("按档案您在这个级别和专业的科目已全部合格，不用再报考")]
    NothingLeft,
    /// The passes that count are of another level or specialty.
    #[error("按档案您应继续报考“{0}”，改报其他级别或专业的，原有合格成绩不能使用，请联系考试机构")]
    OtherLevel(String),
    /// The file doesn't have the passes that he claims.
    #[error(
        "档案里没有查到您未选科目的合格成绩。新考生报考{0}须报考全部科目；确有合格成绩的，请联系考试机构"
    )]
    NoSuchPasses(String),
    /// 增报专业 without a certificate in another specialty.
    #[error("{0}只面向已取得本考试其他专业资格证书的人员，档案里没有查到您的证书")]
    NoCertificate(String),
}

/// The subjects of an exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ProfessionalTable {
    /// In the order of the table.
    pub subjects: Vec<Subject>,
}

impl ProfessionalTable {
    /// Levels, in order, each once.
    pub fn levels(&self) -> Vec<&str> {
        distinct(self.subjects.iter().map(|subject| subject.level.as_str()))
    }

    /// Specialties of a level, in order, each once.
    pub fn specialties(&self, level: &str) -> Vec<&str> {
        distinct(
            self.subjects
                .iter()
                .filter(|one| one.level == level)
                .map(|one| one.specialty.as_str()),
        )
    }

    /// Subjects of a specialty at a level, in order.
    pub fn subjects_of(&self, level: &str, specialty: &str) -> Vec<&Subject> {
        self.subjects
            .iter()
            .filter(|one| one.level == level && one.specialty == specialty)
            .collect()
    }

    /// The subjects of a choice in the order of the table, as far as the table itself can say. Whether its level takes them like
    /// that, and of whom, is [`super::carried::judge`]'s question.
    pub fn choose(&self, choice: &LevelChoice) -> Result<Vec<&Subject>, ChoiceError> {
        let offered = self.subjects_of(&choice.level, &choice.specialty);
        if offered.is_empty() {
            return Err(ChoiceError::NoSuchLevel);
        }
        if choice.subjects.is_empty() {
            return Err(ChoiceError::NoSubjects);
        }
        let mut wanted = BTreeSet::new();
        for code in &choice.subjects {
            if !offered.iter().any(|subject| subject.code == *code) {
                return Err(ChoiceError::NoSuchSubject(code.clone()));
            }
            if !wanted.insert(code.as_str()) {
                return Err(ChoiceError::Twice(code.clone()));
            }
        }
        let chosen: Vec<&Subject> = offered
            .into_iter()
            .filter(|one| wanted.contains(one.code.as_str()))
            .collect();
        for (index, one) in chosen.iter().enumerate() {
            let clash = chosen
                .iter()
                .skip(index + 1)
                .find(|other| one.overlaps(other));
            if let Some(other) = clash {
                return Err(ChoiceError::Clash(one.name.clone(), other.name.clone()));
            }
        }
        Ok(chosen)
    }
}

fn distinct<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut out: Vec<&str> = Vec::new();
    for text in texts {
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(level: &str, code: &str, hours: (i64, i64)) -> Subject {
        let at = |hour: i64| Timestamp::from_micros(hour * 3_600_000_000);
        Subject {
            level: level.into(),
            specialty: "消防".into(),
            code: code.into(),
            name: format!("科目{code}"),
            session: 1,
            starts_at: at(hours.0),
            ends_at: at(hours.1),
            fee: Fen::new(6_000),
        }
    }

    fn table() -> ProfessionalTable {
        ProfessionalTable {
            subjects: vec![
                subject("考全科", "1", (9, 11)),
                subject("考全科", "2", (14, 16)),
                subject("考全科", "3", (15, 17)),
                subject("免二科", "3", (15, 17)),
            ],
        }
    }

    #[test]
    fn choices_are_checked_against_the_table() {
        let choose = |level: &str, subjects: &[&str]| {
            let choice = LevelChoice {
                level: level.into(),
                specialty: "消防".into(),
                subjects: subjects.iter().map(|code| (*code).to_owned()).collect(),
                claims_passes: false,
            };
            table().choose(&choice).map(|chosen| chosen.len())
        };
        assert_eq!(choose("考全科", &["2", "1"]), Ok(2));
        assert_eq!(choose("考全科", &[]), Err(ChoiceError::NoSubjects));
        assert_eq!(choose("高级", &["1"]), Err(ChoiceError::NoSuchLevel));
        assert_eq!(
            choose("免二科", &["1"]),
            Err(ChoiceError::NoSuchSubject("1".into()))
        );
        assert_eq!(
            choose("考全科", &["1", "1"]),
            Err(ChoiceError::Twice("1".into()))
        );
        assert_eq!(
            choose("考全科", &["2", "3"]),
            Err(ChoiceError::Clash("科目2".into(), "科目3".into()))
        );
    }

    #[test]
    fn levels_and_specialties_are_listed_once() {
        assert_eq!(table().levels(), ["考全科", "免二科"]);
        assert_eq!(table().specialties("考全科"), ["消防"]);
    }
}
