//! 抽签: an order that nobody could have chosen and that everybody can compute again.
//!
//! Commit and reveal. The seed is made with the plan, and its hash is published with it, so that it can't be changed any more. On the
//! day somebody in the hall says a word, so that whoever knows the seed couldn't have chosen it for an outcome either. Seed and word
//! together give the order; then both stand in public beside the list.

use sha2::{Digest, Sha256};

use crate::arrangement::seed::{Shuffler, seed_hash};

/// What somebody says aloud, without what a keyboard adds to it.
pub fn word(typed: &str) -> String {
    crate::text::line(typed)
}

/// Whether a revealed seed is the one whose hash was published.
pub fn is_committed(seed: &str, published: &str) -> bool {
    seed_hash(seed) == published
}

/// The order of one group: the first one gets 抽签号 1.
///
/// `purpose`: the group, so that one group's draw doesn't depend on who is in another. `items`: what people can check, 准考证号; their order
/// doesn't matter, since they are sorted first.
pub fn draw<T: Ord + Clone>(seed: &str, word: &str, purpose: &str, items: &[T]) -> Vec<T> {
    let mut order = items.to_vec();
    order.sort();
    Shuffler::new(&both(seed, word), purpose).shuffle(&mut order);
    order
}

/// `SHA-256(seed ‖ 0 ‖ word)` in hexadecimal, the seed of the draw.
fn both(seed: &str, word: &str) -> String {
    hex(&Sha256::new()
        .chain_update(seed.as_bytes())
        .chain_update([0])
        .chain_update(word.as_bytes())
        .finalize())
}

/// SHA-256 over groups and their members, each group's sorted, one a line: published with the seed's hash, so that nobody is added or
/// taken away between the two without its being seen.
pub fn input_digest<T: Ord + ToString>(groups: &[(String, Vec<T>)]) -> String {
    let mut digest = Sha256::new();
    for (name, members) in groups {
        let mut members: Vec<&T> = members.iter().collect();
        members.sort();
        digest.update(name.as_bytes());
        digest.update([b'\n']);
        for member in members {
            digest.update(member.to_string().as_bytes());
            digest.update([b'\n']);
        }
        digest.update([b'\n']);
    }
    hex(&digest.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const TICKETS: [&str; 8] = [
        "26010101", "26010102", "26010103", "26010104", "26010105", "26010106", "26010107",
        "26010108",
    ];

    #[test]
    fn seed_and_word_give_one_order_for_ever() {
        let order = draw("2026-06-20/7f3a", "春风化雨", "第1组", &TICKETS);
        // A golden order: a change here would make published draws irreproducible.
        assert_eq!(order, GOLDEN);
        for (seed, word, purpose) in [
            ("2026-06-20/7f3b", "春风化雨", "第1组"),
            ("2026-06-20/7f3a", "春风化雪", "第1组"),
            ("2026-06-20/7f3a", "春风化雨", "第2组"),
            ("2026-06-20/7f3a", "", "第1组"),
        ] {
            assert_ne!(draw(seed, word, purpose, &TICKETS), GOLDEN, "{seed} {word}");
        }
        assert_eq!(word(" 春风 化雨\n"), "春风 化雨");
    }

    /// The same as Python's hashlib and `openssl enc -chacha20` give.
    const GOLDEN: [&str; 8] = [
        "26010103", "26010105", "26010107", "26010104", "26010102", "26010108", "26010106",
        "26010101",
    ];

    /// What an auditor would write from the description, without this crate's shuffler: the two hashes, the cipher's first numbers.
    #[test]
    fn it_can_be_computed_from_its_description() {
        use rand_chacha::ChaCha20Rng;
        use rand_chacha::rand_core::{Rng, SeedableRng};
        let joined = Sha256::digest("种子\0词".as_bytes());
        let joined: String = joined.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut key = joined.into_bytes();
        key.push(0);
        key.extend("第1组".as_bytes());
        let mut numbers = ChaCha20Rng::from_seed(Sha256::digest(&key).into());
        let mut order = TICKETS.to_vec();
        for last in (1..order.len()).rev() {
            let bound = u64::try_from(last + 1).unwrap();
            // None of these few numbers lies in the unfair rest at the top.
            let number = numbers.next_u64();
            assert!(number < u64::MAX - u64::MAX % bound);
            order.swap(last, usize::try_from(number % bound).unwrap());
        }
        assert_eq!(draw("种子", "词", "第1组", &TICKETS), order);
    }

    #[test]
    fn another_seed_than_the_committed_one_is_seen() {
        let published = seed_hash("种子");
        assert!(is_committed("种子", &published));
        assert!(!is_committed("种子 ", &published));
    }

    #[test]
    fn the_input_is_the_same_in_any_order_and_no_other() {
        let of = |groups: &[(&str, &[i64])]| {
            let groups: Vec<(String, Vec<i64>)> = groups
                .iter()
                .map(|(name, ids)| ((*name).to_owned(), ids.to_vec()))
                .collect();
            input_digest(&groups)
        };
        let one = of(&[("第1组", &[1, 2]), ("第2组", &[3])]);
        assert_eq!(one, of(&[("第1组", &[2, 1]), ("第2组", &[3])]));
        for other in [
            of(&[("第1组", &[1]), ("第2组", &[2, 3])]),
            of(&[("第1组", &[1, 2]), ("第3组", &[3])]),
            of(&[("第1组", &[1, 2, 3]), ("第2组", &[])]),
            of(&[("第1组", &[12]), ("第2组", &[3])]),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn every_ticket_gets_every_number() {
        let mut seen = [[0u32; 4]; 4];
        for round in 0..400 {
            let order = draw(&round.to_string(), "词", "第1组", &[0usize, 1, 2, 3]);
            for (place, item) in order.into_iter().enumerate() {
                seen[item][place] += 1;
            }
        }
        let fair = |count: &u32| (60..140).contains(count);
        assert!(seen.iter().flatten().all(fair), "{seen:?}");
    }

    proptest! {
        #[test]
        fn it_is_an_order_of_all_and_does_not_ask_for_theirs(
            ids in prop::collection::btree_set(any::<i64>(), 0..50), seed in ".{0,20}", word in ".{0,8}"
        ) {
            let sorted: Vec<i64> = ids.iter().copied().collect();
            let reversed: Vec<i64> = ids.iter().rev().copied().collect();
            let order = draw(&seed, &word, "第1组", &sorted);
            prop_assert_eq!(&order, &draw(&seed, &word, "第1组", &reversed));
            prop_assert_eq!(order.len(), ids.len());
            prop_assert_eq!(order.into_iter().collect::<BTreeSet<i64>>(), ids);
        }
    }
}
