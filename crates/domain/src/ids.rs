//! Names of rows: an id that grows with time for the database, a random one for URLs.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::time::Timestamp;

/// Hands out ids that grow with time, in blocks, without asking the database.
///
/// Layout of the 63 bits: 41 of milliseconds since 2024, 22 of a counter that starts at a random place in each process.
/// Two processes that reserve in the same millisecond differ by that random start; a collision would fail on the
/// primary key, never overwrite. Growing ids keep inserts at the end of the table's tree.
#[derive(Debug)]
pub struct IdMaker {
    last: AtomicI64,
    offset: i64,
}

const COUNTER_BITS: u32 = 22;
/// 2024-01-01 00:00 in Beijing.
const EPOCH_MILLIS: i64 = 1_704_038_400_000;

impl IdMaker {
    /// A maker whose counters start at a place drawn from `seed`.
    pub fn new(seed: u64) -> Self {
        let offset = i64::try_from(seed & ((1 << (COUNTER_BITS - 1)) - 1)).unwrap_or(0);
        Self {
            last: AtomicI64::new(0),
            offset,
        }
    }

    /// The least id that could have been handed out at `at`: rows made since then have this id or a greater one.
    pub const fn floor(at: Timestamp) -> i64 {
        let millis = at.micros().div_euclid(1000) - EPOCH_MILLIS;
        if millis < 0 {
            0
        } else {
            millis << COUNTER_BITS
        }
    }

    /// The first of `count` consecutive ids, greater than every one reserved before.
    pub fn reserve(&self, now: Timestamp, count: u32) -> i64 {
        let millis = (now.micros().div_euclid(1000) - EPOCH_MILLIS).max(0);
        let floor = (millis << COUNTER_BITS) | self.offset;
        let count = i64::from(count.max(1));
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let first = floor.max(last + 1);
            match self.last.compare_exchange_weak(
                last,
                first + count - 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return first,
                Err(seen) => last = seen,
            }
        }
    }
}

/// What URLs carry: 80 random bits in 16 characters that nobody misreads (Crockford's base 32, lower case).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicId([u8; 10]);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl PublicId {
    /// From ten random bytes.
    pub const fn from_bytes(bytes: [u8; 10]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for half in self.0.chunks(5) {
            let bits = half
                .iter()
                .fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
            for place in (0..8).rev() {
                let digit = usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0);
                write!(f, "{}", char::from(*ALPHABET.get(digit).unwrap_or(&b'0')))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no public id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a public id")]
pub struct NotAPublicId;

impl FromStr for PublicId {
    type Err = NotAPublicId;

    fn from_str(text: &str) -> Result<Self, NotAPublicId> {
        if text.len() != 16 {
            return Err(NotAPublicId);
        }
        let mut bytes = [0u8; 10];
        for (half, letters) in bytes.chunks_mut(5).zip(text.as_bytes().chunks(8)) {
            let mut bits = 0u64;
            for letter in letters {
                let digit = ALPHABET
                    .iter()
                    .position(|known| known == letter)
                    .ok_or(NotAPublicId)?;
                bits = (bits << 5) | u64::try_from(digit).unwrap_or(0);
            }
            half.copy_from_slice(bits.to_be_bytes().get(3..).unwrap_or(&[0; 5]));
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_grow_and_blocks_never_overlap_even_if_the_clock_steps_back() {
        let maker = IdMaker::new(u64::MAX);
        let now = Timestamp::parse_local("2026-03-18 09:00").unwrap();
        let mut next = 0;
        for (at, count) in [
            (now, 64),
            (now, 1),
            (now.plus_seconds(-60), 5_000_000),
            (now.plus_seconds(1), 2),
        ] {
            let first = maker.reserve(at, count);
            assert!(first >= next);
            next = first + i64::from(count);
        }
    }

    #[test]
    fn makers_of_two_processes_start_apart() {
        let now = Timestamp::parse_local("2026-03-18 09:00").unwrap();
        assert_ne!(
            IdMaker::new(1).reserve(now, 1),
            IdMaker::new(900_000).reserve(now, 1)
        );
        assert!(
            IdMaker::new(3).reserve(Timestamp::parse_local("2090-01-01 00:00").unwrap(), 1) > 0
        );
    }

    proptest! {
        #[test]
        fn a_public_id_reads_back(bytes in any::<[u8; 10]>()) {
            let id = PublicId::from_bytes(bytes);
            let text = id.to_string();
            prop_assert_eq!(text.len(), 16);
            prop_assert_eq!(text.parse::<PublicId>(), Ok(id));
        }
    }

    #[test]
    fn other_texts_are_no_public_ids() {
        for text in [
            "",
            "0000",
            "000000000000000l",
            "00000000000000000",
            "../../etc/passw",
        ] {
            assert!(text.parse::<PublicId>().is_err(), "{text}");
        }
    }
}
