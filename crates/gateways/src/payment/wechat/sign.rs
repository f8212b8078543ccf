//! WeChat Pay's signatures (APIv3): of requests, of answers and notices, of what the app is called with, and the cipher of notices.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::Timestamp;
use http::HeaderMap;
use serde::Deserialize;

use crate::payment::BadNotice;
use crate::payment::cert::Cert;
use crate::payment::keys::{BadKey, SigningKey, VerifyingKey};

/// How old a signature may be, in seconds.
const FRESH_SECONDS: u64 = 300;
/// Signatures that begin so are probes: WeChat looks whether they are checked at all.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// What is signed of a request: each part ends its line, the last one too.
pub fn request_text(method: &str, target: &str, at: i64, nonce: &str, body: &str) -> String {
    format!("{method}\n{target}\n{at}\n{nonce}\n{body}\n")
}

/// What is signed of an answer and of a notice.
pub fn answer_text(at: &str, nonce: &str, body: &str) -> String {
    format!("{at}\n{nonce}\n{body}\n")
}

/// What is signed of the call into the app.
pub fn app_text(appid: &str, at: i64, nonce: &str, package: &str) -> String {
    format!("{appid}\n{at}\n{nonce}\n{package}\n")
}

/// WeChat's keys by their numbers: 平台证书 by serial number, 微信支付公钥 by `PUB_KEY_ID_…`. Several stand beside each other while they
/// change.
#[derive(Debug, Clone, Default)]
pub struct Trust(BTreeMap<String, VerifyingKey>);

impl Trust {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with the certificates of a file.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn with_certificates(mut self, pem: &str) -> Result<Self, BadKey> {
        for cert in Cert::parse_all(pem)? {
            self.0.insert(cert.serial_hex(), cert.key().clone());
        }
        Ok(self)
    }

    /// The same with a public key under its number.
    #[must_use]
    pub fn with_key(mut self, id: impl Into<String>, key: VerifyingKey) -> Self {
        self.0.insert(id.into(), key);
        self
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks the signature of an answer or a notice.
    ///
    /// # Errors
    /// [`BadNotice::Signature`]; [`BadNotice::Stale`] for a right one of another time.
    pub fn check(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), BadNotice> {
        let get = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let parts = (
            get("wechatpay-timestamp"),
            get("wechatpay-nonce"),
            get("wechatpay-signature"),
            get("wechatpay-serial"),
        );
        let (Some(at), Some(nonce), Some(signature), Some(serial)) = parts else {
            return Err(BadNotice::Signature);
        };
        let body = std::str::from_utf8(body).map_err(|_| BadNotice::Signature)?;
        let key = self.0.get(serial).ok_or(BadNotice::Signature)?;
        let text = answer_text(at, nonce, body);
        if signature.starts_with(PROBE) || !key.holds(text.as_bytes(), signature) {
            return Err(BadNotice::Signature);
        }
        let at: i64 = at.parse().map_err(|_| BadNotice::Signature)?;
        if now.seconds().abs_diff(at) >= FRESH_SECONDS {
            return Err(BadNotice::Stale);
        }
        Ok(())
    }
}

/// The `Authorization` of a request.
pub fn authorization(
    key: &SigningKey,
    who: (&str, &str),
    what: (&str, &str, &str),
    when: (i64, &str),
) -> String {
    let ((mchid, serial), (method, target, body), (at, nonce)) = (who, what, when);
    let signature = key.sign(request_text(method, target, at, nonce, body).as_bytes());
    format!(
        "WECHATPAY2-SHA256-RSA2048 mchid=\"{mchid}\",nonce_str=\"{nonce}\",timestamp=\"{at}\",serial_no=\"{serial}\",\
         signature=\"{signature}\""
    )
}

/// APIv3 密钥.
#[derive(Clone)]
pub struct ApiKey([u8; 32]);

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// Something that WeChat encrypted.
#[derive(Debug, Clone, Deserialize)]
pub struct Sealed {
    /// `AEAD_AES_256_GCM`.
    pub algorithm: String,
    /// Base64, the tag at its end.
    pub ciphertext: String,
    /// Twelve characters.
    pub nonce: String,
    /// Bound in.
    #[serde(default)]
    pub associated_data: String,
}

impl ApiKey {
    /// Thirty-two characters.
    ///
    /// # Errors
    /// [`BadKey::Key`] for any other length.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let bytes = text.trim().as_bytes();
        bytes.try_into().map(Self).map_err(|_| BadKey::Key)
    }

    fn key(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0)
            .ok()
            .map(LessSafeKey::new)
    }

    /// What is inside; `None` if it wasn't sealed with this key.
    pub fn open(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        if sealed.algorithm != "AEAD_AES_256_GCM" {
            return None;
        }
        let nonce = Nonce::try_assume_unique_for_key(sealed.nonce.as_bytes()).ok()?;
        let mut bytes = STANDARD.decode(&sealed.ciphertext).ok()?;
        let aad = Aad::from(sealed.associated_data.as_bytes());
        let opened = self.key()?.open_in_place(nonce, aad, &mut bytes).ok()?;
        Some(opened.to_vec())
    }

    /// Seals, as WeChat does: for the other side of a simulation. `nonce` has twelve characters.
    pub fn seal(&self, nonce: &str, associated_data: &str, clear: &[u8]) -> Option<Sealed> {
        let unique = Nonce::try_assume_unique_for_key(nonce.as_bytes()).ok()?;
        let mut bytes = clear.to_vec();
        let aad = Aad::from(associated_data.as_bytes());
        self.key()?
            .seal_in_place_append_tag(unique, aad, &mut bytes)
            .ok()?;
        Some(Sealed {
            algorithm: "AEAD_AES_256_GCM".to_owned(),
            ciphertext: STANDARD.encode(bytes),
            nonce: nonce.to_owned(),
            associated_data: associated_data.to_owned(),
        })
    }
}
