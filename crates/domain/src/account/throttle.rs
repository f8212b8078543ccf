//! Slowing down tries: delays that grow and end, never a lock (assurance notes §5, 6).

use crate::time::Timestamp;

/// How one kind of counter reacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Failures that cost nothing.
    free: i64,
    /// The first delay, in seconds; it doubles with each further failure.
    first: i64,
    /// The longest delay, in seconds.
    longest: i64,
    /// Quiet seconds after which the count starts anew; longer than the longest delay, or waiting it out would wipe the count.
    forget: i64,
}

/// A counter as it was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Failures so far.
    pub failures: i64,
    /// When the last one was.
    pub changed_at: Timestamp,
}

/// A counter after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// Failures so far.
    pub failures: i64,
    /// Until when further tries are turned away.
    pub blocked_until: Timestamp,
}

impl Policy {
    /// A device that proved itself before, at one account: the owner's own counter.
    pub const fn device() -> Self {
        Self {
            free: 5,
            first: 30,
            longest: 10 * 60,
            forget: 30 * 60,
        }
    }

    /// One account from one network.
    pub const fn account_and_network() -> Self {
        Self {
            free: 5,
            first: 30,
            longest: 3600,
            forget: 2 * 3600,
        }
    }

    /// One account from anywhere: a crowd of networks that guess at one person.
    pub const fn account() -> Self {
        Self {
            free: 20,
            first: 60,
            longest: 3600,
            forget: 6 * 3600,
        }
    }

    /// One network at any account. Schools and offices share an address: much is free.
    pub const fn network() -> Self {
        Self {
            free: 100,
            first: 10,
            longest: 15 * 60,
            forget: 3600,
        }
    }

    /// What one network may ask for without any credential, such as another code: it costs money and reaches others.
    pub const fn asking() -> Self {
        Self {
            free: 20,
            first: 60,
            longest: 3600,
            forget: 2 * 3600,
        }
    }

    /// Claims at one number from one network: nobody has more than a few to make in a day.
    pub const fn claiming() -> Self {
        Self {
            free: 3,
            first: 3600,
            longest: 12 * 3600,
            forget: 24 * 3600,
        }
    }

    /// The counter after one more failure.
    pub fn after_failure(self, before: Option<Tally>, at: Timestamp) -> After {
        let failures = match before {
            Some(tally) if at.seconds_since(tally.changed_at) < self.forget => {
                tally.failures.saturating_add(1)
            }
            _ => 1,
        };
        After {
            failures,
            blocked_until: at.plus_seconds(self.delay(failures)),
        }
    }

    /// How long further tries are turned away after so many failures, in seconds.
    pub fn delay(self, failures: i64) -> i64 {
        match u32::try_from(failures - self.free) {
            Err(_) | Ok(0) => 0,
            Ok(over) => self
                .first
                .saturating_mul(1i64.checked_shl(over.min(32) - 1).unwrap_or(i64::MAX))
                .min(self.longest),
        }
    }

    /// Quiet seconds after which the count starts anew.
    pub const fn forget(self) -> i64 {
        self.forget
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies() -> [Policy; 6] {
        [
            Policy::device(),
            Policy::account_and_network(),
            Policy::account(),
            Policy::network(),
            Policy::asking(),
            Policy::claiming(),
        ]
    }

    #[test]
    fn delays_grow_to_a_limit_and_never_lock() {
        for policy in policies() {
            let mut tally = None;
            let mut at = Timestamp::from_seconds(1_000_000);
            let mut longest = 0;
            for failure in 1..=10_000 {
                let after = policy.after_failure(tally, at);
                let delay = after.blocked_until.seconds_since(at);
                assert_eq!(delay > 0, failure > policy.free, "{failure}");
                assert!(delay >= longest && delay <= policy.longest);
                longest = delay;
                tally = Some(Tally {
                    failures: after.failures,
                    changed_at: at,
                });
                at = after.blocked_until;
            }
            assert_eq!(longest, policy.longest);
        }
    }

    #[test]
    fn a_quiet_time_starts_anew() {
        let at = Timestamp::from_seconds(1_000_000);
        for policy in policies() {
            let tally = Some(Tally {
                failures: 500,
                changed_at: at,
            });
            assert_eq!(
                policy
                    .after_failure(tally, at.plus_seconds(policy.forget))
                    .failures,
                1
            );
            assert_eq!(
                policy
                    .after_failure(tally, at.plus_seconds(policy.forget - 1))
                    .failures,
                501
            );
        }
    }

    #[test]
    fn ten_thousand_tries_at_one_account_take_months() {
        // The longest delay bounds what a patient guesser gets: one try an hour.
        let policy = Policy::account();
        let start = Timestamp::from_seconds(0);
        let (mut at, mut tally) = (start, None);
        for _ in 0..10_000 {
            let after = policy.after_failure(tally, at);
            tally = Some(Tally {
                failures: after.failures,
                changed_at: at,
            });
            at = after.blocked_until;
        }
        assert!(at.seconds_since(start) > 365 * 86_400);
    }
}
