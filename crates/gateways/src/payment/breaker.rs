//! Keeps us from hammering a channel that is down, and from going faster than it allows.
//!
//! After some calls without an answer in a row the channel is left alone for a while; then one call tries. What wasn't sent counts as
//! unknown for a query, and as plainly not sent for a payment, which can then be begun elsewhere without any doubt.

use std::sync::Arc;

use domain::clock::Clock;
use domain::time::Timestamp;
use parking_lot::Mutex;

/// Calls in a row without an answer after which the channel is left alone.
const FAILURES: u32 = 5;
/// For how long, at first; twice as long each time, up to [`LONGEST_PAUSE`].
const PAUSE_SECONDS: i64 = 10;
const LONGEST_PAUSE: i64 = 300;
/// Calls a second, and how many may come at once.
const PER_SECOND: i64 = 50;
const BURST: i64 = 100;

const SECOND: i64 = 1_000_000;

/// Of one channel; clones share it.
#[derive(Debug, Clone)]
pub struct Breaker {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    failures: u32,
    /// Left alone until then; 0 while it works.
    until: i64,
    pause: i64,
    /// Micros of a second's calls that are saved up: [`SECOND`] buys [`PER_SECOND`].
    saved: i64,
    saved_at: i64,
}

impl Breaker {
    /// For a channel about which nothing is known.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let now = clock.now().micros();
        let state = State {
            failures: 0,
            until: 0,
            pause: PAUSE_SECONDS,
            saved: BURST * SECOND,
            saved_at: now,
        };
        Self {
            clock,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Whether a call may go out now.
    pub fn lets(&self) -> bool {
        let now = self.clock.now().micros();
        let mut state = self.state.lock();
        if state.until > now {
            return false;
        }
        if state.until > 0 {
            // This call tries; the others wait for what comes of it, or for the next pause to be over.
            state.until = now + state.pause * SECOND;
        }
        let since = (now - state.saved_at).max(0);
        state.saved = (state.saved + since.saturating_mul(PER_SECOND)).min(BURST * SECOND);
        state.saved_at = now;
        if state.saved < SECOND {
            return false;
        }
        state.saved -= SECOND;
        true
    }

    /// A call was answered, whatever it said.
    pub fn answered(&self) {
        let mut state = self.state.lock();
        state.failures = 0;
        state.until = 0;
        state.pause = PAUSE_SECONDS;
    }

    /// A call wasn't answered.
    pub fn failed(&self) {
        let now = self.clock.now().micros();
        let mut state = self.state.lock();
        state.failures = state.failures.saturating_add(1);
        if state.until > 0 {
            state.pause = (state.pause * 2).min(LONGEST_PAUSE);
        }
        if state.failures >= FAILURES {
            state.until = now + state.pause * SECOND;
        }
    }

    /// Until when the channel is left alone, if it is.
    pub fn left_alone(&self) -> Option<Timestamp> {
        let until = self.state.lock().until;
        (until > self.clock.now().micros()).then(|| Timestamp::from_micros(until))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Debug)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.load(Ordering::Relaxed))
        }
    }

    fn breaker() -> (Breaker, Arc<Hand>) {
        let clock = Arc::new(Hand(AtomicI64::new(1_800_000_000 * SECOND)));
        (Breaker::new(Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    impl Hand {
        fn advance(&self, micros: i64) {
            self.0.fetch_add(micros, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_channel_that_is_down_is_left_alone_and_tried_by_one_call() {
        let (breaker, clock) = breaker();
        for _ in 0..FAILURES {
            assert!(breaker.lets());
            breaker.failed();
        }
        assert!(!breaker.lets());
        assert!(breaker.left_alone().is_some());
        clock.advance(PAUSE_SECONDS * SECOND);
        assert!(breaker.lets(), "one tries");
        assert!(!breaker.lets(), "the others wait");
        breaker.failed();
        clock.advance(PAUSE_SECONDS * SECOND);
        assert!(!breaker.lets(), "twice as long");
        clock.advance(PAUSE_SECONDS * SECOND);
        assert!(breaker.lets());
        breaker.answered();
        assert!(breaker.lets() && breaker.lets());
        assert_eq!(breaker.left_alone(), None);
    }

    #[test]
    fn the_pause_has_an_end() {
        let (breaker, clock) = breaker();
        for _ in 0..100 {
            breaker.lets();
            breaker.failed();
        }
        clock.advance(LONGEST_PAUSE * SECOND);
        assert!(breaker.lets());
    }

    #[test]
    fn one_answer_in_between_keeps_it_going() {
        let (breaker, _) = breaker();
        for _ in 0..10 {
            for _ in 1..FAILURES {
                breaker.failed();
            }
            breaker.answered();
        }
        assert!(breaker.lets());
    }

    #[test]
    fn no_more_calls_go_out_than_the_channel_allows() {
        let (breaker, clock) = breaker();
        let let_through = |breaker: &Breaker| (0..1_000).filter(|_| breaker.lets()).count();
        assert_eq!(let_through(&breaker), 100);
        clock.advance(SECOND);
        assert_eq!(let_through(&breaker), 50);
        clock.advance(3_600 * SECOND);
        assert_eq!(let_through(&breaker), 100);
    }
}
