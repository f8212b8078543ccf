//! Eligibility.
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
