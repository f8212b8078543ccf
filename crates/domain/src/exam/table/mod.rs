//! Position tables and subject tables as exam centres really publish them.
//!
//! Title rows, two-row headers, cells merged down the employer column, notes and totals below, full-width digits, and
//! conditions in words. Each condition becomes a rule: hard where it is certain, for a person where it isn't; none is
//! dropped. What can't be read is a [`RowProblem`] that says how to repair the cell.

pub mod age;
pub mod columns;
pub mod conditions;
pub mod education;
pub mod passes;
pub mod positions;
pub mod subjects;

#[cfg(test)]
mod positions_tests;
#[cfg(test)]
mod subjects_tests;

pub use passes::{CarriedPerson, PassReading, PassTable, read_passes};
pub(crate) use passes::{document as read_document, masked as masked_number};
pub use positions::{PositionRow, PositionTable, read_positions};
pub use subjects::{SubjectRow, SubjectTable, read_subjects};

use crate::coded::coded;
use crate::eligibility::Rule;
use crate::time::Date;

coded! {
    /// How bad a problem is.
    pub enum ProblemSeverity {
        /// The row isn't imported.
        Error = "error", "有错误";
        /// The row is imported; somebody should look.
        Warning = "warning", "需留意";
    }
}

/// A cell that can't be read, or should be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// Line in the sheet, from 1; 0 for the whole table.
    pub row: u32,
    /// Title of the column.
    pub column: String,
    /// What the cell says.
    pub cell: String,
    /// What is wrong and how to repair it.
    pub message: String,
    /// How bad it is.
    pub severity: ProblemSeverity,
}

/// What a table is read with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    /// Day that `35周岁以下` is counted to; without it such a condition goes to a person.
    pub counted_to: Option<Date>,
}

/// What one text means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Rules.
    pub rules: Vec<Rule>,
    /// Remarks for whoever imports.
    pub remarks: Vec<String>,
}

impl Meaning {
    /// A meaning of one rule.
    pub fn rule(rule: Rule) -> Self {
        Self {
            rules: vec![rule],
            remarks: Vec::new(),
        }
    }

    /// Adds another meaning.
    pub fn merge(&mut self, other: Self) {
        self.rules.extend(other.rules);
        self.remarks.extend(other.remarks);
    }
}

/// Whether a text says that there is no limit.
pub fn is_unlimited(text: &str) -> bool {
    let text = crate::sheet::squeezed(text);
    let bare = text.trim_matches(['。', '；', '，', '/', '-', '—', '、', '.']);
    [
        "",
        "不限",
        "无",
        "无要求",
        "不作要求",
        "不做要求",
        "不限制",
        "无限制",
        "均可",
        "男女不限",
        "不限性别",
        "年龄不限",
        "户籍不限",
        "学历不限",
        "不限户籍",
        "不限年龄",
        "无其他要求",
        "性别不限",
        "面向社会",
        "社会人员",
        "不限对象",
    ]
    .contains(&bare)
}
