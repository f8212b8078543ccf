//! The second factor: TOTP (RFC 6238), SHA-1, 30 seconds, six digits, one step of tolerance to either side.
//!
//! SHA-1 because every authenticator app reads it; its collisions don't matter inside HMAC. A code is good once:
//! the last used time step is stored and only a later one passes.

use domain::time::Timestamp;
use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, TOTP};

use crate::{Error, Result};

const STEP_SECONDS: i64 = 30;
/// 160 bits, as RFC 4226 recommends.
pub(super) const SECRET_BYTES: usize = 20;

fn totp(secret: &[u8], username: &str) -> Result<TOTP> {
    TOTP::new(
        Algorithm::SHA1,
        6,
        1,
        30,
        secret.to_vec(),
        Some("baokao".to_owned()),
        username.to_owned(),
    )
    .map_err(|_| Error::inconsistent("staff.totp_secret"))
}

/// The time step that `code` belongs to, if it is right at `at` and later than `last_step`.
pub(super) fn accept(secret: &[u8], code: &str, at: Timestamp, last_step: i64) -> Result<Option<i64>> {
    let generator = totp(secret, "")?;
    let now = at.micros().div_euclid(1_000_000).div_euclid(STEP_SECONDS);
    Ok((now - 1..=now + 1).filter(|step| *step > last_step).find(|step| {
        let seconds = u64::try_from(step * STEP_SECONDS).unwrap_or(0);
        let expected = generator.generate(seconds);
        bool::from(expected.as_bytes().ct_eq(code.as_bytes()))
    }))
}

/// The address that an authenticator app reads from a QR code, and the secret for typing.
pub(super) fn address(secret: &[u8], username: &str) -> Result<(String, String)> {
    let generator = totp(secret, username)?;
    Ok((generator.get_url(), generator.get_secret_base32()))
}
