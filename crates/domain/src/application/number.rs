//! 报名序号: what a candidate reads out on the telephone.
//!
//! Year and month-day of the submission and a running number within the exam, `2026 0318 00412`: unique with the
//! exam, of fixed width, without a hint at how many others there are beyond the exam's own counter.

use crate::time::Date;

/// Running numbers above this don't fit the format.
pub const LAST: u32 = 9_999_999;

/// Builds the 报名序号 from the day of submission and the exam's running number.
///
/// Numbers have five digits and grow to seven when an exam is larger; `None` above [`LAST`] or for zero.
pub fn registration_no(on: Date, running: u32) -> Option<String> {
    if running == 0 || running > LAST {
        return None;
    }
    let day = on.to_string().replace('-', "");
    Some(format!("{day}{running:05}"))
}

/// The number as people read it, in groups: `2026 0318 00412`.
pub fn grouped(number: &str) -> String {
    match (number.get(..4), number.get(4..8), number.get(8..)) {
        (Some(year), Some(day), Some(rest)) if !rest.is_empty() => format!("{year} {day} {rest}"),
        _ => number.to_owned(),
    }
}

/// The number as stored, from what somebody typed: spaces, dashes and full-width digits are understood.
pub fn typed(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '0'..='9' => Some(c),
            '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xfee0),
            _ => None,
        })
        .collect()
}
