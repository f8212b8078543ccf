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

/// What 开考比例 does: `ratio` payers for each post. Plan 2 at 3:1 with 5 payers gives plan 1; with 2 it is cancelled.
pub const fn open_ratio(headcount: u32, payers: u32, ratio: u32) -> RatioOutcome {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_ratio_cuts_and_cancels_as_published() {
        for (headcount, payers, ratio, outcome) in [
            (2, 6, 3, RatioOutcome::Kept),
            (2, 5, 3, RatioOutcome::HeadcountCut(1)),
            (2, 2, 3, RatioOutcome::Cancelled),
            (1, 0, 3, RatioOutcome::Cancelled),
            (1, 0, 0, RatioOutcome::Kept),
        ] {
            assert_eq!(
                open_ratio(headcount, payers, ratio),
                outcome,
                "{headcount} {payers} {ratio}"
            );
        }
    }
}
