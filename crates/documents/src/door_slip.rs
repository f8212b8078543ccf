//! 核验授权单: what an invigilator is handed before the exam, with the code that lets his phone in. One page a pass.

use std::fmt;

use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Field, Imprint, Pdf, barcode};

/// Most slips of one file.
pub const MOST: usize = 300;

/// One slip.
#[derive(Clone, PartialEq, Eq)]
pub struct Slip {
    /// 考点, 考场, 有效时间, 手机数量.
    pub rows: Vec<Field>,
    /// The code in groups.
    pub code: String,
    /// The address with the code behind `#`, which no browser sends to a server: what the QR says.
    pub link: String,
    /// The address without it, as it is typed.
    pub site: String,
}

impl fmt::Debug for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slip(..)")
    }
}

/// What all slips of an exam say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The exam's title.
    pub exam: String,
    /// What to do, step by step.
    pub steps: Vec<String>,
    /// Who issues them.
    pub issuer: String,
    /// Small print.
    pub footer: String,
}

/// Sets the slips, each on a page of its own.
///
/// # Errors
/// [`DocumentError::Empty`] without any, [`DocumentError::BatchTooBig`] for more than [`MOST`].
pub fn render(
    engine: &Engine,
    sheet: &Sheet,
    slips: &[Slip],
    imprint: &Imprint,
) -> Result<Pdf, DocumentError> {
    if slips.is_empty() {
        return Err(DocumentError::Empty);
    }
    if slips.len() > MOST {
        return Err(DocumentError::BatchTooBig {
            given: slips.len(),
            most: MOST,
        });
    }
    let pages = slips
        .iter()
        .map(|slip| {
            Ok(json!({
                "rows": slip.rows,
                "code": slip.code,
                "site": slip.site,
                "qr": barcode::qr(&slip.link)?,
            }))
        })
        .collect::<Result<Vec<_>, DocumentError>>()?;
    let job = Job {
        template: "door_slip",
        title: "入场核验授权单".to_owned(),
        issuer: sheet.issuer.clone(),
        footer: sheet.footer.clone(),
        data: json!({ "exam": sheet.exam, "steps": sheet.steps, "slips": pages }),
        photo: None,
        bar: None,
        qr: None,
        one_page: false,
        tagged: true,
    };
    engine.set(job, imprint)
}
