//! 加分: for what, how many points, how several add up, and the most that counts.
//!
//! Source: reference `domain.md` §9 (application, evidence, approval, publicity, cap). A granted claim becomes points; the points
//! are the value of the name 加分 in the exam's formula, so that the exam says whether they come before or after the weights.

use serde::{Deserialize, Serialize};

use super::decimal::{Decimal, Ratio, Rounding};
use crate::coded::coded;
use crate::exam::windows::{Phase, Windows};
use crate::sheet::squeezed;
use crate::window::Window;

/// The name that stands for the bonus in a formula.
pub const BONUS: &str = "加分";
/// Files that a claim may carry.
pub const MOST_FILES: usize = 5;
/// Kinds of an exam.
const MOST_KINDS: usize = 20;

coded! {
    /// What somebody gets to whom several bonuses were granted.
    pub enum Stacking {
        /// The highest one.
        Highest = "highest", "取最高一项";
        /// All of them.
        Sum = "sum", "累计";
    }
}

coded! {
    /// Where bonuses come from.
    pub enum BonusSource {
        /// Candidates ask for them here, with evidence.
        Claims = "claims", "网上申请";
        /// Somebody else grants them; the score file has a column.
        File = "file", "成绩表";
    }
}

/// What gives a bonus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BonusKind {
    /// 少数民族考生.
    pub name: String,
    /// Points.
    pub points: Decimal,
    /// What has to be shown, in words; empty for what the announcement says.
    #[serde(default)]
    pub proof: String,
}

impl BonusKind {
    /// As officers write it, one a line: `退役士兵 = 5 | 退出现役证`.
    pub fn line(&self) -> String {
        let Self {
            name,
            points,
            proof,
        } = self;
        if proof.is_empty() {
            format!("{name} = {points}")
        } else {
            format!("{name} = {points} | {proof}")
        }
    }

    /// Reads such a line, with full-width signs too; `None` if it isn't one.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, rest) = line.split_once(['=', '＝'])?;
        let (points, proof) = rest.split_once(['|', '｜']).unwrap_or((rest, ""));
        let points = points.trim().trim_end_matches('分').trim_end();
        let name = squeezed(name);
        (!name.is_empty()).then_some(Self {
            name,
            points: points.parse().ok()?,
            proof: proof.trim().to_owned(),
        })
    }
}

/// The bonuses of an exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BonusRules {
    /// For what; empty where the score file says how many points.
    pub kinds: Vec<BonusKind>,
    /// The most that anybody gets.
    pub cap: Option<Decimal>,
    /// How several add up.
    pub stacking: Stacking,
    /// Where they come from.
    pub source: BonusSource,
    /// When claims are taken; while the registration is open if empty.
    pub window: Option<Window>,
}

impl Default for BonusRules {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            cap: None,
            stacking: Stacking::Highest,
            source: BonusSource::Claims,
            window: None,
        }
    }
}

impl BonusRules {
    /// Whether the exam gives none: what most exams store.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// The kind of this name.
    pub fn kind(&self, name: &str) -> Option<&BonusKind> {
        self.kinds.iter().find(|one| one.name == name)
    }

    /// What somebody gets to whom these were granted: added up as the exam says, and not more than the cap. `None` when the sum can't
    /// be kept.
    pub fn points(&self, granted: &[Decimal]) -> Option<Decimal> {
        let sum = match self.stacking {
            Stacking::Highest => granted.iter().copied().max().unwrap_or(Decimal::ZERO),
            Stacking::Sum => {
                let digits = granted.iter().map(|one| one.scale()).max().unwrap_or(0);
                granted
                    .iter()
                    .try_fold(Ratio::ZERO, |sum, one| sum.plus(one.ratio()))?
                    .round(digits, Rounding::Truncate)?
            }
        };
        Some(self.cap.map_or(sum, |cap| sum.min(cap)))
    }

    /// When claims are taken: `None` if they never are.
    pub fn claimed_in(&self, windows: &Windows) -> Option<Window> {
        if self.kinds.is_empty() || self.source == BonusSource::File {
            return None;
        }
        self.window.or_else(|| windows.get(Phase::Registration))
    }

    /// Problems in the settings, in plain Chinese.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.is_unset() {
            return problems;
        }
        if self.kinds.is_empty() && self.source == BonusSource::Claims {
            problems.push("设置了加分，但没有加分项".to_owned());
        }
        if self.kinds.len() > MOST_KINDS {
            problems.push(format!("加分项最多 {MOST_KINDS} 个"));
        }
        let above_zero = |points: Decimal| !points.is_zero() && !points.is_negative();
        match self.cap {
            Some(cap) if !above_zero(cap) => problems.push("加分上限应大于 0".to_owned()),
            None if self.source == BonusSource::File => {
                problems.push("加分取自成绩表的，请填写加分上限".to_owned());
            }
            _ => {}
        }
        for (at, one) in self.kinds.iter().enumerate() {
            let name = &one.name;
            if !(2..=30).contains(&name.chars().count()) {
                problems.push(format!("加分项“{name}”应为 2 至 30 个字"));
            }
            if one.proof.chars().count() > 100 {
                problems.push(format!("加分项“{name}”的证明材料最多写 100 个字"));
            }
            if !above_zero(one.points) {
                problems.push(format!("加分项“{name}”的分值应大于 0"));
            } else if self.cap.is_some_and(|cap| one.points > cap) {
                problems.push(format!("加分项“{name}”的分值超过加分上限"));
            }
            if self
                .kinds
                .iter()
                .take(at)
                .any(|other| other.name == one.name)
            {
                problems.push(format!("加分项“{name}”重复"));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn rules(stacking: Stacking, cap: Option<&str>) -> BonusRules {
        BonusRules {
            kinds: vec![BonusKind {
                name: "退役士兵".into(),
                points: d("5"),
                proof: "退出现役证".into(),
            }],
            cap: cap.map(d),
            stacking,
            ..BonusRules::default()
        }
    }

    #[test]
    fn several_bonuses_add_up_as_the_exam_says_and_stop_at_the_cap() {
        for (stacking, cap, granted, points) in [
            (Stacking::Highest, None, &["3", "5", "2.5"][..], "5"),
            (Stacking::Sum, None, &["3", "5", "2.5"], "10.5"),
            (Stacking::Sum, Some("8"), &["3", "5", "2.5"], "8"),
            (Stacking::Sum, Some("8"), &["3"], "3"),
            (Stacking::Highest, Some("4"), &["3", "5"], "4"),
            (Stacking::Sum, Some("8"), &[], "0"),
        ] {
            let granted: Vec<Decimal> = granted.iter().map(|text| d(text)).collect();
            let found = rules(stacking, cap).points(&granted).unwrap();
            assert_eq!(
                found.to_string(),
                points,
                "{stacking:?} {cap:?} {granted:?}"
            );
        }
        let large = Decimal::whole(i64::MAX);
        assert_eq!(rules(Stacking::Sum, None).points(&[large, large]), None);
    }

    #[test]
    fn a_kind_is_read_as_it_is_written() {
        for (line, expected) in [
            ("退役士兵 = 5 | 退出现役证", Some(("5", "退出现役证"))),
            ("退役士兵＝2.5分｜退出现役证", Some(("2.5", "退出现役证"))),
            ("退役士兵=5", Some(("5", ""))),
            ("退役士兵 5", None),
            ("退役士兵 = 五", None),
            (" = 5", None),
        ] {
            let kind = BonusKind::parse(line);
            let found = kind
                .as_ref()
                .map(|kind| (kind.points.to_string(), kind.proof.as_str()));
            assert_eq!(
                found,
                expected.map(|(points, proof)| (points.to_owned(), proof)),
                "{line}"
            );
            if let Some(kind) = kind {
                assert_eq!(BonusKind::parse(&kind.line()), Some(kind));
            }
        }
    }

    #[test]
    fn impossible_bonuses_are_named() {
        assert!(BonusRules::default().problems().is_empty());
        assert!(rules(Stacking::Sum, Some("5")).problems().is_empty());
        for (rules, word) in [
            (rules(Stacking::Sum, Some("4")), "超过加分上限"),
            (rules(Stacking::Sum, Some("0")), "加分上限应大于 0"),
            (
                BonusRules {
                    source: BonusSource::File,
                    ..BonusRules::default()
                },
                "请填写加分上限",
            ),
            (
                BonusRules {
                    cap: Some(d("5")),
                    ..BonusRules::default()
                },
                "没有加分项",
            ),
            (
                BonusRules {
                    kinds: [
                        rules(Stacking::Sum, None).kinds,
                        rules(Stacking::Sum, None).kinds,
                    ]
                    .concat(),
                    ..BonusRules::default()
                },
                "重复",
            ),
        ] {
            let problems = rules.problems();
            assert!(
                problems.iter().any(|one| one.contains(word)),
                "{word}: {problems:?}"
            );
        }
    }

    #[test]
    fn claims_are_taken_in_their_window_or_with_the_registration() {
        let at = |second| crate::time::Timestamp::from_seconds(second);
        let registration = Window::new(at(0), at(10)).ok();
        let windows = Windows {
            registration,
            ..Windows::default()
        };
        let mut rules = rules(Stacking::Sum, None);
        assert_eq!(rules.claimed_in(&windows), registration);
        rules.window = Window::new(at(5), at(15)).ok();
        assert_eq!(rules.claimed_in(&windows), rules.window);
        rules.source = BonusSource::File;
        assert_eq!(rules.claimed_in(&windows), None);
        assert_eq!(BonusRules::default().claimed_in(&windows), None);
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_the_cap_or_less_than_his_best(
            granted in prop::collection::vec((1i64..2_000, 0u8..3), 1..6), cap in 1i64..3_000, sum in any::<bool>()
        ) {
            let granted: Vec<Decimal> = granted.into_iter().map(|(units, scale)| Decimal::new(units, scale).unwrap()).collect();
            let cap = Decimal::new(cap, 2).unwrap();
            let rules = BonusRules {
                cap: Some(cap),
                stacking: if sum { Stacking::Sum } else { Stacking::Highest },
                ..BonusRules::default()
            };
            let points = rules.points(&granted).unwrap();
            prop_assert!(points <= cap);
            prop_assert!(points >= *granted.iter().max().min(Some(&cap)).unwrap());
        }
    }
}
