//! How far an exam tells the public how many people applied for each position.

use serde::{Deserialize, Serialize};

/// 公开报名人数.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(tag = "shown", rename_all = "snake_case", deny_unknown_fields)]
pub enum PublicCounts {
    /// 不公开.
    Hidden,
    /// 公开, exactly.
    #[default]
    Exact,
    /// 只公开到 N 人: exact below, `N 人以上` from there on.
    UpTo {
        /// N, at least 1.
        most: u32,
    },
}

impl PublicCounts {
    /// Whether the public sees any figure.
    pub const fn is_shown(self) -> bool {
        !matches!(self, Self::Hidden)
    }

    /// A figure as the public reads it; `None` where it reads none.
    pub fn says(self, count: i64) -> Option<String> {
        match self {
            Self::Hidden => None,
            Self::UpTo { most } if count >= i64::from(most) => Some(format!("{most} 人以上")),
            Self::Exact | Self::UpTo { .. } => Some(count.to_string()),
        }
    }

    /// The figure that lists are ordered by: what is hidden mustn't show in the order either.
    pub fn ordered(self, count: i64) -> i64 {
        match self {
            Self::Hidden => 0,
            Self::Exact => count,
            Self::UpTo { most } => count.min(i64::from(most)),
        }
    }

    /// In words, for staff.
    pub fn label(self) -> String {
        match self {
            Self::Hidden => "不公开".to_owned(),
            Self::Exact => "公开".to_owned(),
            Self::UpTo { most } => format!("只公开到 {most} 人"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_show_as_far_as_the_exam_says() {
        let up_to = PublicCounts::UpTo { most: 100 };
        for (counts, count, says, ordered) in [
            (PublicCounts::Hidden, 0, None, 0),
            (PublicCounts::Hidden, 500, None, 0),
            (PublicCounts::Exact, 500, Some("500"), 500),
            (up_to, 0, Some("0"), 0),
            (up_to, 99, Some("99"), 99),
            (up_to, 100, Some("100 人以上"), 100),
            (up_to, 5000, Some("100 人以上"), 100),
        ] {
            assert_eq!(counts.says(count).as_deref(), says, "{counts:?} {count}");
            assert_eq!(counts.ordered(count), ordered, "{counts:?} {count}");
        }
    }
}
