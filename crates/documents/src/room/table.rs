//! 考场分布总表 and 监考名册: a heading, facts, one long table, who signs.

use serde::Serialize;
use serde_json::json;

use crate::engine::Job;
use crate::{DocumentError, Engine, Field, Imprint, Pdf};

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// A text for each column.
    pub cells: Vec<String>,
    /// Whether it is a sum of those above.
    pub sum: bool,
}

impl Row {
    /// A row as any other.
    pub fn of(cells: Vec<String>) -> Self {
        Self { cells, sum: false }
    }

    /// A sum.
    pub fn sum(cells: Vec<String>) -> Self {
        Self { cells, sum: true }
    }
}

/// A long table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePaper {
    /// `考场分布总表`.
    pub heading: String,
    /// Title of the exam.
    pub exam: String,
    /// Facts, side by side.
    pub fields: Vec<Field>,
    /// Titles of the columns and their widths against each other.
    pub columns: Vec<(String, u32)>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Least height of a row in tenths of a millimetre: high ones are written into by hand.
    pub row_height: u32,
    /// Notes below.
    pub notes: Vec<String>,
    /// Who signs on paper.
    pub signatures: Vec<String>,
    /// Small print.
    pub footer: String,
}

/// Sets a long table.
///
/// # Errors
/// [`DocumentError::Empty`] without a row; [`DocumentError::Typeset`] for rows of other lengths than the columns.
pub fn table(engine: &Engine, paper: &TablePaper, imprint: &Imprint) -> Result<Pdf, DocumentError> {
    if paper.rows.is_empty() {
        return Err(DocumentError::Empty);
    }
    if paper
        .rows
        .iter()
        .any(|row| row.cells.len() != paper.columns.len())
    {
        return Err(DocumentError::Typeset(vec![crate::Fault::new(
            "a row of another length",
        )]));
    }
    let (titles, widths): (Vec<&String>, Vec<u32>) = paper
        .columns
        .iter()
        .map(|(title, width)| (title, *width))
        .unzip();
    let job = Job {
        template: "room_table",
        title: format!("{} {}", paper.exam, paper.heading),
        issuer: String::new(),
        footer: paper.footer.clone(),
        data: json!({
            "heading": paper.heading,
            "exam": paper.exam,
            "fields": paper.fields,
            "columns": titles,
            "widths": widths,
            "rows": paper.rows,
            "row_height": paper.row_height,
            "notes": paper.notes,
            "signatures": paper.signatures,
        }),
        photo: None,
        bar: None,
        qr: None,
        one_page: false,
        tagged: false,
    };
    engine.set(job, imprint)
}
