//! The template of ticket numbers: `YY + exam 2 + site 2 + room 3 + seat 2`, or whatever a centre uses.
//!
//! Every part has a fixed width, so that a number's length never depends on the candidate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::coded::coded;

coded! {
    /// What a part of the number stands for.
    pub enum PartKind {
        /// The last digits of the year.
        Year = "year", "年份";
        /// The exam's own number.
        Exam = "exam", "考试";
        /// The candidate's first session.
        Session = "session", "场次";
        /// The level or class of paper.
        Level = "level", "级别";
        /// The site.
        Site = "site", "考点";
        /// The room, numbered through the exam.
        Room = "room", "考场";
        /// The seat.
        Seat = "seat", "座位";
    }
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A number of fixed width.
    Number(PartKind, usize),
    /// Digits that are always the same (a city's code).
    Fixed(String),
}

/// The template. Stored as its text: `year2+exam2+site2+room3+seat2`, fixed digits as they are (`4301+year2+…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketTemplate {
    parts: Vec<Part>,
}

/// The numbers of one candidate that a template may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TicketNumbers {
    /// Year, four digits.
    pub year: u32,
    /// The exam's number.
    pub exam: u32,
    /// His first session.
    pub session: u32,
    /// His level or class of paper.
    pub level: u32,
    /// His site.
    pub site: u32,
    /// His room.
    pub room: u32,
    /// His seat.
    pub seat: u32,
}

/// Why a template can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A part that isn't `kind` + width or digits.
    #[error("准考证号格式中的“{0}”看不懂，应如 room3 或固定数字")]
    Part(String),
    /// Without room or seat, numbers can't be unique.
    #[error("准考证号格式必须包含考场（room）和座位（seat）")]
    NotUnique,
    /// A part twice.
    #[error("准考证号格式中“{}”出现了两次", .0.label())]
    Twice(PartKind),
    /// Too short or too long to print and type.
    #[error("准考证号应为 6 到 20 位，现在是 {0} 位")]
    Length(usize),
}

/// Why a candidate's number can't be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}编号 {value} 超出准考证号中的 {width} 位，请加宽格式", .kind.label())]
pub struct TooWide {
    /// Which part.
    pub kind: PartKind,
    /// Its number.
    pub value: u32,
    /// Its width.
    pub width: usize,
}

impl Default for TicketTemplate {
    fn default() -> Self {
        use PartKind as K;
        let part = |kind, width| Part::Number(kind, width);
        Self {
            parts: vec![
                part(K::Year, 2),
                part(K::Exam, 2),
                part(K::Site, 2),
                part(K::Room, 3),
                part(K::Seat, 2),
            ],
        }
    }
}

impl TicketTemplate {
    /// Number of digits of every number.
    pub fn width(&self) -> usize {
        self.parts.iter().map(Part::width).sum()
    }

    /// Whether the number tells sessions apart: needed when seats are used again in other sessions.
    pub fn has_session(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Number(PartKind::Session, _)))
    }

    /// The number of one candidate. A year is cut to its last digits, everything else must fit.
    pub fn number(&self, of: &TicketNumbers) -> Result<String, TooWide> {
        let mut number = String::with_capacity(self.width());
        for part in &self.parts {
            match part {
                Part::Fixed(digits) => number.push_str(digits),
                Part::Number(kind, width) => {
                    let value = of.get(*kind);
                    let room = 10u64.pow(u32::try_from(*width).unwrap_or(u32::MAX));
                    let shown = if *kind == PartKind::Year {
                        u64::from(value) % room
                    } else {
                        u64::from(value)
                    };
                    if shown >= room {
                        return Err(TooWide {
                            kind: *kind,
                            value,
                            width: *width,
                        });
                    }
                    number.push_str(&format!("{shown:0width$}", width = *width));
                }
            }
        }
        Ok(number)
    }

    /// The number in the template's groups, for reading aloud: `26 03 07 012 18`.
    pub fn grouped(&self, number: &str) -> String {
        let mut rest = number;
        let mut groups = Vec::new();
        for part in &self.parts {
            let Some((group, tail)) = rest.split_at_checked(part.width()) else {
                return number.to_owned();
            };
            groups.push(group);
            rest = tail;
        }
        if rest.is_empty() {
            groups.join(" ")
        } else {
            number.to_owned()
        }
    }
}

impl Part {
    fn width(&self) -> usize {
        match self {
            Self::Number(_, width) => *width,
            Self::Fixed(digits) => digits.len(),
        }
    }
}

impl TicketNumbers {
    const fn get(&self, kind: PartKind) -> u32 {
        match kind {
            PartKind::Year => self.year,
            PartKind::Exam => self.exam,
            PartKind::Session => self.session,
            PartKind::Level => self.level,
            PartKind::Site => self.site,
            PartKind::Room => self.room,
            PartKind::Seat => self.seat,
        }
    }
}

impl fmt::Display for TicketTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            match part {
                Part::Number(kind, width) => write!(f, "{}{width}", kind.code())?,
                Part::Fixed(digits) => f.write_str(digits)?,
            }
        }
        Ok(())
    }
}

impl FromStr for TicketTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        for piece in text
            .split('+')
            .map(|piece| piece.trim().to_ascii_lowercase())
        {
            let wrong = || TemplateError::Part(piece.clone());
            let split = piece.find(|c: char| c.is_ascii_digit()).ok_or_else(wrong)?;
            let (name, digits) = piece.split_at(split);
            if !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong());
            }
            if name.is_empty() {
                parts.push(Part::Fixed(digits.to_owned()));
                continue;
            }
            let kind = PartKind::from_code(name).ok_or_else(wrong)?;
            let width: usize = digits.parse().map_err(|_| wrong())?;
            if !(1..=9).contains(&width) {
                return Err(wrong());
            }
            if parts
                .iter()
                .any(|part| matches!(part, Part::Number(other, _) if *other == kind))
            {
                return Err(TemplateError::Twice(kind));
            }
            parts.push(Part::Number(kind, width));
        }
        let has = |kind| {
            parts
                .iter()
                .any(|part| matches!(part, Part::Number(other, _) if *other == kind))
        };
        if !has(PartKind::Room) || !has(PartKind::Seat) {
            return Err(TemplateError::NotUnique);
        }
        let template = Self { parts };
        match template.width() {
            6..=20 => Ok(template),
            width => Err(TemplateError::Length(width)),
        }
    }
}

impl Serialize for TicketTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for TicketTemplate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OF: TicketNumbers = TicketNumbers {
        year: 2026,
        exam: 3,
        session: 1,
        level: 4,
        site: 7,
        room: 12,
        seat: 18,
    };

    #[test]
    fn the_default_gives_the_number_of_the_sample_card() {
        let template = TicketTemplate::default();
        let number = template.number(&OF).unwrap();
        assert_eq!(number, "26030701218");
        assert_eq!(template.grouped(&number), "26 03 07 012 18");
        assert_eq!(template.to_string(), "year2+exam2+site2+room3+seat2");
    }

    #[test]
    fn other_centres_have_other_templates() {
        let tongji: TicketTemplate = "level1+year2+4301+room2+seat2".parse().unwrap();
        assert_eq!(tongji.number(&OF).unwrap(), "42643011218");
        assert!(!tongji.has_session());
        assert!(
            "session1+room4+seat2"
                .parse::<TicketTemplate>()
                .unwrap()
                .has_session()
        );
    }

    #[test]
    fn a_template_that_cannot_work_is_refused() {
        for (text, error) in [
            ("year2+exam2", TemplateError::NotUnique),
            ("room3+seat2+room3", TemplateError::Twice(PartKind::Room)),
            ("room3+seat2", TemplateError::Length(5)),
            ("year9+exam9+room9+seat9", TemplateError::Length(36)),
            ("考场3+seat2", TemplateError::Part("考场3".into())),
            ("room+seat2", TemplateError::Part("room".into())),
            ("room0+seat2", TemplateError::Part("room0".into())),
            ("", TemplateError::Part(String::new())),
        ] {
            assert_eq!(text.parse::<TicketTemplate>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_number_that_does_not_fit_names_the_part() {
        let refused = TicketTemplate::default()
            .number(&TicketNumbers { room: 1000, ..OF })
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "考场编号 1000 超出准考证号中的 3 位，请加宽格式"
        );
    }

    proptest! {
        #[test]
        fn numbers_have_one_width_and_differ_by_room_and_seat(
            rooms in proptest::collection::hash_set((0u32..1000, 0u32..100), 1..50)
        ) {
            let template = TicketTemplate::default();
            let numbers: std::collections::HashSet<String> = rooms
                .iter()
                .map(|(room, seat)| template.number(&TicketNumbers { room: *room, seat: *seat, ..OF }).unwrap())
                .collect();
            prop_assert_eq!(numbers.len(), rooms.len());
            prop_assert!(numbers.iter().all(|number| number.len() == template.width()));
        }

        #[test]
        fn a_template_reads_back(widths in (1usize..5, 1usize..5, 1usize..5)) {
            let text = format!("year2+site{}+room{}+seat{}", widths.0, widths.1, widths.2);
            if let Ok(template) = text.parse::<TicketTemplate>() {
                prop_assert_eq!(template.to_string(), text);
            }
        }
    }
}
