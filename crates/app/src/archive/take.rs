//! Taking the files of an archive: one, or all in one stream. They hold clear numbers, so each taking leaves an entry.

use db::{Command, Crowd, Lane, Tx};
use serde_json::json;

use super::store::{self, ArchiveRow, FileRow};
use super::{live, volume};
use crate::object::{self, File};
use crate::outgoing::{self, Outgoing};
use crate::{Ctx, Error, Result, Stamp};

/// One file.
///
/// # Errors
/// `NotFound`, also once it was deleted; `Forbidden`.
pub async fn take(ctx: &Ctx, exam: &str, seq: i64) -> Result<File> {
    let (_, row) = live(ctx, exam).await?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let file = store::files(&mut scan, row.id, seq - 1, 1).await?;
    let file = file
        .into_iter()
        .find(|file| file.seq == seq)
        .ok_or(Error::NotFound)?;
    let found = object::read(&ctx.app, file.object_id).await?;
    record(ctx, row, seq).await?;
    Ok(found)
}

/// All of them.
///
/// # Errors
/// `NotFound` before there is a file, and once they were deleted; `Forbidden`.
pub async fn take_all(ctx: &Ctx, exam: &str) -> Result<Outgoing> {
    let (exam, row) = live(ctx, exam).await?;
    let mut files = Vec::new();
    loop {
        let after = files.last().map_or(0, |file: &FileRow| file.seq);
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let page = store::files(&mut scan, row.id, after, super::SHOWN).await?;
        if page.is_empty() {
            break;
        }
        files.extend(page);
    }
    let first = files.first().ok_or(Error::NotFound)?;
    // Deleted ones are found out before the answer begins.
    object::read(&ctx.app, first.object_id).await?;
    let name = format!("{} 考试档案", volume::file_name(exam.title()));
    record(ctx, row, 0).await?;
    let app = ctx.app.clone();
    Ok(outgoing::zip(name, files, move |file: FileRow| {
        let app = app.clone();
        async move {
            let found = object::read(&app, file.object_id).await?;
            Ok((file.name, found.bytes))
        }
    }))
}

async fn record(ctx: &Ctx, row: ArchiveRow, seq: i64) -> Result<()> {
    let stamp = Stamp::of(ctx);
    let command = Record { stamp, row, seq };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Record {
    stamp: Stamp,
    row: ArchiveRow,
    seq: i64,
}

impl Command for Record {
    const NAME: &'static str = "archive.take";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::taken(tx, self.row.id, self.seq).await?;
        let detail = json!({ "file": self.seq });
        self.stamp
            .trail()
            .audit(tx, "archive.take", self.row.object(), detail)
            .await
    }
}
