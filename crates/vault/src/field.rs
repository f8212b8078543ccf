//! Encryption of single columns: ID numbers, mobiles, profiles, photos.
//!
//! A sealed field is `1 format byte · 4 bytes key version · 12 bytes nonce · ciphertext · 16 bytes tag`. Its place (table,
//! column, row) is authenticated with it, so that a value copied to another row or column doesn't open there. GCM-SIV
//! stays safe should a nonce ever be drawn twice.

use std::collections::BTreeMap;
use std::fmt;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use zeroize::Zeroizing;

use crate::Entropy;

const FORMAT: u8 = 1;
const HEAD: usize = 1 + 4 + 12;

/// Where a sealed value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's id.
    pub row: i64,
}

impl Place {
    fn bytes(&self, version: u32) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(b"baokao field 1\0");
        bytes.extend_from_slice(&version.to_be_bytes());
        for name in [self.table, self.column] {
            bytes.extend_from_slice(name.as_bytes());
            bytes.push(0);
        }
        bytes.extend_from_slice(&self.row.to_be_bytes());
        bytes
    }
}

/// A sealed value that doesn't open: changed, moved to another place, or sealed under a key that the keyring doesn't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value can't be opened")]
pub struct Unreadable;

/// Seals and opens fields with every version of the field key.
pub struct FieldCipher {
    versions: BTreeMap<u32, Aes256GcmSiv>,
    current: u32,
}

impl fmt::Debug for FieldCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldCipher")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl FieldCipher {
    pub(crate) fn new<'a>(keys: impl Iterator<Item = (u32, &'a Zeroizing<[u8; 32]>)>) -> Self {
        let versions: BTreeMap<u32, Aes256GcmSiv> = keys
            .map(|(version, key)| (version, Aes256GcmSiv::new((&**key).into())))
            .collect();
        let current = versions.keys().next_back().copied().unwrap_or(0);
        Self { versions, current }
    }

    /// Encrypts `clear` for `place` under the newest key.
    pub fn seal(&self, place: Place, clear: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let mut nonce = [0u8; 12];
        entropy.fill(&mut nonce);
        self.seal_with(place, clear, nonce)
    }

    /// Encrypts with a nonce made before: inside a command, which must give the same bytes when it is run again. The nonce
    /// comes from a seed that is drawn for each command and differs by row and column.
    pub fn seal_with(&self, place: Place, clear: &[u8], nonce: [u8; 12]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(HEAD + clear.len() + 16);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.current.to_be_bytes());
        sealed.extend_from_slice(&nonce);
        let aad = place.bytes(self.current);
        let cipher = self.versions.get(&self.current);
        match cipher.map(|c| {
            c.encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: clear,
                    aad: &aad,
                },
            )
        }) {
            Some(Ok(body)) => sealed.extend_from_slice(&body),
            // A keyring has at least one key, and only a message of 64 GB is refused. Storing nothing would lose data.
            Some(Err(_)) | None => std::process::abort(),
        }
        sealed
    }

    /// Decrypts what was sealed for `place`, under whichever key.
    ///
    /// # Errors
    /// [`Unreadable`], without saying why.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let (version, nonce, body) = split(sealed).ok_or(Unreadable)?;
        let cipher = self.versions.get(&version).ok_or(Unreadable)?;
        let aad = place.bytes(version);
        cipher
            .decrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: body,
                    aad: &aad,
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| Unreadable)
    }

    /// The version of the key that a value was sealed under, for the re-encryption after a rotation.
    pub fn version_of(sealed: &[u8]) -> Option<u32> {
        split(sealed).map(|(version, _, _)| version)
    }

    /// The newest version.
    pub fn current(&self) -> u32 {
        self.current
    }
}

fn split(sealed: &[u8]) -> Option<(u32, [u8; 12], &[u8])> {
    let (head, body) = sealed.split_at_checked(HEAD)?;
    let (format, head) = head.split_first()?;
    let (version, nonce) = head.split_at_checked(4)?;
    (*format == FORMAT).then_some(())?;
    Some((
        u32::from_be_bytes(version.try_into().ok()?),
        nonce.try_into().ok()?,
        body,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Keyring, SeededEntropy};

    const PLACE: Place = Place {
        table: "account",
        column: "id_number",
        row: 7,
    };

    fn ring() -> Keyring {
        Keyring::generate(&SeededEntropy::new(1))
    }

    proptest! {
        #[test]
        fn a_field_reads_back_in_its_place(clear in proptest::collection::vec(any::<u8>(), 0..400), row: i64) {
            let cipher = ring().field_cipher();
            let place = Place { row, ..PLACE };
            let sealed = cipher.seal(place, &clear, &SeededEntropy::new(2));
            prop_assert_eq!(&cipher.open(place, &sealed).unwrap()[..], &clear[..]);
        }
    }

    #[test]
    fn a_value_moved_to_another_row_column_or_table_does_not_open() {
        let cipher = ring().field_cipher();
        let sealed = cipher.seal(PLACE, b"11010519491231002X", &SeededEntropy::new(2));
        for place in [
            Place { row: 8, ..PLACE },
            Place {
                column: "mobile",
                ..PLACE
            },
            Place {
                table: "draft",
                ..PLACE
            },
        ] {
            assert_eq!(cipher.open(place, &sealed), Err(Unreadable));
        }
        assert!(cipher.open(PLACE, &sealed).is_ok());
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let cipher = ring().field_cipher();
        let sealed = cipher.seal(PLACE, b"13800000000", &SeededEntropy::new(2));
        for byte in 0..sealed.len() {
            for bit in 0..8 {
                let mut forged = sealed.clone();
                forged[byte] ^= 1 << bit;
                assert_eq!(
                    cipher.open(PLACE, &forged),
                    Err(Unreadable),
                    "byte {byte} bit {bit}"
                );
            }
        }
        for short in 0..sealed.len() {
            assert_eq!(cipher.open(PLACE, &sealed[..short]), Err(Unreadable));
        }
    }

    #[test]
    fn the_same_text_seals_differently_each_time_but_the_same_under_one_nonce() {
        let cipher = ring().field_cipher();
        let entropy = SeededEntropy::new(2);
        assert_ne!(
            cipher.seal(PLACE, b"x", &entropy),
            cipher.seal(PLACE, b"x", &entropy)
        );
        assert_eq!(
            cipher.seal_with(PLACE, b"x", [4; 12]),
            cipher.seal_with(PLACE, b"x", [4; 12])
        );
    }

    #[test]
    fn after_a_rotation_old_fields_open_and_new_ones_use_the_new_key() {
        let mut ring = ring();
        let entropy = SeededEntropy::new(5);
        let old = ring.field_cipher().seal(PLACE, b"old", &entropy);
        ring.rotate(&entropy);
        let cipher = ring.field_cipher();
        let new = cipher.seal(PLACE, b"new", &entropy);
        assert_eq!(FieldCipher::version_of(&old), Some(1));
        assert_eq!(FieldCipher::version_of(&new), Some(2));
        assert_eq!(&cipher.open(PLACE, &old).unwrap()[..], b"old");
        assert_eq!(&cipher.open(PLACE, &new).unwrap()[..], b"new");
    }

    #[test]
    fn another_keyring_opens_nothing() {
        let sealed = ring()
            .field_cipher()
            .seal(PLACE, b"x", &SeededEntropy::new(2));
        let other = Keyring::generate(&SeededEntropy::new(99)).field_cipher();
        assert_eq!(other.open(PLACE, &sealed), Err(Unreadable));
    }
}
