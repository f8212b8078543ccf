//! Proof of work: the way through for those who can neither see nor hear the captcha.
//!
//! The browser finds the number whose SHA-256 together with the salt gives the hash: about `max / 2` tries. Nothing is kept
//! here; the caller seals salt and hash with an end of life and spends them once.

use sha2::{Digest, Sha256};

/// The most tries that may be asked for: more takes an old phone too long (50,000 tries are 1.6 s on a desktop).
pub const MAX: u32 = 50_000;
/// What is asked by default.
pub const DEFAULT: u32 = 30_000;

/// What the browser is given. The page computes `SHA-256(salt + decimal number)` in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Random text, 32 hex digits.
    pub salt: String,
    /// The hash to be met, 64 hex digits.
    pub hash: String,
    /// The number lies in `0..=max`.
    pub max: u32,
}

/// Makes a challenge from 16 bytes for the salt and 4 for the number; `max` is brought into 1..=[`MAX`].
pub fn challenge(random: [u8; 20], max: u32) -> Challenge {
    let max = max.clamp(1, MAX);
    let [salt @ .., a, b, c, d] = random;
    let salt = hex::encode(salt);
    // 2^32 is so much larger than `max` that the remainder is as good as even.
    let number = u32::from_be_bytes([a, b, c, d]) % (max + 1);
    let hash = digest(&salt, number);
    Challenge { salt, hash, max }
}

/// Whether `number` answers the challenge. Costs one hash.
pub fn verify(challenge: &Challenge, number: u32) -> bool {
    number <= challenge.max && digest(&challenge.salt, number) == challenge.hash
}

fn digest(salt: &str, number: u32) -> String {
    hex::encode(Sha256::digest(format!("{salt}{number}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn solve(challenge: &Challenge) -> Option<u32> {
        (0..=challenge.max).find(|number| verify(challenge, *number))
    }

    #[test]
    fn a_known_answer() {
        // printf 0123456789abcdef0123456789abcdef42 | sha256sum
        let challenge = Challenge {
            salt: "0123456789abcdef0123456789abcdef".to_owned(),
            hash: "b2942fd3fff128902676af5bddebf3525c9cdbe34f0811e44777bc03991301f3".to_owned(),
            max: 100,
        };
        assert!(verify(&challenge, 42));
        assert!(!verify(&challenge, 41));
    }

    #[test]
    fn the_number_must_lie_in_the_range_that_was_asked() {
        let mut made = challenge([9; 20], DEFAULT);
        let number = solve(&made).unwrap();
        made.max = number - 1;
        assert!(!verify(&made, number));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn every_challenge_has_an_answer_within_its_bound(random: [u8; 20], max in 0u32..200_000) {
            let made = challenge(random, max);
            prop_assert!(made.max <= MAX);
            let number = solve(&made).unwrap();
            prop_assert!(!verify(&made, number + 1));
        }
    }
}
