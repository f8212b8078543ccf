//! How long to wait before another try.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// The pause after the `failures`-th failure: 2 s, 4 s, 8 s, … at most an hour. With the default of twelve tries a job is
/// given up after a bit more than two hours.
///
/// `id` shifts it by up to a quarter, so that the jobs that failed together (the SMS channel was away) don't all come
/// back in the same second.
pub fn pause_after(failures: u32, id: i64) -> Duration {
    let doublings = failures.saturating_sub(1).min(20);
    let pause = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    let quarter = u64::try_from(pause.as_millis() / 4)
        .unwrap_or(u64::MAX)
        .max(1);
    // Ids grow by one: a multiplication by a large odd number scatters them.
    let scattered = id.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16;
    pause + Duration::from_millis(scattered % quarter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_a_quarter() {
        for (failures, seconds) in [(0, 2), (1, 2), (2, 4), (3, 8), (12, 3600), (u32::MAX, 3600)] {
            let base = Duration::from_secs(seconds);
            for id in [0, 1, 7, i64::MAX, i64::MIN] {
                let pause = pause_after(failures, id);
                assert!(pause >= base && pause < base + base / 4 + Duration::from_millis(1));
            }
        }
    }

    #[test]
    fn jobs_that_failed_together_come_back_apart() {
        let pauses: std::collections::HashSet<_> = (0..100).map(|id| pause_after(8, id)).collect();
        assert!(pauses.len() > 90, "{}", pauses.len());
    }
}
