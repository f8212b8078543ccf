//! Our end of the way to a channel: what every call goes through.

use std::sync::Arc;

use bytes::Bytes;
use domain::clock::Clock;
use domain::time::Timestamp;
use http::{Request, Response};

use super::breaker::Breaker;
use super::transport::{Lost, Transport};

/// A transport with a breaker before it; clones share both.
#[derive(Debug, Clone)]
pub struct Line {
    transport: Arc<dyn Transport>,
    breaker: Breaker,
}

impl Line {
    /// To one channel.
    pub fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self {
            transport,
            breaker: Breaker::new(clock),
        }
    }

    /// Sends a call.
    ///
    /// # Errors
    /// [`Lost::Unsent`] also while the channel is left alone.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        if !self.breaker.lets() {
            return Err(Lost::Unsent);
        }
        let answer = self.transport.send(request).await;
        match &answer {
            Ok(answer) if !answer.status().is_server_error() => self.breaker.answered(),
            _ => self.breaker.failed(),
        }
        answer
    }

    /// What fetches bills: a large file tells nothing of how the channel is, and isn't counted.
    pub fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// Until when the channel is left alone, if it is.
    pub fn left_alone(&self) -> Option<Timestamp> {
        self.breaker.left_alone()
    }
}
