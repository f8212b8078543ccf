//! When to ask a channel again about an attempt that isn't final (掉单 recovery, payments §7).

use crate::coded::coded;
use crate::time::Timestamp;

coded! {
    /// A channel's rhythm.
    pub enum Ladder {
        /// Alipay and WeChat.
        Usual = "usual", "一般渠道";
        /// UnionPay's own advice for front transactions.
        UnionPay = "unionpay", "银联";
    }
}

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const USUAL: &[i64] = &[15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200];
const UNIONPAY: &[i64] = &[300, 600, 1_800, 3_600, 7_200];
const THEN: i64 = 6 * 3_600;
/// How long after the channel's own deadline the asking goes on.
pub const GRACE: i64 = 24 * HOUR;
/// The candidate's button asks at most once in this time.
pub const BUTTON_EVERY: i64 = 10 * SECOND;
/// An order expires this long after the channel's own deadline.
pub const EXPIRE_AFTER: i64 = 60 * SECOND;

/// A jitter of ±20 percent for the next question about something: the same for the same thing at the same step, and spread over things.
pub fn spread(id: i64, step: u32) -> i8 {
    // The constants of splitmix64.
    let step = u64::from(step).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut mixed = id.unsigned_abs().wrapping_add(step);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    i8::try_from(mixed % 41).unwrap_or(20) - 20
}

/// The instant of the next query after `queries` were made, the last one at `last` (or the creation).
///
/// `jitter` in percent, clamped to ±20, spreads the load; it is drawn by the caller. `None`: the asking is over, the
/// bill decides.
pub fn next_query(
    ladder: Ladder,
    queries: u32,
    last: Timestamp,
    expires: Timestamp,
    jitter: i8,
) -> Option<Timestamp> {
    let steps = match ladder {
        Ladder::Usual => USUAL,
        Ladder::UnionPay => UNIONPAY,
    };
    let step = usize::try_from(queries)
        .ok()
        .and_then(|index| steps.get(index))
        .copied()
        .unwrap_or(THEN);
    let percent = 100 + i64::from(jitter.clamp(-20, 20));
    let next = last.micros().saturating_add(step * SECOND / 100 * percent);
    let end = expires.micros().saturating_add(GRACE);
    if last.micros() >= end {
        return None;
    }
    // The last question is asked exactly at the end, so that no attempt is left without a final one.
    Some(Timestamp::from_micros(next.min(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jitter_is_spread_and_the_same_for_the_same_thing() {
        let drawn: std::collections::BTreeSet<i8> = (0..500).map(|id| spread(id, 3)).collect();
        assert_eq!(drawn.first(), Some(&-20));
        assert_eq!(drawn.last(), Some(&20));
        assert_eq!(drawn.len(), 41);
        assert_eq!(spread(7, 1), spread(7, 1));
        assert!((0..20).any(|step| spread(7, step) != spread(7, step + 1)));
    }
}
