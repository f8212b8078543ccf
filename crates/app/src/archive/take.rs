//! Taking the files of an archive: one, or all in one stream. They hold clear numbers, so each taking leaves an entry.

use std::io::Write;

use bytes::Bytes;
use db::{Command, Crowd, Lane, Tx};
use documents::bundle::Stream;
use serde_json::json;
use tokio::sync::mpsc;

use super::store::{self, ArchiveRow, FileRow};
use super::{live, volume};
use crate::object::{self, File};
use crate::{App, Ctx, Error, Result, Stamp};

/// Pieces that wait for a slow reader.
const WAITING: usize = 16;
/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// All files of an archive on their way out, as one ZIP.
#[derive(Debug)]
pub struct Taken {
    /// What to call it, without an ending.
    pub name: String,
    /// The pieces; an error ends a stream that couldn't be finished, so that nobody takes half a file for a whole one.
    pub pieces: mpsc::Receiver<std::io::Result<Bytes>>,
}

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
pub async fn take_all(ctx: &Ctx, exam: &str) -> Result<Taken> {
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
    let (send, pieces) = mpsc::channel(WAITING);
    let (app, handle) = (ctx.app.clone(), tokio::runtime::Handle::current());
    tokio::task::spawn_blocking(move || {
        if let Err(error) = pack(&app, &handle, &files, &send) {
            tracing::warn!(%error, "an archive was not sent to the end");
            let _ = send.blocking_send(Err(std::io::Error::other("the archive ends here")));
        }
    });
    Ok(Taken { name, pieces })
}

fn pack(
    app: &App,
    handle: &tokio::runtime::Handle,
    files: &[FileRow],
    send: &mpsc::Sender<std::io::Result<Bytes>>,
) -> Result<()> {
    let broken = |e| Error::internal("send an archive", e);
    let mut stream = Stream::over(Out {
        send,
        held: Vec::new(),
    });
    for file in files {
        let found = handle.block_on(object::read(app, file.object_id))?;
        stream.put(&file.name, &found.bytes).map_err(broken)?;
    }
    stream.finish().map_err(broken)
}

/// Pieces of a size that is worth a hand-over.
struct Out<'a> {
    send: &'a mpsc::Sender<std::io::Result<Bytes>>,
    held: Vec<u8>,
}

impl Out<'_> {
    fn pass(&mut self) -> std::io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.held));
        self.send
            .blocking_send(Ok(piece))
            .map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            self.pass()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.pass()
    }
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        // The last piece; if nobody takes it, there is nobody to tell.
        let _ = self.pass();
    }
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
