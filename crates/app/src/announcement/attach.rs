//! Files of announcements.

use db::{Command, Lane, Tx};
use domain::staff::Permission;
use serde_json::json;

use super::board::TOPIC;
use super::edit::by_public_id;
use super::store;
use crate::object::{self, NewObject, Owner};
use crate::{Ctx, Error, Object, Result, Stamp};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_is_what_its_content_says() {
        assert_eq!(media_type(b"%PDF-1.7 ", "a.html"), Some("application/pdf"));
        assert_eq!(media_type(b"<html><script>", "a.pdf"), None);
        assert_eq!(media_type(b"PK\x03\x04", "a.zip"), None);
        assert!(media_type(b"PK\x03\x04", "岗位表.XLSX").is_some());
        assert_eq!(media_type(b"MZ", "a.xls"), None);
    }
}
