//! Instants and days. Instants are microseconds UTC; days and hours are those of Asia/Shanghai, which has kept UTC+8
//! without summer time since 1991, so an offset is all that is needed.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{self, DateTime};
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const BEIJING: Offset = Offset::constant(8);

/// An instant: microseconds since 1970-01-01 UTC, within the years 1 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// One second in the unit of [`Timestamp::micros`].
    pub const SECOND: i64 = 1_000_000;

    /// From microseconds since 1970-01-01 UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since 1970-01-01 UTC.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(Self::SECOND))
    }

    /// Microseconds since 1970-01-01 UTC: what is stored.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01 UTC, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(Self::SECOND)
    }

    /// Later by so many seconds; earlier if negative. Saturates.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(Self::SECOND)))
    }

    /// Later by so many days of 24 hours.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(86_400))
    }

    /// Seconds from `earlier` to this, rounded down; negative if this is before.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(Self::SECOND)
    }

    /// The day in Beijing.
    pub fn date(self) -> Date {
        Date(self.local().date())
    }

    /// `2026-03-18 09:42:05` by Beijing time.
    pub fn to_local_second(self) -> String {
        self.local().strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `2026-03-18 09:42` by Beijing time.
    pub fn to_local_minute(self) -> String {
        self.local().strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `2026年3月18日 09:42` by Beijing time: what people read.
    pub fn to_chinese_minute(self) -> String {
        self.local().strftime("%Y年%-m月%-d日 %H:%M").to_string()
    }

    /// `3月18日 09:42` by Beijing time: where the year is clear.
    pub fn to_chinese_short(self) -> String {
        self.local().strftime("%-m月%-d日 %H:%M").to_string()
    }

    /// `2026-03-18T09:42` by Beijing time: the value of an `<input type="datetime-local">`.
    pub fn to_input(self) -> String {
        self.local().strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// `09:42` by Beijing time.
    pub fn to_clock(self) -> String {
        self.local().strftime("%H:%M").to_string()
    }

    /// An instant from Beijing time as staff and files write it: `2026-03-18 09:42`, with `T` or a space, with or
    /// without seconds, `/` or `.` or `年月日` between the parts of the day.
    ///
    /// A day without a time is refused: whether its start or end is meant must be said.
    pub fn parse_local(text: &str) -> Option<Self> {
        let text = crate::text::to_half_width(text);
        let text = text
            .trim()
            .replace(['年', '月', '/', '.'], "-")
            .replace('日', " ");
        let (day, time) = text.trim().split_once(['T', ' '])?;
        let date: Date = day.trim().trim_end_matches('-').parse().ok()?;
        let mut parts = time.trim().splitn(3, ':');
        let hour: i8 = parts.next()?.trim().parse().ok()?;
        let minute: i8 = parts.next()?.trim().parse().ok()?;
        let second: i8 = parts
            .next()
            .map_or(Some(0), |second| second.trim().parse().ok())?;
        let time = civil::Time::new(hour, minute, second, 0).ok()?;
        Some(Self::of_local(date.0.to_datetime(time)))
    }

    fn of_local(local: DateTime) -> Self {
        BEIJING
            .to_timestamp(local)
            .map_or(Self(0), |at| Self(at.as_microsecond()))
    }

    fn local(self) -> DateTime {
        // Every stored instant is within jiff's range; one that isn't could only be a broken clock's.
        let at = jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        BEIJING.to_datetime(at)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_local_second())
    }
}

/// A day. Stored and written as `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// The day, if there is such a day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day)
            .ok()
            .filter(|date| date.year() > 0)
            .map(Self)
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// Its first instant in Beijing.
    pub fn start(self) -> Timestamp {
        Timestamp::of_local(self.0.to_datetime(civil::Time::midnight()))
    }

    /// Its first instant after it: where a window "until this day" closes.
    pub fn end(self) -> Timestamp {
        self.start().plus_days(1)
    }

    /// So many days later; the same day beyond the calendar's end.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        self.0
            .checked_add(jiff::Span::new().try_days(days).unwrap_or_default())
            .map_or(self, Self)
    }

    /// Whether it is a Saturday or a Sunday; holidays and weekends that are worked are the caller's ([`crate::publicity::Calendar`]).
    pub fn is_weekend(self) -> bool {
        matches!(
            self.0.weekday(),
            civil::Weekday::Saturday | civil::Weekday::Sunday
        )
    }

    /// Completed years from `earlier` to this day: ages and years of work. 29 February counts on 1 March.
    pub fn full_years_since(self, earlier: Self) -> i32 {
        let years = i32::from(self.year()) - i32::from(earlier.year());
        let reached = (self.month(), self.day()) >= (earlier.month(), earlier.day());
        if reached { years } else { years - 1 }
    }

    /// `2026年3月18日`.
    pub fn to_chinese(self) -> String {
        format!("{}年{}月{}日", self.year(), self.month(), self.day())
    }

    /// A day as people type it: `2026-3-8`, `2026/03/08`, `2026.3.8`, `2026年3月8日`, `20260308`, full-width digits.
    pub fn parse_typed(text: &str) -> Option<Self> {
        let text = crate::text::to_half_width(text);
        let text = text.trim();
        if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::new(
                text.get(..4)?.parse().ok()?,
                text.get(4..6)?.parse().ok()?,
                text.get(6..)?.parse().ok()?,
            );
        }
        let parts: Vec<&str> = text
            .split(['-', '/', '.', '年', '月', '日'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        let [year, month, day] = parts.as_slice() else {
            return None;
        };
        if year.len() != 4 {
            return None;
        }
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }
}

/// The text isn't a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("日期应写成 2026-03-08 的样子")]
pub struct NotADate;

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let mut parts = text.splitn(3, '-');
        let mut next = || {
            parts
                .next()
                .filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
                .ok_or(NotADate)
        };
        let (year, month, day) = (next()?, next()?, next()?);
        if year.len() != 4 || !(1..=2).contains(&month.len()) || !(1..=2).contains(&day.len()) {
            return Err(NotADate);
        }
        let number = |part: &str| part.parse::<i16>().map_err(|_| NotADate);
        let small = |part: &str| part.parse::<i8>().map_err(|_| NotADate);
        Self::new(number(year)?, small(month)?, small(day)?).ok_or(NotADate)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.year(),
            self.month(),
            self.day()
        )
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_and_hours_are_those_of_beijing() {
        let at = Timestamp::from_seconds(0);
        assert_eq!(at.to_local_second(), "1970-01-01 08:00:00");
        let late = Timestamp::parse_local("2026-03-17 23:59:59").unwrap();
        assert_eq!(late.date(), day("2026-03-17"));
        assert_eq!(late.plus_seconds(1).date(), day("2026-03-18"));
        assert_eq!(day("2026-03-18").start(), late.plus_seconds(1));
        assert_eq!(late.to_chinese_minute(), "2026年3月17日 23:59");
        assert_eq!(late.to_input(), "2026-03-17T23:59");
    }

    #[test]
    fn times_are_read_as_staff_write_them() {
        let expected = Timestamp::parse_local("2026-03-08 09:05").unwrap();
        for text in [
            "2026-03-08T09:05",
            "2026/3/8 9:05",
            "2026年3月8日 9:05",
            "２０２６.３.８　９：０５",
            "2026-03-08 09:05:00",
        ] {
            assert_eq!(Timestamp::parse_local(text), Some(expected), "{text}");
        }
        for text in [
            "2026-03-08",
            "2026-02-30 09:00",
            "2026-03-08 24:00",
            "9:00",
            "",
        ] {
            assert_eq!(Timestamp::parse_local(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        for text in [
            "2026-3-8",
            "2026/03/08",
            "2026.3.8",
            "2026年3月8日",
            "20260308",
            "２０２６－３－８",
        ] {
            assert_eq!(Date::parse_typed(text), Some(day("2026-03-08")), "{text}");
        }
        for text in ["26-3-8", "2026-13-1", "2026-2-29", "2026-3", "今天"] {
            assert_eq!(Date::parse_typed(text), None, "{text}");
        }
    }

    #[test]
    fn years_are_full_on_the_anniversary() {
        for (birth, on, years) in [
            ("1991-03-18", "2026-03-17", 34),
            ("1991-03-18", "2026-03-18", 35),
            ("2008-02-29", "2026-02-28", 17),
            ("2008-02-29", "2026-03-01", 18),
        ] {
            assert_eq!(day(on).full_years_since(day(birth)), years, "{birth} {on}");
        }
    }

    #[test]
    fn stored_days_have_one_form() {
        assert_eq!(
            serde_json::to_string(&day("2026-03-08")).unwrap(),
            "\"2026-03-08\""
        );
        assert!("2026-02-30".parse::<Date>().is_err());
        assert!("+026-02-03".parse::<Date>().is_err());
    }
}
