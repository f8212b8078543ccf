//! Dates as the portal writes them: exact, with the day of the week where a deadline is meant.

use domain::time::Timestamp;

const WEEKDAYS: [&str; 7] = ["四", "五", "六", "日", "一", "二", "三"];
const BEIJING: i64 = 8 * 3600;

fn weekday(at: Timestamp) -> &'static str {
    let days = (at.seconds() + BEIJING).div_euclid(86_400).rem_euclid(7);
    usize::try_from(days)
        .ok()
        .and_then(|day| WEEKDAYS.get(day))
        .copied()
        .unwrap_or("")
}

/// `3月23日（周一）17:00`.
pub(crate) fn deadline(at: Timestamp) -> String {
    let date = at.date();
    format!(
        "{}月{}日（周{}）{}",
        date.month(),
        date.day(),
        weekday(at),
        at.to_clock()
    )
}

/// `3月23日`.
pub(crate) fn day(at: Timestamp) -> String {
    let date = at.date();
    format!("{}月{}日", date.month(), date.day())
}

/// `3月23日` this year, `2025年12月1日` in another.
pub(crate) fn day_of(at: Timestamp, now: Timestamp) -> String {
    if at.date().year() == now.date().year() {
        day(at)
    } else {
        at.date().to_chinese()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_names_the_day_of_the_week() {
        let at = Timestamp::parse_local("2026-03-23 17:00").unwrap();
        assert_eq!(deadline(at), "3月23日（周一）17:00");
        let midnight = Timestamp::parse_local("2026-03-22 00:00").unwrap();
        assert_eq!(deadline(midnight), "3月22日（周日）00:00");
        assert_eq!(day_of(at, midnight), "3月23日");
        assert_eq!(
            day_of(at, Timestamp::parse_local("2027-01-01 00:00").unwrap()),
            "2026年3月23日"
        );
    }
}
