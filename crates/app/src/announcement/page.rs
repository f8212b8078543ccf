//! Standing pages as the office writes them.

use db::{Command, Lane, Tx};
use domain::staff::Permission;
use serde_json::json;

use super::board::TOPIC;
use super::store;
use super::text::{check, sanitise};
use crate::{Ctx, Error, Object, Result, Stamp};

/// A standing page as the office typed it.
#[derive(Debug, Clone, Default)]
pub struct PageDraft {
    /// At most 60 characters.
    pub title: String,
    /// Rich text.
    pub body: String,
}

/// Saves a standing page, new or not.
pub async fn page_save(ctx: &Ctx, slug: &str, draft: &PageDraft) -> Result<()> {
    ctx.allow(Permission::AnnouncementEdit)?;
    check(&draft.title, 60, &draft.body).into_result()?;
    let known = super::STANDING_PAGES
        .iter()
        .any(|(known, _)| *known == slug);
    if !known {
        return Err(Error::NotFound);
    }
    let command = PageSave {
        stamp: Stamp::of(ctx),
        slug: slug.to_owned(),
        title: draft.title.trim().to_owned(),
        body: sanitise(&draft.body),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct PageSave {
    stamp: Stamp,
    slug: String,
    title: String,
    body: String,
}

impl Command for PageSave {
    const NAME: &'static str = "announcement.page_save";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        store::page_put(tx, &self.slug, (&self.title, &self.body), by, at).await?;
        let object = Object {
            kind: "site_page",
            id: 0,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "announcement.page_save",
                object,
                json!({ "slug": self.slug }),
            )
            .await?;
        tx.wake(TOPIC);
        Ok(())
    }
}
