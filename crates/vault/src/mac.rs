//! The MAC of audit entries.

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// HMAC-SHA-256 over parts that can't run together.
pub(crate) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes a key of any length.
        std::process::abort();
    };
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A MAC with the version of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The key's version.
    pub version: u32,
    /// 32 bytes.
    pub bytes: Vec<u8>,
}

/// Signs what is stored, so that a change made around the program shows.
pub trait Mac: fmt::Debug + Send + Sync {
    /// The tag of `bytes` under the newest key.
    fn sign(&self, bytes: &[u8]) -> Tag;
    /// Whether `tag` belongs to `bytes`.
    fn verify(&self, bytes: &[u8], tag: &Tag) -> bool;
}

/// The keyring's.
pub struct AuditMac {
    versions: BTreeMap<u32, Zeroizing<[u8; 32]>>,
}

impl fmt::Debug for AuditMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditMac(…)")
    }
}

impl AuditMac {
    pub(crate) fn new(keys: impl Iterator<Item = (u32, Zeroizing<[u8; 32]>)>) -> Self {
        Self {
            versions: keys.collect(),
        }
    }
}

impl Mac for AuditMac {
    fn sign(&self, bytes: &[u8]) -> Tag {
        match self.versions.iter().next_back() {
            Some((version, key)) => Tag {
                version: *version,
                bytes: hmac(key, &[b"baokao audit 1", bytes]).to_vec(),
            },
            // A keyring without keys isn't loaded.
            None => std::process::abort(),
        }
    }

    fn verify(&self, bytes: &[u8], tag: &Tag) -> bool {
        self.versions
            .get(&tag.version)
            .is_some_and(|key| crate::same(&hmac(key, &[b"baokao audit 1", bytes]), &tag.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Keyring, SeededEntropy};

    #[test]
    fn a_tag_fits_its_bytes_only_and_survives_a_rotation() {
        let mut ring = Keyring::generate(&SeededEntropy::new(1));
        let tag = ring.audit_mac().sign(b"entry");
        assert!(ring.audit_mac().verify(b"entry", &tag));
        assert!(!ring.audit_mac().verify(b"entrz", &tag));
        ring.rotate(&SeededEntropy::new(2));
        assert!(ring.audit_mac().verify(b"entry", &tag));
        assert_eq!(ring.audit_mac().sign(b"entry").version, 2);
        assert!(!ring.audit_mac().verify(
            b"entry",
            &Tag {
                version: 2,
                ..tag.clone()
            }
        ));
        assert!(
            !ring
                .audit_mac()
                .verify(b"entry", &Tag { version: 9, ..tag })
        );
    }

    #[test]
    fn the_hmac_is_the_standards_own() {
        // RFC 4231, test case 2, has no length prefix: checked on the bare primitive.
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        assert_eq!(
            hex::encode(mac.finalize().into_bytes()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
