//! 激活码: the slip that a new candidate may print and bring to the first login on another device.

use std::fmt;

use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Field, Imprint, Pdf, barcode};

/// One slip.
#[derive(Clone, PartialEq, Eq)]
pub struct Activation {
    /// `注册成功`.
    pub heading: String,
    /// 姓名, 证件号码 (masked), 有效期.
    pub rows: Vec<Field>,
    /// The code in groups.
    pub code: String,
    /// What to do, step by step.
    pub steps: Vec<String>,
    /// Address of the site, printed and in the QR code; empty for none. Never holds the code itself.
    pub site: String,
    /// Who issues it.
    pub issuer: String,
    /// Small print.
    pub footer: String,
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Activation(..)")
    }
}

/// Sets the slip on one page.
///
/// # Errors
/// [`DocumentError::TooLong`] with more steps than fit.
pub fn render(engine: &Engine, slip: &Activation, imprint: &Imprint) -> Result<Pdf, DocumentError> {
    let qr = if slip.site.is_empty() {
        None
    } else {
        Some(barcode::qr(&slip.site)?)
    };
    let data = json!({
        "heading": slip.heading,
        "rows": slip.rows,
        "code": slip.code,
        "steps": slip.steps,
        "site": slip.site,
    });
    let job = Job {
        template: "activation",
        title: "激活码".to_owned(),
        issuer: slip.issuer.clone(),
        footer: slip.footer.clone(),
        data,
        photo: None,
        bar: None,
        qr,
        one_page: true,
        tagged: true,
    };
    engine.set(job, imprint)
}
