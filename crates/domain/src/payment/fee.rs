//! What an application costs: the exam's fee rule over the chosen subjects, minus a waiver.

use serde::{Deserialize, Serialize};

use super::nontax::NontaxRules;
use super::offline::OfflineRules;
use super::waiver::WaiverRules;
use crate::money::Fen;

/// How the exam fee is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FeeRule {
    /// No exam fee.
    Free,
    /// One sum, whatever is taken.
    Flat {
        /// The sum.
        amount: Fen,
    },
    /// A sum for each subject.
    PerSubject {
        /// The sum for one.
        amount: Fen,
    },
    /// Each subject has its own sum in the subject table.
    BySubject,
    /// A sum by the number of subjects taken (软考: 180 for two, 270 for three).
    PerCombination {
        /// Number of subjects and sum.
        prices: Vec<CombinationPrice>,
    },
}

/// The price of taking a number of subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CombinationPrice {
    /// How many subjects.
    pub subjects: u32,
    /// What they cost together.
    pub amount: Fen,
}

/// The fee settings of an exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeRules {
    /// The exam fee (考务费).
    pub rule: FeeRule,
    /// The registration fee (报名费) on top.
    #[serde(default)]
    pub registration: Fen,
    /// Whether waivers are taken.
    #[serde(default)]
    pub waivers: bool,
    /// Who may apply for one, and what he gets.
    #[serde(default)]
    pub waiver: WaiverRules,
    /// Money that comes outside of the channels.
    #[serde(default)]
    pub offline: OfflineRules,
    /// Codes of the fiscal office.
    #[serde(default)]
    pub nontax: NontaxRules,
}

impl Default for FeeRules {
    fn default() -> Self {
        Self {
            rule: FeeRule::Free,
            registration: Fen::ZERO,
            waivers: true,
            waiver: WaiverRules::usual(),
            offline: OfflineRules::default(),
            nontax: NontaxRules::default(),
        }
    }
}

/// A chosen subject and its own fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectFee {
    /// Name for the bill.
    pub name: String,
    /// Its fee in the subject table.
    pub fee: Fen,
}

/// One line of the bill, as the pay page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeLine {
    /// What it is for: `笔试考务费，2 科，每科 50.00 元`.
    pub label: String,
    /// The sum; a waiver's is negative.
    pub amount: Fen,
}

/// A granted waiver (减免).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Waiver {
    /// Nothing is to pay.
    Full,
    /// A share of the fee in percent.
    Percent {
        /// 1 to 100.
        percent: u8,
    },
    /// A fixed sum, at most the fee.
    Amount {
        /// The sum.
        amount: Fen,
    },
}

/// Why there is no fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FeeError {
    /// Nothing chosen where the fee counts subjects.
    #[error("请至少选择一个科目")]
    NoSubjects,
    /// The rule has no price for this number.
    #[error("收费标准中没有报考 {0} 科的价格，请联系考试机构")]
    NoPrice(u32),
    /// Beyond what a sum can hold.
    #[error("收费金额超出范围，请联系考试机构")]
    TooLarge,
}

impl FeeRules {
    /// Whether the exam takes money at all.
    pub fn is_free(&self) -> bool {
        self.rule == FeeRule::Free && self.registration == Fen::ZERO
    }

    /// Whether somebody may apply for a waiver at all: there is something to pay, and somebody who needn't.
    pub fn takes_waivers(&self) -> bool {
        self.waivers && !self.is_free() && !self.waiver.categories.is_empty()
    }

    /// Problems in the settings, in plain Chinese.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let sums: Vec<Fen> = match &self.rule {
            FeeRule::Free | FeeRule::BySubject => Vec::new(),
            FeeRule::Flat { amount } | FeeRule::PerSubject { amount } => vec![*amount],
            FeeRule::PerCombination { prices } => {
                if prices.is_empty() {
                    problems.push("按科目数收费的，请填写各科目数的价格".to_owned());
                }
                let mut counts: Vec<u32> = prices.iter().map(|price| price.subjects).collect();
                counts.sort_unstable();
                if counts.first() == Some(&0)
                    || counts.windows(2).any(|pair| pair.first() == pair.last())
                {
                    problems.push("按科目数收费的，科目数应从 1 开始且不能重复".to_owned());
                }
                prices.iter().map(|price| price.amount).collect()
            }
        };
        if sums.iter().any(|sum| sum.get() <= 0) {
            problems.push("收费金额应大于 0；不收费请选择“不收费”".to_owned());
        }
        if self.registration.get() < 0 {
            problems.push("报名费不能小于 0".to_owned());
        }
        if self.waivers && !self.is_free() {
            problems.extend(self.waiver.problems());
        }
        problems
    }

    /// The lines of the bill. Their sum is the fee.
    pub fn lines(&self, subjects: &[SubjectFee]) -> Result<Vec<FeeLine>, FeeError> {
        let count = u32::try_from(subjects.len()).map_err(|_| FeeError::TooLarge)?;
        let counted = |amount: Fen, label: String| Ok(vec![FeeLine { label, amount }]);
        let exam = match &self.rule {
            FeeRule::Free => Ok(Vec::new()),
            FeeRule::Flat { amount } => counted(*amount, "笔试考务费".to_owned()),
            FeeRule::PerSubject { .. } | FeeRule::BySubject | FeeRule::PerCombination { .. }
                if count == 0 =>
            {
                Err(FeeError::NoSubjects)
            }
            FeeRule::PerSubject { amount } => {
                let sum = amount
                    .get()
                    .checked_mul(i64::from(count))
                    .ok_or(FeeError::TooLarge)?;
                counted(
                    Fen::new(sum),
                    format!("笔试考务费，{count} 科，每科 {} 元", amount.yuan()),
                )
            }
            FeeRule::BySubject => Ok(subjects
                .iter()
                .map(|subject| FeeLine {
                    label: format!("考务费，{}", subject.name),
                    amount: subject.fee,
                })
                .collect()),
            FeeRule::PerCombination { prices } => {
                let price = prices.iter().find(|price| price.subjects == count);
                let amount = price.ok_or(FeeError::NoPrice(count))?.amount;
                counted(amount, format!("笔试考务费，{count} 科"))
            }
        };
        let mut lines = exam?;
        if self.registration.get() > 0 {
            lines.push(FeeLine {
                label: "报名费".to_owned(),
                amount: self.registration,
            });
        }
        Ok(lines)
    }

    /// What is to pay. Zero: the application needs no order.
    pub fn fee(&self, subjects: &[SubjectFee], waiver: Option<Waiver>) -> Result<Fen, FeeError> {
        let full = self
            .lines(subjects)?
            .iter()
            .try_fold(0i64, |sum, line| sum.checked_add(line.amount.get()))
            .ok_or(FeeError::TooLarge)?;
        let off = waiver.map_or(Fen::ZERO, |waiver| waiver.off(Fen::new(full)));
        Ok(Fen::new(full - off.get()))
    }
}

/// What a waiver takes off a fee. What is left to pay is rounded down to whole 分, in the candidate's favour.
pub(super) fn taken_off(fee: Fen, waiver: Waiver) -> Fen {
    let full = fee.get();
    Fen::new(match waiver {
        Waiver::Full => full,
        Waiver::Percent { percent } => {
            let kept = i128::from(full) * i128::from(100 - percent.min(100)) / 100;
            full - i64::try_from(kept).unwrap_or(full)
        }
        Waiver::Amount { amount } => amount.get().clamp(0, full.max(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fen(sum: i64) -> Fen {
        Fen::new(sum)
    }

    fn subjects(fees: &[i64]) -> Vec<SubjectFee> {
        fees.iter()
            .map(|fee| SubjectFee {
                name: "科目".into(),
                fee: fen(*fee),
            })
            .collect()
    }

    fn rules(rule: FeeRule) -> FeeRules {
        FeeRules {
            rule,
            registration: Fen::ZERO,
            waivers: true,
            waiver: WaiverRules::usual(),
            offline: OfflineRules::default(),
            nontax: NontaxRules::default(),
        }
    }

    #[test]
    fn published_fees_come_out_as_published() {
        let combination = FeeRule::PerCombination {
            prices: vec![
                CombinationPrice {
                    subjects: 2,
                    amount: fen(18_000),
                },
                CombinationPrice {
                    subjects: 3,
                    amount: fen(27_000),
                },
            ],
        };
        let xinjiang = FeeRules {
            registration: fen(1_500),
            ..rules(FeeRule::PerSubject { amount: fen(4_000) })
        };
        for (rules, taken, fee) in [
            (rules(FeeRule::Free), vec![], Ok(fen(0))),
            (
                rules(FeeRule::Flat {
                    amount: fen(10_000),
                }),
                vec![],
                Ok(fen(10_000)),
            ),
            (
                rules(FeeRule::PerSubject { amount: fen(5_000) }),
                vec![0, 0],
                Ok(fen(10_000)),
            ),
            (
                rules(FeeRule::PerSubject { amount: fen(5_000) }),
                vec![],
                Err(FeeError::NoSubjects),
            ),
            (xinjiang, vec![0, 0, 0], Ok(fen(13_500))),
            (
                rules(FeeRule::BySubject),
                vec![6_300, 7_000],
                Ok(fen(13_300)),
            ),
            (rules(combination.clone()), vec![0, 0], Ok(fen(18_000))),
            (rules(combination.clone()), vec![0, 0, 0], Ok(fen(27_000))),
            (rules(combination), vec![0], Err(FeeError::NoPrice(1))),
        ] {
            assert_eq!(
                rules.fee(&subjects(&taken), None),
                fee,
                "{rules:?} {taken:?}"
            );
        }
    }

    #[test]
    fn a_bill_says_what_it_is_for() {
        let lines = rules(FeeRule::PerSubject { amount: fen(5_000) })
            .lines(&subjects(&[0, 0]))
            .unwrap();
        assert_eq!(lines[0].label, "笔试考务费，2 科，每科 50.00 元");
    }

    #[test]
    fn impossible_settings_are_named() {
        assert!(rules(FeeRule::Free).problems().is_empty());
        assert_eq!(rules(FeeRule::Flat { amount: fen(0) }).problems().len(), 1);
        assert_eq!(
            rules(FeeRule::PerCombination { prices: vec![] })
                .problems()
                .len(),
            1
        );
        let twice = CombinationPrice {
            subjects: 1,
            amount: fen(100),
        };
        assert_eq!(
            rules(FeeRule::PerCombination {
                prices: vec![twice, twice]
            })
            .problems()
            .len(),
            1
        );
    }

    #[test]
    fn settings_read_back() {
        let rules = FeeRules {
            registration: fen(1_500),
            ..rules(FeeRule::PerSubject { amount: fen(4_000) })
        };
        let json = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<FeeRules>(&json).unwrap(), rules);
    }

    proptest! {
        #[test]
        fn a_fee_is_the_sum_of_its_lines_and_a_waiver_keeps_it_between_zero_and_full(
            fees in proptest::collection::vec(0i64..1_000_000, 1..6), percent in 0u8..=255, cut in -10i64..2_000_000,
        ) {
            let rules = rules(FeeRule::BySubject);
            let full = rules.fee(&subjects(&fees), None).unwrap();
            prop_assert_eq!(full.get(), fees.iter().sum::<i64>());
            for waiver in [Waiver::Full, Waiver::Percent { percent }, Waiver::Amount { amount: fen(cut) }] {
                let due = rules.fee(&subjects(&fees), Some(waiver)).unwrap();
                prop_assert!((0..=full.get()).contains(&due.get()));
            }
            prop_assert_eq!(rules.fee(&subjects(&fees), Some(Waiver::Full)).unwrap(), Fen::ZERO);
        }
    }
}
