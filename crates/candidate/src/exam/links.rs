//! Where the pages of an exam lead.

use app::exam::Exam;

/// The addresses of an exam's pages: the public ones, or those of a preview, from which nothing leads on to 网上报名.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    base: String,
    preview: bool,
}

impl Links {
    /// What everybody sees.
    pub(crate) fn public(exam: &Exam) -> Self {
        Self {
            base: format!("/exams/{}", exam.public_id()),
            preview: false,
        }
    }

    /// A preview that stands at `base`.
    pub(crate) fn preview(base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            preview: true,
        }
    }

    /// Whether nothing leads out of here.
    pub(crate) fn is_preview(&self) -> bool {
        self.preview
    }

    /// The exam's own page.
    pub(crate) fn exam(&self) -> &str {
        &self.base
    }

    /// 岗位表.
    pub(crate) fn positions(&self) -> String {
        format!("{}/positions", self.base)
    }

    /// A position by its public id.
    pub(crate) fn position(&self, position: &str) -> String {
        format!("{}/positions/{position}", self.base)
    }
}
