//! 成绩单: the published scores of one candidate in one exam.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Field, Imprint, Pdf, barcode};

/// One line: a subject, the total, the rank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// `职业能力倾向测验`, `总成绩`.
    pub subject: String,
    /// `86.50`, or empty where a flag stands for it.
    pub mark: String,
    /// `缺考`, `违纪`, `合格`.
    pub note: String,
}

/// One sheet.
#[derive(Clone, PartialEq, Eq)]
pub struct ScoreSheet {
    /// Title of the exam.
    pub exam: String,
    /// 姓名, 准考证号, 证件号码 (masked), 报考岗位.
    pub person: Vec<Field>,
    /// Subjects, in order.
    pub subjects: Vec<Line>,
    /// Total, rank, result.
    pub totals: Vec<Line>,
    /// Notes: how to ask for a recheck.
    pub notes: Vec<String>,
    /// `公布时间 …`.
    pub published: String,
    /// What the QR code says; empty for none.
    pub verify: String,
    /// 核验码 as people type it; empty for none.
    pub code: String,
    /// Who issues it.
    pub issuer: String,
    /// Small print: `打印时间 …`.
    pub footer: String,
}

impl fmt::Debug for ScoreSheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScoreSheet")
            .field("exam", &self.exam)
            .finish_non_exhaustive()
    }
}

/// Sets the sheet on one page.
///
/// # Errors
/// [`DocumentError::TooLong`] with more subjects and notes than fit.
pub fn render(
    engine: &Engine,
    sheet: &ScoreSheet,
    imprint: &Imprint,
) -> Result<Pdf, DocumentError> {
    let qr = if sheet.verify.is_empty() {
        None
    } else {
        Some(barcode::qr(&sheet.verify)?)
    };
    let data = json!({
        "exam": sheet.exam,
        "person": sheet.person,
        "subjects": sheet.subjects,
        "totals": sheet.totals,
        "notes": sheet.notes,
        "published": sheet.published,
        "code": sheet.code,
    });
    let job = Job {
        template: "score_sheet",
        title: format!("{} 成绩单", sheet.exam),
        issuer: sheet.issuer.clone(),
        footer: sheet.footer.clone(),
        data,
        photo: None,
        bar: None,
        qr,
        one_page: true,
        tagged: true,
    };
    engine.set(job, imprint)
}
