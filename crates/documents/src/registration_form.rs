//! 报名登记表: what 详细 prints, used again at 资格复审 (domain notes §7).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Fault, Field, Imprint, Pdf, barcode};

/// A part of the form, top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// Labels and values, two pairs in a row; long values take a row of their own.
    Fields {
        /// `教育情况`.
        title: String,
        /// The fields.
        fields: Vec<Field>,
    },
    /// Rows (简历, 家庭成员); prints 无 without any.
    Table {
        /// `简历`.
        title: String,
        /// Names of the columns.
        columns: Vec<String>,
        /// Relative widths, one for each column.
        widths: Vec<u32>,
        /// The rows, as wide as `columns`.
        rows: Vec<Vec<String>>,
    },
    /// Text (诚信承诺), with a line to sign on if wanted.
    Text {
        /// `诚信承诺`.
        title: String,
        /// Its paragraphs.
        paragraphs: Vec<String>,
        /// Whether it is signed.
        signature: bool,
    },
}

/// One form.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationForm {
    /// Title of the exam.
    pub exam: String,
    /// 报名序号 as stored, for the barcode (ASCII).
    pub registration_no: String,
    /// The block beside the photo: 姓名, 性别, 证件号码 and the like.
    pub identity: Vec<Field>,
    /// What follows.
    pub blocks: Vec<Block>,
    /// Boxes for seals: `招聘单位审查意见`, `主管部门审查意见`. None for an exam without review on paper.
    pub opinions: Vec<String>,
    /// The photo as stored (JPEG).
    pub photo: Option<Vec<u8>>,
    /// Who issues it.
    pub issuer: String,
    /// Small print: `打印时间 …`.
    pub footer: String,
}

impl fmt::Debug for RegistrationForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrationForm")
            .field("exam", &self.exam)
            .finish_non_exhaustive()
    }
}

/// Sets the form; as many pages as it takes.
///
/// # Errors
/// [`DocumentError::Barcode`] and [`DocumentError::Photo`] for contents that can't be printed;
/// [`DocumentError::Typeset`] for a table whose rows don't fit its columns.
pub fn render(
    engine: &Engine,
    form: &RegistrationForm,
    imprint: &Imprint,
) -> Result<Pdf, DocumentError> {
    for block in &form.blocks {
        if let Block::Table {
            title,
            columns,
            widths,
            rows,
        } = block
        {
            let ragged = rows.iter().any(|row| row.len() != columns.len());
            if columns.is_empty() || widths.len() != columns.len() || ragged {
                let fault = Fault::new(format!("table {title} is ragged"));
                return Err(DocumentError::Typeset(vec![fault]));
            }
        }
    }
    let data = json!({
        "exam": form.exam,
        "heading": "报名登记表",
        "registration_no": form.registration_no,
        "identity": form.identity,
        "blocks": form.blocks,
        "opinions": form.opinions,
    });
    let job = Job {
        template: "registration_form",
        title: format!("{} 报名登记表", form.exam),
        issuer: form.issuer.clone(),
        footer: form.footer.clone(),
        data,
        photo: form.photo.as_deref(),
        bar: Some(barcode::code128(&form.registration_no)?),
        qr: None,
        one_page: false,
        tagged: true,
    };
    engine.set(job, imprint)
}
