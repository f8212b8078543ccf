//! Writing announcements and pages: sanitised when saved, audited, the portal woken.

use std::collections::HashSet;

use db::{Command, Lane, Tx};
use domain::announcement::Category;
use domain::field::FieldErrors;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::board::TOPIC;
use super::store::{self, AnnouncementWrite};
use crate::{Ctx, Error, Object, Result, Stamp};

/// An announcement as the office typed it.
#[derive(Debug, Clone, Default)]
pub struct AnnouncementDraft {
    /// One of [`Category`]'s codes.
    pub category: String,
    /// At most 120 characters.
    pub title: String,
    /// Rich text; what isn't on the sanitiser's list is dropped.
    pub body: String,
    /// Shown above the others.
    pub pinned: bool,
    /// Files to hang on, in order: ids of stored objects.
    pub add_files: Vec<i64>,
}

/// A standing page as the office typed it.
#[derive(Debug, Clone, Default)]
pub struct PageDraft {
    /// At most 60 characters.
    pub title: String,
    /// Rich text.
    pub body: String,
}

/// Rich text with everything dropped that could run, load or disguise: headings, paragraphs, lists, tables, emphasis and
/// links stay. No `style`, no foreign pictures.
fn sanitise(html: &str) -> String {
    let tags = HashSet::from([
        "p", "br", "h2", "h3", "h4", "ul", "ol", "li", "strong", "b", "em", "i", "u", "a", "table", "thead", "tbody",
        "tr", "th", "td", "caption", "blockquote", "hr", "sup", "sub",
    ]);
    ammonia::Builder::new()
        .tags(tags)
        .link_rel(Some("noopener noreferrer"))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .clean(html)
        .to_string()
}

fn check(title: &str, longest: usize, body: &str) -> std::result::Result<(), FieldErrors> {
    let mut errors = FieldErrors::new();
    match title.trim().chars().count() {
        0 => errors.add("title", "请填写标题"),
        n if n > longest => errors.add("title", format!("标题最多 {longest} 个字，您填了 {n} 个")),
        _ => {}
    }
    if sanitise(body).trim().is_empty() {
        errors.add("body", "请填写正文");
    }
    errors.into_result()
}

/// Saves a new draft, or changes an announcement at the version that was read. Returns its public id.
pub async fn save(ctx: &Ctx, existing: Option<(&str, i64)>, draft: &AnnouncementDraft) -> Result<String> {
    ctx.allow(Permission::AnnouncementEdit)?;
    check(&draft.title, 120, &draft.body)?;
    let Some(category) = Category::parse(&draft.category) else {
        return Err(Error::field("category", "请选择公告类别"));
    };
    let existing = match existing {
        None => None,
        Some((public_id, version)) => {
            let row = store::announcement_by_public_id(&mut ctx.app.db().read(), public_id)
                .await?
                .ok_or(Error::NotFound)?;
            Some((row, version))
        }
    };
    let command = Save {
        stamp: Stamp::of(ctx),
        existing: existing.map(|(row, version)| (row.id, row.public_id, version)),
        category: category.code(),
        title: draft.title.trim().to_owned(),
        body: sanitise(&draft.body),
        pinned: draft.pinned,
        files: draft.add_files.clone(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Save {
    stamp: Stamp,
    existing: Option<(i64, String, i64)>,
    category: &'static str,
    title: String,
    body: String,
    pinned: bool,
    files: Vec<i64>,
}

impl Command for Save {
    const NAME: &'static str = "announcement.save";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let (id, public_id) = match &self.existing {
            Some((id, public_id, _)) => (*id, public_id.clone()),
            None => {
                let id = trail.id()?;
                (id, trail.public_id(id).to_string())
            }
        };
        let row = AnnouncementWrite {
            id,
            public_id: &public_id,
            category: self.category,
            title: &self.title,
            body: &self.body,
            pinned: self.pinned,
            exam_id: 0,
            publish_at: 0,
            by: self.stamp.actor_id(),
            at: self.stamp.at.micros(),
        };
        match &self.existing {
            None => store::announcement_insert(tx, &row).await?,
            Some((_, _, version)) => {
                let changed = store::announcement_update(tx, &row, *version).await?;
                if changed == 0 {
                    return Err(Error::Conflict("这条公告刚被别人改过，请刷新后再改"));
                }
                changed
            }
        };
        let held = store::attachments_of(tx, id).await?.len();
        for (position, object_id) in (held..).zip(&self.files) {
            let link = trail.id()?;
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            store::attachment_insert(tx, link, id, *object_id, position).await?;
        }
        let object = Object { kind: "announcement", id, exam_id: 0 };
        trail.audit(tx, "announcement.save", object, json!({ "title": self.title })).await?;
        tx.wake(TOPIC);
        Ok(public_id)
    }
}

/// Publishes now, or at `at` if that is later.
pub async fn publish(ctx: &Ctx, public_id: &str, at: Option<Timestamp>) -> Result<()> {
    let at = at.filter(|t| *t > ctx.at);
    set_state(ctx, public_id, if at.is_some() { "scheduled" } else { "published" }, at.unwrap_or(ctx.at)).await
}

/// Takes an announcement off the portal.
pub async fn withdraw(ctx: &Ctx, public_id: &str) -> Result<()> {
    set_state(ctx, public_id, "withdrawn", ctx.at).await
}

async fn set_state(ctx: &Ctx, public_id: &str, state: &'static str, publish_at: Timestamp) -> Result<()> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let row = store::announcement_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let command = SetState { stamp: Stamp::of(ctx), id: row.id, state, publish_at: publish_at.micros() };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct SetState {
    stamp: Stamp,
    id: i64,
    state: &'static str,
    publish_at: i64,
}

impl Command for SetState {
    const NAME: &'static str = "announcement.set_state";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let at = self.stamp.at.micros();
        store::announcement_set_state(tx, self.id, self.state, self.publish_at, at).await?;
        let object = Object { kind: "announcement", id: self.id, exam_id: 0 };
        trail.audit(tx, "announcement.set_state", object, json!({ "state": self.state })).await?;
        tx.wake(TOPIC);
        Ok(())
    }
}

/// Saves a standing page, new or not.
pub async fn page_save(ctx: &Ctx, slug: &str, draft: &PageDraft) -> Result<()> {
    ctx.allow(Permission::AnnouncementEdit)?;
    check(&draft.title, 60, &draft.body)?;
    let known = super::STANDING_PAGES.iter().any(|(known, _)| *known == slug);
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
        let object = Object { kind: "site_page", id: 0, exam_id: 0 };
        trail.audit(tx, "announcement.page_save", object, json!({ "slug": self.slug })).await?;
        tx.wake(TOPIC);
        Ok(())
    }
}
