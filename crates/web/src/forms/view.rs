//! The parts of a form as HTML: each a small template of its own, compiled once for all pages.

use askama::Template;
use askama::filters::HtmlSafe;

use super::field::{Field, Kind};

/// The error summary.
#[derive(Debug, Template)]
#[template(path = "form/summary.html")]
pub struct Summary<'a> {
    /// Where it leads, the field's name where the message doesn't say it, the message.
    pub(super) items: Vec<(Option<String>, &'a str, &'a str)>,
}

/// The line that explains `*`.
#[derive(Debug, Template)]
#[template(path = "form/legend.html")]
pub struct Legend {
    pub(super) required: bool,
    pub(super) kept: bool,
}

/// The opening tag.
#[derive(Debug, Template)]
#[template(path = "form/open.html")]
pub struct Open<'a> {
    pub(super) action: &'a str,
    pub(super) csrf: &'a str,
    pub(super) csrf_name: &'static str,
    pub(super) files: bool,
    pub(super) panel: bool,
    pub(super) draft: Option<&'a str>,
    pub(super) once: bool,
}

/// A field with everything that belongs to it.
#[derive(Debug, Template)]
#[template(path = "form/input.html")]
pub struct InputView<'a> {
    pub(super) field: Option<&'a Field>,
}

/// A hidden field.
#[derive(Debug, Template)]
#[template(
    source = r#"<input type="hidden" name="{{ name }}" value="{{ value }}">"#,
    ext = "html"
)]
pub struct Hidden<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

impl HtmlSafe for Summary<'_> {}
impl HtmlSafe for Legend {}
impl HtmlSafe for Open<'_> {}
impl HtmlSafe for InputView<'_> {}
impl HtmlSafe for Hidden<'_> {}
