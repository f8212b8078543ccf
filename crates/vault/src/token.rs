//! Opaque tokens: 256 random bits for a cookie, of which only the hash is stored.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Entropy;

/// A token as the browser holds it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Token([u8; 32]);

impl Token {
    /// A fresh token.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0u8; 32];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// The text for the cookie: 43 characters that need no escaping.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"baokao token 1");
        hash.update(self.0);
        hash.finalize().into()
    }

    /// The hash of a token that a browser sent; `None` if the text is no token at all.
    pub fn hash_of(text: &str) -> Option<[u8; 32]> {
        let mut bytes = [0u8; 32];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(32) if text.len() == 43 => Some(Self(bytes).hash()),
            _ => None,
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn a_token_that_comes_back_has_the_stored_hash() {
        let token = Token::random(&SeededEntropy::new(3));
        assert_eq!(Token::hash_of(&token.expose()), Some(token.hash()));
        assert!(!format!("{token:?}").contains(&token.expose()));
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let good = Token::random(&SeededEntropy::new(3)).expose();
        for text in [
            "",
            "abc",
            &format!("{good}A"),
            &good[1..],
            &"=".repeat(43),
            &"字".repeat(15),
        ] {
            assert_eq!(Token::hash_of(text), None, "{text}");
        }
    }
}
