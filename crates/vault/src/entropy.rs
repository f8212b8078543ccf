//! Where chance comes from. The binary's asks the system; tests draw from a seed.

use std::fmt;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

/// A source of random bytes.
pub trait Entropy: fmt::Debug + Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Nothing that is made without randomness may leave this process.
            std::process::abort();
        }
    }
}

/// The same bytes at every run: for tests and demonstration data only.
pub struct SeededEntropy(Mutex<(u64, u64)>);

impl SeededEntropy {
    /// A source that is determined by `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new((seed, 0)))
    }
}

impl fmt::Debug for SeededEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededEntropy(…)")
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock();
        for chunk in bytes.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(b"baokao seeded entropy");
            hash.update(state.0.to_be_bytes());
            hash.update(state.1.to_be_bytes());
            state.1 += 1;
            for (to, from) in chunk.iter_mut().zip(hash.finalize()) {
                *to = from;
            }
        }
    }
}

/// `count` decimal digits, each equally likely.
pub fn digits(entropy: &dyn Entropy, count: usize) -> String {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let mut bytes = [0u8; 16];
        entropy.fill(&mut bytes);
        // 250 is the largest multiple of ten that fits: the rest would favour the low digits.
        let fair = bytes
            .iter()
            .filter(|byte| **byte < 250)
            .map(|byte| char::from(b'0' + byte % 10));
        text.extend(fair.take(count - text.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_bytes_again_and_another_seed_others() {
        let draw = |seed| {
            let mut bytes = [0u8; 80];
            SeededEntropy::new(seed).fill(&mut bytes);
            bytes
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn digits_are_as_many_as_asked_for_and_all_occur() {
        let text = digits(&SeededEntropy::new(7), 1000);
        assert_eq!(text.len(), 1000);
        assert!(('0'..='9').all(|digit| text.contains(digit)));
        assert!(text.bytes().all(|byte| byte.is_ascii_digit()));
    }

    #[test]
    fn the_system_gives_different_bytes_each_time() {
        let mut a = [0u8; 32];
        let mut b = [0u8; 32];
        SystemEntropy.fill(&mut a);
        SystemEntropy.fill(&mut b);
        assert_ne!(a, b);
    }
}
