//! The settings of an exam: data with a version. A published exam changes them only with a reason.

use serde::{Deserialize, Serialize};

use super::counts::PublicCounts;
use super::levels::LevelRules;
use super::question::{self, Question};
use super::state::ExamCategory;
use super::steps::Steps;
use super::windows::Windows;
use crate::application::moves::MoveRules;
use crate::arrangement::input::{DEFAULT_CAPACITY, Options};
use crate::check::CheckRules;
use crate::eligibility::Rule;
use crate::payment::fee::{FeeRule, FeeRules};
use crate::review::ReviewRules;
use crate::score::bonus::BONUS;
use crate::score::{Formula, ScoreRules};
use crate::selection::SelectionRules;
use crate::ticket::{Stagger, TicketTemplate};
use crate::time::Date;

/// What photos must be for this exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhotoLimits {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Smallest size in KB.
    pub min_kb: u32,
    /// Largest size in KB.
    pub max_kb: u32,
    /// Background, as text for the candidate.
    pub background: String,
}

impl Default for PhotoLimits {
    /// The manual's: exactly 130×170, at most 50 KB.
    fn default() -> Self {
        Self {
            width: 130,
            height: 170,
            min_kb: 0,
            max_kb: 50,
            background: "白色或浅蓝色".to_owned(),
        }
    }
}

/// The agreement that the candidate accepts before he applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Agreement {
    /// Version; a new text gets a new one, and the accepted one is kept with the application.
    pub version: u32,
    /// Title.
    pub title: String,
    /// Text, paragraphs separated by empty lines.
    pub text: String,
}

/// Standing texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct NoticeTexts {
    /// 考生须知 on the ticket, one paragraph each. Lateness differs by exam, so it is written here.
    pub ticket: Vec<String>,
    /// What stands beside the score.
    pub score: String,
    /// Whom to ask, and when.
    pub contact: String,
    /// Whether candidates get an SMS, besides the inbox message, when tickets can be printed. The centre pays for each.
    pub ticket_sms: bool,
    /// The same when scores are published or corrected.
    pub score_sms: bool,
    /// The same when the exam's settings or the position that they applied for are amended, cut or cancelled.
    pub position_sms: bool,
}

/// A written paper that everybody of a class sits (recruitment and civil service).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Class of paper (`A类`), empty where the exam has one.
    #[serde(default)]
    pub class: String,
    /// Code of the subject.
    pub code: String,
    /// Name of the subject.
    pub name: String,
    /// Session, from 1.
    pub session: u32,
    /// Start, microseconds UTC as everywhere.
    pub starts_at: crate::time::Timestamp,
    /// End.
    pub ends_at: crate::time::Timestamp,
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExamSettings {
    /// Version of this format; readers of older ones fill in defaults.
    pub format: u32,
    /// Year of the exam, for ticket numbers.
    pub year: u32,
    /// Number of the exam within the year, for ticket numbers.
    pub number: u32,
    /// Who holds it, as on notices and tickets.
    pub organizer: String,
    /// Order of the steps.
    pub steps: Steps,
    /// Windows.
    pub windows: Windows,
    /// Agreement.
    pub agreement: Agreement,
    /// Privacy text of this exam; version 0: the site's page is enough.
    pub privacy: Agreement,
    /// How far the public sees how many applied.
    pub counts: PublicCounts,
    /// Photo.
    pub photo: PhotoLimits,
    /// Moving to another position.
    pub moves: MoveRules,
    /// Whether one person applies once in this exam. The database holds it too.
    pub one_per_person: bool,
    /// Paying applicants for each post below which it is cut or cancelled (开考比例); `None` for none.
    pub open_ratio: Option<u32>,
    /// Day that ages and years of work are counted to; the announcement's day when empty.
    pub counted_to: Option<Date>,
    /// Rules for everybody in the exam.
    pub rules: Vec<Rule>,
    /// Extra questions.
    pub questions: Vec<Question>,
    /// Review.
    pub review: ReviewRules,
    /// 实名核验 and 学历核验.
    #[serde(skip_serializing_if = "CheckRules::is_off")]
    pub checks: CheckRules,
    /// Fees.
    pub fees: FeeRules,
    /// How the subjects of each level are taken, and what is carried over from earlier years.
    #[serde(skip_serializing_if = "LevelRules::is_unset")]
    pub levels: LevelRules,
    /// Papers that positions sit; professional exams have a subject table instead.
    pub papers: Vec<Paper>,
    /// Seating.
    pub arrangement: Options,
    /// Seats in a room.
    pub room_capacity: u32,
    /// Ticket numbers.
    pub ticket: TicketTemplate,
    /// 分批打印.
    #[serde(skip_serializing_if = "Stagger::is_off")]
    pub stagger: Stagger,
    /// Scores.
    pub score: ScoreRules,
    /// 面试与聘用.
    #[serde(skip_serializing_if = "SelectionRules::is_unset")]
    pub selection: SelectionRules,
    /// Standing texts.
    pub notices: NoticeTexts,
}

/// The format that this program writes.
pub const FORMAT: u32 = 1;

impl Default for ExamSettings {
    fn default() -> Self {
        Self {
            format: FORMAT,
            year: 0,
            number: 0,
            organizer: String::new(),
            steps: Steps::default(),
            windows: Windows::default(),
            agreement: Agreement::default(),
            privacy: Agreement::default(),
            counts: PublicCounts::default(),
            photo: PhotoLimits::default(),
            moves: MoveRules::default(),
            one_per_person: true,
            open_ratio: None,
            counted_to: None,
            rules: Vec::new(),
            questions: Vec::new(),
            review: ReviewRules::default(),
            checks: CheckRules::default(),
            fees: FeeRules::default(),
            levels: LevelRules::default(),
            papers: Vec::new(),
            arrangement: Options::default(),
            room_capacity: DEFAULT_CAPACITY,
            ticket: TicketTemplate::default(),
            stagger: Stagger::default(),
            score: ScoreRules::default(),
            selection: SelectionRules::default(),
            notices: NoticeTexts::default(),
        }
    }
}

/// Why stored settings can't be read.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Not the format.
    #[error("考试设置的内容无法读取")]
    Json(#[source] serde_json::Error),
    /// Written by a later program.
    #[error("考试设置由更新的版本（{0}）写入，请升级程序")]
    Newer(u32),
}

impl ExamSettings {
    /// Reads stored settings.
    pub fn from_json(json: &str) -> Result<Self, SettingsError> {
        // The format is looked at first: a later one may have fields that this program refuses.
        #[derive(Deserialize)]
        struct Head {
            #[serde(default)]
            format: u32,
        }
        let head: Head = serde_json::from_str(json).map_err(SettingsError::Json)?;
        if head.format > FORMAT {
            return Err(SettingsError::Newer(head.format));
        }
        serde_json::from_str(json).map_err(SettingsError::Json)
    }

    /// Writes settings for storage.
    pub fn to_json(&self) -> Result<String, SettingsError> {
        serde_json::to_string(self).map_err(SettingsError::Json)
    }

    /// The questions for whoever chooses this level: the exam's own, and those of a claim that the level asks for.
    pub fn questions_for(&self, level: Option<&str>) -> Vec<Question> {
        let mut questions = self.questions.clone();
        if let Some(level) = level {
            questions.extend(self.levels.of(level).questions());
        }
        questions
    }

    /// Everything that forbids publication, in plain Chinese.
    pub fn problems(&self, category: ExamCategory) -> Vec<String> {
        let mut problems = self.windows.problems(self.steps);
        if !(2000..=2100).contains(&self.year) {
            problems.push("请填写考试年份".to_owned());
        }
        if self.agreement.version == 0 || self.agreement.text.trim().is_empty() {
            problems.push("请填写报名协议（诚信承诺书）".to_owned());
        }
        if self.photo.width == 0 || self.photo.height == 0 || self.photo.max_kb <= self.photo.min_kb
        {
            problems.push("照片要求的尺寸或文件大小不正确".to_owned());
        }
        if self.steps.has_payment() == self.fees.is_free() {
            problems
                .push("流程设置为{}，与收费标准不一致".replace("{}", self.steps.payment.label()));
        }
        if category.has_positions() && self.fees.rule == FeeRule::BySubject {
            problems.push("按岗位报考的考试不能按科目表分别收费，请改为按科目数收费".to_owned());
        }
        if !(1..=2).contains(&self.review.levels) {
            problems.push("资格审查应为一级或两级".to_owned());
        }
        if self.steps.seating && category.has_positions() && self.papers.is_empty() {
            problems.push("请填写考试科目和时间".to_owned());
        }
        if self
            .papers
            .iter()
            .any(|paper| paper.ends_at <= paper.starts_at)
        {
            problems.push("考试科目的结束时间应晚于开始时间".to_owned());
        }
        if let Some(sitting) = self.windows.sitting {
            let outside = |paper: &&Paper| {
                paper.starts_at < sitting.open() || paper.ends_at > sitting.close()
            };
            let outside = self.papers.iter().filter(outside);
            problems.extend(
                outside.map(|paper| format!("考试科目“{}”的时间不在考试时间之内", paper.name)),
            );
        }
        if self.room_capacity == 0 {
            problems.push("每个考场的人数至少为 1".to_owned());
        }
        if self.steps.seating
            && let Some(window) = self.windows.ticket
            && !self.stagger.fits(window)
        {
            problems.push("准考证打印时间太短，放不下设置的批数".to_owned());
        }
        let mut names: Vec<&str> = self
            .papers
            .iter()
            .flat_map(|paper| [paper.name.as_str(), paper.code.as_str()])
            .collect();
        if category.has_positions() {
            names.sort_unstable();
            problems.extend(self.score.problems(&names));
            problems.extend(self.selection.problems(&names, self.steps.seating));
        } else if self.selection.on {
            problems.push("按岗位报考的考试才有面试与聘用".to_owned());
        }
        problems.extend(self.bonus_problem(&names));
        problems.extend(self.fees.problems());
        problems.extend(self.arrangement.pattern.problems());
        problems.extend(question::problems(&self.questions));
        problems
    }

    /// A bonus counts once: in the total of the scores, or in the one with the interview. `subjects`: names and codes.
    fn bonus_problem(&self, subjects: &[&str]) -> Option<String> {
        let uses = |formula: &Option<Formula>| {
            formula
                .as_ref()
                .is_some_and(|formula| formula.subjects().contains(BONUS))
        };
        let combined = self.selection.on && uses(&self.selection.total);
        if self.score.bonus.is_unset() {
            return combined.then(|| format!("总成绩公式用到“{BONUS}”，但没有设置加分项"));
        }
        // A subject of that name is a mistake of its own.
        let written = uses(&self.score.formula) && !subjects.contains(&BONUS);
        match (written, combined) {
            (false, false) => Some(format!("设置了加分，但总成绩公式里没有“{BONUS}”")),
            (true, true) => Some(format!(
                "“{BONUS}”在笔试成绩和总成绩的公式里只能出现一次，否则计了两次"
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::bonus::{BonusRules, BonusSource};
    use crate::time::Timestamp;
    use crate::window::Window;

    #[test]
    fn settings_read_back_and_old_ones_get_defaults() {
        let settings = ExamSettings {
            year: 2026,
            open_ratio: Some(3),
            ..ExamSettings::default()
        };
        let json = settings.to_json().unwrap();
        assert_eq!(ExamSettings::from_json(&json).unwrap(), settings);
        let old = ExamSettings::from_json(r#"{"format":1,"year":2025}"#).unwrap();
        assert_eq!(
            old,
            ExamSettings {
                year: 2025,
                ..ExamSettings::default()
            }
        );
    }

    #[test]
    fn groups_that_do_not_fit_the_ticket_window_are_a_problem() {
        let at = Timestamp::from_seconds;
        let mut settings = ExamSettings::default();
        settings.windows.ticket = Window::new(at(0), at(3_000)).ok();
        let found = |settings: &ExamSettings| {
            let problems = settings.problems(ExamCategory::Recruitment);
            problems.iter().any(|one| one.contains("批数"))
        };
        assert!(!found(&settings));
        settings.stagger = Stagger {
            groups: 6,
            minutes: 10,
        };
        assert!(found(&settings));
        settings.windows.ticket = Window::new(at(0), at(3_001)).ok();
        assert!(!found(&settings));
        let json = settings.to_json().unwrap();
        assert_eq!(ExamSettings::from_json(&json).unwrap(), settings);
        assert!(
            !ExamSettings::default()
                .to_json()
                .unwrap()
                .contains("stagger")
        );
    }

    #[test]
    fn settings_of_a_later_program_and_unknown_fields_are_refused() {
        let newer = ExamSettings::from_json(r#"{"format":2,"wonder":1}"#).unwrap_err();
        assert!(matches!(newer, SettingsError::Newer(2)));
        assert!(matches!(
            ExamSettings::from_json(r#"{"yaer":1}"#),
            Err(SettingsError::Json(_))
        ));
    }

    #[test]
    fn empty_settings_name_everything_that_is_missing() {
        let problems = ExamSettings::default().problems(ExamCategory::Recruitment);
        for word in [
            "网上报名",
            "网上缴费",
            "准考证打印",
            "考试年份",
            "报名协议",
            "收费标准",
            "考试科目",
        ] {
            assert!(
                problems.iter().any(|problem| problem.contains(word)),
                "{word}: {problems:?}"
            );
        }
    }

    #[test]
    fn settings_of_exams_without_a_selection_keep_their_bytes() {
        let json = ExamSettings::default().to_json().unwrap();
        assert!(
            !json.contains("selection") && !json.contains("bonus"),
            "{json}"
        );
        let mut settings = ExamSettings::default();
        settings.selection.on = true;
        let json = settings.to_json().unwrap();
        assert_eq!(ExamSettings::from_json(&json).unwrap(), settings);
    }

    #[test]
    fn a_bonus_counts_in_one_of_the_two_totals() {
        let bonus = BonusRules {
            cap: Some("5".parse().unwrap()),
            source: BonusSource::File,
            ..BonusRules::default()
        };
        for (written, combined, set, word) in [
            ("职测", "笔试+面试", true, Some("公式里没有“加分”")),
            ("职测+加分", "笔试+面试", true, None),
            ("职测", "笔试+面试+加分", true, None),
            ("职测+加分", "笔试+面试+加分", true, Some("计了两次")),
            ("职测", "笔试+面试+加分", false, Some("没有设置加分项")),
            ("职测+加分", "笔试+面试", false, Some("没有设置加分项")),
            ("职测", "笔试+面试", false, None),
        ] {
            let mut settings = ExamSettings::default();
            settings.score.formula = written.parse().ok();
            settings.selection.on = true;
            settings.selection.total = combined.parse().ok();
            if set {
                settings.score.bonus = bonus.clone();
            }
            let problems = settings.problems(ExamCategory::Recruitment);
            let found: Vec<&String> = problems.iter().filter(|one| one.contains(BONUS)).collect();
            assert_eq!(found.len(), usize::from(word.is_some()), "{found:?}");
            assert!(word.is_none_or(|word| found[0].contains(word)), "{found:?}");
        }
    }

    #[test]
    fn only_exams_with_positions_select() {
        let mut settings = ExamSettings::default();
        settings.selection.on = true;
        let of = |category| settings.problems(category).join("；");
        assert!(of(ExamCategory::ProfessionalQualification).contains("才有面试与聘用"));
        let recruitment = of(ExamCategory::Recruitment);
        assert!(recruitment.contains("入围比例") && recruitment.contains("计算公式"));
    }
}
