//! What an exam asks of the two checks, and whom that keeps from applying.

use serde::{Deserialize, Serialize};

use super::{CheckKind, CheckSeen, Verdict};
use crate::coded::coded;

coded! {
    /// What an exam asks of a check.
    pub enum Demand {
        /// Nothing.
        Off = "off", "不要求";
        /// That nothing speaks against it: who has no answer yet, or none to be had, is looked at by the reviewer.
        Asked = "asked", "要求，未核验也可报名";
        /// A match, before one applies.
        Needed = "needed", "核验通过才能报名";
    }
}

/// What an exam asks of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckRules {
    /// 实名核验.
    pub identity: Demand,
    /// 学历核验.
    pub education: Demand,
}

impl Default for CheckRules {
    fn default() -> Self {
        Self {
            identity: Demand::Off,
            education: Demand::Off,
        }
    }
}

impl CheckRules {
    /// Whether it asks for nothing.
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// What it asks of one check.
    pub const fn of(&self, kind: CheckKind) -> Demand {
        match kind {
            CheckKind::Identity => self.identity,
            CheckKind::Education => self.education,
        }
    }

    /// The first check that keeps somebody with these answers from applying.
    pub fn barrier(&self, seen: &[CheckSeen]) -> Option<Barrier> {
        CheckKind::ALL.iter().copied().find_map(|kind| {
            let verdict = seen
                .iter()
                .find(|one| one.kind == kind)
                .and_then(|one| one.verdict);
            let why = match (self.of(kind), verdict) {
                (Demand::Off, _) | (_, Some(Verdict::Match)) => return None,
                (_, Some(Verdict::Mismatch)) => Why::Mismatch,
                (Demand::Asked, _) => return None,
                (Demand::Needed, Some(Verdict::Unknown)) => Why::Unknown,
                (Demand::Needed, None) => Why::Waiting,
            };
            Some(Barrier { kind, why })
        })
    }
}

/// What keeps somebody from applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Barrier {
    /// Which check.
    pub kind: CheckKind,
    /// Why.
    pub why: Why,
}

/// Why a check keeps somebody from applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The authority says that it isn't so.
    Mismatch,
    /// It can't tell, and the exam wants a match.
    Unknown,
    /// There is no answer yet, and the exam wants a match.
    Waiting,
}

impl Barrier {
    /// What codes in addresses and tests call it.
    pub const fn code(self) -> &'static str {
        match (self.kind, self.why) {
            (CheckKind::Identity, Why::Mismatch) => "identity_mismatch",
            (CheckKind::Identity, Why::Unknown) => "identity_unknown",
            (CheckKind::Identity, Why::Waiting) => "identity_waiting",
            (CheckKind::Education, Why::Mismatch) => "education_mismatch",
            (CheckKind::Education, Why::Unknown) => "education_unknown",
            (CheckKind::Education, Why::Waiting) => "education_waiting",
        }
    }

    /// A heading.
    pub const fn title(self) -> &'static str {
        match (self.kind, self.why) {
            (CheckKind::Identity, Why::Mismatch) => "实名核验不一致",
            (CheckKind::Identity, Why::Unknown) => "实名无法核验",
            (CheckKind::Identity, Why::Waiting) => "实名核验还没有结果",
            (CheckKind::Education, Why::Mismatch) => "学历核验不一致",
            (CheckKind::Education, Why::Unknown) => "学历无法核验",
            (CheckKind::Education, Why::Waiting) => "学历核验还没有结果",
        }
    }

    /// What can be done now.
    pub const fn text(self) -> &'static str {
        match (self.kind, self.why) {
            (CheckKind::Identity, Why::Mismatch) => {
                "您的姓名和证件号码与权威部门的登记不一致。填错了的，在“个人信息修改”里申请更正；没有填错的，请持本人证件到考试机构，由工作人员核对原件后认定。您填的内容已保留。"
            }
            (CheckKind::Education, Why::Mismatch) => {
                "您填的学历与权威部门的登记不一致。请对照毕业证书，在“个人信息修改”里改正学历后重新核验；没有填错的，请持毕业证书和本人证件到考试机构，由工作人员核对原件后认定。您填的内容已保留。"
            }
            (CheckKind::Identity, Why::Unknown) => {
                "本考试要求实名核验通过后才能报名，但没有查到可以核验的登记。请持本人证件到考试机构，由工作人员核对原件后认定。您填的内容已保留。"
            }
            (CheckKind::Education, Why::Unknown) => {
                "本考试要求学历核验通过后才能报名，但没有查到可以核验的登记。请持毕业证书和本人证件到考试机构，由工作人员核对原件后认定。您填的内容已保留。"
            }
            (CheckKind::Identity, Why::Waiting) => {
                "本考试要求实名核验通过后才能报名。核验还在办理，有结果后在“个人信息修改”里能看到，请稍后再来。您填的内容已保留。"
            }
            (CheckKind::Education, Why::Waiting) => {
                "本考试要求学历核验通过后才能报名。核验还在办理，有结果后在“个人信息修改”里能看到，请稍后再来。您填的内容已保留。"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: CheckKind, verdict: Option<Verdict>) -> CheckSeen {
        CheckSeen {
            kind,
            demand: Demand::Off,
            verdict,
            unknown: None,
            source: String::new(),
            at: 0,
        }
    }

    #[test]
    fn every_demand_meets_every_answer() {
        use Demand::{Asked, Needed, Off};
        use Verdict::{Match, Mismatch, Unknown};
        let table = [
            (Off, None, None),
            (Off, Some(Match), None),
            (Off, Some(Mismatch), None),
            (Off, Some(Unknown), None),
            (Asked, None, None),
            (Asked, Some(Match), None),
            (Asked, Some(Mismatch), Some(Why::Mismatch)),
            (Asked, Some(Unknown), None),
            (Needed, None, Some(Why::Waiting)),
            (Needed, Some(Match), None),
            (Needed, Some(Mismatch), Some(Why::Mismatch)),
            (Needed, Some(Unknown), Some(Why::Unknown)),
        ];
        for kind in CheckKind::ALL.iter().copied() {
            for (demand, verdict, why) in table {
                let mut rules = CheckRules::default();
                match kind {
                    CheckKind::Identity => rules.identity = demand,
                    CheckKind::Education => rules.education = demand,
                }
                let found = rules.barrier(&[seen(kind, verdict)]);
                assert_eq!(found.map(|one| one.why), why, "{demand:?} {verdict:?}");
                assert!(found.is_none_or(|one| one.kind == kind));
                // Nothing known at all is no answer yet.
                if verdict.is_none() {
                    assert_eq!(rules.barrier(&[]).map(|one| one.why), why);
                }
            }
        }
    }

    #[test]
    fn every_barrier_has_a_code_of_its_own_and_says_what_to_do() {
        let mut codes = Vec::new();
        for kind in CheckKind::ALL.iter().copied() {
            for why in [Why::Mismatch, Why::Unknown, Why::Waiting] {
                let one = Barrier { kind, why };
                assert!(one.text().contains('请') && one.text().contains("已保留"));
                codes.push(one.code());
            }
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 6);
    }
}
