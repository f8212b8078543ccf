//! X.509, as far as the channels use it: a certificate's key, serial number, validity and issuer, and whether one signed another.

use std::time::Duration;

use domain::time::Timestamp;
use x509_cert::Certificate;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, DecodePem as _, Encode as _};

use super::keys::{BadKey, VerifyingKey};

/// `sha256WithRSAEncryption`.
const SHA256_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
/// `sha1WithRSAEncryption`, with which UnionPay's chain is signed to this day.
const SHA1_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5");
/// RSA with any hash begins so.
const RSA: &str = "1.2.840.113549.1.1.";

/// A certificate.
#[derive(Debug, Clone)]
pub struct Cert {
    inner: Certificate,
    key: VerifyingKey,
}

impl Cert {
    /// From PEM, or from bare Base64 of DER.
    ///
    /// # Errors
    /// [`BadKey`] for what isn't a certificate of an RSA key.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let inner = match Certificate::from_pem(text.trim().as_bytes()) {
            Ok(inner) => inner,
            Err(_) => Certificate::from_der(&super::keys::der(text)?).map_err(|_| BadKey::Key)?,
        };
        Self::of(inner)
    }

    /// All certificates of a file in PEM, in order. Those of other than RSA keys are passed over: Alipay's root file holds one of SM2.
    ///
    /// # Errors
    /// [`BadKey`] if there is none.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, BadKey> {
        let mut all = Vec::new();
        for part in text.split_inclusive("-----END CERTIFICATE-----") {
            let Some(at) = part.find("-----BEGIN CERTIFICATE-----") else {
                continue;
            };
            let pem = part.get(at..).unwrap_or_default();
            if let Ok(cert) = Self::parse(pem) {
                all.push(cert);
            }
        }
        if all.is_empty() {
            return Err(BadKey::Key);
        }
        Ok(all)
    }

    fn of(inner: Certificate) -> Result<Self, BadKey> {
        let key = inner
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .map_err(|_| BadKey::Key)?;
        Ok(Self {
            key: VerifyingKey::from_der(&key)?,
            inner,
        })
    }

    /// Its key.
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Its serial number in decimal.
    pub fn serial(&self) -> String {
        decimal(self.inner.tbs_certificate().serial_number().as_bytes())
    }

    /// Its serial number as WeChat names certificates: hexadecimal, in capitals.
    pub fn serial_hex(&self) -> String {
        hex::encode_upper(self.inner.tbs_certificate().serial_number().as_bytes())
            .trim_start_matches("00")
            .to_owned()
    }

    /// Its issuer as RFC 2253 writes it, the common name first.
    pub fn issuer(&self) -> String {
        self.inner.tbs_certificate().issuer().to_string()
    }

    /// Its subject, the same way.
    pub fn subject(&self) -> String {
        self.inner.tbs_certificate().subject().to_string()
    }

    /// The subject's common name; empty for none.
    pub fn common_name(&self) -> String {
        self.subject()
            .split(',')
            .find_map(|part| part.trim().strip_prefix("CN="))
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether it is signed with RSA, under whatever hash.
    pub fn is_rsa(&self) -> bool {
        self.inner
            .signature_algorithm()
            .oid
            .to_string()
            .starts_with(RSA)
    }

    /// Whether it is valid at an instant.
    pub fn holds_at(&self, at: Timestamp) -> bool {
        let validity = self.inner.tbs_certificate().validity();
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        let from = seconds(validity.not_before.to_unix_duration());
        let until = seconds(validity.not_after.to_unix_duration());
        (from..=until).contains(&at.seconds())
    }

    /// Its last instant.
    pub fn ends_at(&self) -> Timestamp {
        let until = self.inner.tbs_certificate().validity().not_after;
        let seconds = until.to_unix_duration().as_secs();
        Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1_000_000))
    }

    /// Whether another certificate's key signed it, and is named as its issuer.
    pub fn is_issued_by(&self, other: &Self) -> bool {
        self.signed_by(other)
            .is_some_and(|(oid, signed, signature)| {
                oid == SHA256_RSA && other.key.holds_raw(&signed, &signature)
            })
    }

    /// The same, with SHA-1 as well: whoever could make two certificates of one hash would still need the authority to sign one of them for
    /// him. UnionPay leaves no choice.
    pub fn is_issued_by_even_with_sha1(&self, other: &Self) -> bool {
        self.is_issued_by(other)
            || self
                .signed_by(other)
                .is_some_and(|(oid, signed, signature)| {
                    oid == SHA1_RSA && other.key.holds_sha1(&signed, &signature)
                })
    }

    /// How it is signed, over which bytes, if it names the other as its issuer.
    fn signed_by(&self, other: &Self) -> Option<(ObjectIdentifier, Vec<u8>, Vec<u8>)> {
        let signed = self.inner.tbs_certificate().to_der().ok()?;
        let signature = self.inner.signature().as_bytes()?.to_vec();
        let named =
            self.inner.tbs_certificate().issuer() == other.inner.tbs_certificate().subject();
        named.then(|| (self.inner.signature_algorithm().oid, signed, signature))
    }
}

/// A number of any length, from its big-endian bytes.
fn decimal(bytes: &[u8]) -> String {
    let mut digits = vec![0u8];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let value = u32::from(*digit) * 256 + carry;
            *digit = u8::try_from(value % 10).unwrap_or(0);
            carry = value / 10;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 10).unwrap_or(0));
            carry /= 10;
        }
    }
    digits
        .iter()
        .rev()
        .map(|digit| char::from(b'0' + digit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_longer_than_any_integer_are_written_in_decimal() {
        for (bytes, text) in [
            (&[][..], "0"),
            (&[0][..], "0"),
            (&[255][..], "255"),
            (&[1, 0][..], "256"),
            (&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0][..], "18446744073709551616"),
        ] {
            assert_eq!(decimal(bytes), text);
        }
    }
}
