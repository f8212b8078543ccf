//! Exact numbers for marks: decimals as they are printed, and ratios while a formula is computed.
//!
//! No float ever touches a score: `(72.5 + 98.25) / 3 * 60%` has one right answer at two digits.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::coded::coded;

/// Most digits after the point that a mark may have.
pub const MAX_SCALE: u8 = 6;

/// A decimal number: `units / 10^scale`.
///
/// Equality and order are by value (`1.50 = 1.5`); the text keeps the digits that were given.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i64,
    scale: u8,
}

/// Why a text isn't a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point.
    #[error("不是数字")]
    NotANumber,
    /// More digits after the point than [`MAX_SCALE`].
    #[error("小数位数过多，最多 6 位")]
    TooManyDigits,
    /// Too large to hold.
    #[error("数值过大")]
    TooLarge,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// `units / 10^scale`; `None` when the scale is above [`MAX_SCALE`].
    pub const fn new(units: i64, scale: u8) -> Option<Self> {
        if scale > MAX_SCALE {
            None
        } else {
            Some(Self { units, scale })
        }
    }

    /// A whole number.
    pub const fn whole(units: i64) -> Self {
        Self { units, scale: 0 }
    }

    /// Whether the value is zero. A zero is a real score, not an absence.
    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether the value is below zero.
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Digits after the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// The same value as a ratio.
    pub fn ratio(self) -> Ratio {
        // 10^scale is at most 10^6, so the ratio always exists.
        Ratio::new(i128::from(self.units), pow10(self.scale)).unwrap_or(Ratio::ZERO)
    }

    fn compared(self, other: Self) -> Ordering {
        let left = i128::from(self.units) * pow10(other.scale);
        let right = i128::from(other.units) * pow10(self.scale);
        left.cmp(&right)
    }
}

const fn pow10(scale: u8) -> i128 {
    10i128.pow(scale as u32)
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.compared(*other) == Ordering::Equal
    }
}
impl Eq for Decimal {}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compared(*other)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs();
        if self.scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let unit = 10u64.pow(u32::from(self.scale));
        let width = usize::from(self.scale);
        write!(f, "{sign}{}.{:0width$}", digits / unit, digits % unit)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads `72`, `72.5`, `-1`, `.5`; full-width digits and spaces are understood.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let mut units: i64 = 0;
        let mut scale: u8 = 0;
        let (mut negative, mut point, mut digits) = (false, false, 0u32);
        for (index, c) in text.trim().chars().map(narrow).enumerate() {
            match c {
                '-' | '\u{2212}' if index == 0 => negative = true,
                '+' if index == 0 => {}
                '.' if !point => point = true,
                '0'..='9' => {
                    let digit = i64::from(u32::from(c) - u32::from('0'));
                    units = units
                        .checked_mul(10)
                        .and_then(|units| units.checked_add(digit))
                        .ok_or(DecimalError::TooLarge)?;
                    digits += 1;
                    if point {
                        scale += 1;
                        if scale > MAX_SCALE {
                            return Err(DecimalError::TooManyDigits);
                        }
                    }
                }
                _ => return Err(DecimalError::NotANumber),
            }
        }
        if digits == 0 {
            return Err(DecimalError::NotANumber);
        }
        Ok(Self {
            units: if negative { -units } else { units },
            scale,
        })
    }
}

/// A full-width digit, sign or point as its ASCII twin.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3002}' => '.',
        _ => c,
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

coded! {
    /// How a total becomes a decimal.
    pub enum Rounding {
        /// 四舍五入, away from zero at the half.
        HalfUp = "half_up", "四舍五入";
        /// Cut off what is left (Shaanxi does).
        Truncate = "truncate", "直接截取";
    }
}

/// An exact fraction in lowest terms with a positive denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    num: i128,
    den: i128,
}

impl Ratio {
    /// Zero.
    pub const ZERO: Self = Self { num: 0, den: 1 };

    /// `num / den`; `None` for a zero denominator or an overflow.
    pub fn new(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?;
        let (num, den) = (num / divisor, den / divisor);
        if den < 0 {
            Some(Self {
                num: num.checked_neg()?,
                den: den.checked_neg()?,
            })
        } else {
            Some(Self { num, den })
        }
    }

    /// Sum; `None` on overflow, as for all that follow.
    pub fn plus(self, other: Self) -> Option<Self> {
        let num = self
            .num
            .checked_mul(other.den)?
            .checked_add(other.num.checked_mul(self.den)?)?;
        Self::new(num, self.den.checked_mul(other.den)?)
    }

    /// Difference.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self {
            num: other.num.checked_neg()?,
            den: other.den,
        })
    }

    /// Product.
    pub fn times(self, other: Self) -> Option<Self> {
        Self::new(
            self.num.checked_mul(other.num)?,
            self.den.checked_mul(other.den)?,
        )
    }

    /// Quotient; `None` when divided by zero.
    pub fn over(self, other: Self) -> Option<Self> {
        Self::new(
            self.num.checked_mul(other.den)?,
            self.den.checked_mul(other.num)?,
        )
    }

    /// The decimal with `digits` after the point; `None` when it doesn't fit.
    pub fn round(self, digits: u8, rounding: Rounding) -> Option<Decimal> {
        let scaled = self.num.checked_mul(pow10(digits.min(MAX_SCALE)))?;
        let whole = scaled / self.den;
        let rest = scaled % self.den;
        let up = rounding == Rounding::HalfUp && rest.checked_abs()?.checked_mul(2)? >= self.den;
        let units = if up {
            whole.checked_add(scaled.signum())?
        } else {
            whole
        };
        Decimal::new(i64::try_from(units).ok()?, digits.min(MAX_SCALE))
    }
}

const fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn decimals_are_read_as_people_write_them() {
        for (text, printed) in [
            ("72", "72"),
            ("72.50", "72.50"),
            ("-1", "-1"),
            (".5", "0.5"),
            ("７２．５", "72.5"),
            (" 0 ", "0"),
            ("-0.05", "-0.05"),
        ] {
            assert_eq!(d(text).to_string(), printed, "{text}");
        }
        for (text, error) in [
            ("", DecimalError::NotANumber),
            ("-", DecimalError::NotANumber),
            ("1.2.3", DecimalError::NotANumber),
            ("缺考", DecimalError::NotANumber),
            ("1e3", DecimalError::NotANumber),
            ("1.1234567", DecimalError::TooManyDigits),
            ("99999999999999999999", DecimalError::TooLarge),
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(error), "{text}");
        }
    }

    #[test]
    fn rounding_follows_the_exam() {
        let third = Ratio::new(2, 3).unwrap();
        assert_eq!(
            third.round(2, Rounding::HalfUp).unwrap().to_string(),
            "0.67"
        );
        assert_eq!(
            third.round(2, Rounding::Truncate).unwrap().to_string(),
            "0.66"
        );
        let half = Ratio::new(5, 1000).unwrap();
        assert_eq!(half.round(2, Rounding::HalfUp).unwrap().to_string(), "0.01");
        let negative = Ratio::new(-5, 1000).unwrap();
        assert_eq!(
            negative.round(2, Rounding::HalfUp).unwrap().to_string(),
            "-0.01"
        );
        assert_eq!(
            negative.round(2, Rounding::Truncate).unwrap().to_string(),
            "0.00"
        );
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert_eq!(Ratio::new(1, 0), None);
        assert_eq!(d("1").ratio().over(Ratio::ZERO), None);
    }

    proptest! {
        #[test]
        fn text_reads_back(units in -1_000_000i64..1_000_000, scale in 0u8..=MAX_SCALE) {
            let decimal = Decimal::new(units, scale).unwrap();
            let back: Decimal = decimal.to_string().parse().unwrap();
            prop_assert_eq!(back, decimal);
            prop_assert_eq!(back.to_string(), decimal.to_string());
        }

        #[test]
        fn a_rounded_value_is_within_half_a_unit(num in -10_000i128..10_000, den in 1i128..500, digits in 0u8..4) {
            let ratio = Ratio::new(num, den).unwrap();
            let rounded = ratio.round(digits, Rounding::HalfUp).unwrap().ratio();
            let off = ratio.minus(rounded).unwrap();
            let bound = Ratio::new(1, 2 * pow10(digits)).unwrap();
            prop_assert!(off.num.abs() * bound.den <= bound.num * off.den);
        }

        #[test]
        fn arithmetic_undoes_itself(a in -5000i128..5000, b in 1i128..500, c in -5000i128..5000, e in 1i128..500) {
            let (x, y) = (Ratio::new(a, b).unwrap(), Ratio::new(c, e).unwrap());
            prop_assert_eq!(x.plus(y).unwrap().minus(y).unwrap(), x);
            if c != 0 {
                prop_assert_eq!(x.times(y).unwrap().over(y).unwrap(), x);
            }
        }
    }
}
