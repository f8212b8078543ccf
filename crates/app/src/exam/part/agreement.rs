//! 报名协议: the text that the candidate accepts, with a version that grows when it changes.

use domain::field::FieldErrors;
use serde::Deserialize;

use super::{Changing, Draft, text};
use crate::exam::Exam;

/// 报名协议 as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AgreementDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// Title.
    pub title: String,
    /// Text, paragraphs separated by empty lines.
    pub text: String,
    /// 隐私说明 of this exam; empty for the site's.
    pub privacy: String,
}

impl Draft for AgreementDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let agreement = &exam.settings.agreement;
        Self {
            version: exam.row.version,
            title: agreement.title.clone(),
            text: agreement.text.clone(),
            privacy: exam.settings.privacy.text.clone(),
        }
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let title = text(&mut errors, "title", &self.title, 60);
        let body = text(
            &mut errors,
            "text",
            &self.text.replace("\r\n", "\n"),
            10_000,
        );
        let privacy_text = text(
            &mut errors,
            "privacy",
            &self.privacy.replace("\r\n", "\n"),
            10_000,
        );
        if title.is_empty() {
            errors.add("title", "请填写协议标题");
        }
        if body.is_empty() {
            errors.add("text", "请填写协议正文");
        }
        errors.into_result()?;
        let privacy = &mut exam.settings.privacy;
        let other_privacy = privacy.text != privacy_text;
        if other_privacy {
            privacy.version += 1;
            privacy.text = privacy_text;
        }
        // Who agreed to other texts has to read these: a new privacy text is a new agreement, too.
        let agreement = &mut exam.settings.agreement;
        let other = agreement.title != title || agreement.text != body;
        if agreement.version == 0 || other || other_privacy {
            agreement.version += 1;
        }
        (agreement.title, agreement.text) = (title, body);
        Ok(())
    }
}
