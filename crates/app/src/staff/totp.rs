//! The second factor: TOTP (RFC 6238), SHA-1, 30 seconds, six digits, one step of tolerance to either side.
//!
//! SHA-1 because every authenticator app reads it; its collisions don't matter inside HMAC. A code is good once:
//! the last used time step is stored and only a later one passes.

use domain::time::Timestamp;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::{Error, Result};

const STEP_SECONDS: i64 = 30;
/// 160 bits, as RFC 4226 recommends.
pub(super) const SECRET_BYTES: usize = 20;

fn totp(secret: &[u8]) -> Result<Totp> {
    let broken = || Error::inconsistent("staff.totp_secret");
    let secret: [u8; SECRET_BYTES] = secret.try_into().map_err(|_| broken())?;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::new_stack(secret))
        .build()
        .map_err(|_| broken())
}

/// The time step that `code` belongs to, if it is right at `at` and later than `last_step`.
pub(super) fn accept(
    secret: &[u8],
    code: &str,
    at: Timestamp,
    last_step: i64,
) -> Result<Option<i64>> {
    let generator = totp(secret)?;
    let now = at.micros().div_euclid(1_000_000).div_euclid(STEP_SECONDS);
    Ok((now - 1..=now + 1)
        .filter(|step| *step > last_step)
        .find(|step| {
            let seconds = u64::try_from(step * STEP_SECONDS).unwrap_or(0);
            let expected = generator.generate(seconds).to_string();
            vault::same(expected.as_bytes(), code.as_bytes())
        }))
}

/// The address that an authenticator app reads from a QR code, and the secret for typing.
pub(super) fn address(secret: &[u8], username: &str) -> Result<(String, String)> {
    totp(secret)?;
    let text = base32(secret);
    // Usernames are made of `a-z 0-9 . _ -` and need no escaping.
    let address = format!(
        "otpauth://totp/baokao:{username}?secret={text}&issuer=baokao&algorithm=SHA1&digits=6&period=30"
    );
    Ok((address, text))
}

/// RFC 4648 without padding: 160 bits are 32 whole letters.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut bits, mut held) = (String::new(), 0u32, 0u32);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            let digit = usize::try_from((bits >> held) & 31).unwrap_or(0);
            text.push(LETTERS.get(digit).map_or('A', |letter| char::from(*letter)));
        }
        bits &= (1 << held) - 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238's test vectors.
    const SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn the_standards_vectors_pass_once_and_one_step_late() {
        // RFC 6238 appendix B gives eight digits; ours are the last six.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            let at = Timestamp::from_seconds(seconds);
            let step = accept(SECRET, code, at, 0).unwrap().unwrap();
            assert_eq!(step, seconds / 30);
            assert_eq!(accept(SECRET, code, at, step).unwrap(), None);
            assert!(
                accept(SECRET, code, at.plus_seconds(30), 0)
                    .unwrap()
                    .is_some()
            );
            assert_eq!(accept(SECRET, code, at.plus_seconds(90), 0).unwrap(), None);
            assert_eq!(accept(SECRET, "000000", at, 0).unwrap(), None);
        }
    }

    #[test]
    fn the_secret_is_typed_as_base32() {
        let (address, text) = address(SECRET, "zhang.wei").unwrap();
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(address.contains(&text) && address.starts_with("otpauth://totp/baokao:zhang.wei?"));
    }
}
