//! Fractions as one calculates on paper: digits, carries, long division, nothing reduced, nothing that overflows. For
//! [`super::second`] alone, which must not share its arithmetic with [`super::decimal::Ratio`].

use std::cmp::Ordering;

use super::decimal::{Decimal, MAX_SCALE, Rounding};

/// Numerator and denominator as decimal digits, the last digit first, without leading zeros; zero has no digits.
#[derive(Clone)]
pub(super) struct Fraction {
    negative: bool,
    num: Vec<u32>,
    den: Vec<u32>,
}

impl Fraction {
    /// Reads `-12.50`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let mut num = Vec::new();
        for c in part.chars().rev().chain(whole.chars().rev()) {
            num.push(c.to_digit(10)?);
        }
        if num.is_empty() {
            return None;
        }
        let mut den = vec![0; part.len()];
        den.push(1);
        Some(Self {
            negative,
            num: trimmed(num),
            den,
        })
    }

    /// With the other sign.
    pub(super) fn negated(self) -> Self {
        Self {
            negative: !self.negative,
            ..self
        }
    }

    /// A hundredth of it.
    pub(super) fn hundredth(self) -> Self {
        Self {
            den: times(&self.den, &[0, 0, 1]),
            ..self
        }
    }

    /// With another number, by `+ - * /`; `None` when divided by zero.
    pub(super) fn with(self, operator: char, other: Self) -> Option<Self> {
        match operator {
            '+' => Some(self.plus(&other)),
            '-' => Some(self.plus(&other.negated())),
            '*' => Some(Self {
                negative: self.negative != other.negative,
                num: times(&self.num, &other.num),
                den: times(&self.den, &other.den),
            }),
            _ if other.num.is_empty() => None,
            _ => Some(Self {
                negative: self.negative != other.negative,
                num: times(&self.num, &other.den),
                den: times(&self.den, &other.num),
            }),
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let (left, right) = (times(&self.num, &other.den), times(&other.num, &self.den));
        let den = times(&self.den, &other.den);
        let (negative, num) = if self.negative == other.negative {
            (self.negative, plus(&left, &right))
        } else if compare(&left, &right) == Ordering::Less {
            (other.negative, minus(&right, &left))
        } else {
            (self.negative, minus(&left, &right))
        };
        Self { negative, num, den }
    }

    /// Long division, then a look at what is left; `None` when a [`Decimal`] can't hold it.
    pub(super) fn rounded(&self, digits: u8, rounding: Rounding) -> Option<Decimal> {
        let digits = digits.min(MAX_SCALE);
        let mut scaled = vec![0; usize::from(digits)];
        scaled.extend(&self.num);
        let (mut quotient, rest) = divided(&trimmed(scaled), &self.den);
        let half = compare(&plus(&rest, &rest), &self.den) != Ordering::Less;
        if rounding == Rounding::HalfUp && half {
            quotient = plus(&quotient, &[1]);
        }
        let mut units: i64 = 0;
        for digit in quotient.iter().rev() {
            let digit = i64::from(*digit);
            units = units.checked_mul(10)?;
            units = if self.negative {
                units.checked_sub(digit)?
            } else {
                units.checked_add(digit)?
            };
        }
        Decimal::new(units, digits)
    }
}

fn trimmed(mut digits: Vec<u32>) -> Vec<u32> {
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
}

fn at(digits: &[u32], place: usize) -> u32 {
    digits.get(place).copied().unwrap_or(0)
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len()
        .cmp(&b.len())
        .then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn plus(a: &[u32], b: &[u32]) -> Vec<u32> {
    let places = a.len().max(b.len());
    let mut sum = Vec::with_capacity(places + 1);
    let mut carry = 0;
    for place in 0..places {
        let digit = at(a, place) + at(b, place) + carry;
        sum.push(digit % 10);
        carry = digit / 10;
    }
    sum.push(carry);
    trimmed(sum)
}

/// `a` isn't less than `b`.
fn minus(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut difference = Vec::with_capacity(a.len());
    let mut borrowed = 0;
    for place in 0..a.len() {
        let (upper, lower) = (at(a, place), at(b, place) + borrowed);
        borrowed = u32::from(upper < lower);
        difference.push(upper + 10 * borrowed - lower);
    }
    trimmed(difference)
}

fn times(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut columns = vec![0u32; a.len() + b.len()];
    for (shift, x) in a.iter().enumerate() {
        for (column, y) in columns.iter_mut().skip(shift).zip(b) {
            *column += x * y;
        }
    }
    let mut carry = 0;
    for column in &mut columns {
        let sum = *column + carry;
        *column = sum % 10;
        carry = sum / 10;
    }
    trimmed(columns)
}

fn divided(a: &[u32], b: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut quotient = Vec::with_capacity(a.len());
    let mut rest: Vec<u32> = Vec::new();
    for digit in a.iter().rev() {
        rest.insert(0, *digit);
        rest = trimmed(rest);
        let mut goes = 0;
        while compare(&rest, b) != Ordering::Less {
            rest = minus(&rest, b);
            goes += 1;
        }
        quotient.push(goes);
    }
    quotient.reverse();
    (trimmed(quotient), rest)
}
