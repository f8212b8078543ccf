//! The second factor of demonstration accounts, whose secret is public: what an authenticator app would show.

use domain::time::Timestamp;
use totp_rs::{Algorithm, Builder, Secret};

/// The code for a base32 secret at an instant; empty for a secret that isn't one.
pub(super) fn code(secret: &str, at: Timestamp) -> String {
    let Some(secret) = decode(secret) else {
        return String::new();
    };
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::new_stack(secret))
        .build();
    let seconds = u64::try_from(at.seconds()).unwrap_or_default();
    totp.map(|totp| totp.generate(seconds).to_string())
        .unwrap_or_default()
}

fn decode(text: &str) -> Option<[u8; 20]> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0u32);
    for letter in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            let [.., last] = (held >> bits).to_be_bytes();
            bytes.push(last);
        }
    }
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_rfc_6238_s() {
        // RFC 6238, appendix B: the secret "12345678901234567890" at 59 s; the last six of 94287082.
        assert_eq!(
            code(
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
                Timestamp::from_seconds(59)
            ),
            "287082"
        );
        assert_eq!(code("not base32", Timestamp::from_seconds(59)), "");
    }
}
