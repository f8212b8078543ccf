//! The parts in which an exam is set up. Each has a draft: the fields as they were typed, which shows what is stored and
//! checks what comes back.

mod agreement;
mod basics;
mod fees;
mod levels;
mod papers;
mod questions;
mod scores;
mod seating;
mod selection;
mod steps;
mod windows;

pub use agreement::AgreementDraft;
pub use basics::{BasicsDraft, PhotoDraft};
pub use fees::FeesDraft;
pub use levels::LevelsDraft;
pub use papers::PapersDraft;
pub use questions::QuestionDraft;
pub use scores::ScoresDraft;
pub use seating::SeatingDraft;
pub use selection::SelectionDraft;
pub use steps::StepsDraft;
pub use windows::{WindowsDraft, input as window_input};

use domain::exam::{ExamCategory, ExamSettings};
use domain::field::FieldErrors;

use super::Exam;

/// A part of the set-up; each has a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// 基本信息.
    Basics,
    /// 报考流程.
    Steps,
    /// 时间安排.
    Windows,
    /// 岗位表 or 科目表.
    Table,
    /// 级别与老考生.
    Levels,
    /// 考试科目.
    Papers,
    /// 收费标准.
    Fees,
    /// 照片要求.
    Photo,
    /// 报名协议.
    Agreement,
    /// 附加问题.
    Questions,
    /// 考场与准考证.
    Seating,
    /// 成绩规则.
    Scores,
    /// 面试与聘用.
    Selection,
}

impl Part {
    /// In the order of the set-up page.
    pub const ALL: [Self; 13] = [
        Self::Basics,
        Self::Steps,
        Self::Windows,
        Self::Table,
        Self::Levels,
        Self::Papers,
        Self::Fees,
        Self::Photo,
        Self::Agreement,
        Self::Questions,
        Self::Seating,
        Self::Scores,
        Self::Selection,
    ];

    /// What URLs carry.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Basics => "basics",
            Self::Steps => "steps",
            Self::Windows => "windows",
            Self::Table => "table",
            Self::Levels => "levels",
            Self::Papers => "papers",
            Self::Fees => "fees",
            Self::Photo => "photo",
            Self::Agreement => "agreement",
            Self::Questions => "questions",
            Self::Seating => "seating",
            Self::Scores => "scores",
            Self::Selection => "selection",
        }
    }

    /// What people read.
    pub const fn label(self, category: ExamCategory) -> &'static str {
        match self {
            Self::Basics => "基本信息",
            Self::Steps => "报考流程",
            Self::Windows => "时间安排",
            Self::Table if category.has_positions() => "岗位表",
            Self::Table => "级别、专业与科目表",
            Self::Levels => "级别与老考生",
            Self::Papers => "考试科目",
            Self::Fees => "收费标准",
            Self::Photo => "照片要求",
            Self::Agreement => "报名协议",
            Self::Questions => "附加问题",
            Self::Seating => "考场与准考证",
            Self::Scores => "成绩规则",
            Self::Selection => "面试与聘用",
        }
    }

    /// Whether an exam has this part: no papers without a written exam or where the subject table holds them.
    pub fn belongs_to(self, category: ExamCategory, settings: &ExamSettings) -> bool {
        match self {
            Self::Levels => !category.has_positions(),
            Self::Papers => category.has_positions() && settings.steps.seating,
            Self::Seating => settings.steps.seating,
            Self::Selection => category.has_positions(),
            Self::Photo => settings.steps.photo != domain::exam::steps::PhotoStep::None,
            _ => true,
        }
    }
}

/// An exam while a part of it is changed.
#[derive(Debug, Clone)]
pub struct Changing {
    /// The title.
    pub title: String,
    /// The category, which never changes.
    pub category: ExamCategory,
    /// The settings.
    pub settings: ExamSettings,
    /// The version that they become.
    pub version: i64,
}

impl Changing {
    /// As it is.
    pub fn of(exam: &Exam) -> Self {
        Self {
            title: exam.row.title.clone(),
            category: exam.category,
            settings: (*exam.settings).clone(),
            version: exam.row.settings_version + 1,
        }
    }
}

/// The fields of one part as they were typed.
pub trait Draft: Sized {
    /// The exam's version that was read: a later one was somebody else's.
    fn version(&self) -> i64;

    /// What is stored.
    fn of(exam: &Exam) -> Self;

    /// Checks what was typed and puts it into the exam.
    ///
    /// # Errors
    /// Every field that has to be mended.
    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors>;
}

/// A whole number of a range; full-width digits and spaces understood.
fn number(
    errors: &mut FieldErrors,
    field: &str,
    typed: &str,
    (least, most): (u32, u32),
) -> Option<u32> {
    let text = domain::sheet::squeezed(typed);
    match text.parse::<u32>() {
        Ok(number) if (least..=most).contains(&number) => Some(number),
        _ => {
            errors.add(field, format!("应为 {least} 到 {most} 之间的整数"));
            None
        }
    }
}

/// Text of at most so many characters, trimmed.
fn text(errors: &mut FieldErrors, field: &str, typed: &str, most: usize) -> String {
    let text = typed.trim();
    let length = text.chars().count();
    if length > most {
        errors.add(field, format!("最多 {most} 个字，您填了 {length} 个"));
    }
    text.to_owned()
}

/// Lines of `name = value`, as small tables are typed.
fn pairs(typed: &str) -> impl Iterator<Item = (String, Option<String>)> {
    typed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let line = domain::sheet::plain(line);
            match line.split_once(['=', '＝', '：', ':']) {
                Some((name, value)) => (name.trim().to_owned(), Some(value.trim().to_owned())),
                None => (line, None),
            }
        })
}
