//! Keys and everything made with them: the keyring, field encryption, blind indexes, the audit MAC, sealed tokens, signed
//! tickets, password hashing on threads of its own, and the sealing of backups.
//!
//! The keyring is a file outside the database ([`Keyring`]); keys for fields, look-ups, audit and tokens are drawn apart.
//! Fields are encrypted with AES-256-GCM-SIV, bound to their [`Place`], and carry the version of their key, so that a rotation
//! rewrites nothing. Called by `app` (fields, passwords), `web` (tokens), `server` (the `keys` commands, backups).

mod activation;
mod entropy;
mod field;
mod index;
pub mod keyring;
mod mac;
pub mod password;
pub mod recipient;
mod sealer;
mod secret;
mod sign;
mod token;

pub use activation::ActivationCode;
pub use entropy::{Entropy, SeededEntropy, SystemEntropy, digits};
pub use field::{FieldCipher, Place, Unreadable};
pub use index::BlindIndex;
pub use keyring::{KeyCheck, Keyring, KeyringError};
pub use mac::{AuditMac, Mac, Tag};
pub use sealer::{Opened, Sealer, Stale};
pub use secret::Secret;
pub use sign::TicketKeys;
pub use token::Token;

/// Whether two values are equal, in a time that doesn't tell where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    bool::from(a.ct_eq(b))
}
