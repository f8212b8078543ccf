//! Writing announcements and pages: sanitised when saved, audited, the portal woken.

use std::collections::HashSet;

use db::{Command, Lane, Tx};
use domain::announcement::Category;
use domain::field::FieldErrors;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::board::TOPIC;
use super::store::{self, AnnouncementRow, AnnouncementWrite};
use crate::object::{self, NewObject, Owner};
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
        "p",
        "br",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "strong",
        "b",
        "em",
        "i",
        "u",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "caption",
        "blockquote",
        "hr",
        "sup",
        "sub",
    ]);
    ammonia::Builder::new()
        .tags(tags)
        .link_rel(Some("noopener noreferrer"))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .clean(html)
        .to_string()
}

fn check(title: &str, longest: usize, body: &str) -> FieldErrors {
    let mut errors = FieldErrors::new();
    match title.trim().chars().count() {
        0 => errors.add("title", "请填写标题"),
        n if n > longest => errors.add("title", format!("标题最多 {longest} 个字，您填了 {n} 个")),
        _ => {}
    }
    if sanitise(body).trim().is_empty() {
        errors.add("body", "请填写正文");
    }
    errors
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

/// Hangs a file on an announcement: one of the kinds that every office writes, told by its content.
///
/// # Errors
/// `Fields` under `file`.
pub async fn attach(ctx: &Ctx, public_id: &str, file_name: &str, bytes: &[u8]) -> Result<()> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let row = by_public_id(ctx, public_id).await?;
    let Some(media_type) = media_type(bytes, file_name) else {
        return Err(Error::field(
            "file",
            "只能上传 PDF、Word、Excel、JPG、PNG 文件",
        ));
    };
    if bytes.len() > MOST_BYTES {
        return Err(Error::field("file", "附件不能超过 20 MB"));
    }
    let named = (media_type, file_name);
    let object = object::prepare(&ctx.app, "announcement", Owner::Public, named, bytes).await?;
    let command = Attach {
        stamp: Stamp::of(ctx),
        announcement: row.id,
        object,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// The largest attachment in bytes.
pub const MOST_BYTES: usize = 20 * 1024 * 1024;
/// More files than any announcement has.
const MOST_FILES: usize = 20;

/// What a file is, by its first bytes; office formats share a container, so the name decides between them.
fn media_type(bytes: &[u8], name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let ends = |ending: &str| name.ends_with(ending);
    if bytes.starts_with(b"%PDF-") {
        Some("application/pdf")
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some("image/jpeg")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"PK\x03\x04") && ends(".xlsx") {
        Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    } else if bytes.starts_with(b"PK\x03\x04") && ends(".docx") {
        Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) && ends(".xls") {
        Some("application/vnd.ms-excel")
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) && ends(".doc") {
        Some("application/msword")
    } else {
        None
    }
}

/// A stored media type as one of those that [`attach`] gives; anything else is bytes to keep.
pub fn known_type(stored: &str) -> &'static str {
    const KNOWN: [&str; 7] = [
        "application/pdf",
        "image/jpeg",
        "image/png",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.ms-excel",
        "application/msword",
    ];
    KNOWN
        .into_iter()
        .find(|known| *known == stored)
        .unwrap_or("application/octet-stream")
}

struct Attach {
    stamp: Stamp,
    announcement: i64,
    object: NewObject,
}

impl Command for Attach {
    const NAME: &'static str = "announcement.attach";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let held = store::attachments_of(tx, self.announcement).await?.len();
        if held >= MOST_FILES {
            return Err(Error::field("file", "一条公告最多 20 个附件"));
        }
        let object_id = object::insert(tx, &mut trail, &self.object).await?;
        let link = trail.id()?;
        let position = i64::try_from(held).unwrap_or(i64::MAX);
        store::attachment_insert(tx, link, self.announcement, object_id, position).await?;
        let of = Object {
            kind: "announcement",
            id: self.announcement,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "announcement.attach",
                of,
                json!({ "file": self.object.file_name }),
            )
            .await?;
        tx.wake(TOPIC);
        Ok(())
    }
}

/// Takes a file off an announcement. The stored file stays: somebody may have linked it.
pub async fn detach(ctx: &Ctx, public_id: &str, file: &str) -> Result<()> {
    ctx.allow(Permission::AnnouncementEdit)?;
    let row = by_public_id(ctx, public_id).await?;
    let files = store::attachments_of(&mut ctx.app.db().read(), row.id).await?;
    let file = files
        .into_iter()
        .find(|held| held.public_id == file)
        .ok_or(Error::NotFound)?;
    let command = Detach {
        stamp: Stamp::of(ctx),
        announcement: row.id,
        object: file.object_id,
        file_name: file.file_name,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Detach {
    stamp: Stamp,
    announcement: i64,
    object: i64,
    file_name: String,
}

impl Command for Detach {
    const NAME: &'static str = "announcement.detach";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::attachment_delete(tx, self.announcement, self.object).await? == 0 {
            return Err(Error::Conflict("这个附件刚被删除，请刷新查看"));
        }
        let of = Object {
            kind: "announcement",
            id: self.announcement,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(
                tx,
                "announcement.detach",
                of,
                json!({ "file": self.file_name }),
            )
            .await?;
        tx.wake(TOPIC);
        Ok(())
    }
}

async fn by_public_id(ctx: &Ctx, public_id: &str) -> Result<AnnouncementRow> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_loads_or_disguises_survives() {
        let hostile = [
            "<p>好<script>alert(1)</script></p>",
            "<p onclick=\"alert(1)\">好</p>",
            "<p><a href=\"javascript:alert(1)\">好</a></p>",
            "<p>好<img src=x onerror=alert(1)></p>",
            "<p style=\"position:fixed\">好</p>",
            "<p>好<iframe src=\"https://evil.example\"></iframe></p>",
            "<p>好<form action=\"https://evil.example\"><input></form></p>",
            "<p>好<style>body{display:none}</style></p>",
            "<svg><script>alert(1)</script></svg><p>好</p>",
            "<p>好<a href=\"data:text/html,<script>1</script>\">x</a></p>",
        ];
        for html in hostile {
            let clean = sanitise(html);
            assert!(clean.contains('好'), "{html}");
            for bad in [
                "script",
                "onclick",
                "onerror",
                "javascript:",
                "style",
                "iframe",
                "<form",
                "<input",
                "<img",
                "data:",
                "svg",
            ] {
                assert!(!clean.contains(bad), "{html} → {clean}");
            }
        }
        // The control: unsanitised, the same check fails.
        assert!(hostile.iter().all(|html| {
            ["script", "on", "style", "iframe", "form"]
                .iter()
                .any(|bad| html.contains(bad))
        }));
    }

    #[test]
    fn what_an_announcement_needs_stays() {
        let html = "<h2>一、报名</h2><p>见<a href=\"https://example.com/a\">附件</a></p><table><tbody><tr><td colspan=\"2\">岗位</td></tr></tbody></table><ul><li><strong>时间</strong></li></ul>";
        let clean = sanitise(html);
        for kept in [
            "<h2>",
            "<table>",
            "colspan=\"2\"",
            "<strong>",
            "href=\"https://example.com/a\"",
            "noopener",
        ] {
            assert!(clean.contains(kept), "{kept}: {clean}");
        }
    }

    #[test]
    fn an_attachment_is_what_its_content_says() {
        assert_eq!(media_type(b"%PDF-1.7 ", "a.html"), Some("application/pdf"));
        assert_eq!(media_type(b"<html><script>", "a.pdf"), None);
        assert_eq!(media_type(b"PK\x03\x04", "a.zip"), None);
        assert!(media_type(b"PK\x03\x04", "岗位表.XLSX").is_some());
        assert_eq!(media_type(b"MZ", "a.xls"), None);
    }
}
