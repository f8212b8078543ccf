//! The sender of tests: remembers everything, and refuses on request.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use super::{SmsError, SmsMessage, SmsSender};

#[derive(Debug, Default)]
struct State {
    sent: Vec<SmsMessage>,
    refusals: usize,
}

/// Remembers messages in order; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct RecordingSender(Arc<Mutex<State>>);

impl RecordingSender {
    /// A sender that has sent nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything it took, oldest first.
    pub fn sent(&self) -> Vec<SmsMessage> {
        self.0.lock().sent.clone()
    }

    /// The newest message to a mobile.
    pub fn last_to(&self, mobile: &str) -> Option<SmsMessage> {
        self.0
            .lock()
            .sent
            .iter()
            .rev()
            .find(|message| message.to == mobile)
            .cloned()
    }

    /// Refuses the next `count` messages.
    pub fn refuse(&self, count: usize) {
        self.0.lock().refusals = count;
    }
}

impl SmsSender for RecordingSender {
    fn send(&self, message: SmsMessage) -> BoxFuture<'_, Result<(), SmsError>> {
        let mut state = self.0.lock();
        let answer = if state.refusals > 0 {
            state.refusals -= 1;
            Err(SmsError::Unreachable)
        } else {
            state.sent.push(message);
            Ok(())
        };
        async { answer }.boxed()
    }
}
