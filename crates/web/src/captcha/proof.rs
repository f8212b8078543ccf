//! The proof of work: a number whose SHA-256 together with the token begins with zero bits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// How many leading zero bits are asked for: 2^15 tries on average, about a second in a phone's browser.
pub const WORK_BITS: u32 = 15;

/// Does `proof` hold for `token`?
pub(super) fn holds(token: &str, proof: &str) -> bool {
    if proof.len() > 20 || !proof.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let digest = Sha256::digest(format!("{token}:{proof}").as_bytes());
    let mut first = [0u8; 4];
    first.copy_from_slice(&digest[..4]);
    u32::from_be_bytes(first).leading_zeros() >= WORK_BITS
}

/// Bytes as text.
pub(super) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
