//! Alipay's signatures (RSA2): what is signed of a request, of an answer and of a notice, and with whose key.

use std::collections::BTreeMap;

use base64::Engine as _;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::payment::cert::Cert;
pub use crate::payment::form;
use crate::payment::keys::{BadKey, VerifyingKey};

/// Parameters by name; each name once, in the order of signing.
pub type Params = BTreeMap<String, String>;

/// What is signed of a request: every parameter that isn't empty, `sign` left out, by name, as it is before any encoding.
pub fn request_text(params: &Params) -> String {
    joined(params, |name, value| name != "sign" && !value.is_empty())
}

/// What is signed of a notice: `sign_type` is left out as well, and what names the certificate.
pub fn notice_text(params: &Params) -> String {
    joined(params, |name, _| {
        !matches!(name, "sign" | "sign_type" | "alipay_cert_sn")
    })
}

fn joined(params: &Params, takes: impl Fn(&str, &str) -> bool) -> String {
    let parts: Vec<String> = params
        .iter()
        .filter(|(name, value)| takes(name, value))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parts.join("&")
}

/// Whose signatures are believed.
#[derive(Debug, Clone)]
pub enum Trust {
    /// 公钥模式: the key that Alipay shows beside ours.
    PublicKey(VerifyingKey),
    /// 证书模式: certificates of Alipay's by their numbers, and the two that we name with each request.
    Certificates {
        /// `app_cert_sn`.
        app: String,
        /// `alipay_root_cert_sn`.
        root: String,
        /// By `alipay_cert_sn`: the new one stands beside the old one while they change.
        alipay: BTreeMap<String, VerifyingKey>,
    },
}

impl Trust {
    /// From the files of the certificate mode: ours, Alipay's root, and Alipay's own (one or more).
    ///
    /// # Errors
    /// [`BadKey`] for what isn't a certificate, and for one of Alipay's that its root didn't issue, over whatever steps.
    pub fn certificates(app: &str, root: &str, alipay: &str) -> Result<Self, BadKey> {
        let roots = Cert::parse_all(root)?;
        let given = Cert::parse_all(alipay)?;
        let mut known = BTreeMap::new();
        for cert in &given {
            if !is_rooted(cert, &given, &roots, 4) {
                return Err(BadKey::Key);
            }
            known.insert(number(cert), cert.key().clone());
        }
        let of_root: Vec<String> = roots
            .iter()
            .filter(|cert| cert.is_rsa())
            .map(number)
            .collect();
        Ok(Self::Certificates {
            app: number(&Cert::parse(app)?),
            root: of_root.join("_"),
            alipay: known,
        })
    }

    /// The key under a certificate's number; in the public key mode the one key, whatever the number.
    pub fn key(&self, number: Option<&str>) -> Option<&VerifyingKey> {
        match self {
            Self::PublicKey(key) => Some(key),
            Self::Certificates { alipay, .. } => match number {
                Some(number) => alipay.get(number),
                None => None,
            },
        }
    }
}

fn is_rooted(cert: &Cert, between: &[Cert], roots: &[Cert], steps: u8) -> bool {
    roots.iter().any(|root| cert.is_issued_by(root))
        || (steps > 0
            && between
                .iter()
                .any(|next| cert.is_issued_by(next) && is_rooted(next, between, roots, steps - 1)))
}

/// A certificate as Alipay numbers it: MD5 over its issuer and its serial number in decimal.
fn number(cert: &Cert) -> String {
    hex::encode(Md5::digest(format!("{}{}", cert.issuer(), cert.serial())))
}

/// An answer whose signature holds: the value of `…_response`, exactly as it came.
///
/// `None` for anything else, answers without a signature included: Alipay signs whatever it decides.
pub fn answer<'a>(body: &'a str, method: &str, trust: &Trust) -> Option<&'a str> {
    let parts: BTreeMap<&str, &'a RawValue> = serde_json::from_str(body).ok()?;
    let key = format!("{}_response", method.replace('.', "_"));
    let value = parts.get(key.as_str())?.get();
    let text = |name: &str| {
        parts
            .get(name)
            .and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
    };
    let number = text("alipay_cert_sn");
    trust
        .key(number.as_deref())?
        .holds(value.as_bytes(), &text("sign")?)
        .then_some(value)
}

/// The head of every answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Head {
    /// `10000` for done.
    pub code: String,
    /// Why not, for a program.
    pub sub_code: String,
    /// Why not, for people.
    pub sub_msg: String,
}

/// Whether a text may be a signature: cheap to tell before any key is used.
pub fn is_signature(text: &str) -> bool {
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() >= 256)
}
