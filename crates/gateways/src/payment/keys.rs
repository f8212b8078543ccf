//! RSA with SHA-256 (PKCS #1 v1.5), which all three channels sign with, from keys in PEM or bare Base64 as their consoles give them.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Why a key isn't taken. Says nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It isn't Base64, or its frame is broken.
    #[error("密钥文件不是 PEM 或 Base64")]
    Text,
    /// It isn't the key that is asked for.
    #[error("密钥文件的内容不是 2048 位以上的 RSA 密钥")]
    Key,
}

/// Our own key: signs.
pub struct SigningKey(RsaKeyPair);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// A private key: PKCS #8 or PKCS #1, framed as PEM or not.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let der = der(text)?;
        RsaKeyPair::from_pkcs8(&der)
            .or_else(|_| RsaKeyPair::from_der(&der))
            .map(Self)
            .map_err(|_| BadKey::Key)
    }

    /// The signature in Base64. Empty if the key can't sign, which verifies nowhere.
    pub fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.0.public_modulus_len()];
        match self.0.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message,
            &mut signature,
        ) {
            Ok(()) => STANDARD.encode(signature),
            Err(_) => String::new(),
        }
    }

    /// What verifies it.
    pub fn verifier(&self) -> VerifyingKey {
        VerifyingKey(self.0.public_key().as_ref().to_vec())
    }
}

/// Somebody else's key: verifies.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey(Vec<u8>);

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey(…)")
    }
}

impl VerifyingKey {
    /// A public key: SubjectPublicKeyInfo or PKCS #1, framed as PEM or not.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        Self::from_der(&der(text)?)
    }

    /// The same, unframed.
    ///
    /// # Errors
    /// [`BadKey::Key`].
    pub fn from_der(der: &[u8]) -> Result<Self, BadKey> {
        aws_lc_rs::signature::ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
            .map(|_| Self(der.to_vec()))
            .map_err(|_| BadKey::Key)
    }

    /// As a file, which [`VerifyingKey::parse`] reads.
    pub fn pem(&self) -> String {
        let lines: Vec<String> = STANDARD
            .encode(&self.0)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!(
            "-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }

    /// Whether a signature in Base64 is this key's over the message.
    pub fn holds(&self, message: &[u8], signature: &str) -> bool {
        STANDARD
            .decode(signature.trim())
            .is_ok_and(|signature| self.holds_raw(message, &signature))
    }

    /// The same of a signature that isn't encoded.
    pub(super) fn holds_raw(&self, message: &[u8], signature: &[u8]) -> bool {
        // A fuzzer can't sign, and what is looked for stands behind this check. Nothing else is ever built so (docs/dev/fuzz.md).
        if cfg!(fuzzing) {
            return true;
        }
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0)
            .verify(message, signature)
            .is_ok()
    }

    /// The same over SHA-1: for certificates that are signed so, and for nothing else.
    pub(super) fn holds_sha1(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, &self.0)
            .verify(message, signature)
            .is_ok()
    }
}

/// The bytes inside a PEM frame, or of bare Base64 over any number of lines.
pub(super) fn der(text: &str) -> Result<Vec<u8>, BadKey> {
    let mut inner = String::new();
    let mut framed = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with("-----BEGIN ") {
            framed = Some(true);
            inner.clear();
        } else if line.starts_with("-----END ") {
            framed = Some(false);
            break;
        } else {
            inner.push_str(line);
        }
    }
    if framed == Some(true) || inner.is_empty() {
        return Err(BadKey::Text);
    }
    STANDARD.decode(inner).map_err(|_| BadKey::Text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    use aws_lc_rs::rsa::KeySize;

    use super::*;

    fn der_of_a_key() -> Vec<u8> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        der.as_ref().to_vec()
    }

    #[test]
    fn keys_are_read_as_consoles_give_them() {
        let der = der_of_a_key();
        let bare = STANDARD.encode(&der);
        let (head, tail) = bare.split_at(64);
        let framed = format!(
            "-----BEGIN PRIVATE KEY-----\r\n{head}\r\n{tail}\r\n-----END PRIVATE KEY-----\r\n"
        );
        let with_a_note = format!("应用私钥，勿外传\n{framed}");
        for text in [&bare, &framed, &with_a_note] {
            let key = SigningKey::parse(text).unwrap();
            let verifier = key.verifier();
            let signature = key.sign(b"a message");
            assert!(verifier.holds(b"a message", &signature));
            assert!(!verifier.holds(b"another", &signature));
            assert_eq!(VerifyingKey::parse(&verifier.pem()), Ok(verifier));
        }
    }

    #[test]
    fn what_is_no_key_is_told_without_a_word_of_it() {
        let der = der_of_a_key();
        let cut = STANDARD.encode(&der[..der.len() - 9]);
        for (text, what) in [
            ("", BadKey::Text),
            ("不是密钥", BadKey::Text),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n", BadKey::Text),
            ("AAAA", BadKey::Key),
            (&cut, BadKey::Key),
        ] {
            assert_eq!(SigningKey::parse(text).map(|_| ()), Err(what), "{text}");
            let told = what.to_string();
            assert!(text.is_empty() || !told.contains(text), "{told}");
        }
        let key = SigningKey::parse(&STANDARD.encode(&der)).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(…)");
        assert!(
            VerifyingKey::parse(&STANDARD.encode(&der)).is_err(),
            "a private key is no public one"
        );
    }
}
