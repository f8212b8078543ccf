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
        if title.is_empty() {
            errors.add("title", "请填写协议标题");
        }
        if body.is_empty() {
            errors.add("text", "请填写协议正文");
        }
        errors.into_result()?;
        let agreement = &mut exam.settings.agreement;
        if agreement.version == 0 || agreement.title != title || agreement.text != body {
            agreement.version += 1;
        }
        (agreement.title, agreement.text) = (title, body);
        Ok(())
    }
}
