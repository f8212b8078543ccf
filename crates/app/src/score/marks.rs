//! The marks of a batch as the office looks through them: all of them, or somebody's.

use db::Crowd;

use super::Batch;
use super::store::{self, MarkRow};
use crate::{Ctx, Result};

/// The marks of a batch, a page by application. The caller got the batch from [`super::batch`].
pub async fn marks(ctx: &Ctx, batch: &Batch, after: i64, limit: u32) -> Result<Vec<MarkRow>> {
    marks_under(ctx, batch, &Looked::default(), Some(after), limit).await
}

/// What the marks of a batch are narrowed to, and their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// 准考证号, 报名序号 or a name, whole; empty for all.
    pub who: String,
    /// Who applied last first.
    pub descends: bool,
}

/// The marks of a batch under a filter, a page by application; `after` is the last application of the page before. The caller got
/// the batch from [`super::batch`].
pub async fn marks_under(
    ctx: &Ctx,
    batch: &Batch,
    looked: &Looked,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<MarkRow>> {
    let typed = looked.who.trim();
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let whose = if typed.is_empty() {
        store::Whose::All
    } else if domain::sheet::squeezed(typed)
        .bytes()
        .any(|b| b.is_ascii_digit())
    {
        let numbers = (
            domain::sheet::squeezed(typed),
            domain::application::number::typed(typed),
        );
        let of = (batch.row.exam_id, numbers.0.as_str(), numbers.1.as_str());
        let found = store::applications_numbered(&mut scan, of).await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        store::Whose::These(found)
    } else {
        store::Whose::Named(batch.row.exam_id, typed)
    };
    let mut rows = store::marks_page(
        &mut scan,
        batch.row.id,
        &whose,
        (looked.descends, after),
        limit,
    )
    .await?;
    if looked.descends {
        // Read off the far end of the key: a person's subjects stand in their own order again.
        rows.sort_by(|a, b| {
            b.application_id
                .cmp(&a.application_id)
                .then_with(|| a.subject_code.cmp(&b.subject_code))
        });
    }
    Ok(rows)
}
