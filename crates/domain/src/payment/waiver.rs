//! 减免: which households pay less, what each gets, and how an application for it goes.
//!
//! ```text
//! Pending → Granted                  the fee isn't paid yet: the debt goes down, or away
//! Pending → Proposed → Granted       it is paid: a second person approves the refund
//! Proposed → Pending                 he refuses it, or another refund came first
//! Pending → Rejected | Withdrawn | Void
//! ```
//! One of `Pending`, `Proposed`, `Granted` at a time stands for an application. Who was rejected may apply anew until the
//! time is over. What was granted stays when the candidate moves to another position: it is his household's, and is counted anew.

use serde::{Deserialize, Serialize};

use super::Discrepancy;
use super::fee::Waiver;
use crate::coded::coded;
use crate::exam::Phase;
use crate::exam::windows::Windows;
use crate::money::Fen;
use crate::window::Window;

/// Files that an application for a waiver may carry.
pub const MOST_FILES: usize = 5;
/// Bytes of one of them.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Categories of an exam.
const MOST_CATEGORIES: usize = 20;
/// Whoever is told at the last moment, or later, that he has to pay after all, may still pay for so long.
pub const GRACE_SECONDS: i64 = 48 * 3600;

coded! {
    /// Where an application for a waiver stands.
    pub enum WaiverState {
        /// Nobody has decided.
        Pending = "pending", "待审核";
        /// One person grants it; the refund waits for a second.
        Proposed = "proposed", "待复核退款";
        /// Granted.
        Granted = "granted", "已通过";
        /// Refused with a reason.
        Rejected = "rejected", "未通过";
        /// Taken back by the candidate.
        Withdrawn = "withdrawn", "已撤回";
        /// The application for the exam ended before anybody decided.
        Void = "void", "已失效";
    }
}

coded! {
    /// What happens to an application for a waiver.
    pub enum WaiverEvent {
        /// Granted before anything was paid.
        Grant = "grant", "同意减免";
        /// Granted after the payment: the refund is asked for.
        Propose = "propose", "同意减免并申请退款";
        /// The second person approved the refund.
        Approve = "approve", "退款获批准";
        /// The second person refused it, or it was overtaken.
        Return = "return", "退款未获批准";
        /// Refused.
        Reject = "reject", "不同意减免";
        /// The candidate takes it back.
        Withdraw = "withdraw", "撤回减免申请";
        /// The application for the exam ended.
        Lapse = "lapse", "随报名终止";
    }
}

impl WaiverState {
    /// The next state.
    pub fn on(self, event: WaiverEvent) -> Result<Self, Discrepancy> {
        use WaiverEvent as E;
        use WaiverState as S;
        match (self, event) {
            (S::Pending, E::Grant) => Ok(S::Granted),
            (S::Pending, E::Propose) => Ok(S::Proposed),
            (S::Proposed, E::Approve) => Ok(S::Granted),
            (S::Proposed, E::Return) => Ok(S::Pending),
            (S::Pending, E::Reject) => Ok(S::Rejected),
            (S::Pending, E::Withdraw) => Ok(S::Withdrawn),
            (S::Pending, E::Lapse) => Ok(S::Void),
            (state, event) => Err(Discrepancy {
                machine: "减免申请",
                state: state.code(),
                event: event.code(),
            }),
        }
    }

    /// Whether it stands in the way of another one.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Proposed | Self::Granted)
    }
}

impl Waiver {
    /// What it takes off a fee: between nothing and all of it.
    pub fn off(self, fee: Fen) -> Fen {
        super::fee::taken_off(fee, self)
    }

    /// As people write and read it: `全免`, `减免 50%`, `减免 30.00 元`.
    pub fn words(self) -> String {
        match self {
            Self::Full => "全免".to_owned(),
            Self::Percent { percent } => format!("减免 {percent}%"),
            Self::Amount { amount } => format!("减免 {} 元", amount.yuan()),
        }
    }

    /// Reads `全免`, `50%`, `30 元`, `30.00`, with or without 减免 in front.
    pub fn parse(typed: &str) -> Option<Self> {
        let text: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.trim_start_matches("减免");
        if matches!(text, "全免" | "全部" | "全额" | "100%" | "100％") {
            return Some(Self::Full);
        }
        if let Some(percent) = text.strip_suffix(['%', '％']) {
            let percent: u8 = percent.parse().ok()?;
            return (1..100)
                .contains(&percent)
                .then_some(Self::Percent { percent });
        }
        let amount = Fen::parse_yuan(text.trim_end_matches('元')).ok()?;
        (amount.get() > 0).then_some(Self::Amount { amount })
    }
}

/// Who gets a waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaiverCategory {
    /// 城乡低保家庭.
    pub name: String,
    /// What he gets.
    pub grants: Waiver,
    /// What he has to show, in words; empty for what the announcement says.
    #[serde(default)]
    pub evidence: String,
}

/// The rules of an exam about waivers. Applications for one are taken while [`window`] is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaiverRules {
    /// Who may apply.
    pub categories: Vec<WaiverCategory>,
    /// Whether somebody who has paid may apply, too, and gets the difference back.
    #[serde(default)]
    pub after_payment: bool,
}

impl WaiverRules {
    /// What most centres grant: 城乡低保家庭 and 脱贫户 (Hunan 2016, and since).
    pub fn usual() -> Self {
        let full = |name: &str, evidence: &str| WaiverCategory {
            name: name.to_owned(),
            grants: Waiver::Full,
            evidence: evidence.to_owned(),
        };
        Self {
            categories: vec![
                full(
                    "城乡低保家庭",
                    "低保证，或者县级民政部门出具的享受低保的证明",
                ),
                full(
                    "脱贫户、防返贫监测对象",
                    "乡镇政府或者县级农业农村部门出具的证明",
                ),
            ],
            after_payment: true,
        }
    }

    /// The category of this name.
    pub fn category(&self, name: &str) -> Option<&WaiverCategory> {
        self.categories.iter().find(|one| one.name == name)
    }

    /// Problems in the settings, in plain Chinese.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.categories.len() > MOST_CATEGORIES {
            problems.push(format!("减免类别最多 {MOST_CATEGORIES} 个"));
        }
        for (at, one) in self.categories.iter().enumerate() {
            if !(2..=30).contains(&one.name.chars().count()) {
                problems.push(format!("减免类别“{}”应为 2 至 30 个字", one.name));
            }
            if one.evidence.chars().count() > 100 {
                problems.push(format!("减免类别“{}”的证明材料最多写 100 个字", one.name));
            }
            if self
                .categories
                .iter()
                .take(at)
                .any(|other| other.name == one.name)
            {
                problems.push(format!("减免类别“{}”重复", one.name));
            }
        }
        problems
    }
}

/// When applications for a waiver are taken: its own window, or from the first application on until the payment closes.
pub fn window(windows: &Windows) -> Option<Window> {
    let usual = || {
        let opens = windows.get(Phase::Registration)?.open();
        let closes = windows.get(Phase::Payment)?.close();
        Window::new(opens, closes).ok()
    };
    windows.get(Phase::Waiver).or_else(usual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_pair_of_state_and_event() {
        use WaiverState as S;
        // Columns: Grant, Propose, Approve, Return, Reject, Withdraw, Lapse.
        let (g, p, w, r) = (
            Some(S::Granted),
            Some(S::Proposed),
            Some(S::Pending),
            Some(S::Rejected),
        );
        let (t, v, n) = (Some(S::Withdrawn), Some(S::Void), None);
        let table = [
            (S::Pending, [g, p, n, n, r, t, v]),
            (S::Proposed, [n, n, g, w, n, n, n]),
            (S::Granted, [n, n, n, n, n, n, n]),
            (S::Rejected, [n, n, n, n, n, n, n]),
            (S::Withdrawn, [n, n, n, n, n, n, n]),
            (S::Void, [n, n, n, n, n, n, n]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            assert_eq!(row.len(), WaiverEvent::ALL.len());
            for (event, next) in WaiverEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
            // Whoever can still get or lose it stands in the way of another one.
            let moves = row.iter().any(Option::is_some);
            assert_eq!(state.is_live(), moves || state == S::Granted, "{state:?}");
        }
    }

    #[test]
    fn what_is_granted_is_read_as_people_write_it() {
        let amount = |fen| Waiver::Amount {
            amount: Fen::new(fen),
        };
        for (typed, expected) in [
            ("全免", Some(Waiver::Full)),
            (" 全额 ", Some(Waiver::Full)),
            ("100%", Some(Waiver::Full)),
            ("50%", Some(Waiver::Percent { percent: 50 })),
            ("减免 50 ％", Some(Waiver::Percent { percent: 50 })),
            ("30元", Some(amount(3_000))),
            ("30.50", Some(amount(3_050))),
            ("0%", None),
            ("150%", None),
            ("0", None),
            ("-5", None),
            ("", None),
            ("一半", None),
        ] {
            assert_eq!(Waiver::parse(typed), expected, "{typed}");
        }
        for waiver in [Waiver::Full, Waiver::Percent { percent: 50 }, amount(3_050)] {
            assert_eq!(Waiver::parse(&waiver.words()), Some(waiver));
        }
    }

    #[test]
    fn impossible_categories_are_named() {
        assert!(WaiverRules::usual().problems().is_empty());
        assert!(WaiverRules::default().problems().is_empty());
        let mut twice = WaiverRules::usual();
        twice.categories.push(twice.categories[0].clone());
        twice.categories[1].name = "贫".into();
        assert_eq!(twice.problems().len(), 2);
    }

    #[test]
    fn without_its_own_window_it_is_taken_until_the_payment_closes() {
        let at = |text: &str| crate::time::Timestamp::parse_local(text).unwrap();
        let of = |open: &str, close: &str| Window::new(at(open), at(close)).ok();
        let mut windows = Windows {
            registration: of("2026-03-16 09:00", "2026-03-20 17:00"),
            payment: of("2026-03-17 09:00", "2026-03-23 17:00"),
            ..Windows::default()
        };
        assert_eq!(window(&windows), of("2026-03-16 09:00", "2026-03-23 17:00"));
        windows.waiver = of("2026-03-16 09:00", "2026-03-22 17:00");
        assert_eq!(window(&windows), windows.waiver);
        windows = Windows::default();
        assert_eq!(window(&windows), None);
    }

    proptest! {
        #[test]
        fn what_is_taken_off_is_never_more_than_the_fee(fee in 0i64..1_000_000, percent in 0u8..=255, sum in -10i64..2_000_000) {
            for waiver in [Waiver::Full, Waiver::Percent { percent }, Waiver::Amount { amount: Fen::new(sum) }] {
                let off = waiver.off(Fen::new(fee)).get();
                prop_assert!((0..=fee).contains(&off));
            }
            prop_assert_eq!(Waiver::Full.off(Fen::new(fee)), Fen::new(fee));
        }
    }
}
