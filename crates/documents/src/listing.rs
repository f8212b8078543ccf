//! 卷内目录 and 清除证明: facts and tables that run over as many pages as they take.

use serde::Serialize;
use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Field, Imprint, Pdf};

/// One table of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// What stands above it.
    pub title: String,
    /// Titles of the columns.
    pub columns: Vec<String>,
    /// Widths against each other, one for each column.
    pub widths: Vec<u32>,
    /// Rows, a text for each column; `\n` breaks a line.
    pub rows: Vec<Vec<String>>,
}

/// A digest in lines of 32 characters: it has no place where a typesetter would break it.
pub fn broken_digest(digest: &str) -> String {
    let chars: Vec<char> = digest.chars().collect();
    let lines: Vec<String> = chars.chunks(32).map(|line| line.iter().collect()).collect();
    lines.join("\n")
}

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// `卷内目录`.
    pub heading: String,
    /// Title of the exam.
    pub exam: String,
    /// Facts, side by side.
    pub fields: Vec<Field>,
    /// Tables, one below the other.
    pub tables: Vec<Table>,
    /// Notes below them.
    pub notes: Vec<String>,
    /// Who signs on paper.
    pub signatures: Vec<String>,
    /// Who issues it.
    pub issuer: String,
    /// Small print.
    pub footer: String,
}

/// Sets a listing.
///
/// # Errors
/// [`DocumentError::Typeset`] for a fault of the template.
pub fn render(engine: &Engine, listing: &Listing, imprint: &Imprint) -> Result<Pdf, DocumentError> {
    let data = json!({
        "heading": listing.heading,
        "exam": listing.exam,
        "fields": listing.fields,
        "tables": listing.tables,
        "notes": listing.notes,
        "signatures": listing.signatures,
    });
    let job = Job {
        template: "listing",
        title: format!("{} {}", listing.exam, listing.heading),
        issuer: listing.issuer.clone(),
        footer: listing.footer.clone(),
        data,
        photo: None,
        bar: None,
        qr: None,
        one_page: false,
        tagged: true,
    };
    engine.set(job, imprint)
}
