//! Where somebody of the list stands between 入围 and 聘用.
//!
//! ```text
//! Offered → Called → Qualified → Interviewed → Medical (→ MedicalAgain) → Background → Proposed → Announced → Hired
//! every stage before Hired → Out;  Out → the stage that was left
//! ```
//! What an exam doesn't have (资格复审, 体检, 考察) is skipped: [`Path`]. Source: reference `domain.md` §4.

use crate::coded::coded;

coded! {
    /// Where somebody of the list stands.
    pub enum Stage {
        /// Asked to follow; has to answer.
        Offered = "offered", "待确认递补";
        /// Called to the 资格复审.
        Called = "called", "待资格复审";
        /// Comes to the interview.
        Qualified = "qualified", "待面试";
        /// Has an interview's mark.
        Interviewed = "interviewed", "已面试";
        /// Called to the 体检.
        Medical = "medical", "待体检";
        /// Called to it once more.
        MedicalAgain = "medical_again", "待复检";
        /// Is looked into.
        Background = "background", "待考察";
        /// To be hired, if nobody objects.
        Proposed = "proposed", "拟聘用";
        /// His name stands in public.
        Announced = "announced", "公示中";
        /// Hired.
        Hired = "hired", "已聘用";
        /// Left, by himself or by a result.
        Out = "out", "已退出";
    }
}

coded! {
    /// What happens to somebody of the list.
    pub enum StageEvent {
        /// He follows.
        Accept = "accept", "同意递补";
        /// He doesn't.
        Decline = "decline", "放弃递补";
        /// He didn't answer in time.
        Lapse = "lapse", "递补逾期";
        /// His papers are right.
        DocumentsPass = "documents_pass", "资格复审通过";
        /// They aren't.
        DocumentsFail = "documents_fail", "资格复审不通过";
        /// He didn't come.
        DocumentsMissed = "documents_missed", "未参加资格复审";
        /// An interview's mark, also a corrected one.
        Score = "score", "面试成绩归集";
        /// He didn't come.
        InterviewMissed = "interview_missed", "面试缺考";
        /// He broke its rules.
        InterviewViolation = "interview_violation", "面试违纪";
        /// The list for the 体检 has him.
        ToMedical = "to_medical", "进入体检";
        /// Fit.
        MedicalPass = "medical_pass", "体检合格";
        /// Looked at once more.
        MedicalAgain = "medical_again", "需复检";
        /// Not fit.
        MedicalFail = "medical_fail", "体检不合格";
        /// Nothing speaks against him.
        BackgroundPass = "background_pass", "考察合格";
        /// Something does.
        BackgroundFail = "background_fail", "考察不合格";
        /// The 公示 has begun.
        Announce = "announce", "拟聘用公示";
        /// The 公示 is over.
        Hire = "hire", "聘用";
        /// An objection was found right.
        ObjectionUpheld = "objection_upheld", "公示异议成立";
        /// He gives up.
        GiveUp = "give_up", "放弃";
        /// His application ended, or a later list doesn't have him.
        Remove = "remove", "取消入围资格";
        /// His leaving was a mistake.
        Reinstate = "reinstate", "恢复";
    }
}

coded! {
    /// How somebody comes onto the list.
    pub enum Entry {
        /// The list called him.
        Call = "call", "入围";
        /// He follows somebody.
        Offer = "offer", "递补";
    }
}

/// Which steps an exam has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// 资格复审 on site.
    pub documents: bool,
    /// 体检.
    pub medical: bool,
    /// 考察.
    pub background: bool,
}

impl Path {
    const fn called(self) -> Stage {
        if self.documents {
            Stage::Called
        } else {
            Stage::Qualified
        }
    }

    const fn after_interview(self) -> Stage {
        if self.medical {
            Stage::Medical
        } else {
            self.after_medical()
        }
    }

    const fn after_medical(self) -> Stage {
        if self.background {
            Stage::Background
        } else {
            Stage::Proposed
        }
    }
}

/// The event doesn't belong to the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("该考生{}，不能办理“{}”", .0.label(), .1.label())]
pub struct StageRefused(pub Stage, pub StageEvent);

impl Stage {
    /// Where somebody begins.
    pub const fn entry(entry: Entry, path: Path) -> Self {
        match entry {
            Entry::Call => path.called(),
            Entry::Offer => Self::Offered,
        }
    }

    /// The next stage. `left`: the stage that somebody who is out has left.
    ///
    /// # Errors
    /// [`StageRefused`]: the event doesn't belong to the stage.
    pub const fn on(
        self,
        event: StageEvent,
        path: Path,
        left: Option<Self>,
    ) -> Result<Self, StageRefused> {
        use Stage as S;
        use StageEvent as E;
        match (self, event) {
            (S::Offered, E::Accept) => Ok(path.called()),
            (S::Called, E::DocumentsPass) => Ok(S::Qualified),
            (S::Qualified | S::Interviewed, E::Score) => Ok(S::Interviewed),
            (S::Interviewed, E::ToMedical) => Ok(path.after_interview()),
            (S::Medical, E::MedicalAgain) => Ok(S::MedicalAgain),
            (S::Medical | S::MedicalAgain, E::MedicalPass) => Ok(path.after_medical()),
            (S::Background, E::BackgroundPass) => Ok(S::Proposed),
            (S::Proposed, E::Announce) => Ok(S::Announced),
            (S::Announced, E::Hire) => Ok(S::Hired),
            (S::Offered, E::Decline | E::Lapse)
            | (S::Called, E::DocumentsFail | E::DocumentsMissed)
            | (S::Qualified, E::InterviewMissed | E::InterviewViolation)
            | (S::Medical | S::MedicalAgain, E::MedicalFail)
            | (S::Background, E::BackgroundFail)
            | (S::Announced, E::ObjectionUpheld) => Ok(S::Out),
            // Who was asked answers with Decline, so that the list tells the two apart.
            (
                S::Called
                | S::Qualified
                | S::Interviewed
                | S::Medical
                | S::MedicalAgain
                | S::Background
                | S::Proposed
                | S::Announced,
                E::GiveUp,
            ) => Ok(S::Out),
            // An application can end at any time before the hiring: 取消资格 has no last day.
            (stage, E::Remove) if stage.is_alive() => Ok(S::Out),
            (S::Out, E::Reinstate) => match left {
                Some(left) if left.is_alive() => Ok(left),
                _ => Err(StageRefused(self, event)),
            },
            (stage, event) => Err(StageRefused(stage, event)),
        }
    }

    /// Whether he is on his way: neither hired nor out.
    pub const fn is_alive(self) -> bool {
        !matches!(self, Self::Hired | Self::Out)
    }

    /// Whether he takes up one of the posts: from the 体检 on there is one person a post.
    pub const fn takes_a_post(self) -> bool {
        matches!(
            self,
            Self::Medical
                | Self::MedicalAgain
                | Self::Background
                | Self::Proposed
                | Self::Announced
                | Self::Hired
        )
    }
}

impl StageEvent {
    /// Whether staff need a second person for it: what takes somebody out by judgement, and what brings him back. A candidate who gives up
    /// decides alone, and the marks of an interview were entered by two.
    pub const fn is_weighty(self) -> bool {
        matches!(
            self,
            Self::DocumentsFail
                | Self::MedicalFail
                | Self::BackgroundFail
                | Self::ObjectionUpheld
                | Self::GiveUp
                | Self::Remove
                | Self::Reinstate
        )
    }

    /// Whether the candidate himself may do it.
    pub const fn is_his_own(self) -> bool {
        matches!(self, Self::Accept | Self::Decline | Self::GiveUp)
    }

    /// Whether it follows from something else (a list, a deadline, the marks), so that no button offers it.
    pub const fn follows(self) -> bool {
        matches!(
            self,
            Self::Lapse
                | Self::Score
                | Self::InterviewMissed
                | Self::InterviewViolation
                | Self::ToMedical
                | Self::Announce
                | Self::Hire
                | Self::ObjectionUpheld
        )
    }
}
