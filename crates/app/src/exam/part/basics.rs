//! 基本信息 and 照片要求.

use domain::exam::PublicCounts;
use domain::field::FieldErrors;
use domain::rehearsal;
use domain::time::Date;
use serde::Deserialize;

use super::{Changing, Draft, number, text};
use crate::exam::Exam;

/// 基本信息 as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct BasicsDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// 考试名称.
    pub title: String,
    /// 年份.
    pub year: String,
    /// Number of the exam within the year, for ticket numbers.
    pub number: String,
    /// 组织单位.
    pub organizer: String,
    /// Day that ages are counted to; empty: such conditions go to a person.
    pub counted_to: String,
    /// 开考比例; empty for none.
    pub open_ratio: String,
    /// 咨询电话 and hours.
    pub contact: String,
    /// Whether an SMS goes along when a position is amended, cut or cancelled.
    #[serde(default)]
    pub sms: bool,
    /// 公开报名人数: `hidden`, `exact`, `up_to`.
    pub counts: String,
    /// N of 只公开到 N 人.
    pub counts_to: String,
}

impl Draft for BasicsDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let settings = &exam.settings;
        let some = |number: u32| {
            if number == 0 {
                String::new()
            } else {
                number.to_string()
            }
        };
        Self {
            version: exam.row.version,
            title: rehearsal::untitled(&exam.row.title).to_owned(),
            year: some(settings.year),
            number: some(settings.number),
            organizer: settings.organizer.clone(),
            counted_to: settings
                .counted_to
                .map(|day| day.to_string())
                .unwrap_or_default(),
            open_ratio: settings
                .open_ratio
                .map(|ratio| ratio.to_string())
                .unwrap_or_default(),
            contact: settings.notices.contact.clone(),
            sms: settings.notices.position_sms,
            counts: match settings.counts {
                PublicCounts::Hidden => "hidden",
                PublicCounts::Exact => "exact",
                PublicCounts::UpTo { .. } => "up_to",
            }
            .to_owned(),
            counts_to: match settings.counts {
                PublicCounts::UpTo { most } => most.to_string(),
                _ => String::new(),
            },
        }
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let settings = &mut exam.settings;
        let typed = text(&mut errors, "title", rehearsal::untitled(&self.title), 80);
        if typed.is_empty() {
            errors.add("title", "请填写考试名称");
        }
        exam.title = rehearsal::titled(&typed, rehearsal::is_titled(&exam.title));
        if let Some(year) = number(&mut errors, "year", &self.year, (2000, 2100)) {
            settings.year = year;
        }
        if let Some(no) = number(&mut errors, "number", &self.number, (1, 99)) {
            settings.number = no;
        }
        settings.organizer = text(&mut errors, "organizer", &self.organizer, 60);
        settings.notices.contact = text(&mut errors, "contact", &self.contact, 200);
        settings.notices.position_sms = self.sms;
        match self.counts.as_str() {
            "hidden" => settings.counts = PublicCounts::Hidden,
            "exact" => settings.counts = PublicCounts::Exact,
            "up_to" => {
                if let Some(most) = number(&mut errors, "counts_to", &self.counts_to, (1, 100_000))
                {
                    settings.counts = PublicCounts::UpTo { most };
                }
            }
            _ => errors.add("counts", "请选择是否公开报名人数"),
        }
        settings.counted_to = match self.counted_to.trim() {
            "" => None,
            typed => {
                let day = Date::parse_typed(typed);
                if day.is_none() {
                    errors.add("counted_to", "应为日期，例如 2026-03-11");
                }
                day
            }
        };
        settings.open_ratio = match self.open_ratio.trim() {
            "" => None,
            typed => number(&mut errors, "open_ratio", typed, (1, 20)),
        };
        errors.into_result()
    }
}

/// 照片要求 as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct PhotoDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// Width in pixels.
    pub width: String,
    /// Height in pixels.
    pub height: String,
    /// Smallest file in KB.
    pub min_kb: String,
    /// Largest file in KB.
    pub max_kb: String,
    /// 背景.
    pub background: String,
}

impl Draft for PhotoDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let photo = &exam.settings.photo;
        Self {
            version: exam.row.version,
            width: photo.width.to_string(),
            height: photo.height.to_string(),
            min_kb: photo.min_kb.to_string(),
            max_kb: photo.max_kb.to_string(),
            background: photo.background.clone(),
        }
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let photo = &mut exam.settings.photo;
        for (field, typed, bounds, slot) in [
            ("width", &self.width, (60, 1200), &mut photo.width),
            ("height", &self.height, (80, 1600), &mut photo.height),
            ("min_kb", &self.min_kb, (0, 500), &mut photo.min_kb),
            ("max_kb", &self.max_kb, (1, 500), &mut photo.max_kb),
        ] {
            if let Some(value) = number(&mut errors, field, typed, bounds) {
                *slot = value;
            }
        }
        if photo.max_kb <= photo.min_kb {
            errors.add("max_kb", "最大应大于最小");
        }
        photo.background = text(&mut errors, "background", &self.background, 40);
        errors.into_result()
    }
}
