//! Captchas as `imaging` draws and speaks them.

use std::sync::Arc;

use imaging::captcha;
use vault::Entropy;
use web::captcha::Art;

/// Draws and speaks captchas; each time a little differently.
#[derive(Debug, Clone)]
pub struct DrawnArt(pub Arc<dyn Entropy>);

impl DrawnArt {
    fn seed(&self) -> [u8; 32] {
        let mut seed = [0u8; 32];
        self.0.fill(&mut seed);
        seed
    }
}

impl Art for DrawnArt {
    fn picture(&self, answer: &str) -> Option<(&'static str, Vec<u8>)> {
        Some((
            "image/jpeg",
            captcha::picture(&answer.to_ascii_uppercase(), self.seed()),
        ))
    }

    fn sound(&self, answer: &str) -> Option<(&'static str, Vec<u8>)> {
        Some((
            "audio/wav",
            captcha::speech(&answer.to_ascii_uppercase(), self.seed()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_kit_can_be_drawn_and_spoken() {
        for letter in web::captcha::LETTERS {
            let letter = char::from(*letter).to_ascii_uppercase();
            assert!(captcha::ALPHABET.contains(letter), "{letter}");
        }
    }
}
