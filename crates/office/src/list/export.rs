//! 导出: the list under its current filter as a file, by a POST, since a copy leaves an entry in the trail.

use app::copy::{Copied, Format};
use askama::Template;
use askama::filters::HtmlSafe;
use serde::Deserialize;
use web::{PageResult, Shell, page as answer};

use super::Here;
use crate::context::Desk;

/// The two buttons.
#[derive(Debug, Template)]
#[template(path = "list/export.html")]
pub(crate) struct Export {
    to: String,
    csrf: String,
}

impl HtmlSafe for Export {}

impl Export {
    /// Of the list `here`: its filters, at its address with `/export` behind it.
    pub(crate) fn new(shell: &Shell, here: &Here) -> Self {
        let to = Here::new(format!("{}/export", here.path()));
        let to = here
            .pairs()
            .iter()
            .fold(to, |to, (name, value)| to.with(name, value));
        Self {
            to: to.href(),
            csrf: shell.csrf(),
        }
    }
}

/// Which kind of file was asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Taken {
    #[serde(default)]
    format: String,
}

impl Taken {
    pub(crate) fn format(&self) -> Format {
        Format::from_code(&self.format)
    }
}

/// A copy on its way: `缴费单-2026-03-18.xlsx`.
pub(crate) fn given(desk: &Desk, name: &str, format: Format, copy: Copied) -> PageResult {
    let kind = match format {
        Format::Xlsx => crate::show::XLSX,
        Format::Csv => "text/csv; charset=utf-8",
    };
    let name = format!("{name}-{}.{}", desk.ctx.at.date(), format.ending());
    Ok(answer::download_file(kind, &name, copy.file))
}
