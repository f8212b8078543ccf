//! 诚信档案: records that bar a person from exams for a time, checked when he applies.

use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::time::Date;

coded! {
    /// What the record is for. The years are those of the orders that the domain notes cite (31号令, 35号令).
    pub enum IntegrityKind {
        /// One subject void; bars nothing.
        SubjectVoid = "subject_void", "单科成绩无效";
        /// All subjects void and five years.
        FiveYears = "five_years", "考试违纪（五年）";
        /// All subjects void and for good.
        LongTerm = "long_term", "考试违纪（长期）";
        /// Untrue statements or malicious sign-up.
        Dishonest = "dishonest", "弄虚作假";
        /// Didn't come where the notice bars for it.
        NoShow = "no_show", "无故缺考";
    }
}

impl IntegrityKind {
    /// Years that it lasts unless the decision says otherwise; `None` for good, 0 for not at all.
    pub const fn years(self) -> Option<u16> {
        match self {
            Self::SubjectVoid => Some(0),
            Self::FiveYears | Self::Dishonest => Some(5),
            Self::LongTerm => None,
            Self::NoShow => Some(2),
        }
    }

    /// The last day that a record of this kind usually bars, the day before its years are over; none for good.
    pub fn usual_end(self, starts_on: Date) -> Option<Date> {
        let years = i16::try_from(self.years()?).unwrap_or(i16::MAX);
        if years == 0 {
            return Some(starts_on);
        }
        let (year, month, day) = (starts_on.year() + years, starts_on.month(), starts_on.day());
        // A term that begins on 29 February ends with the next 28th.
        match Date::new(year, month, day) {
            Some(after) => Some(after.plus_days(-1)),
            None => Date::new(year, month, 28),
        }
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrityRecord {
    /// What for.
    pub kind: IntegrityKind,
    /// The decision's reason.
    pub reason: String,
    /// First day.
    pub starts_on: Date,
    /// Last day; `None` for good.
    pub ends_on: Option<Date>,
}

/// Why a person may not apply today.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Barred {
    /// What for.
    pub kind: IntegrityKind,
    /// Last day; `None` for good.
    pub until: Option<Date>,
}

impl Barred {
    fn text(&self) -> String {
        match self.until {
            Some(until) => format!(
                "您有诚信档案记录（{}），{until} 之前不能报名。有异议请联系考试机构",
                self.kind.label()
            ),
            None => format!(
                "您有诚信档案记录（{}），不能报名。有异议请联系考试机构",
                self.kind.label()
            ),
        }
    }
}

impl IntegrityRecord {
    /// Whether it bars on a day, the last day included.
    pub fn bars_on(&self, day: Date) -> bool {
        self.kind.years() != Some(0)
            && self.starts_on <= day
            && self.ends_on.is_none_or(|end| day <= end)
    }
}

/// The record that bars longest on a day, if one does.
pub fn check(records: &[IntegrityRecord], day: Date) -> Result<(), Barred> {
    records
        .iter()
        .filter(|record| record.bars_on(day))
        .max_by_key(|record| (record.ends_on.is_none(), record.ends_on))
        .map_or(Ok(()), |record| {
            Err(Barred {
                kind: record.kind,
                until: record.ends_on,
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn record(kind: IntegrityKind, ends: Option<&str>) -> IntegrityRecord {
        IntegrityRecord {
            kind,
            reason: "携带手机进入考场".into(),
            starts_on: day("2024-05-01"),
            ends_on: ends.map(day),
        }
    }

    #[test]
    fn a_record_bars_from_its_first_to_its_last_day() {
        let records = [record(IntegrityKind::FiveYears, Some("2029-04-30"))];
        for (on, barred) in [
            ("2024-04-30", false),
            ("2024-05-01", true),
            ("2029-04-30", true),
            ("2029-05-01", false),
        ] {
            assert_eq!(check(&records, day(on)).is_err(), barred, "{on}");
        }
    }

    #[test]
    fn a_term_ends_the_day_before_its_years_are_over() {
        for (kind, starts, ends) in [
            (IntegrityKind::FiveYears, "2024-05-01", Some("2029-04-30")),
            (IntegrityKind::NoShow, "2024-02-29", Some("2026-02-28")),
            (IntegrityKind::NoShow, "2024-01-01", Some("2025-12-31")),
            (IntegrityKind::LongTerm, "2024-05-01", None),
            (IntegrityKind::SubjectVoid, "2024-05-01", Some("2024-05-01")),
        ] {
            assert_eq!(
                kind.usual_end(day(starts)),
                ends.map(day),
                "{kind:?} {starts}"
            );
        }
    }

    #[test]
    fn the_longest_record_is_named_and_a_void_subject_bars_nothing() {
        let mild = record(IntegrityKind::SubjectVoid, None);
        assert_eq!(
            check(std::slice::from_ref(&mild), day("2026-01-01")),
            Ok(())
        );
        let records = [
            record(IntegrityKind::NoShow, Some("2026-05-01")),
            record(IntegrityKind::LongTerm, None),
            record(IntegrityKind::FiveYears, Some("2029-04-30")),
            mild,
        ];
        let barred = check(&records, day("2026-01-01")).unwrap_err();
        assert_eq!((barred.kind, barred.until), (IntegrityKind::LongTerm, None));
        assert!(barred.to_string().contains("长期"));
    }
}
