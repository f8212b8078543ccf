//! A clock that stands still until a test turns it.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::clock::Clock;
use domain::time::Timestamp;

/// Where the clock starts: a Monday morning, Beijing time.
pub const START: &str = "2026-03-16 09:00";

/// A clock that stands still until it is turned.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl Default for FakeClock {
    fn default() -> Self {
        let clock = Self(AtomicI64::new(0));
        clock.set(START);
        clock
    }
}

impl FakeClock {
    /// Turns it to a time in Beijing, `2026-03-18 10:00`.
    pub fn set(&self, local: &str) {
        let at = Timestamp::parse_local(local)
            .unwrap_or_else(|| panic!("{local:?} is not like 2026-03-18 10:00"));
        self.set_to(at);
    }

    /// Turns it to an instant.
    pub fn set_to(&self, at: Timestamp) {
        self.0.store(at.micros(), Ordering::SeqCst);
    }

    /// Turns it on by seconds; negative turns back.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Turns it on by hours.
    pub fn advance_hours(&self, hours: i64) {
        self.advance(hours * 3600);
    }

    /// Turns it on by days.
    pub fn advance_days(&self, days: i64) {
        self.advance(days * 86_400);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
