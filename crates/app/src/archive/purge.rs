//! Deleting what is due: a few hundred at a time, the stored content before the commit that says so, with a digest of what went.

use std::fmt::Write as _;

use db::{Command, Crowd, Lane, Tx};
use domain::archive::Material;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::file_store::{self, StoredRow};
use super::store::{self, PurgeRow};
use crate::{Ctx, Error, Object, Result, Stamp, application, arrangement, carried, object, waiver};

/// Applicants whose material goes in one commit.
const PAGE: i64 = 50;
/// Chunks of one look: the rest is for the next.
const CHUNKS: usize = 200;

/// Deletes what is due by now; how many chunks that took. Done again and again until nothing is left.
///
/// # Errors
/// Trouble with the database or the store of files.
pub async fn purge_due(ctx: &Ctx) -> Result<usize> {
    let now = ctx.at.micros();
    for done in 0..CHUNKS {
        let due = store::purges_due(&mut ctx.app.db().scan(Crowd::System), now).await?;
        let Some(row) = due.into_iter().next() else {
            return Ok(done);
        };
        match purge_some(ctx, row).await {
            // Another process has it, or somebody holds it now.
            Err(Error::Conflict(_)) => return Ok(done),
            other => other?,
        }
    }
    Ok(CHUNKS)
}

/// What goes in one commit.
#[derive(Default)]
struct Chunk {
    /// Stored files.
    objects: Vec<StoredRow>,
    /// Applications whose content goes: id, bytes, and the digest that stays.
    contents: Vec<(i64, i64, String)>,
    /// Entries of the files of returning candidates: id and bytes.
    carried: Vec<(i64, i64)>,
    /// The last row that was looked at; `None` when nothing is left.
    to: Option<String>,
}

async fn purge_some(ctx: &Ctx, row: PurgeRow) -> Result<()> {
    let archive = store::by_id(&mut ctx.app.db().read(), row.archive_id)
        .await?
        .ok_or(Error::inconsistent("archive_purge.archive_id"))?;
    let material =
        Material::from_code(&row.kind).ok_or(Error::inconsistent("archive_purge.kind"))?;
    let chunk = chunk(ctx, archive.exam_id, material, &row).await?;
    // First the content, then the row: a crash between the two leaves a row that says too much, never a file that nobody knows.
    let paths = chunk.objects.iter().filter_map(|one| one.path.as_deref());
    object::wipe(&ctx.app, paths).await?;
    let command = Purge {
        stamp: Stamp::of(ctx),
        exam_id: archive.exam_id,
        row,
        chunk,
    };
    ctx.app.db().write(Lane::Background, command).await
}

async fn chunk(ctx: &Ctx, exam_id: i64, material: Material, row: &PurgeRow) -> Result<Chunk> {
    let mut scan = ctx.app.db().scan(Crowd::System);
    let last = |rows: &[StoredRow]| rows.last().map(|one| one.object_id.to_string());
    match material {
        Material::Package => {
            let objects = file_store::package(&mut scan, row.archive_id).await?;
            Ok(Chunk {
                to: last(&objects),
                objects,
                ..Chunk::default()
            })
        }
        Material::Uploads => {
            let objects = file_store::uploads(&mut scan, exam_id).await?;
            if !objects.is_empty() {
                return Ok(Chunk {
                    to: last(&objects),
                    objects,
                    ..Chunk::default()
                });
            }
            let carried = file_store::carried(&mut scan, exam_id).await?;
            Ok(Chunk {
                to: carried.last().map(|(id, _)| id.to_string()),
                carried,
                ..Chunk::default()
            })
        }
        Material::Attachments | Material::OldPhotos | Material::Content => {
            let page =
                application::store::applications_after(&mut scan, exam_id, &row.reached, PAGE)
                    .await?;
            let mut chunk = Chunk {
                to: page.last().map(|one| one.registration_no.clone()),
                ..Chunk::default()
            };
            for one in &page {
                match material {
                    Material::Attachments => {
                        let rows = file_store::attachments(&mut scan, one.id).await?;
                        chunk.objects.extend(rows);
                    }
                    Material::OldPhotos => {
                        let rows =
                            file_store::old_photos(&mut scan, exam_id, one.account_id).await?;
                        chunk.objects.extend(rows);
                    }
                    _ => {
                        let size = application::store::content_size(&mut scan, one.id).await?;
                        if size > 0 {
                            let hash = hex::encode(&one.snapshot_hash);
                            chunk.contents.push((one.id, size, hash));
                        }
                    }
                }
            }
            Ok(chunk)
        }
    }
}

struct Purge {
    stamp: Stamp,
    exam_id: i64,
    row: PurgeRow,
    chunk: Chunk,
}

impl Purge {
    /// The digest of all that went so far: each chunk is added to that of the one before.
    fn digest(&self) -> String {
        let mut list = self.row.digest.clone();
        for one in &self.chunk.objects {
            let _ = write!(list, "\nobject {} {}", one.object_id, one.size);
        }
        for (id, size, hash) in &self.chunk.contents {
            let _ = write!(list, "\napplication {id} {size} {hash}");
        }
        for (id, size) in &self.chunk.carried {
            let _ = write!(list, "\ncarried {id} {size}");
        }
        hex::encode(Sha256::digest(list.as_bytes()))
    }
}

impl Command for Purge {
    const NAME: &'static str = "archive.purge";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        const MOVED: Error = Error::Conflict("另一个任务正在清除，或者已暂缓");
        let (row, chunk) = (&self.row, &self.chunk);
        let at = self.stamp.at.micros();
        let Some(to) = &chunk.to else {
            if store::purge_finish(tx, row, at).await? == 0 {
                return Err(MOVED);
            }
            let object = Object {
                kind: "exam_archive",
                id: row.archive_id,
                exam_id: self.exam_id,
            };
            let detail = json!({
                "material": row.kind, "removed": row.removed, "bytes": row.bytes, "sha256": row.digest,
            });
            let mut trail = self.stamp.trail();
            return trail.audit(tx, "archive.purged", object, detail).await;
        };
        let count = chunk.objects.len() + chunk.contents.len() + chunk.carried.len();
        let removed = i64::try_from(count).unwrap_or(i64::MAX);
        let bytes = chunk.objects.iter().map(|one| one.size).sum::<i64>()
            + chunk.contents.iter().map(|(_, size, _)| size).sum::<i64>()
            + chunk.carried.iter().map(|(_, size)| size).sum::<i64>();
        let digest = if count == 0 {
            row.digest.clone()
        } else {
            self.digest()
        };
        if store::purge_advance(tx, row, to, (removed, bytes), &digest, at).await? == 0 {
            return Err(MOVED);
        }
        for one in &chunk.objects {
            object::empty(tx, one.object_id).await?;
        }
        for (id, ..) in &chunk.contents {
            application::store::content_erase(tx, *id).await?;
            waiver::statements_erase(tx, *id).await?;
            arrangement::notes_erase(tx, *id).await?;
        }
        if !chunk.contents.is_empty() {
            crate::door::holders_erase(tx, self.exam_id).await?;
        }
        for (id, _) in &chunk.carried {
            carried::entry_erase(tx, *id).await?;
        }
        Ok(())
    }
}
