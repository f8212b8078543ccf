//! Categories of exams and the life of one exam.

use crate::coded::coded;

coded! {
    /// The kind of exam; each has its door on the portal.
    pub enum ExamCategory {
        /// 事业单位公开招聘.
        Recruitment = "recruitment", "事业单位考试";
        /// 公务员录用.
        CivilService = "civil_service", "公务员考试";
        /// 专业技术资格.
        ProfessionalQualification = "professional_qualification", "专业技术资格考试";
        /// 职业技能及其他.
        Other = "other", "职业技能及其他考试";
    }
}

impl ExamCategory {
    /// Whether candidates choose positions; otherwise levels, specialties and subjects.
    pub const fn has_positions(self) -> bool {
        matches!(self, Self::Recruitment | Self::CivilService)
    }
}

coded! {
    /// Where an exam stands.
    pub enum ExamState {
        /// Being set up; nobody sees it.
        Draft = "draft", "草稿";
        /// On the portal; its windows decide.
        Published = "published", "已发布";
        /// Staff closed registration for good: positions are counted, nobody enters any more.
        Closed = "closed", "报名已结束";
        /// Over; kept for look-ups.
        Archived = "archived", "已归档";
    }
}

coded! {
    /// What happens to an exam.
    pub enum ExamEvent {
        /// Put on the portal.
        Publish = "publish", "发布";
        /// Taken back before anybody applied.
        Unpublish = "unpublish", "撤回发布";
        /// Registration is closed for good.
        Close = "close", "结束报名";
        /// Registration is opened again by an extension.
        Reopen = "reopen", "重新开放报名";
        /// Put away.
        Archive = "archive", "归档";
    }
}

/// Why an exam can't take an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExamRefused {
    /// The event doesn't belong to the state.
    #[error("考试{}，不能{}", .0.label(), .1.label())]
    Impossible(ExamState, ExamEvent),
    /// The settings have problems.
    #[error("考试设置还有 {} 处需要修改：{}", .0.len(), .0.join("；"))]
    Settings(Vec<String>),
    /// Somebody has applied.
    #[error("已有考生报名，不能撤回发布。需要停止报名请使用“结束报名”")]
    HasApplications,
}

impl ExamState {
    /// The next state. `problems` are those of settings and tables; `applications` how many there are.
    pub fn on(
        self,
        event: ExamEvent,
        problems: &[String],
        applications: u64,
    ) -> Result<Self, ExamRefused> {
        use ExamEvent as E;
        use ExamState as S;
        match (self, event) {
            (S::Draft, E::Publish) if !problems.is_empty() => {
                Err(ExamRefused::Settings(problems.to_vec()))
            }
            (S::Draft, E::Publish) => Ok(S::Published),
            (S::Published, E::Unpublish) if applications > 0 => Err(ExamRefused::HasApplications),
            (S::Published, E::Unpublish) => Ok(S::Draft),
            (S::Published, E::Close) => Ok(S::Closed),
            (S::Closed, E::Reopen) => Ok(S::Published),
            (S::Closed, E::Archive) => Ok(S::Archived),
            (state, event) => Err(ExamRefused::Impossible(state, event)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_event() {
        use ExamState as S;
        // Columns: Publish, Unpublish, Close, Reopen, Archive.
        let table = [
            (S::Draft, [Some(S::Published), None, None, None, None]),
            (
                S::Published,
                [None, Some(S::Draft), Some(S::Closed), None, None],
            ),
            (
                S::Closed,
                [None, None, None, Some(S::Published), Some(S::Archived)],
            ),
            (S::Archived, [None; 5]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (event, next) in ExamEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event, &[], 0).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn publication_needs_sound_settings_and_cannot_be_undone_over_applications() {
        let problems = ["请设置网上报名的开始和结束时间".to_owned()];
        let refused = ExamState::Draft
            .on(ExamEvent::Publish, &problems, 0)
            .unwrap_err();
        assert!(refused.to_string().contains("1 处") && refused.to_string().contains("网上报名"));
        let refused = ExamState::Published.on(ExamEvent::Unpublish, &[], 1);
        assert_eq!(refused, Err(ExamRefused::HasApplications));
    }
}
