//! Announcements and standing pages: what the portal shows to everybody, account or not.
//!
//! An announcement is drafted, published at once or at a set time, pinned, withdrawn. Whether a scheduled one is out is
//! derived from the clock, never copied. Rich text is sanitised when it is saved. Public pages are served from memory
//! ([`Board`]): a crawl of them reads no database and commits nothing.

mod board;
mod edit;
mod store;

pub use board::{Board, Posting};
pub use edit::{AnnouncementDraft, PageDraft, page_save, publish, save, withdraw};
pub use store::{AnnouncementRow, AttachmentRow, PageRow};

use db::Crowd;
use domain::staff::Permission;

use crate::{Ctx, Error, Result};

/// Standing pages that the product links to, with the text they start with.
pub const STANDING_PAGES: [(&str, &str); 5] = [
    ("payment", "网上支付说明"),
    ("guide", "报考指南"),
    ("faq", "常见问题"),
    ("privacy", "个人信息保护说明"),
    ("accessibility", "无障碍说明"),
];

/// The office's list, newest first, all states.
pub async fn list(ctx: &Ctx, before: Option<i64>) -> Result<Vec<AnnouncementRow>> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::announcements_all(&mut scan, before.unwrap_or(i64::MAX), 50).await?)
}

/// One announcement for editing.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<(AnnouncementRow, Vec<AttachmentRow>)> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let mut read = ctx.app.db().read();
    let row =
        store::announcement_by_public_id(&mut read, public_id).await?.ok_or(Error::NotFound)?;
    let attachments = store::attachments_of(&mut read, row.id).await?;
    Ok((row, attachments))
}

/// A standing page for editing.
pub async fn page_find(ctx: &Ctx, slug: &str) -> Result<PageRow> {
    ctx.allow(Permission::AnnouncementEdit)?;
    store::page_by_slug(&mut ctx.app.db().read(), slug).await?.ok_or(Error::NotFound)
}
