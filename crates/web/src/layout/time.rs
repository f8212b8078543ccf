//! Instants as the page frame writes them, by Beijing time.

use domain::time::Timestamp;

const DAY: i64 = 86_400;
/// China has kept UTC+8 without summer time since 1991.
const BEIJING: i64 = 8 * 3600;

/// 2026年3月18日 09:42.
pub fn beijing_minute(at: Timestamp) -> String {
    let (year, month, day, hour, minute, _) = parts(at);
    format!("{year}年{month}月{day}日 {hour:02}:{minute:02}")
}

/// 2026-03-18 09:42:05.
pub fn beijing_date_time(at: Timestamp) -> String {
    let (year, month, day, hour, minute, second) = parts(at);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

fn parts(at: Timestamp) -> (i64, i64, i64, i64, i64, i64) {
    let local = at.micros().div_euclid(1_000_000) + BEIJING;
    let (days, seconds) = (local.div_euclid(DAY), local.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    (
        year,
        month,
        day,
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
    )
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
