//! What carries a request to a channel and its answer back: the network, or a simulation in the same process.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Request, Response};

/// No channel's answer to a call comes near; bills have [`Transport::fetch`].
const LONGEST: usize = 256 * 1024;

/// Why nothing that can be trusted came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// It never left: nobody can have acted on it.
    #[error("the channel can't be reached")]
    Unsent,
    /// It may have arrived, or not.
    #[error("no answer came")]
    Unanswered,
}

/// Carries requests.
pub trait Transport: fmt::Debug + Send + Sync {
    /// The whole answer, whatever its status. Redirects aren't followed.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Lost>>;

    /// A large answer, piece by piece; the sum of the pieces isn't beyond `longest` bytes. Answers the status.
    fn fetch<'a>(
        &'a self,
        request: Request<Bytes>,
        longest: u64,
        piece: &'a mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> BoxFuture<'a, Result<u16, Lost>>;
}

/// The network: TLS by rustls, short time limits, no redirects, no proxy.
#[derive(Debug, Clone)]
pub struct Web {
    client: reqwest::Client,
    files: reqwest::Client,
}

impl Web {
    /// Connections are kept.
    ///
    /// # Errors
    /// If the TLS stack can't be set up.
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = |limit: Duration| {
            reqwest::Client::builder()
                .timeout(limit)
                .connect_timeout(Duration::from_secs(3))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
        };
        Ok(Self {
            client: client(Duration::from_secs(super::TIMEOUT_SECONDS.unsigned_abs()))?,
            // A bill of a million lines over a slow line.
            files: client(Duration::from_secs(30 * 60))?,
        })
    }
}

/// A request that couldn't be made, or whose line couldn't be opened, wasn't sent.
fn lost(error: &reqwest::Error) -> Lost {
    if error.is_connect() || error.is_builder() {
        Lost::Unsent
    } else {
        Lost::Unanswered
    }
}

async fn begun(
    client: &reqwest::Client,
    request: Request<Bytes>,
) -> Result<reqwest::Response, Lost> {
    let request = reqwest::Request::try_from(request).map_err(|error| lost(&error))?;
    client.execute(request).await.map_err(|error| lost(&error))
}

impl Transport for Web {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Lost>> {
        async move {
            let mut answer = begun(&self.client, request).await?;
            let mut whole = Response::builder().status(answer.status());
            if let Some(headers) = whole.headers_mut() {
                headers.clone_from(answer.headers());
            }
            let mut body = BytesMut::new();
            while let Some(piece) = answer.chunk().await.map_err(|_| Lost::Unanswered)? {
                if body.len() + piece.len() > LONGEST {
                    return Err(Lost::Unanswered);
                }
                body.extend_from_slice(&piece);
            }
            whole.body(body.freeze()).map_err(|_| Lost::Unanswered)
        }
        .boxed()
    }

    fn fetch<'a>(
        &'a self,
        request: Request<Bytes>,
        longest: u64,
        piece: &'a mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> BoxFuture<'a, Result<u16, Lost>> {
        async move {
            let mut answer = begun(&self.files, request).await?;
            let mut left = longest;
            while let Some(some) = answer.chunk().await.map_err(|_| Lost::Unanswered)? {
                left = left
                    .checked_sub(some.len() as u64)
                    .ok_or(Lost::Unanswered)?;
                piece(&some).map_err(|_| Lost::Unanswered)?;
            }
            Ok(answer.status().as_u16())
        }
        .boxed()
    }
}
