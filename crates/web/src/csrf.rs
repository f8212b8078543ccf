//! Synchronizer tokens without storage: a keyed hash of the cookie that the browser holds.
//!
//! A token is `mac.who`. The hash covers the browser's session token (or, without a session, a random cookie), so another
//! person's token fits nobody else; `who` is a short keyed mark of the account that the page was made for, so that what was typed
//! for one account is never shown to another who logs in on the same screen ([`crate::resume`]).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The hidden field's name.
pub const FIELD: &str = "_csrf";
/// The header that scripts send instead.
pub const HEADER: &str = "x-csrf-token";

/// The mark of nobody.
pub(crate) const NOBODY: &str = "-";

/// The key of tokens and marks.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key from the keyring, the same in every process of the site.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        // A 32-byte key is never refused; if it were, an empty answer fits no token.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return Vec::new();
        };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    }

    /// The mark of an account.
    pub(crate) fn mark(&self, kind: &str, id: i64) -> String {
        let mac = self.mac(&[b"who", kind.as_bytes(), &id.to_be_bytes()]);
        URL_SAFE_NO_PAD.encode(mac.get(..9).unwrap_or_default())
    }

    /// The token for the cookie value `base`, on a page made for `who`.
    pub(crate) fn token(&self, base: &str, who: &str) -> String {
        let mac = self.mac(&[b"csrf", base.as_bytes(), who.as_bytes()]);
        format!("{}.{who}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// Is `token` the one for `base`?
    pub(crate) fn fits(&self, token: &str, base: &str) -> bool {
        use subtle::ConstantTimeEq as _;
        let Some((mac, who)) = token.split_once('.') else {
            return false;
        };
        let Ok(mac) = URL_SAFE_NO_PAD.decode(mac) else {
            return false;
        };
        let expected = self.mac(&[b"csrf", base.as_bytes(), who.as_bytes()]);
        !expected.is_empty() && bool::from(mac.ct_eq(&expected))
    }
}

/// The mark in a token, whether the token fits or not.
pub(crate) fn mark_of(token: &str) -> &str {
    token.split_once('.').map_or("", |(_, who)| who)
}
