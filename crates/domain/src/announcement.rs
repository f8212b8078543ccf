//! What the portal publishes.

use crate::coded::coded;

coded! {
    /// 栏目.
    pub enum Category {
        /// 考试公告: an exam is held.
        Notice = "notice", "考试公告";
        /// 考务通知: dates, changes, reminders.
        Bulletin = "bulletin", "考务通知";
        /// 结果公示: scores, lists, appointments.
        Result = "result", "结果公示";
        /// 政策法规.
        Policy = "policy", "政策法规";
        /// 办事指南.
        Guide = "guide", "办事指南";
    }
}

impl Category {
    /// The category with this code, as a form sends it.
    pub fn parse(code: &str) -> Option<Self> {
        Self::from_code(code)
    }
}
