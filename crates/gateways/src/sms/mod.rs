//! SMS to candidates.
//!
//! A message names a template that the operator has registered with the provider, and its parameters. [`HttpSender`] hands it
//! to any provider (or the adapter in front of it) as signed JSON; [`DemoSender`] keeps it for a page that shows it;
//! [`RecordingSender`] is for tests.

mod demo;
mod http;
mod recording;

use std::fmt;

use futures_util::future::BoxFuture;

pub use demo::{DemoSender, Shown};
pub use http::{HttpSender, HttpSmsConfig};
pub use recording::RecordingSender;

/// One message.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsMessage {
    /// Ours, the same at every try: the provider can tell a repetition.
    pub id: String,
    /// The mobile in canonical form.
    pub to: String,
    /// The template's name in our configuration.
    pub template: String,
    /// Parameters in order.
    pub params: Vec<(String, String)>,
}

impl fmt::Debug for SmsMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsMessage")
            .field("id", &self.id)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

/// Why a message wasn't taken. All are worth another try; the caller gives up after some.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// No answer, or none that can be read.
    #[error("the provider can't be reached")]
    Unreachable,
    /// The provider said no.
    #[error("the provider refused with status {0}")]
    Refused(u16),
    /// The configuration doesn't name this template.
    #[error("no provider template is configured for {0}")]
    NoTemplate(String),
}

/// Where SMS go.
pub trait SmsSender: fmt::Debug + Send + Sync {
    /// Hands a message over. `Ok` means that the provider took it, not that it arrived.
    fn send(&self, message: SmsMessage) -> BoxFuture<'_, Result<(), SmsError>>;

    /// What a sender that only shows its messages was given, newest first; `None` for one that really sends.
    fn shown(&self) -> Option<Vec<Shown>> {
        None
    }
}
