//! Announcements and standing pages: what the portal shows to everybody, account or not.
//!
//! An announcement is drafted, published at once or at a set time, pinned, withdrawn. Whether a scheduled one is out is
//! derived from the clock, never copied. Rich text is sanitised when it is saved. Public pages are served from memory
//! ([`Board`]): a crawl of them reads no database and commits nothing.

mod attach;
mod board;
mod edit;
mod export;
mod page;
mod standing;
mod store;
mod text;
pub(crate) mod wipe_store;

pub use attach::{MOST_BYTES, attach, detach, known_type};
pub use board::{Board, Posting};
pub use edit::{AnnouncementDraft, publish, save, withdraw};
pub(crate) use edit::{Supplement, publish_supplement};
pub use export::export;
pub use page::{PageDraft, page_save};
pub use standing::{STANDING_PAGES, standing};
pub use store::{AnnouncementRow, AttachmentRow, PageRow};

use db::Crowd;
use domain::staff::Permission;

use crate::object::{self, File};
use crate::{App, Ctx, Error, Result};

/// What the office's list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// A state's code; empty for all.
    pub state: String,
    /// Turned round: every state but that one.
    pub other: bool,
    /// The oldest first, not the newest.
    pub oldest: bool,
}

/// A page of the office's list, beyond the id of the last one shown.
pub async fn list(
    ctx: &Ctx,
    filter: &Filter,
    from: Option<i64>,
    limit: i64,
) -> Result<Vec<AnnouncementRow>> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let part = (filter.state.as_str(), filter.other, filter.oldest);
    let from = from.unwrap_or(if filter.oldest { 0 } else { i64::MAX });
    Ok(store::announcements_all(&mut scan, part, from, limit).await?)
}

/// How many are in a state; stops at 10,001.
pub async fn count(ctx: &Ctx, state: &str) -> Result<i64> {
    ctx.allow(Permission::AnnouncementEdit)?;
    Ok(store::announcements_count(&mut ctx.app.db().scan(Crowd::Staff), state).await?)
}

/// One announcement for editing.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<(AnnouncementRow, Vec<AttachmentRow>)> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let mut read = ctx.app.db().read();
    let row = store::announcement_by_public_id(&mut read, public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let attachments = store::attachments_of(&mut read, row.id).await?;
    Ok((row, attachments))
}

/// A standing page for editing; one that nobody has edited yet is shown with the product's text.
pub async fn page_find(ctx: &Ctx, slug: &str) -> Result<PageRow> {
    ctx.allow(Permission::AnnouncementEdit)?;
    match store::page_by_slug(&mut ctx.app.db().read(), slug).await? {
        Some(row) => Ok(row),
        None => standing::given(slug).ok_or(Error::NotFound),
    }
}

/// A file of an announcement that is out: for everybody.
pub async fn attachment(app: &App, posting: &Posting, file: &str) -> Result<File> {
    if !posting.files.iter().any(|held| held.public_id == file) {
        return Err(Error::NotFound);
    }
    object::read_public(app, file).await
}

/// A file of an announcement for those who write them, out or not.
pub async fn attachment_for_office(ctx: &Ctx, public_id: &str, file: &str) -> Result<File> {
    let (_, files) = find(ctx, public_id).await?;
    if !files.iter().any(|held| held.public_id == file) {
        return Err(Error::NotFound);
    }
    object::read_public(&ctx.app, file).await
}
