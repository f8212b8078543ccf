//! A month: certificates and 简历 name no days.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Date;

/// A month of a year, stored as `2022-06`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// A month; `None` if there is no such one.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        ((1900..=2100).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month of a day.
    pub fn of(date: Date) -> Self {
        Self {
            year: date.year(),
            month: date.month(),
        }
    }

    /// As people type it: `2022年6月`, `2022-06`, `2022/6`, `2022.6`, `202206`, a whole day, full-width digits.
    pub fn parse_typed(text: &str) -> Option<Self> {
        let text = crate::text::to_half_width(text);
        let text = text.trim();
        if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::new(text.get(..4)?.parse().ok()?, text.get(4..)?.parse().ok()?);
        }
        let parts: Vec<&str> = text
            .split(['-', '/', '.', '年', '月'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        match parts.as_slice() {
            [year, month] if year.len() == 4 => Self::new(year.parse().ok()?, month.parse().ok()?),
            _ => Date::parse_typed(text).map(Self::of),
        }
    }

    /// Months since year 0, for differences.
    pub fn number(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month) - 1
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        // Every month has a first day.
        Date::new(self.year, self.month, 1)
            .unwrap_or_else(|| crate::time::Timestamp::from_micros(0).date())
    }

    /// `2022年6月`.
    pub fn to_chinese(self) -> String {
        format!("{}年{}月", self.year, self.month)
    }

    /// `2022.06`, as registration forms print it.
    pub fn to_dotted(self) -> String {
        format!("{:04}.{:02}", self.year, self.month)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse_typed(&text).ok_or("not a month")
    }
}
