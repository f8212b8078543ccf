//! Money: whole 分, never a float.

use std::fmt;
use std::iter::Sum;

use serde::{Deserialize, Serialize};

/// An amount in 分 (1/100 元).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fen(i64);

/// The text isn't an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("金额应写成 100 或 100.00 的样子，单位为元，最多两位小数")]
pub struct NotAnAmount;

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many 分.
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// How many 分.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, `None` beyond what an `i64` of 分 holds.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, `None` beyond what an `i64` of 分 holds.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// `120.00`: always two decimals, without a sign of currency.
    pub fn yuan(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", fen / 100, fen % 100)
    }

    /// An amount in 元 as typed: `120`, `120.5`, `１２０．００`, `¥1,200.00`, `120元`.
    ///
    /// # Errors
    /// [`NotAnAmount`] for anything else, negative amounts and more than two decimals included.
    pub fn parse_yuan(text: &str) -> Result<Self, NotAnAmount> {
        let text = crate::text::to_half_width(text);
        let text = text
            .trim()
            .trim_start_matches(['¥', '￥'])
            .trim_end_matches('元')
            .trim()
            .replace(',', "");
        let (yuan, cents) = text.split_once('.').unwrap_or((&text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if yuan.is_empty() || yuan.len() > 12 || cents.len() > 2 || !digits(yuan) || !digits(cents)
        {
            return Err(NotAnAmount);
        }
        let cents: i64 = format!("{cents:0<2}").parse().map_err(|_| NotAnAmount)?;
        let yuan: i64 = yuan.parse().map_err(|_| NotAnAmount)?;
        Ok(Self(yuan * 100 + cents))
    }
}

impl fmt::Display for Fen {
    /// `¥120.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "¥{}", self.yuan())
    }
}

impl Sum for Fen {
    /// Saturates: no list of fees comes near.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, amount| {
            Self(sum.0.saturating_add(amount.0))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_typed_and_nothing_is_guessed() {
        for (text, fen) in [
            ("120", 12_000),
            ("120.5", 12_050),
            ("120.05", 12_005),
            ("１２０．００", 12_000),
            ("¥1,200.00", 120_000),
            ("0", 0),
            ("100元", 10_000),
        ] {
            assert_eq!(Fen::parse_yuan(text), Ok(Fen::new(fen)), "{text}");
        }
        for text in ["", "-1", "1.234", "1e3", ".5", "一百", "1.2.3", "+1"] {
            assert_eq!(Fen::parse_yuan(text), Err(NotAnAmount), "{text}");
        }
        assert_eq!(Fen::new(-5).yuan(), "-0.05");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(fen in 0i64..1_000_000_000_000) {
            prop_assert_eq!(Fen::parse_yuan(&Fen::new(fen).yuan()), Ok(Fen::new(fen)));
        }
    }
}
