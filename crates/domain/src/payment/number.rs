//! Numbers that go to channels: 20–32 characters of `[0-9A-Z]`, which suits all three (payments §1).

use crate::time::Timestamp;

/// What a number is for; its first letter says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A payment attempt.
    Payment,
    /// A refund.
    Refund,
}

/// Builds a merchant number: letter, local time to the second, the id in base 36. Unique as the id is.
pub fn merchant_no(purpose: Purpose, at: Timestamp, id: u64) -> String {
    let letter = match purpose {
        Purpose::Payment => 'P',
        Purpose::Refund => 'R',
    };
    format!("{letter}{}{}", compact(at, 14), base36(id))
}

/// Whether a text may be one of our merchant numbers: cheap to test before any look-up.
pub fn is_merchant_no(text: &str) -> bool {
    (20..=32).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

/// 缴费单号 that a candidate types: `JF`, the day, eight digits of the id.
///
/// Eight digits can meet another order of the same day; the unique index says so, and the caller takes another id.
pub fn order_no(at: Timestamp, id: u64) -> String {
    format!(
        "JF{}{:08}",
        compact(at, 8).get(2..).unwrap_or_default(),
        id % 100_000_000
    )
}

/// The order number in groups: `JF 260318 0000 0412`.
pub fn grouped(number: &str) -> String {
    match (
        number.get(..2),
        number.get(2..8),
        number.get(8..12),
        number.get(12..),
    ) {
        (Some(letters), Some(day), Some(a), Some(b)) if !b.is_empty() => {
            format!("{letters} {day} {a} {b}")
        }
        _ => number.to_owned(),
    }
}

/// The order number as stored, from what somebody typed.
pub fn typed(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// The first `digits` of the local time as `YYYYMMDDHHMMSS`.
fn compact(at: Timestamp, digits: usize) -> String {
    at.to_local_second()
        .chars()
        .filter(char::is_ascii_digit)
        .take(digits)
        .collect()
}

/// Thirteen characters, enough for every `u64`.
fn base36(mut id: u64) -> String {
    let mut digits = Vec::with_capacity(13);
    for _ in 0..13 {
        let digit = u32::try_from(id % 36).unwrap_or(0);
        digits.push(
            char::from_digit(digit, 36)
                .unwrap_or('0')
                .to_ascii_uppercase(),
        );
        id /= 36;
    }
    digits.iter().rev().collect()
}
