//! Eligibility as data: rules over facts, per position and per exam.
//!
//! A rule is `{fact, operator, operand, severity, message}`. [`check()`] compares it with [`Facts`] and answers pass, fail
//! with a reason, or manual with a reason; [`describe()`] says the requirement in plain words. Rules come from the
//! position table ([`crate::exam::table`]) and are immutable once published.

pub mod check;
pub mod describe;
pub mod facts;
pub mod level;
pub mod rule;

#[cfg(test)]
mod check_tests;

pub use check::{Answer, Report, check, check_all};
pub use describe::{describe, describe_all};
pub use facts::{Facts, Studies};
pub use level::{Degree, EducationLevel};
pub use rule::{Fact, Operand, Operator, Relaxed, Rule, Severity};

use crate::coded::coded;

coded! {
    /// How a candidate compares with a requirement, worst last.
    pub enum Verdict {
        /// Every rule passes.
        Pass = "pass", "符合";
        /// A person must look.
        Manual = "manual", "需人工审核";
        /// A hard rule fails.
        Fail = "fail", "不符合";
    }
}
