//! The client that talks to channels: short time limits, no redirects, bounded answers.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

/// No channel's answer comes near.
const LONGEST: usize = 256 * 1024;

/// A client for a channel.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .timeout(Duration::from_secs(super::TIMEOUT_SECONDS.unsigned_abs()))
        .connect_timeout(Duration::from_secs(3))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
}

/// The body of an answer; `None` if it is cut off or too long.
pub(super) async fn body(mut answer: reqwest::Response) -> Option<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > LONGEST {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body.freeze())
}
