//! Chance that can be replayed: a text seed, its hash, and a shuffle of our own over ChaCha20.
//!
//! The shuffle is written here and not taken from a crate, so that an auditor gets the same plan from the same seed
//! however libraries change.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// SHA-256 of the seed in hexadecimal: published before the plan, so that nobody can say that the seed was chosen.
pub fn seed_hash(seed: &str) -> String {
    Sha256::digest(seed.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A shuffler for one purpose under one seed.
pub struct Shuffler(ChaCha20Rng);

impl std::fmt::Debug for Shuffler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shuffler")
    }
}

impl Shuffler {
    /// `purpose` separates the groups of one plan: adding a candidate to one leaves the others as they were.
    pub fn new(seed: &str, purpose: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(seed.as_bytes())
            .chain_update([0])
            .chain_update(purpose.as_bytes());
        Self(ChaCha20Rng::from_seed(digest.finalize().into()))
    }

    /// Fisher–Yates from the back.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }

    /// A number in `0..bound`, each equally likely: draws that would favour small ones are thrown away.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        let fair = u64::MAX - u64::MAX % bound;
        loop {
            let draw = self.0.next_u64();
            if draw < fair {
                return usize::try_from(draw % bound).unwrap_or(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shuffled(seed: &str, purpose: &str) -> Vec<u32> {
        let mut items: Vec<u32> = (0..10).collect();
        Shuffler::new(seed, purpose).shuffle(&mut items);
        items
    }

    #[test]
    fn one_seed_gives_one_order_for_ever() {
        assert_eq!(
            shuffled("2026-03-25/7f3a", "甲"),
            shuffled("2026-03-25/7f3a", "甲")
        );
        assert_ne!(
            shuffled("2026-03-25/7f3a", "甲"),
            shuffled("2026-03-25/7f3a", "乙")
        );
        assert_ne!(
            shuffled("2026-03-25/7f3a", "甲"),
            shuffled("2026-03-25/7f3b", "甲")
        );
        // A golden order: a change here would make published plans irreproducible.
        assert_eq!(shuffled("golden", "golden"), GOLDEN);
    }

    const GOLDEN: [u32; 10] = [0, 2, 3, 9, 7, 5, 8, 6, 4, 1];

    #[test]
    fn the_hash_is_the_known_one() {
        assert_eq!(
            seed_hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn every_item_visits_every_place() {
        let mut seen = [[0u32; 4]; 4];
        for round in 0..400 {
            let mut items = [0usize, 1, 2, 3];
            Shuffler::new(&round.to_string(), "").shuffle(&mut items);
            for (place, item) in items.iter().enumerate() {
                seen[*item][place] += 1;
            }
        }
        assert!(
            seen.iter().flatten().all(|count| (60..140).contains(count)),
            "{seen:?}"
        );
    }
}
