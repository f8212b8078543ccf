//! A clock that runs with the system's and can be put forward: a day's bill, a payment that runs out, without waiting for them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use domain::clock::Clock;
use domain::time::Timestamp;

/// The system's time and what it was put forward by.
#[derive(Debug, Default)]
pub struct ForwardClock(AtomicI64);

impl ForwardClock {
    /// Puts it forward. It never goes back: what was signed or paid stays in the past.
    pub fn advance(&self, seconds: u32) {
        self.0
            .fetch_add(i64::from(seconds) * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for ForwardClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulators' own process asks the system here and nowhere else"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(micros.saturating_add(self.0.load(Ordering::SeqCst)))
    }
}
