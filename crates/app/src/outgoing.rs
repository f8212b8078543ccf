//! Many stored files on their way out as one ZIP: read and sent one after the other, so that no more than one of them stands in
//! memory.

use std::future::Future;
use std::io::Write;

use bytes::Bytes;
use documents::bundle::Stream;
use tokio::sync::mpsc;

use crate::{Error, Result};

/// Pieces that wait for a slow reader.
const WAITING: usize = 16;
/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// Files on their way out, as one ZIP.
#[derive(Debug)]
pub struct Outgoing {
    /// What to call it, without an ending.
    pub name: String,
    /// The pieces; an error ends a stream that couldn't be finished, so that nobody takes half a file for a whole one.
    pub pieces: mpsc::Receiver<std::io::Result<Bytes>>,
}

/// Sends `files` as one ZIP; `read` gives the name and the content of each, when its turn comes.
pub(crate) fn zip<T, F, R>(name: String, files: Vec<T>, read: F) -> Outgoing
where
    T: Send + 'static,
    F: Fn(T) -> R + Send + 'static,
    R: Future<Output = Result<(String, Vec<u8>)>>,
{
    let (send, pieces) = mpsc::channel(WAITING);
    let handle = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = pack(&handle, files, read, &send) {
            tracing::warn!(%error, "files were not sent to the end");
            let _ = send.blocking_send(Err(std::io::Error::other("the files end here")));
        }
    });
    Outgoing { name, pieces }
}

fn pack<T, F, R>(
    handle: &tokio::runtime::Handle,
    files: Vec<T>,
    read: F,
    send: &mpsc::Sender<std::io::Result<Bytes>>,
) -> Result<()>
where
    F: Fn(T) -> R,
    R: Future<Output = Result<(String, Vec<u8>)>>,
{
    let broken = |e| Error::internal("send files", e);
    let mut stream = Stream::over(Out {
        send,
        held: Vec::new(),
    });
    for file in files {
        let (name, bytes) = handle.block_on(read(file))?;
        stream.put(&name, &bytes).map_err(broken)?;
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
