//! 预览: an exam as it would stand once it is published, for those who may set it up.

use std::sync::Arc;

use domain::exam::ExamState;

use super::catalogue::Exam;
use super::{change, setup};
use crate::{Ctx, Error, Result};

/// A draft as if it were published, or a public exam as if a change of its settings stood. Nothing of it is kept: what everybody
/// sees comes from the catalogue, which never holds it.
///
/// # Errors
/// `NotFound`, also for an exam outside the asker's scope; `Forbidden` for who may not set it up; `Conflict` for a change that
/// doesn't wait any more.
pub async fn preview(ctx: &Ctx, public_id: &str, change: Option<&str>) -> Result<Arc<Exam>> {
    let exam = setup::for_edit(ctx, public_id).await?;
    let mut shown = (*exam).clone();
    if let Some(change) = change {
        let found = change::find(ctx, &exam, change).await?;
        if !(found.is_draft() || found.is_asked()) {
            return Err(Error::Conflict("这份更正已公布或已放弃，请刷新查看"));
        }
        shown.settings = Arc::new(found.settings()?);
        shown.row.title = found.row.title;
    }
    if shown.state == ExamState::Draft {
        shown.state = ExamState::Published;
        ExamState::Published.code().clone_into(&mut shown.row.state);
    }
    Ok(Arc::new(shown))
}
