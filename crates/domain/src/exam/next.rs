//! 下一步: what an exam waits for from its staff, by how it stands and the clock.
//!
//! Several things may be due at once (a review that isn't finished, a ratio that may be checked): all are told, in the order
//! of a recruitment. While nothing is due there is [`Step::Wait`] with what comes next, so that nobody looks for work that
//! isn't there.

use super::{ExamCategory, ExamSettings, ExamState, Phase};
use crate::coded::coded;
use crate::time::Timestamp;

coded! {
    /// Something that staff do with an exam.
    pub enum Step {
        /// The settings aren't complete.
        SetUp = "set_up", "补齐设置";
        /// They are.
        Publish = "publish", "检查并发布";
        /// 资格审查, before it closes.
        Review = "review", "完成资格审查";
        /// Keep, cut or cancel positions.
        Ratio = "ratio", "核定开考比例";
        /// Make or import a seat plan.
        Arrange = "arrange", "编排考场";
        /// A plan is made and nobody sees it.
        PublishPlan = "publish_plan", "公布考场编排";
        /// Upload the marks.
        ImportScores = "import_scores", "导入成绩";
        /// Another person looks at them.
        CheckScores = "check_scores", "复核成绩";
        /// They are right and nobody sees them.
        PublishScores = "publish_scores", "公布成绩";
        /// Everything is over.
        Close = "close", "结束报名";
        /// Make its file.
        Archive = "archive", "归档";
        /// Nothing to do but to wait.
        Wait = "wait", "等待";
    }
}

/// How far the marks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marks {
    /// None yet.
    #[default]
    None,
    /// Imported; another person checks them.
    Imported,
    /// Checked.
    Checked,
    /// Published, perhaps for a later time.
    Published,
}

/// How an exam stands, as far as its next step hangs on it.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Draft, published, closed, archived.
    pub state: ExamState,
    /// With positions or without.
    pub category: ExamCategory,
    /// Steps and windows.
    pub settings: &'a ExamSettings,
    /// What forbids publication; counted for a draft only.
    pub missing: usize,
    /// Applications that wait for a review.
    pub waiting: i64,
    /// Whether the ratio was decided upon, or that is on its way.
    pub ratio_decided: bool,
    /// Whether a seat plan is ready and not published.
    pub plan_ready: bool,
    /// Whether a seat plan is published.
    pub plan_published: bool,
    /// The marks.
    pub marks: Marks,
    /// Whether the archive was asked for.
    pub archive_asked: bool,
}

/// A step with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// What.
    pub step: Step,
    /// How many it is about: settings that are missing, people that wait. 0 where that says nothing.
    pub count: i64,
    /// Until when: the window, and whether its end (else its beginning) is the limit.
    pub limit: Option<(Phase, bool, Timestamp)>,
}

/// What is due, in the order of a recruitment; never empty except for what is archived.
pub fn next(exam: &Progress<'_>, now: Timestamp) -> Vec<Next> {
    match exam.state {
        ExamState::Draft => vec![match i64::try_from(exam.missing) {
            Ok(0) => exam.before(Step::Publish, 0, Phase::Registration, now),
            count => exam.before(
                Step::SetUp,
                count.unwrap_or(i64::MAX),
                Phase::Registration,
                now,
            ),
        }],
        ExamState::Archived => Vec::new(),
        ExamState::Published | ExamState::Closed => {
            let mut due = exam.due(now);
            if due.is_empty() {
                due.push(exam.at_rest(now));
            }
            due
        }
    }
}

impl Progress<'_> {
    fn closed(&self, phase: Phase, now: Timestamp) -> bool {
        let ended = phase == Phase::Registration && self.state == ExamState::Closed;
        ended
            || self
                .settings
                .windows
                .get(phase)
                .is_none_or(|window| now >= window.close())
    }

    /// A step that should be done before a window opens.
    fn before(&self, step: Step, count: i64, phase: Phase, now: Timestamp) -> Next {
        let window = self.settings.windows.get(phase);
        Next {
            step,
            count,
            limit: window
                .map(|window| (phase, false, window.open()))
                .filter(|limit| limit.2 > now),
        }
    }

    fn due(&self, now: Timestamp) -> Vec<Next> {
        let (steps, windows) = (self.settings.steps, &self.settings.windows);
        let mut due = Vec::new();
        if steps.has_review() && self.waiting > 0 {
            let limit = windows
                .get(Phase::Review)
                .map(|window| (Phase::Review, true, window.close()));
            due.push(Next {
                step: Step::Review,
                count: self.waiting,
                limit: limit.filter(|limit| limit.2 > now),
            });
        }
        let paid = !steps.has_payment() || self.closed(Phase::Payment, now);
        let applied = self.closed(Phase::Registration, now) && paid;
        if !applied {
            return due;
        }
        // A position that is cut later would tear the plan.
        let late = self.plan_published || (!steps.seating && self.all_over(now));
        let ratio = self.category.has_positions() && self.settings.open_ratio.is_some();
        if ratio && !self.ratio_decided && !late {
            due.push(self.before(Step::Ratio, 0, Phase::Ticket, now));
        }
        if !steps.seating {
            if due.is_empty() && self.all_over(now) {
                due.push(self.end());
            }
            return due;
        }
        if !self.plan_published {
            let step = if self.plan_ready {
                Step::PublishPlan
            } else {
                Step::Arrange
            };
            due.push(self.before(step, 0, Phase::Ticket, now));
            return due;
        }
        if !self.closed(Phase::Sitting, now) {
            return due;
        }
        let scores = match self.marks {
            Marks::None => Some(Step::ImportScores),
            Marks::Imported => Some(Step::CheckScores),
            Marks::Checked => Some(Step::PublishScores),
            Marks::Published => None,
        };
        match scores {
            Some(step) => due.push(self.before(step, 0, Phase::Score, now)),
            None if due.is_empty() && self.all_over(now) => due.push(self.end()),
            None => {}
        }
        due
    }

    fn all_over(&self, now: Timestamp) -> bool {
        Phase::ALL.iter().all(|phase| self.closed(*phase, now))
    }

    fn end(&self) -> Next {
        let step = match self.state {
            ExamState::Published => Step::Close,
            _ if self.archive_asked => Step::Wait,
            _ => Step::Archive,
        };
        Next {
            step,
            count: 0,
            limit: None,
        }
    }

    /// Nothing is due: the next end of a window that is open, or the next beginning.
    fn at_rest(&self, now: Timestamp) -> Next {
        let known = Phase::ALL
            .iter()
            .filter_map(|phase| self.settings.windows.get(*phase).map(|w| (*phase, w)))
            .filter(|(phase, _)| !self.closed(*phase, now));
        let limit = known
            .map(|(phase, window)| {
                if now < window.open() {
                    (phase, false, window.open())
                } else {
                    (phase, true, window.close())
                }
            })
            .min_by_key(|limit| limit.2);
        Next {
            step: Step::Wait,
            count: 0,
            limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::windows::tests::{at, standing};
    use super::*;
    use crate::exam::Steps;
    use crate::exam::steps::ReviewStep;

    fn settings() -> ExamSettings {
        ExamSettings {
            windows: standing(),
            open_ratio: Some(3),
            ..ExamSettings::default()
        }
    }

    fn published(settings: &ExamSettings) -> Progress<'_> {
        Progress {
            state: ExamState::Published,
            category: ExamCategory::Recruitment,
            settings,
            missing: 0,
            waiting: 0,
            ratio_decided: false,
            plan_ready: false,
            plan_published: false,
            marks: Marks::None,
            archive_asked: false,
        }
    }

    fn steps(exam: &Progress<'_>, now: &str) -> Vec<Step> {
        next(exam, at(now)).iter().map(|next| next.step).collect()
    }

    #[test]
    fn a_draft_waits_for_its_settings_and_then_for_publication() {
        let settings = settings();
        let mut exam = published(&settings);
        exam.state = ExamState::Draft;
        exam.missing = 3;
        let told = next(&exam, at("2026-03-01 09:00"));
        assert_eq!((told[0].step, told[0].count), (Step::SetUp, 3));
        let opens = (Phase::Registration, false, at("2026-03-16 09:00"));
        assert_eq!(told[0].limit, Some(opens));
        exam.missing = 0;
        assert_eq!(steps(&exam, "2026-03-01 09:00"), [Step::Publish]);
        // The window has opened: no time is told that is over.
        assert_eq!(next(&exam, at("2026-03-17 09:00"))[0].limit, None);
    }

    /// A whole recruitment, step by step: when, what has been done by then, what is due.
    #[test]
    fn a_recruitment_is_led_from_step_to_step() {
        let settings = settings();
        let mut exam = published(&settings);
        assert_eq!(steps(&exam, "2026-03-10 09:00"), [Step::Wait]);
        exam.waiting = 12;
        assert_eq!(steps(&exam, "2026-03-18 09:00"), [Step::Review]);
        assert_eq!(steps(&exam, "2026-03-22 09:00"), [Step::Review]);
        exam.waiting = 0;
        // Registration is over, payment isn't: nobody can judge a ratio by who has paid.
        assert_eq!(steps(&exam, "2026-03-22 09:00"), [Step::Wait]);
        assert_eq!(
            steps(&exam, "2026-03-23 17:00"),
            [Step::Ratio, Step::Arrange]
        );
        exam.ratio_decided = true;
        assert_eq!(steps(&exam, "2026-03-24 09:00"), [Step::Arrange]);
        exam.plan_ready = true;
        assert_eq!(steps(&exam, "2026-03-25 09:00"), [Step::PublishPlan]);
        exam.plan_published = true;
        assert_eq!(steps(&exam, "2026-04-08 09:00"), [Step::Wait]);
        assert_eq!(steps(&exam, "2026-04-12 16:59"), [Step::Wait]);
        assert_eq!(steps(&exam, "2026-04-12 17:00"), [Step::ImportScores]);
        exam.marks = Marks::Imported;
        assert_eq!(steps(&exam, "2026-04-20 09:00"), [Step::CheckScores]);
        exam.marks = Marks::Checked;
        let told = next(&exam, at("2026-04-21 09:00"));
        assert_eq!(told[0].step, Step::PublishScores);
        let shown = (Phase::Score, false, at("2026-05-08 09:00"));
        assert_eq!(told[0].limit, Some(shown));
        exam.marks = Marks::Published;
        assert_eq!(steps(&exam, "2026-05-09 09:00"), [Step::Wait]);
        assert_eq!(steps(&exam, "2026-06-08 17:00"), [Step::Close]);
        exam.state = ExamState::Closed;
        assert_eq!(steps(&exam, "2026-06-09 09:00"), [Step::Archive]);
        exam.archive_asked = true;
        assert_eq!(steps(&exam, "2026-06-09 09:00"), [Step::Wait]);
        exam.state = ExamState::Archived;
        assert_eq!(steps(&exam, "2026-06-09 09:00"), []);
    }

    #[test]
    fn at_rest_the_nearest_time_is_told() {
        let settings = settings();
        let exam = published(&settings);
        for (now, limit) in [
            (
                "2026-03-10 09:00",
                (Phase::Registration, false, at("2026-03-16 09:00")),
            ),
            // Payment opens before registration closes.
            (
                "2026-03-16 09:00",
                (Phase::Payment, false, at("2026-03-17 09:00")),
            ),
            (
                "2026-03-18 09:00",
                (Phase::Registration, true, at("2026-03-20 17:00")),
            ),
        ] {
            assert_eq!(next(&exam, at(now))[0].limit, Some(limit), "{now}");
        }
    }

    #[test]
    fn what_an_exam_does_not_have_is_not_asked_for() {
        let mut settings = settings();
        settings.open_ratio = None;
        let exam = published(&settings);
        assert_eq!(steps(&exam, "2026-03-23 17:00"), [Step::Arrange]);
        let mut settings = self::settings();
        settings.steps = Steps {
            seating: false,
            review: ReviewStep::None,
            ..Steps::default()
        };
        let mut exam = published(&settings);
        exam.waiting = 5;
        assert_eq!(steps(&exam, "2026-03-18 09:00"), [Step::Wait]);
        assert_eq!(steps(&exam, "2026-03-23 17:00"), [Step::Ratio]);
        exam.ratio_decided = true;
        assert_eq!(steps(&exam, "2026-06-08 17:00"), [Step::Close]);
        let exam = Progress {
            category: ExamCategory::ProfessionalQualification,
            ..published(&settings)
        };
        assert_eq!(steps(&exam, "2026-03-23 17:00"), [Step::Wait]);
    }
}
