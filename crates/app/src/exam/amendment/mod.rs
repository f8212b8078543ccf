//! 更正: a published position table is never changed in place.
//!
//! An amendment holds *revisions* of positions, and positions that it adds. It is drafted from one changed position or from a
//! changed table, shows what differs field by field and what that means to those who applied, and is published together with
//! a supplementary notice: one flip of `exam.positions_amendment`. A position stands as its last published revision says; the
//! row that was published first stays as it was, and so does what was submitted under it (an application keeps its snapshot).
//! Whoever applied for a changed position is told by a job ([`tell`]).
//!
//! `staging → draft → published`, or `discarded`. An amendment is published only over what it was drafted against. Positions that a
//! changed table doesn't have any more stay: to take one out is a decision of two people ([`super::decision`]).

mod diff;
mod draft;
mod effects;
mod publish;
mod stage;
pub mod tell;

pub use diff::{FIELDS, FieldChange, text, title};
pub(super) use draft::revision;
pub use draft::{Named, Refused, Summary, discard, draft_import, draft_one};
pub use effects::{Effect, recount};
pub(super) use publish::stand;
pub use publish::{Publication, publish};

use db::Crowd;
use domain::staff::Permission;
use domain::time::Timestamp;

use super::amendment_store as store;
pub use super::amendment_store::{AmendmentRow, HistoryRow, RevisionRow};
use super::catalogue::Exam;
use super::positions::Item;
use crate::{Ctx, Error, Result};

/// Revisions shown on one page.
pub const SHOWN: i64 = 200;

/// An amendment to look at.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// The row.
    pub row: AmendmentRow,
    /// What was counted when it was drafted.
    pub summary: Summary,
    /// Revisions, at most [`SHOWN`], with what differs.
    pub revisions: Vec<(RevisionRow, Vec<FieldChange>)>,
    /// Told, no longer fitting, revisions.
    pub figures: (i64, i64, i64),
}

impl Amendment {
    /// Whether it waits for a decision.
    pub fn is_draft(&self) -> bool {
        self.row.state == "draft"
    }

    /// Whether it was drafted against what stands now.
    pub fn is_current(&self, exam: &Exam) -> bool {
        (self.row.base_batch, self.row.base_amendment)
            == (exam.row.positions_batch, exam.row.positions_amendment)
    }
}

fn changes(json: &str) -> Result<Vec<FieldChange>> {
    serde_json::from_str(json).map_err(|e| Error::internal("position_revision.changes", e))
}

/// The amendments of an exam, newest first.
pub async fn list(
    ctx: &Ctx,
    exam: &Exam,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AmendmentRow>> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::amendments_of(&mut scan, exam.id(), before.unwrap_or(i64::MAX), limit).await?)
}

async fn row_of(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<AmendmentRow> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    store::amendment_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.exam_id == exam.id() && row.state != "staging")
        .ok_or(Error::NotFound)
}

/// One amendment of an exam.
///
/// # Errors
/// `NotFound` also for one of another exam.
pub async fn find(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<Amendment> {
    let row = row_of(ctx, exam, public_id).await?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut revisions = Vec::new();
    for revision in store::revisions_of(&mut scan, row.id, 0, SHOWN).await? {
        let changes = changes(&revision.changes)?;
        revisions.push((revision, changes));
    }
    let figures = store::amendment_figures(&mut scan, row.id).await?;
    let summary = match row.summary.as_str() {
        "" => Summary::default(),
        json => serde_json::from_str(json)
            .map_err(|e| Error::internal("position_amendment.summary", e))?,
    };
    Ok(Amendment {
        row,
        summary,
        revisions,
        figures,
    })
}

/// What a published amendment did to a position.
#[derive(Debug, Clone)]
pub struct Past {
    /// The amendment, its reason, its notice.
    pub row: HistoryRow,
    /// Field by field.
    pub changes: Vec<FieldChange>,
}

impl Past {
    /// When it was published.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.row.published_at)
    }
}

/// The amendments of a position, newest first. What stands in them was announced: everybody may see it.
pub async fn history(app: &crate::App, item: &Item) -> Result<Vec<Past>> {
    if item.amendment == 0 {
        return Ok(Vec::new());
    }
    history_of(app, item.id).await
}

/// The same by `position.id`.
pub(crate) async fn history_of(app: &crate::App, position_id: i64) -> Result<Vec<Past>> {
    store::history_of(&mut app.db().read(), position_id)
        .await?
        .into_iter()
        .map(|row| {
            let changes = changes(&row.changes)?;
            Ok(Past { row, changes })
        })
        .collect()
}
