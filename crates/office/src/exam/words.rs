//! Where an exam stands, in a tag and a few words.

use app::exam::Exam;
use domain::exam::{ExamState, Phase};
use domain::time::Timestamp;

use crate::list::Tag;

/// The state as a tag.
pub(super) fn tag(exam: &Exam) -> Tag {
    match exam.state {
        ExamState::Draft => Tag::wait("草稿"),
        ExamState::Published => Tag::ok("已发布"),
        ExamState::Closed => Tag::info("报名已结束"),
        ExamState::Archived => Tag::off("已归档"),
    }
}

/// What goes on now: the windows that are open, else the next one, else that all is over.
pub(super) fn stage(exam: &Exam, now: Timestamp) -> String {
    if exam.state == ExamState::Draft {
        return "设置中".to_owned();
    }
    let known = || {
        Phase::ALL
            .iter()
            .filter_map(|phase| exam.window(*phase).map(|one| (*phase, one)))
    };
    let open: Vec<&str> = known()
        .filter(|(phase, _)| exam.is_open(*phase, now))
        .map(|(phase, _)| phase.label())
        .collect();
    if !open.is_empty() {
        return format!("{}中", open.join("、"));
    }
    let next = known()
        .filter(|(_, window)| window.open() > now)
        .min_by_key(|(_, one)| one.open());
    match next {
        Some((phase, window)) => {
            format!("{} 起{}", window.open().to_chinese_short(), phase.label())
        }
        None => "各环节已结束".to_owned(),
    }
}
