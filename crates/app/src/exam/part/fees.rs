//! 收费标准.

use domain::field::FieldErrors;
use domain::money::Fen;
use domain::payment::fee::{CombinationPrice, FeeRule, FeeRules};
use domain::payment::nontax::NontaxRules;
use domain::payment::offline::OfflineRules;
use domain::payment::{Waiver, WaiverCategory, WaiverRules};
use serde::Deserialize;

use super::{Changing, Draft, pairs};
use crate::exam::Exam;

/// 收费标准 as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct FeesDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// `free`, `flat`, `per_subject`, `by_subject`, `per_combination`.
    pub rule: String,
    /// 金额 in 元.
    pub amount: String,
    /// Lines of `科目数 = 元`.
    pub prices: String,
    /// 报名费 in 元, on top.
    pub registration: String,
    /// Whether waivers are taken.
    pub waivers: bool,
    /// Lines of `类别 = 减免 = 证明材料`.
    pub categories: String,
    /// Whether somebody who has paid may ask, too.
    pub after_payment: bool,
    /// Whether money is taken outside of the channels.
    pub offline: bool,
    /// Where and how, for candidates.
    pub offline_how: String,
    /// Whether codes of the fiscal office are given.
    pub nontax: bool,
    /// Where and how to pay with one, for candidates.
    pub nontax_how: String,
}

/// The rules, with what people read.
pub const RULES: [(&str, &str); 5] = [
    ("free", "不收费"),
    ("flat", "每人固定金额"),
    ("per_subject", "每科同一金额"),
    ("by_subject", "按科目表中各科目的收费"),
    ("per_combination", "按报考的科目数"),
];

impl FeesDraft {
    /// The rules to choose from.
    pub const RULES: [(&'static str, &'static str); 5] = RULES;
}

impl Draft for FeesDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let fees = &exam.settings.fees;
        let (rule, amount, prices) = match &fees.rule {
            FeeRule::Free => ("free", String::new(), String::new()),
            FeeRule::Flat { amount } => ("flat", amount.yuan(), String::new()),
            FeeRule::PerSubject { amount } => ("per_subject", amount.yuan(), String::new()),
            FeeRule::BySubject => ("by_subject", String::new(), String::new()),
            FeeRule::PerCombination { prices } => {
                let lines = prices
                    .iter()
                    .map(|price| format!("{} = {}", price.subjects, price.amount.yuan()));
                (
                    "per_combination",
                    String::new(),
                    lines.collect::<Vec<_>>().join("\n"),
                )
            }
        };
        Self {
            version: exam.row.version,
            rule: rule.to_owned(),
            amount,
            prices,
            registration: if fees.registration == Fen::ZERO {
                String::new()
            } else {
                fees.registration.yuan()
            },
            waivers: fees.waivers,
            categories: lines_of(&fees.waiver),
            after_payment: fees.waiver.after_payment,
            offline: fees.offline.taken,
            offline_how: fees.offline.how.clone(),
            nontax: fees.nontax.taken,
            nontax_how: fees.nontax.how.clone(),
        }
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let amount = |errors: &mut FieldErrors| match Fen::parse_yuan(&self.amount) {
            Ok(amount) if amount.get() > 0 => amount,
            _ => {
                errors.add("amount", "请填写金额，例如 100 或 100.00");
                Fen::ZERO
            }
        };
        let rule = match self.rule.as_str() {
            "free" => FeeRule::Free,
            "flat" => FeeRule::Flat {
                amount: amount(&mut errors),
            },
            "per_subject" => FeeRule::PerSubject {
                amount: amount(&mut errors),
            },
            "by_subject" if exam.category.has_positions() => {
                errors.add("rule", "按岗位报考的考试没有科目表，请选择其他收费方式");
                FeeRule::Free
            }
            "by_subject" => FeeRule::BySubject,
            "per_combination" => FeeRule::PerCombination {
                prices: self.combinations(&mut errors),
            },
            _ => {
                errors.add("rule", "请选择收费方式");
                FeeRule::Free
            }
        };
        let registration = match self.registration.trim() {
            "" => Fen::ZERO,
            typed => Fen::parse_yuan(typed).unwrap_or_else(|_| {
                errors.add("registration", "应为金额，例如 20 或 20.00");
                Fen::ZERO
            }),
        };
        let waiver = WaiverRules {
            categories: self.categories(&mut errors),
            after_payment: self.after_payment,
        };
        for problem in waiver.problems() {
            errors.add("categories", problem);
        }
        if self.waivers && rule != FeeRule::Free && waiver.categories.is_empty() {
            errors.add(
                "categories",
                "接受减免申请的，请至少填写一个减免类别，例如“城乡低保家庭 = 全免 = 低保证”",
            );
        }
        let offline = OfflineRules {
            taken: self.offline,
            how: domain::text::paragraph(&self.offline_how),
        };
        if offline.taken && !(5..=500).contains(&offline.how.chars().count()) {
            errors.add(
                "offline_how",
                "请写明在哪里、怎样缴，例如窗口地址和时间，或者户名、开户行和账号，5 至 500 个字",
            );
        }
        let nontax = NontaxRules {
            taken: self.nontax,
            how: domain::text::paragraph(&self.nontax_how),
        };
        if nontax.taken && !(5..=500).contains(&nontax.how.chars().count()) {
            errors.add(
                "nontax_how",
                "请写明凭缴款码在哪里、怎样缴，例如代收银行和手机银行的入口，5 至 500 个字",
            );
        }
        errors.into_result()?;
        let fees = &mut exam.settings.fees;
        *fees = FeeRules {
            rule,
            registration,
            waivers: self.waivers,
            waiver,
            offline,
            nontax,
        };
        Ok(())
    }
}

/// The categories as they are typed.
fn lines_of(waiver: &WaiverRules) -> String {
    let lines = waiver.categories.iter().map(|one| {
        let line = format!("{} = {}", one.name, one.grants.words());
        if one.evidence.is_empty() {
            line
        } else {
            format!("{line} = {}", one.evidence)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl FeesDraft {
    fn categories(&self, errors: &mut FieldErrors) -> Vec<WaiverCategory> {
        let mut categories = Vec::new();
        let lines = self.categories.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty()) {
            let mut parts = line.splitn(3, ['=', '＝']).map(domain::text::line);
            let name = parts.next().unwrap_or_default();
            let grants = parts.next().and_then(|typed| Waiver::parse(&typed));
            match grants {
                Some(grants) if !name.is_empty() => categories.push(WaiverCategory {
                    name,
                    grants,
                    evidence: parts.next().unwrap_or_default(),
                }),
                _ => errors.add(
                    "categories",
                    format!("“{line}”应写作“类别 = 减免 = 证明材料”，减免写全免、50% 或 30 元"),
                ),
            }
        }
        categories
    }

    fn combinations(&self, errors: &mut FieldErrors) -> Vec<CombinationPrice> {
        let mut prices = Vec::new();
        for (subjects, amount) in pairs(&self.prices) {
            let subjects = domain::sheet::clean::whole_number(subjects.trim_end_matches('科'));
            let amount = amount.and_then(|text| Fen::parse_yuan(&text).ok());
            match (subjects, amount) {
                (Some(subjects), Some(amount)) => {
                    prices.push(CombinationPrice { subjects, amount });
                }
                _ => errors.add("prices", "每行写作“科目数 = 金额”，例如 2 = 180.00"),
            }
        }
        if prices.is_empty() {
            errors.add("prices", "请填写各科目数的价格，每行写作“2 = 180.00”");
        }
        prices
    }
}
