//! What an application was made under: kept with it, hashed, never changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::carried::Seen;
use super::question::Answer;
use crate::check::CheckSeen;
use crate::eligibility::Verdict;
use crate::payment::fee::FeeLine;

/// The choice of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Choice {
    /// A position.
    Position {
        /// Its code.
        code: String,
        /// Its name.
        name: String,
        /// Its employer.
        employer: String,
        /// Its department.
        department: String,
    },
    /// A level with specialty and subjects.
    Professional {
        /// Level with exemption status.
        level: String,
        /// Specialty.
        specialty: String,
        /// Codes of the subjects, in order.
        subjects: Vec<String>,
    },
    /// The exam itself: there is nothing to choose.
    Exam,
}

impl Choice {
    /// One line for lists: `市图书馆 · 数字资源管理（岗位代码 0317）`.
    pub fn text(&self) -> String {
        match self {
            Self::Position {
                code,
                name,
                employer,
                ..
            } => format!("{employer} · {name}（岗位代码 {code}）"),
            Self::Professional {
                level,
                specialty,
                subjects,
            } => {
                let parts: Vec<&str> = [level.as_str(), specialty]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect();
                format!("{}（{} 科）", parts.join(" · "), subjects.len())
            }
            Self::Exam => String::new(),
        }
    }

    /// The level of a professional exam.
    pub fn level(&self) -> Option<&str> {
        match self {
            Self::Professional { level, .. } => Some(level),
            Self::Position { .. } | Self::Exam => None,
        }
    }
}

/// The snapshot. `P` is the profile as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot<P> {
    /// Version of the exam's settings.
    pub settings_version: u32,
    /// Version of the agreement that was accepted.
    pub agreement_version: u32,
    /// Version of the catalogue of majors that the comparison used.
    pub major_catalogue: String,
    /// The choice.
    pub choice: Choice,
    /// The profile.
    pub profile: P,
    /// Public id of the photo; empty when the exam needs none.
    pub photo: String,
    /// Answers to the extra questions.
    pub answers: BTreeMap<String, Answer>,
    /// The comparison's verdict.
    pub verdict: Verdict,
    /// Its reasons, rule by rule.
    pub reasons: Vec<String>,
    /// The bill.
    pub fee: Vec<FeeLine>,
    /// What the carried-over file said of him (老考生); `None` for an exam that carries nothing over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Seen>,
    /// What was known of the checks that the exam asks for; empty for an exam that asks for none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckSeen>,
}

impl<P: Serialize> Snapshot<P> {
    /// The stored text and its SHA-256. What a reviewer approves is this text, and the hash in his decision proves it.
    pub fn sealed(&self) -> Result<(String, [u8; 32]), serde_json::Error> {
        let text = serde_json::to_string(self)?;
        let hash = Sha256::digest(text.as_bytes()).into();
        Ok((text, hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_change_changes_the_seal() {
        let one = Snapshot {
            settings_version: 1,
            agreement_version: 1,
            major_catalogue: crate::major::catalogue::VERSION.into(),
            choice: Choice::Position {
                code: "0317".into(),
                name: "数字资源管理".into(),
                employer: "市图书馆".into(),
                department: String::new(),
            },
            profile: "资料".to_owned(),
            photo: "p".into(),
            answers: BTreeMap::new(),
            verdict: Verdict::Pass,
            reasons: vec![],
            fee: vec![],
            carried: None,
            checks: vec![],
        };
        let (text, hash) = one.sealed().unwrap();
        assert_eq!(
            serde_json::from_str::<Snapshot<String>>(&text).unwrap(),
            one
        );
        let other = Snapshot {
            profile: "资科".to_owned(),
            ..one.clone()
        };
        assert_ne!(other.sealed().unwrap().1, hash);
        assert_eq!(one.sealed().unwrap().1, hash);
        assert_eq!(
            one.choice.text(),
            "市图书馆 · 数字资源管理（岗位代码 0317）"
        );
    }
}
