//! 群发消息: to whom staff write, and what a message may say.

use serde::{Deserialize, Serialize};

use crate::application::Payment;
use crate::coded::coded;
use crate::review::Review;

coded! {
    /// Where a message leads its reader.
    pub enum Leads {
        /// Nowhere.
        Nowhere = "none", "不带链接";
        /// 我的报名信息.
        Applications = "applications", "我的报名信息";
        /// 未支付单据.
        Unpaid = "unpaid", "未支付单据";
        /// 准考证打印.
        Tickets = "tickets", "准考证打印";
        /// 成绩查询.
        Scores = "scores", "成绩查询";
    }
}

impl Leads {
    /// The path on the site; empty for nowhere.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Nowhere => "",
            Self::Applications => "/applications",
            Self::Unpaid => "/payments/unpaid",
            Self::Tickets => "/tickets",
            Self::Scores => "/scores",
        }
    }
}

/// A condition that may be turned round: "is approved", "is not approved".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Is<T> {
    /// What it is compared with.
    pub what: T,
    /// Whether it must differ.
    pub not: bool,
}

impl<T: PartialEq> Is<T> {
    fn takes(&self, value: &T) -> bool {
        (*value == self.what) != self.not
    }
}

/// The code of a condition isn't in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("请从列表中选择")]
pub struct NotACondition;

/// Reads a condition as a form sends it: empty for none, a code, or `!` and a code.
///
/// # Errors
/// For an unknown code.
pub fn condition<T>(
    typed: &str,
    of: impl Fn(&str) -> Option<T>,
) -> Result<Option<Is<T>>, NotACondition> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let (not, code) = match typed.strip_prefix('!') {
        Some(code) => (true, code),
        None => (false, typed),
    };
    of(code)
        .map(|what| Some(Is { what, not }))
        .ok_or(NotACondition)
}

/// To whom a message goes: the living applications of an exam for which everything holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Audience {
    /// How the review stands.
    pub review: Option<Is<Review>>,
    /// How the payment stands.
    pub payment: Option<Is<Payment>>,
    /// The unit that reviews; empty for every unit.
    pub unit: String,
    /// Only this position; 0 for every position.
    pub position_id: i64,
}

/// What of an application decides whether it belongs to an audience.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Its review.
    pub review: Review,
    /// Its payment.
    pub payment: Payment,
    /// The unit that reviews it.
    pub unit: &'a str,
    /// Its position.
    pub position_id: Option<i64>,
}

impl Audience {
    /// Whether an application belongs to it.
    pub fn takes(&self, one: &Standing<'_>) -> bool {
        self.review.is_none_or(|is| is.takes(&one.review))
            && self.payment.is_none_or(|is| is.takes(&one.payment))
            && (self.unit.is_empty() || self.unit == one.unit)
            && (self.position_id == 0 || one.position_id == Some(self.position_id))
    }
}

/// What a text may leave open, with what it stands for.
pub const BLANKS: [(&str, &str); 3] = [
    ("{姓名}", "考生姓名"),
    ("{考试}", "考试名称"),
    ("{报名序号}", "报名序号"),
];

/// The longest title, in characters: an inbox shows it on one line.
pub const MAX_TITLE: usize = 40;
/// The longest text, in characters: an SMS of more parts than this is dear and read by nobody.
pub const MAX_TEXT: usize = 300;

/// A word in braces that nothing stands for, for an error message.
pub fn unknown_blank(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let from = rest.get(open..)?;
        let Some(close) = from.find('}') else {
            return Some(from);
        };
        let blank = from.get(..=close)?;
        if !BLANKS.iter().any(|(known, _)| *known == blank) {
            return Some(blank);
        }
        rest = from.get(close + 1..)?;
    }
    None
}

/// A text with its blanks filled in. Names may hold anything: each blank is filled once, what was filled in isn't read again.
pub fn filled(text: &str, name: &str, exam: &str, number: &str) -> String {
    let mut out = String::with_capacity(text.len() + 40);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let found = BLANKS.iter().find(|(blank, _)| from.starts_with(blank));
        let Some((blank, _)) = found else {
            out.push('{');
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        out.push_str(match *blank {
            "{姓名}" => name,
            "{考试}" => exam,
            _ => number,
        });
        rest = from.get(blank.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Standing<'_> = Standing {
        review: Review::Approved,
        payment: Payment::Due,
        unit: "市图书馆",
        position_id: Some(7),
    };

    fn is<T>(what: T) -> Option<Is<T>> {
        Some(Is { what, not: false })
    }

    fn is_not<T>(what: T) -> Option<Is<T>> {
        Some(Is { what, not: true })
    }

    #[test]
    fn every_condition_must_hold_and_each_can_be_turned_round() {
        let all = Audience::default();
        let table: [(Audience, bool); 9] = [
            (all.clone(), true),
            (
                Audience {
                    review: is(Review::Approved),
                    ..all.clone()
                },
                true,
            ),
            (
                Audience {
                    review: is_not(Review::Approved),
                    ..all.clone()
                },
                false,
            ),
            (
                Audience {
                    review: is_not(Review::Rejected),
                    ..all.clone()
                },
                true,
            ),
            (
                Audience {
                    payment: is(Payment::Paid),
                    ..all.clone()
                },
                false,
            ),
            (
                Audience {
                    payment: is_not(Payment::Paid),
                    ..all.clone()
                },
                true,
            ),
            (
                Audience {
                    unit: "市博物馆".into(),
                    ..all.clone()
                },
                false,
            ),
            (
                Audience {
                    position_id: 7,
                    unit: "市图书馆".into(),
                    ..all.clone()
                },
                true,
            ),
            (
                Audience {
                    position_id: 8,
                    review: is(Review::Approved),
                    ..all
                },
                false,
            ),
        ];
        for (audience, takes) in table {
            assert_eq!(audience.takes(&ONE), takes, "{audience:?}");
        }
    }

    #[test]
    fn conditions_read_back_and_unknown_ones_are_refused() {
        assert_eq!(condition("", Review::from_code), Ok(None));
        assert_eq!(
            condition("approved", Review::from_code),
            Ok(is(Review::Approved))
        );
        assert_eq!(
            condition("!paid", Payment::from_code),
            Ok(is_not(Payment::Paid))
        );
        assert_eq!(condition("!", Payment::from_code), Err(NotACondition));
        assert_eq!(condition("wonder", Payment::from_code), Err(NotACondition));
    }

    #[test]
    fn blanks_are_filled_once_and_unknown_ones_named() {
        let text = "{姓名}，{考试}的报名序号 {报名序号}。";
        assert_eq!(unknown_blank(text), None);
        assert_eq!(
            filled(text, "{考试}", "招聘", "12"),
            "{考试}，招聘的报名序号 12。"
        );
        assert_eq!(unknown_blank("您好，{名字}"), Some("{名字}"));
        assert_eq!(unknown_blank("您好，{名"), Some("{名"));
        assert_eq!(filled("a{b", "", "", ""), "a{b");
    }
}
