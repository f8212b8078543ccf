//! One subject's mark and the flags that stand in its place.

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use crate::coded::coded;

coded! {
    /// Why a subject has no ordinary mark. The numbers are those that CPTA shows (-1, -2, -4).
    pub enum Flag {
        /// An ordinary mark, zero included.
        Normal = "normal", "正常";
        /// The candidate didn't come.
        Absent = "absent", "缺考";
        /// The candidate broke the rules of the room.
        Violation = "violation", "违纪";
        /// The mark was declared void, for example for similar answers.
        Invalidated = "invalidated", "成绩无效";
    }
}

impl Flag {
    /// The number that score files carry for the flag; 0 for an ordinary mark.
    pub const fn number(self) -> i8 {
        match self {
            Self::Normal => 0,
            Self::Absent => -1,
            Self::Violation => -2,
            Self::Invalidated => -4,
        }
    }

    /// The flag of a score file's status number.
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Normal),
            -1 => Some(Self::Absent),
            -2 => Some(Self::Violation),
            -4 => Some(Self::Invalidated),
            _ => None,
        }
    }

    /// The flag that a word in a score cell means (`缺考`, `违纪`, `成绩无效`, `雷同`).
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim() {
            "正常" => Some(Self::Normal),
            "缺考" | "缺" | "未到" | "缺席" => Some(Self::Absent),
            "违纪" | "作弊" | "违规" => Some(Self::Violation),
            "成绩无效" | "无效" | "雷同" | "答卷雷同" => Some(Self::Invalidated),
            _ => None,
        }
    }
}

/// A subject's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flag", content = "mark", rename_all = "snake_case")]
pub enum Mark {
    /// A mark, zero included.
    Normal(Decimal),
    /// 缺考.
    Absent,
    /// 违纪.
    Violation,
    /// 成绩无效.
    Invalidated,
}

impl Mark {
    /// Builds a mark from its stored parts; `None` when an ordinary mark has no number.
    pub const fn from_parts(flag: Flag, number: Option<Decimal>) -> Option<Self> {
        match (flag, number) {
            (Flag::Normal, Some(number)) => Some(Self::Normal(number)),
            (Flag::Normal, None) => None,
            (Flag::Absent, _) => Some(Self::Absent),
            (Flag::Violation, _) => Some(Self::Violation),
            (Flag::Invalidated, _) => Some(Self::Invalidated),
        }
    }

    /// Its flag.
    pub const fn flag(self) -> Flag {
        match self {
            Self::Normal(_) => Flag::Normal,
            Self::Absent => Flag::Absent,
            Self::Violation => Flag::Violation,
            Self::Invalidated => Flag::Invalidated,
        }
    }

    /// The number of an ordinary mark.
    pub const fn number(self) -> Option<Decimal> {
        match self {
            Self::Normal(number) => Some(number),
            _ => None,
        }
    }

    /// What the candidate reads: the number, or the flag's word.
    pub fn text(self) -> String {
        match self {
            Self::Normal(number) => number.to_string(),
            other => other.flag().label().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_is_not_an_absence() {
        let zero = Mark::Normal(Decimal::ZERO);
        assert_ne!(zero, Mark::Absent);
        assert_eq!(zero.text(), "0");
        assert_eq!(Mark::Absent.text(), "缺考");
        assert_eq!(Mark::from_parts(Flag::Normal, None), None);
    }

    #[test]
    fn every_flag_has_its_own_number_and_word() {
        for flag in Flag::ALL {
            assert_eq!(Flag::from_number(flag.number().into()), Some(*flag));
            assert_eq!(Flag::from_word(flag.label()), Some(*flag));
        }
        assert_eq!(Flag::from_number(-3), None);
    }
}
