//! The captcha: four characters as a picture and, with the same answer, as speech.
//!
//! Its [`ALPHABET`] holds only characters that can be told apart both by eye and by ear, so that one code serves both. Drawn
//! with strokes of our own: the captcha crates bring a font that may not be passed on and two picture stacks. A picture
//! keeps scripts out for a while, not for ever; what really protects an account is the throttle behind it.
//!
//! Pure functions: the caller draws the seed, seals the text in a token, spends the token's nonce.

mod picture;
mod strokes;
mod voice;
mod wav;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

pub use picture::{HEIGHT, WIDTH, picture};
pub use voice::speech;

/// Without 0/O, 1/I/L-likes, 2/Z, 5/S, 8/B (look alike), B C D E G J M N Q R S T V Z (sound alike).
pub const ALPHABET: &str = "23456789AFHKLPUWXY";
/// Characters of a captcha.
pub const LENGTH: usize = 4;

/// The text of a new captcha.
pub fn text(seed: [u8; 32]) -> String {
    let mut rng = StdRng::from_seed(seed);
    let alphabet = ALPHABET.as_bytes();
    (0..LENGTH)
        .filter_map(|_| alphabet.get(rng.random_range(0..alphabet.len())))
        .map(|byte| char::from(*byte))
        .collect()
}

/// Whether what a person typed is the text: case, spaces and full-width forms don't matter.
pub fn matches(text: &str, typed: &str) -> bool {
    let typed = typed
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase());
    !text.is_empty() && typed.eq(text.chars())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn texts_are_of_the_alphabet_and_differ() {
        let texts: HashSet<_> = (0u8..=255).map(|n| text([n; 32])).collect();
        assert!(texts.len() > 250);
        for text in &texts {
            assert_eq!(text.chars().count(), LENGTH);
            assert!(text.chars().all(|c| ALPHABET.contains(c)), "{text}");
        }
    }

    #[test]
    fn nothing_in_the_alphabet_is_easily_mistaken() {
        for c in "0O1lIoQBSZ".chars() {
            assert!(!ALPHABET.contains(c), "{c}");
        }
    }

    #[test]
    fn what_people_type_is_understood() {
        assert!(matches("A2K9", "a2k9"));
        assert!(matches("A2K9", " Ａ２ｋ ９ "));
        assert!(matches("A2K9", "A2\u{3000}K9"));
        assert!(!matches("A2K9", "A2K"));
        assert!(!matches("A2K9", "A2K99"));
        assert!(!matches("A2K9", ""));
        assert!(!matches("", ""));
    }
}
