//! A stream that fails when nothing could be read or written for a while, so that a client that stops reading an answer doesn't
//! hold its connection for ever. While an answer is in the making nobody has to say anything: a file of half a million rows
//! takes longer than any line may be idle.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

pub(super) struct Idle<S> {
    stream: S,
    limit: Duration,
    deadline: Pin<Box<Sleep>>,
    work: Work,
}

/// How many answers of one connection are in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Work(Arc<AtomicUsize>);

/// An answer in the making, until it is dropped.
#[derive(Debug)]
pub(super) struct Making(Work);

impl Work {
    /// One more.
    pub(super) fn begin(&self) -> Making {
        self.0.fetch_add(1, Ordering::Relaxed);
        Making(self.clone())
    }

    fn goes_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S> Idle<S> {
    pub(super) fn new(stream: S, limit: Duration, work: Work) -> Self {
        Self {
            stream,
            limit,
            deadline: Box::pin(tokio::time::sleep(limit)),
            work,
        }
    }

    /// Passes a result on and starts the time anew; fails if it was waited for too long.
    fn judge<T>(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.deadline.as_mut().reset(Instant::now() + self.limit);
            return result;
        }
        ready!(self.deadline.as_mut().poll(cx));
        if self.work.goes_on() {
            self.deadline.as_mut().reset(Instant::now() + self.limit);
            // Asked again, so that it wakes this task.
            ready!(self.deadline.as_mut().poll(cx));
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Idle<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.judge(cx, result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Idle<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judge(cx, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(cx);
        self.judge(cx, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.judge(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    /// A line with room for eight bytes on their way, and its other end.
    fn line(work: &Work) -> (Idle<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(8);
        (Idle::new(ours, LIMIT, work.clone()), theirs)
    }

    /// What comes of waiting, or a failed test: without the limit these lines would be waited on for ever.
    async fn soon<T>(work: impl Future<Output = T>) -> T {
        tokio::time::timeout(Duration::from_secs(20), work)
            .await
            .expect("a line without a limit")
    }

    #[tokio::test]
    async fn a_line_on_which_nothing_comes_fails() {
        let (mut ours, _theirs) = line(&Work::default());
        let error = soon(ours.read_u8()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_peer_that_stops_reading_fails_the_write() {
        let (mut ours, _theirs) = line(&Work::default());
        let error = soon(ours.write_all(&[0; 9])).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn each_byte_starts_the_time_anew() {
        let (mut ours, mut theirs) = line(&Work::default());
        let sender = tokio::spawn(async move {
            for byte in 0..4 {
                // Each well within the limit, all of them well beyond it.
                tokio::time::sleep(LIMIT / 2).await;
                theirs.write_u8(byte).await.unwrap();
            }
            theirs
        });
        for byte in 0..4 {
            assert_eq!(ours.read_u8().await.unwrap(), byte);
        }
        drop(sender.await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_to_speak_while_an_answer_is_in_the_making() {
        let work = Work::default();
        let (mut ours, mut theirs) = line(&work);
        let (first, second) = (work.begin(), work.begin());
        let reader = tokio::spawn(async move { (ours.read_u8().await, ours) });
        tokio::time::sleep(LIMIT * 4).await;
        drop(first);
        // One of two is still made.
        tokio::time::sleep(LIMIT * 4).await;
        assert!(!reader.is_finished());
        theirs.write_u8(7).await.unwrap();
        let (read, mut ours) = reader.await.unwrap();
        assert_eq!(read.unwrap(), 7);
        // With the last one done, the line is idle again.
        drop(second);
        let error = soon(ours.read_u8()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
