//! A position of a recruitment or civil-service exam, with the columns that centres publish (domain notes §3).

use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::eligibility::Rule;

coded! {
    /// Where a position stands.
    pub enum PositionState {
        /// Candidates may apply.
        Open = "open", "招聘中";
        /// Cancelled: its candidates move or get their money back.
        Cancelled = "cancelled", "已取消";
    }
}

/// A position. Published texts are kept as they are; [`Position::rules`] is what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Position {
    /// 岗位代码.
    pub code: String,
    /// 岗位名称.
    pub name: String,
    /// 招聘单位.
    pub employer: String,
    /// 主管部门.
    pub department: String,
    /// 单位性质/经费来源.
    pub funding: String,
    /// 岗位类别: 管理, 专业技术, 工勤.
    pub category: String,
    /// 岗位等级.
    pub grade: String,
    /// 招聘人数.
    pub headcount: u32,
    /// 招聘对象.
    pub target: String,
    /// 性别.
    pub sex: String,
    /// 年龄.
    pub age: String,
    /// 户籍.
    pub hukou: String,
    /// 学历.
    pub education: String,
    /// 学位.
    pub degree: String,
    /// 专业.
    pub majors: String,
    /// 职称/资格.
    pub qualification: String,
    /// 工作经历.
    pub experience: String,
    /// 政治面貌.
    pub political: String,
    /// 其他条件.
    pub other: String,
    /// 开考比例 as published.
    pub open_ratio: String,
    /// 笔试类别: the class of paper.
    pub paper: String,
    /// 面试方式.
    pub interview: String,
    /// 咨询电话.
    pub phone: String,
    /// 备注.
    pub remark: String,
    /// Columns that this program doesn't know: name and text.
    pub extra: Vec<(String, String)>,
    /// What the texts mean.
    pub rules: Vec<Rule>,
}

/// What the count of paying applicants does to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatioOutcome {
    /// Enough.
    Kept,
    /// Fewer posts.
    HeadcountCut(u32),
    /// None left.
    Cancelled,
}

impl Position {
    /// Text that the search looks in: code, name, employer, department, majors, without spaces, lower case.
    pub fn search_text(&self) -> String {
        let all = [
            &self.code,
            &self.name,
            &self.employer,
            &self.department,
            &self.majors,
        ];
        all.map(|text| crate::sheet::squeezed(text).to_lowercase())
            .join(" ")
    }
}

/// What 开考比例 does: `ratio` payers for each post. Plan 2 at 3:1 with 5 payers gives plan 1; with 2 it is cancelled. At 1:1, or
/// without a ratio, every position is kept.
pub const fn open_ratio(headcount: u32, payers: u32, ratio: u32) -> RatioOutcome {
    if ratio <= 1 {
        return RatioOutcome::Kept;
    }
    let Some(possible) = payers.checked_div(ratio) else {
        return RatioOutcome::Kept;
    };
    if possible == 0 {
        RatioOutcome::Cancelled
    } else if possible >= headcount {
        RatioOutcome::Kept
    } else {
        RatioOutcome::HeadcountCut(possible)
    }
}

/// What a published 开考比例 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenRatio {
    /// Nothing: the exam's own ratio holds.
    Unsaid,
    /// 不限, 无: none for this position.
    None,
    /// So many for each post.
    Of(u32),
    /// It says something that nobody can count with: a person decides.
    Unclear,
}

impl OpenRatio {
    /// Reads `3:1`, `1:3`, `1：3`, `3比1`, `不低于 3:1`, `3`, `不限`.
    pub fn read(text: &str) -> Self {
        let text = crate::sheet::squeezed(text);
        if text.is_empty() || ["-", "—", "/"].contains(&text.as_str()) {
            return Self::Unsaid;
        }
        if crate::exam::table::is_unlimited(&text) || text.contains("不设") || text == "不限比例"
        {
            return Self::None;
        }
        let mut numbers: Vec<u32> = Vec::new();
        let mut digits = String::new();
        for c in text.chars().chain([' ']) {
            if c.is_ascii_digit() {
                digits.push(c);
            } else if !digits.is_empty() {
                numbers.extend(digits.parse::<u32>());
                digits.clear();
            }
        }
        match numbers.as_slice() {
            [one] | [one, 1] | [1, one] if (1..=100).contains(one) => Self::Of(*one),
            _ => Self::Unclear,
        }
    }

    /// Payers for each post, the exam's own where the position says nothing; 0 for none. `Err` where a person has to say.
    pub fn or(self, exam: Option<u32>) -> Result<u32, Unclear> {
        match self {
            Self::Unsaid => Ok(exam.unwrap_or(0)),
            Self::None => Ok(0),
            Self::Of(ratio) => Ok(ratio),
            Self::Unclear => Err(Unclear),
        }
    }
}

/// A ratio that nobody can count with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("开考比例读不懂")]
pub struct Unclear;

coded! {
    /// Whom 开考比例 counts.
    pub enum RatioBasis {
        /// Those who paid or needn't (`[S43]`): the usual way.
        Paid = "paid", "缴费人数";
        /// Those who were approved, in a free exam.
        Approved = "approved", "审核通过人数";
        /// Everybody who applied, in an exam without either.
        Applied = "applied", "报名人数";
    }
}

impl RatioBasis {
    /// What counts in an exam with these steps.
    pub fn of(steps: super::Steps) -> Self {
        if steps.has_payment() {
            Self::Paid
        } else if steps.has_review() {
            Self::Approved
        } else {
            Self::Applied
        }
    }

    /// The figure that counts: of applied, approved, paid.
    pub const fn pick(self, (applied, approved, paid): (i64, i64, i64)) -> i64 {
        match self {
            Self::Paid => paid,
            Self::Approved => approved,
            Self::Applied => applied,
        }
    }
}

coded! {
    /// What becomes of a position.
    pub enum PositionOutcome {
        /// 保留.
        Keep = "keep", "保留";
        /// 核减.
        Cut = "cut", "核减";
        /// 取消.
        Cancel = "cancel", "取消";
    }
}

impl RatioOutcome {
    /// The outcome with the headcount after it.
    pub const fn parts(self, headcount: u32) -> (PositionOutcome, u32) {
        match self {
            Self::Kept => (PositionOutcome::Keep, headcount),
            Self::HeadcountCut(possible) => (PositionOutcome::Cut, possible),
            Self::Cancelled => (PositionOutcome::Cancel, 0),
        }
    }
}

/// How a position stands against its ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatioStanding {
    /// Payers for each post; 0 for none.
    pub ratio: u32,
    /// Whether a person has to say what the published ratio means.
    pub unclear: bool,
    /// Who counts.
    pub counted: u32,
    /// How many are needed for every post.
    pub needed: u32,
    /// What follows; kept where nobody can count.
    pub outcome: RatioOutcome,
}

impl RatioStanding {
    /// Compares a position: headcount, the ratio as published, the exam's own, who counts.
    pub fn of(headcount: u32, published: &str, exam: Option<u32>, counted: u32) -> Self {
        let ratio = OpenRatio::read(published).or(exam);
        let unclear = ratio.is_err();
        let ratio = ratio.unwrap_or(0);
        Self {
            ratio,
            unclear,
            counted,
            needed: ratio.saturating_mul(headcount),
            outcome: open_ratio(headcount, counted, ratio),
        }
    }

    /// Whether fewer came than every post needs.
    pub const fn is_short(self) -> bool {
        !matches!(self.outcome, RatioOutcome::Kept)
    }

    /// `2.5:1`, cut off after one digit: how many there are for each post.
    pub fn reached(self, headcount: u32) -> String {
        let tenths = u64::from(self.counted) * 10 / u64::from(headcount.max(1));
        if tenths % 10 == 0 {
            format!("{}:1", tenths / 10)
        } else {
            format!("{}.{}:1", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::Steps;
    use crate::exam::steps::{PaymentStep, ReviewStep};

    #[test]
    fn the_open_ratio_cuts_and_cancels_as_published() {
        use RatioOutcome as R;
        // Headcount, payers, ratio. The second and third are the example of a notice [S43].
        for (headcount, payers, ratio, outcome) in [
            (2, 6, 3, R::Kept),
            (2, 5, 3, R::HeadcountCut(1)),
            (2, 2, 3, R::Cancelled),
            (2, 3, 3, R::HeadcountCut(1)),
            (3, 8, 3, R::HeadcountCut(2)),
            (3, 100, 3, R::Kept),
            (1, 2, 3, R::Cancelled),
            (1, 0, 3, R::Cancelled),
            (5, 10, 2, R::Kept),
            (5, 9, 2, R::HeadcountCut(4)),
            (1, 4, 5, R::Cancelled),
            (1, 0, 0, R::Kept),
            (2, 1, 1, R::Kept),
            (2, 0, 1, R::Kept),
        ] {
            let found = open_ratio(headcount, payers, ratio);
            assert_eq!(found, outcome, "{headcount} {payers} {ratio}");
        }
    }

    #[test]
    fn ratios_are_read_as_centres_write_them() {
        use OpenRatio as O;
        for (text, ratio) in [
            ("3:1", O::Of(3)),
            ("1:3", O::Of(3)),
            ("1：3", O::Of(3)),
            ("1∶3", O::Of(3)),
            ("5比1", O::Of(5)),
            ("不低于 3:1", O::Of(3)),
            ("1:1", O::Of(1)),
            ("3", O::Of(3)),
            ("", O::Unsaid),
            ("—", O::Unsaid),
            ("不限", O::None),
            ("无", O::None),
            ("不设开考比例", O::None),
            ("按公告执行", O::Unclear),
            ("2:3", O::Unclear),
            ("0:1", O::Unclear),
        ] {
            assert_eq!(O::read(text), ratio, "{text}");
        }
        assert_eq!(O::read("").or(Some(3)), Ok(3));
        assert_eq!(O::read("").or(None), Ok(0));
        assert_eq!(O::read("不限").or(Some(3)), Ok(0));
        assert_eq!(O::read("另定").or(Some(3)), Err(Unclear));
    }

    #[test]
    fn a_standing_says_what_is_needed_and_what_was_reached() {
        let standing = RatioStanding::of(2, "3:1", None, 5);
        assert_eq!((standing.needed, standing.reached(2)), (6, "2.5:1".into()));
        assert_eq!(standing.outcome, RatioOutcome::HeadcountCut(1));
        assert!(standing.is_short());
        let unclear = RatioStanding::of(2, "另行公布", Some(3), 0);
        assert!(unclear.unclear && !unclear.is_short());
        assert_eq!(RatioStanding::of(3, "", Some(3), 30).reached(3), "10:1");
        assert_eq!(
            RatioStanding::of(3, "", None, 0).outcome.parts(3),
            (PositionOutcome::Keep, 3)
        );
    }

    #[test]
    fn who_counts_follows_from_the_steps() {
        let free = Steps {
            payment: PaymentStep::None,
            ..Steps::default()
        };
        let bare = Steps {
            review: ReviewStep::None,
            ..free
        };
        for (steps, basis, figure) in [
            (Steps::default(), RatioBasis::Paid, 3),
            (free, RatioBasis::Approved, 2),
            (bare, RatioBasis::Applied, 1),
        ] {
            assert_eq!(RatioBasis::of(steps), basis);
            assert_eq!(basis.pick((1, 2, 3)), figure);
        }
    }
}
