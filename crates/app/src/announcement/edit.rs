//! Writing announcements: sanitised when saved, audited, the portal woken.

use db::{Command, Lane, Tx};
use domain::announcement::Category;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::board::TOPIC;
use super::store::{self, AnnouncementRow, AnnouncementWrite};
use super::text::{check, sanitise};
use crate::{Ctx, Error, Object, Result, Stamp, Trail};

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

/// Saves a new draft, or changes an announcement at the version that was read. Returns its public id.
pub async fn save(
    ctx: &Ctx,
    existing: Option<(&str, i64)>,
    draft: &AnnouncementDraft,
) -> Result<String> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let mut errors = check(&draft.title, 120, &draft.body);
    let category = Category::parse(&draft.category);
    if category.is_none() {
        errors.add("category", "请选择公告类别");
    }
    errors.into_result()?;
    let category = category.ok_or(Error::inconsistent("announcement.category"))?;
    let existing = match existing {
        None => None,
        Some((public_id, version)) => Some((by_public_id(ctx, public_id).await?, version)),
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
        let object = Object {
            kind: "announcement",
            id,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "announcement.save",
                object,
                json!({ "title": self.title }),
            )
            .await?;
        tx.wake(TOPIC);
        Ok(public_id)
    }
}

/// 补充公告 as another feature publishes it with the change that it announces.
pub(crate) struct Supplement<'a> {
    /// The exam that it speaks of.
    pub(crate) exam_id: i64,
    /// Its title.
    pub(crate) title: &'a str,
    /// Its text, a paragraph a line.
    pub(crate) body: &'a str,
}

/// Publishes a supplementary notice in the caller's transaction; its id. The caller has checked who asks.
pub(crate) async fn publish_supplement(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    supplement: &Supplement<'_>,
) -> Result<i64> {
    let id = trail.id()?;
    let public_id = trail.public_id(id).to_string();
    let paragraphs: Vec<String> = supplement
        .body
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| format!("<p>{}</p>", ammonia::clean_text(line.trim())))
        .collect();
    let at = trail.at().micros();
    let row = AnnouncementWrite {
        id,
        public_id: &public_id,
        category: Category::Bulletin.code(),
        title: supplement.title,
        body: &sanitise(&paragraphs.join("\n")),
        pinned: false,
        exam_id: supplement.exam_id,
        publish_at: 0,
        by: trail.actor_id(),
        at,
    };
    store::announcement_insert(tx, &row).await?;
    store::announcement_set_state(tx, id, "published", at, at).await?;
    let object = Object {
        kind: "announcement",
        id,
        exam_id: supplement.exam_id,
    };
    let detail = json!({ "title": supplement.title });
    trail
        .audit(tx, "announcement.supplement", object, detail)
        .await?;
    tx.wake(TOPIC);
    Ok(id)
}

pub(super) async fn by_public_id(ctx: &Ctx, public_id: &str) -> Result<AnnouncementRow> {
    store::announcement_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// Publishes now, or at `at` if that is later.
pub async fn publish(ctx: &Ctx, public_id: &str, at: Option<Timestamp>) -> Result<()> {
    let at = at.filter(|t| *t > ctx.at);
    set_state(
        ctx,
        public_id,
        if at.is_some() {
            "scheduled"
        } else {
            "published"
        },
        at.unwrap_or(ctx.at),
    )
    .await
}

/// Takes an announcement off the portal.
pub async fn withdraw(ctx: &Ctx, public_id: &str) -> Result<()> {
    set_state(ctx, public_id, "withdrawn", Timestamp::from_micros(0)).await
}

async fn set_state(
    ctx: &Ctx,
    public_id: &str,
    state: &'static str,
    publish_at: Timestamp,
) -> Result<()> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let row = by_public_id(ctx, public_id).await?;
    let command = SetState {
        stamp: Stamp::of(ctx),
        id: row.id,
        state,
        publish_at: publish_at.micros(),
    };
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
        let object = Object {
            kind: "announcement",
            id: self.id,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "announcement.set_state",
                object,
                json!({ "state": self.state }),
            )
            .await?;
        tx.wake(TOPIC);
        Ok(())
    }
}
