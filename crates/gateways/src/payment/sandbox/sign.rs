//! Signatures of the sandbox: HMAC-SHA-256 over what is said, when, and the body, in both directions.

use domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::payment::HeaderMap;

/// Who asks.
pub const MERCHANT: &str = "x-sandbox-merchant";
/// Seconds since 1970.
pub const TIMESTAMP: &str = "x-sandbox-timestamp";
/// Hexadecimal.
pub const SIGNATURE: &str = "x-sandbox-signature";
/// A signature is good for five minutes to either side.
const FRESH_SECONDS: i64 = 300;

/// What a signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The path for requests, `answer <path>` for answers, `notice` for notices: one can't be taken for another.
    pub what: &'a str,
    /// Seconds since 1970.
    pub timestamp: i64,
    /// The exact body.
    pub body: &'a [u8],
}

impl Signed<'_> {
    fn mac(&self, secret: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(self.what.as_bytes());
        mac.update(b"\n");
        mac.update(self.timestamp.to_string().as_bytes());
        mac.update(b"\n");
        mac.update(self.body);
        Some(mac)
    }

    /// The signature under `secret`.
    pub fn sign(&self, secret: &str) -> String {
        self.mac(secret)
            .map_or_else(String::new, |mac| hex::encode(mac.finalize().into_bytes()))
    }

    /// Whether the headers carry the right one.
    pub fn holds(&self, secret: &str, headers: &HeaderMap) -> bool {
        let given = headers
            .get(SIGNATURE)
            .and_then(|value| hex::decode(value).ok());
        match (given, self.mac(secret)) {
            (Some(given), Some(mac)) => mac.verify_slice(&given).is_ok(),
            _ => false,
        }
    }
}

/// The time in the headers.
pub fn timestamp(headers: &HeaderMap) -> Option<i64> {
    headers.get(TIMESTAMP)?.to_str().ok()?.parse().ok()
}

/// Whether a signature's time is near enough to ours.
pub fn is_fresh(timestamp: i64, now: Timestamp) -> bool {
    now.seconds().abs_diff(timestamp) < FRESH_SECONDS.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE, signature.parse().unwrap());
        headers
    }

    #[test]
    fn a_signature_covers_purpose_time_and_body() {
        let signed = Signed {
            what: "notice",
            timestamp: 1_800_000_000,
            body: b"{}",
        };
        let good = headers(&signed.sign("secret"));
        assert!(signed.holds("secret", &good));
        assert!(!signed.holds("other", &good));
        assert!(
            !Signed {
                what: "/api/payments",
                ..signed
            }
            .holds("secret", &good)
        );
        assert!(
            !Signed {
                timestamp: 1_800_000_001,
                ..signed
            }
            .holds("secret", &good)
        );
        assert!(
            !Signed {
                body: b"{ }",
                ..signed
            }
            .holds("secret", &good)
        );
        for bad in ["", "00", "不是"] {
            if let Ok(value) = bad.parse::<reqwest::header::HeaderValue>() {
                let mut headers = HeaderMap::new();
                headers.insert(SIGNATURE, value);
                assert!(!signed.holds("secret", &headers));
            }
        }
        assert!(!signed.holds("secret", &HeaderMap::new()));
    }

    #[test]
    fn old_and_future_signatures_are_stale() {
        let now = Timestamp::from_seconds(1_800_000_000);
        for (offset, fresh) in [
            (0, true),
            (-299, true),
            (299, true),
            (-300, false),
            (300, false),
        ] {
            assert_eq!(is_fresh(1_800_000_000 + offset, now), fresh, "{offset}");
        }
    }
}
