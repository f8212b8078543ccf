//! What an admission ticket says. The documents crate sets it, the site previews it; both take this struct.

use serde::{Deserialize, Serialize};

/// One line of the timetable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLine {
    /// Subject.
    pub subject: String,
    /// `2026年4月12日（周日）`.
    pub date: String,
    /// `9:00–10:30`.
    pub time: String,
    /// Room of this session, three digits or as the centre names it.
    pub room: String,
    /// Seat of this session.
    pub seat: String,
}

/// The content of one ticket. Texts are ready to print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketContent {
    /// Title of the exam.
    pub exam: String,
    /// 准考证号 as stored, for the barcode.
    pub ticket_no: String,
    /// 准考证号 in groups.
    pub ticket_no_grouped: String,
    /// 姓名.
    pub name: String,
    /// 性别.
    pub sex: String,
    /// 证件类型.
    pub id_type: String,
    /// 证件号码, whole: the invigilator compares it with the document.
    pub id_number: String,
    /// What he applied for: label and text (`报考岗位`, `级别/专业`).
    pub choice: Vec<(String, String)>,
    /// Site.
    pub site: String,
    /// Address of the site.
    pub address: String,
    /// Timetable, in order.
    pub sessions: Vec<SessionLine>,
    /// 考生须知, one paragraph each.
    pub notice: Vec<String>,
    /// Who issues it.
    pub issuer: String,
}

impl std::fmt::Debug for TicketContent {
    /// Names nobody: a ticket holds an ID number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TicketContent")
            .field("exam", &self.exam)
            .finish_non_exhaustive()
    }
}

/// Why a ticket can't be printed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoTicket {
    /// The steps before aren't done.
    #[error("审核、缴费等环节尚未完成，不能打印准考证")]
    StepsMissing,
    /// No published plan has a seat of his.
    #[error("考场尚未编排，编排公布后可打印准考证")]
    NotSeated,
    /// Before the window.
    #[error("准考证打印尚未开始")]
    NotYet,
    /// After the window.
    #[error("准考证打印已结束")]
    Over,
}

/// Whether the ticket may be printed: steps done, seat published, window open. `early`/`late` compare now with the
/// ticket window.
pub const fn may_print(
    steps_done: bool,
    seated: bool,
    early: bool,
    late: bool,
) -> Result<(), NoTicket> {
    match (steps_done, seated, early, late) {
        (false, ..) => Err(NoTicket::StepsMissing),
        (true, false, ..) => Err(NoTicket::NotSeated),
        (true, true, true, _) => Err(NoTicket::NotYet),
        (true, true, false, true) => Err(NoTicket::Over),
        (true, true, false, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_ticket_without_steps_seat_and_window() {
        let mut printed = 0;
        for bits in 0u8..16 {
            let flag = |bit: u8| bits & (1 << bit) != 0;
            let answer = may_print(flag(0), flag(1), flag(2), flag(3));
            let expected = flag(0) && flag(1) && !flag(2) && !flag(3);
            assert_eq!(answer.is_ok(), expected, "{bits:04b}");
            printed += u8::from(answer.is_ok());
        }
        assert_eq!(printed, 1);
    }

    #[test]
    fn a_ticket_does_not_print_a_person_into_a_log() {
        let ticket = TicketContent {
            exam: "考试".into(),
            ticket_no: "26030701218".into(),
            ticket_no_grouped: String::new(),
            name: "林一舟".into(),
            sex: String::new(),
            id_type: String::new(),
            id_number: "431000199001010027".into(),
            choice: vec![],
            site: String::new(),
            address: String::new(),
            sessions: vec![],
            notice: vec![],
            issuer: String::new(),
        };
        let shown = format!("{ticket:?}");
        assert!(
            !shown.contains("431000")
                && !shown.contains("林一舟")
                && !shown.contains("26030701218")
        );
    }
}
