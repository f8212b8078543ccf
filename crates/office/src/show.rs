//! How pages write instants, numbers and sizes. Templates call it as `crate::show::…`.

use std::borrow::Borrow;

use domain::time::Timestamp;

/// The media type of a workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// `2026-03-18 09:42` by Beijing time; instants are stored as microseconds.
pub(crate) fn minute(micros: impl Borrow<i64>) -> String {
    Timestamp::from_micros(*micros.borrow()).to_local_minute()
}

/// `2026-03-18 09:42:05`.
pub(crate) fn second(micros: impl Borrow<i64>) -> String {
    Timestamp::from_micros(*micros.borrow()).to_local_second()
}

/// `3月18日 09:42`.
pub(crate) fn short(micros: impl Borrow<i64>) -> String {
    Timestamp::from_micros(*micros.borrow()).to_chinese_short()
}

/// The instant, or a dash.
pub(crate) fn minute_or_dash(micros: impl Borrow<Option<i64>>) -> String {
    micros.borrow().map_or_else(|| "—".to_owned(), minute)
}

/// `18,426`.
pub(crate) fn number(value: impl Borrow<i64>) -> String {
    let value = *value.borrow();
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count that stops at 1,001 or at 10,001: `38`, `超过 1 千`, `超过 1 万`.
pub(crate) fn stopped(count: i64, at: i64) -> String {
    if at == 1_001 && count >= at {
        "超过 1 千".to_owned()
    } else {
        capped(count)
    }
}

/// A count that stops at 10,001: `38`, `超过 1 万`.
pub(crate) fn capped(count: impl Borrow<i64>) -> String {
    let count = *count.borrow();
    if count > 10_000 {
        "超过 1 万".to_owned()
    } else {
        number(count)
    }
}

/// `36 KB`, `1.2 MB`, `3.6 GB`.
pub(crate) fn size(bytes: impl Borrow<i64>) -> String {
    match *bytes.borrow() {
        bytes @ ..1024 => format!("{bytes} 字节"),
        bytes @ 1024..1_048_576 => format!("{} KB", bytes / 1024),
        bytes @ 1_048_576..1_073_741_824 => format!(
            "{}.{} MB",
            bytes / 1_048_576,
            bytes % 1_048_576 * 10 / 1_048_576
        ),
        bytes => format!(
            "{}.{} GB",
            bytes / 1_073_741_824,
            bytes % 1_073_741_824 * 10 / 1_073_741_824
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_counts_stop() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(18_426), "18,426");
        assert_eq!(number(-1_000_000), "-1,000,000");
        assert_eq!(capped(10_000), "10,000");
        assert_eq!(capped(10_001), "超过 1 万");
        assert_eq!(size(900), "900 字节");
        assert_eq!(size(51_200), "50 KB");
        assert_eq!(size(1_258_291), "1.1 MB");
        assert_eq!(size(3_865_470_566), "3.5 GB");
    }
}
