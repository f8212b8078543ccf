//! The demonstration's past is made by the same use cases as everything else, under a clock that is turned from day to day.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::clock::Clock;
use domain::time::Timestamp;

/// A clock that is turned by hand.
#[derive(Debug)]
pub(super) struct TurnedClock(AtomicI64);

impl TurnedClock {
    pub(super) fn at(instant: Timestamp) -> Self {
        Self(AtomicI64::new(instant.micros()))
    }

    pub(super) fn set(&self, instant: Timestamp) {
        self.0.store(instant.micros(), Ordering::SeqCst);
    }
}

tokio::task_local! {
    static AT: Timestamp;
}

/// Does something at an instant of its own, whatever the clock shows to the others at work.
pub(super) async fn at<F: Future>(instant: Timestamp, work: F) -> F::Output {
    AT.scope(instant, work).await
}

impl Clock for TurnedClock {
    fn now(&self) -> Timestamp {
        AT.try_with(|at| *at)
            .unwrap_or_else(|_| Timestamp::from_micros(self.0.load(Ordering::SeqCst)))
    }
}

/// The days around the one on which the demonstration is loaded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days(pub(super) Timestamp);

impl Days {
    /// So many days from today, at this hour in Beijing. Today's past is cut at the present.
    pub(super) fn at(self, days: i64, hour: i64) -> Timestamp {
        self.0
            .date()
            .start()
            .plus_days(days)
            .plus_seconds(hour * 3600)
    }
}
