//! The captcha's part of a form.

use askama::Template;
use askama::filters::HtmlSafe;

use super::{ANSWER, PROOF, TOKEN, WORK_BITS};
use crate::visit::Visit;

/// The captcha's part of a form: `{{ captcha }}` between two fields.
#[derive(Debug, Clone, Template)]
#[template(path = "form/captcha.html")]
pub struct CaptchaView {
    token: String,
    message: Option<String>,
    /// Where the page can be loaded anew without a script.
    again: String,
    bits: u32,
}

impl HtmlSafe for CaptchaView {}

impl CaptchaView {
    /// A fresh captcha for this page.
    pub fn new(visit: &Visit) -> Self {
        let token = super::token(visit.kit(), visit.at());
        Self {
            token,
            message: None,
            again: visit.path().to_owned(),
            bits: WORK_BITS,
        }
    }

    /// With what was wrong with the last one.
    #[must_use]
    pub fn error(mut self, message: Option<&str>) -> Self {
        self.message = message.map(str::to_owned);
        self
    }

    fn answer(&self) -> &'static str {
        ANSWER
    }

    fn token_name(&self) -> &'static str {
        TOKEN
    }

    fn proof(&self) -> &'static str {
        PROOF
    }
}
