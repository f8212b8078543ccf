//! Sealed tokens: what a browser or a link carries for us and can neither read nor change.

use std::fmt;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Timestamp;
use zeroize::Zeroizing;

use crate::Entropy;

/// What was in a token.
pub struct Opened {
    /// The content.
    pub payload: Zeroizing<Vec<u8>>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A token that is not, or no longer, good: changed, made for something else, too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed token isn't good")]
pub struct Stale;

/// Seals tokens, each bound to a purpose and an end.
pub struct Sealer {
    /// Newest first; tokens live for days, so that the one before is kept at a rotation.
    ciphers: Vec<Aes256GcmSiv>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    pub(crate) fn new<'a>(newest_first: impl Iterator<Item = &'a Zeroizing<[u8; 32]>>) -> Self {
        Self {
            ciphers: newest_first
                .map(|key| Aes256GcmSiv::new((&**key).into()))
                .collect(),
        }
    }

    /// Seals `payload` until `expires_at`, as text that fits into a URL, a cookie or a hidden field.
    pub fn seal(
        &self,
        purpose: &str,
        payload: &[u8],
        expires_at: Timestamp,
        entropy: &dyn Entropy,
    ) -> String {
        let mut dated = Zeroizing::new(expires_at.micros().to_be_bytes().to_vec());
        dated.extend_from_slice(payload);
        URL_SAFE_NO_PAD.encode(self.seal_bytes(purpose, &dated, entropy))
    }

    /// What [`Sealer::seal`] sealed for the same purpose, if it is still good at `at`.
    ///
    /// # Errors
    /// [`Stale`], without saying why.
    pub fn open(&self, purpose: &str, sealed: &str, at: Timestamp) -> Result<Opened, Stale> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Stale)?;
        let dated = self.open_bytes(purpose, &bytes).ok_or(Stale)?;
        let (end, payload) = dated.split_at_checked(8).ok_or(Stale)?;
        let end = i64::from_be_bytes(end.try_into().map_err(|_| Stale)?);
        if at.micros() >= end {
            return Err(Stale);
        }
        Ok(Opened {
            payload: Zeroizing::new(payload.to_vec()),
            expires_at: Timestamp::from_micros(end),
        })
    }

    /// Seals bytes without an end of their own: `web`'s tokens carry theirs inside.
    pub fn seal_bytes(&self, purpose: &str, clear: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let mut nonce = [0u8; 12];
        entropy.fill(&mut nonce);
        let aad = aad(purpose);
        let payload = Payload {
            msg: clear,
            aad: &aad,
        };
        match self
            .ciphers
            .first()
            .map(|cipher| cipher.encrypt(&Nonce::from(nonce), payload))
        {
            Some(Ok(body)) => [nonce.as_slice(), &body].concat(),
            // A keyring without keys isn't loaded.
            Some(Err(_)) | None => std::process::abort(),
        }
    }

    /// What [`Sealer::seal_bytes`] sealed for the same purpose.
    pub fn open_bytes(&self, purpose: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(12)?;
        let nonce: [u8; 12] = nonce.try_into().ok()?;
        let aad = aad(purpose);
        self.ciphers.iter().find_map(|cipher| {
            cipher
                .decrypt(
                    &Nonce::from(nonce),
                    Payload {
                        msg: body,
                        aad: &aad,
                    },
                )
                .ok()
                .map(Zeroizing::new)
        })
    }
}

fn aad(purpose: &str) -> Vec<u8> {
    [b"baokao token 1\0", purpose.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Keyring, SeededEntropy};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn a_token_opens_for_its_purpose_until_its_end() {
        let sealer = Keyring::generate(&SeededEntropy::new(1)).sealer();
        let entropy = SeededEntropy::new(2);
        let sealed = sealer.seal("signup", b"payload", at(60), &entropy);
        let opened = sealer.open("signup", &sealed, at(59)).unwrap();
        assert_eq!(&opened.payload[..], b"payload");
        assert_eq!(opened.expires_at, at(60));
        assert!(!format!("{opened:?}").contains("payload"));
        assert_eq!(sealer.open("signup", &sealed, at(60)).unwrap_err(), Stale);
        assert_eq!(sealer.open("recover", &sealed, at(0)).unwrap_err(), Stale);
    }

    #[test]
    fn a_changed_token_does_not_open() {
        let sealer = Keyring::generate(&SeededEntropy::new(1)).sealer();
        let sealed = sealer.seal_bytes("captcha", b"A7K2", &SeededEntropy::new(2));
        assert_eq!(&sealer.open_bytes("captcha", &sealed).unwrap()[..], b"A7K2");
        for byte in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[byte] ^= 1;
            assert!(sealer.open_bytes("captcha", &forged).is_none());
        }
        for text in ["", "AAAA", "不是令牌"] {
            assert_eq!(sealer.open("captcha", text, at(0)).unwrap_err(), Stale);
        }
    }

    #[test]
    fn tokens_of_before_a_rotation_stay_good() {
        let mut ring = Keyring::generate(&SeededEntropy::new(1));
        let old = ring
            .sealer()
            .seal("device", b"1", at(60), &SeededEntropy::new(2));
        ring.rotate(&SeededEntropy::new(3));
        assert!(ring.sealer().open("device", &old, at(0)).is_ok());
        let new = ring
            .sealer()
            .seal("device", b"1", at(60), &SeededEntropy::new(2));
        assert_ne!(old, new);
    }
}
