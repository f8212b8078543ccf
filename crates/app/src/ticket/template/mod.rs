//! 准考证版式: an exam's own ticket template, written in the office in the language of the typesetter.
//!
//! A draft is tried on made-up tickets ([`cases`]) in a process of its own (`documents::apart`), looked at, and taken into use with a
//! reason. Only what has printed all that a ticket needs, in every case, is used; then the server's own typesetter sets it.
//! States: `domain::ticket::layout`. Called by the office; tickets ask [`layout`] and [`source`].

mod cases;
mod change;

use std::fmt;
use std::sync::Arc;

use db::Crowd;
use documents::apart::Request;
pub use documents::apart::{Answer, Limits, Want};
use documents::{Fault, ticket as document};
use domain::staff::Permission;
use domain::ticket::layout::{LARGEST, LayoutState};
use sha2::{Digest as _, Sha256};

pub use cases::Case;
pub use change::{back_to_built_in, drop_draft, take_into_use, write};

use super::template_store as store;
pub use super::template_store::TemplateRow;
use crate::exam::Exam;
use crate::{App, Ctx, Error, Result, reason};

/// Versions that the page lists.
const LISTED: i64 = 50;

/// What an exam's tickets are set by.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// `ticket_template.version`; 0 for the built-in one, or the operator's.
    pub(super) version: i64,
    /// Of all texts that take part.
    pub(super) digest: String,
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layout({})", self.version)
    }
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// What an exam's tickets are set by now.
pub(super) async fn layout(app: &App, exam: &Exam) -> Result<Layout> {
    let used = store::template_used(&mut app.db().read(), exam.id()).await?;
    let engine = app.documents().await?;
    let scope = exam.row.code.as_str();
    let (version, text) = used.unwrap_or_else(|| (0, sha256(engine.template(scope, "ticket"))));
    let base = sha256(engine.template(scope, "base"));
    Ok(Layout {
        version,
        digest: sha256(&format!("{text} {base}")),
    })
}

/// The text to set by; `None` for the built-in template, or the operator's.
pub(super) async fn source(app: &App, exam_id: i64, layout: &Layout) -> Result<Option<Arc<str>>> {
    if layout.version == 0 {
        return Ok(None);
    }
    let found = store::template_text(&mut app.db().read(), exam_id, layout.version).await?;
    let (_, text) = found.ok_or(Error::inconsistent("ticket_template.source"))?;
    Ok(Some(text.into()))
}

/// The versions of an exam, newest first.
#[derive(Debug, Clone)]
pub struct Overview {
    /// All that were ever written, the last [`LISTED`].
    pub rows: Vec<TemplateRow>,
}

impl Overview {
    fn first(&self, state: LayoutState) -> Option<&TemplateRow> {
        self.rows.iter().find(|row| row.state == state.code())
    }

    /// The draft that is being written.
    pub fn draft(&self) -> Option<&TemplateRow> {
        self.first(LayoutState::Draft)
    }

    /// The version that tickets are set by; `None`: the built-in one.
    pub fn used(&self) -> Option<&TemplateRow> {
        self.first(LayoutState::Used)
    }

    /// What a page remembers of the draft that it showed.
    pub fn mark(&self) -> String {
        self.draft()
            .map_or_else(String::new, |row| row.sha256.clone())
    }
}

/// The versions of an exam.
///
/// # Errors
/// `Forbidden` to who may not manage the exam.
pub async fn overview(ctx: &Ctx, exam: &Exam) -> Result<Overview> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = store::templates(&mut scan, exam.id(), LISTED).await?;
    Ok(Overview { rows })
}

/// The text to go on from: of one version, of the built-in template (`0`), or, asked for nothing, the draft, else what is used.
///
/// # Errors
/// `NotFound` for a version that there isn't; `Forbidden`.
pub async fn text(ctx: &Ctx, exam: &Exam, version: Option<i64>) -> Result<String> {
    let overview = overview(ctx, exam).await?;
    let version = version.unwrap_or_else(|| {
        let now = overview.draft().or(overview.used());
        now.map_or(0, |row| row.version)
    });
    if version == 0 {
        let engine = ctx.app.documents().await?;
        return Ok(engine.template(&exam.row.code, "ticket").to_owned());
    }
    let found = store::template_text(&mut ctx.app.db().read(), exam.id(), version).await?;
    found.map(|(_, text)| text).ok_or(Error::NotFound)
}

/// The made-up tickets that a template is tried on.
pub fn cases(exam: &Exam) -> Vec<Case> {
    cases::all(exam)
}

/// What a text of an exam's template must be before it is tried or kept.
fn checked(source: &str) -> Result<String> {
    // As a browser sends it, lines end in two characters; a file has one.
    let source = source.replace("\r\n", "\n");
    if source.trim().is_empty() {
        return Err(Error::field("source", "版式是空的，可以从内置版式开始"));
    }
    if source.len() > LARGEST {
        let text = format!("版式太长，最多 {} KB", LARGEST / 1024);
        return Err(Error::field("source", text));
    }
    if reason::holds_document(&source) {
        return Err(Error::field("source", "版式里不要写证件号码"));
    }
    Ok(source)
}

async fn tried(
    app: &App,
    exam: &Exam,
    source: String,
    tickets: Vec<(String, document::Ticket)>,
    want: Want,
) -> Result<Answer> {
    let engine = app.documents().await?;
    let request = Request {
        base: engine.template(&exam.row.code, "base").to_owned(),
        template: source,
        tickets,
        want,
    };
    app.set_apart(request).await
}

/// A text set on one made-up ticket: a picture, or a PDF. Faults are in the answer, each with its line.
///
/// # Errors
/// `Fields` under `source` for a text that is empty or too long; `NotFound` for an unknown case; `Busy`; `Forbidden`.
pub async fn preview(
    ctx: &Ctx,
    exam: &Exam,
    source: &str,
    case: &str,
    want: Want,
) -> Result<Answer> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let source = checked(source)?;
    let cases = cases::all(exam);
    let case = cases.into_iter().find(|one| one.code == case);
    let case = case.ok_or(Error::NotFound)?;
    let tickets = vec![(case.name.to_owned(), case.ticket)];
    tried(&ctx.app, exam, source, tickets, want).await
}

/// What the test set says of a version: nothing, if it may be used.
///
/// # Errors
/// `NotFound`; `Busy`; `Forbidden`.
pub async fn test(ctx: &Ctx, exam: &Exam, version: i64) -> Result<Vec<Fault>> {
    let source = text(ctx, exam, Some(version)).await?;
    tested(&ctx.app, exam, source).await
}

async fn tested(app: &App, exam: &Exam, source: String) -> Result<Vec<Fault>> {
    let cases = cases::all(exam).into_iter();
    let tickets = cases.map(|case| (case.name.to_owned(), case.ticket));
    let answer = tried(app, exam, source, tickets.collect(), Want::Test).await?;
    Ok(answer.faults)
}
