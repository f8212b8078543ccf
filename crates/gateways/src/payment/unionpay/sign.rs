//! UnionPay's signatures (5.1.0, `signMethod=01`): hashed twice, and each answer brings the certificate that verifies it.

use std::collections::BTreeMap;

use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::payment::cert::Cert;
pub use crate::payment::form;
use crate::payment::keys::{BadKey, SigningKey};

/// Fields by name; each name once.
pub type Fields = BTreeMap<String, String>;

/// The company that UnionPay's certificates are made out to.
pub const COMPANY: &str = "中国银联股份有限公司";

/// What the key signs: the fields by name without `signature`, hashed, as hexadecimal text.
pub fn digest(fields: &Fields) -> String {
    let parts: Vec<String> = fields
        .iter()
        .filter(|(name, _)| *name != "signature")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    hex::encode(Sha256::digest(parts.join("&")))
}

/// Our own identity there: what signs.
#[derive(Debug)]
pub struct Identity {
    /// The private key.
    pub key: SigningKey,
    /// The serial number of its certificate, in decimal.
    pub cert_id: String,
}

impl Identity {
    /// From a key and its certificate, which must belong together.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn parse(key: &str, cert: &str) -> Result<Self, BadKey> {
        let key = SigningKey::parse(key)?;
        let cert = Cert::parse(cert)?;
        let probe = b"a key and a certificate that belong together";
        if !cert.key().holds(probe, &key.sign(probe)) {
            return Err(BadKey::Key);
        }
        Ok(Self {
            key,
            cert_id: cert.serial(),
        })
    }

    /// Signs: blanks are dropped, certificate number and signature are added.
    pub fn sign(&self, fields: Fields) -> Fields {
        let mut fields: Fields = fields
            .into_iter()
            .map(|(name, value)| (name, value.trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        fields.insert("certId".to_owned(), self.cert_id.clone());
        fields.insert("signMethod".to_owned(), "01".to_owned());
        let signature = self.key.sign(digest(&fields).as_bytes());
        fields.insert("signature".to_owned(), signature);
        fields
    }
}

/// Whose certificates are believed.
#[derive(Debug, Clone)]
pub struct Trust {
    roots: Vec<Cert>,
    middle: Vec<Cert>,
    /// Who they are made out to: [`COMPANY`], or a simulator's name.
    company: String,
}

impl Trust {
    /// From the files of UnionPay's root and middle certificates.
    ///
    /// # Errors
    /// [`BadKey`]; also for a middle certificate that the root didn't issue.
    pub fn parse(root: &str, middle: &str, company: impl Into<String>) -> Result<Self, BadKey> {
        let (roots, middle) = (Cert::parse_all(root)?, Cert::parse_all(middle)?);
        let issued = |cert: &Cert| {
            roots
                .iter()
                .any(|root| cert.is_issued_by_even_with_sha1(root))
        };
        if !middle.iter().all(issued) {
            return Err(BadKey::Key);
        }
        Ok(Self {
            roots,
            middle,
            company: company.into(),
        })
    }

    /// Whether a certificate that came with an answer is UnionPay's, now.
    fn takes(&self, cert: &Cert, now: Timestamp) -> bool {
        let company = cert.common_name();
        let company = company.split('@').nth(2).unwrap_or_default();
        company == self.company
            && cert.holds_at(now)
            && self.middle.iter().any(|middle| {
                middle.holds_at(now)
                    && cert.is_issued_by_even_with_sha1(middle)
                    && self
                        .roots
                        .iter()
                        .any(|root| root.holds_at(now) && middle.is_issued_by_even_with_sha1(root))
            })
    }

    /// Whether fields are signed by UnionPay.
    pub fn holds(&self, fields: &Fields, now: Timestamp) -> bool {
        let get = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        // The cheap things first: anybody may send us notices.
        if get("signMethod") != "01" || get("signature").len() < 256 {
            return false;
        }
        let Ok(cert) = Cert::parse(get("signPubKeyCert")) else {
            return false;
        };
        self.takes(&cert, now)
            && cert
                .key()
                .holds(digest(fields).as_bytes(), get("signature"))
    }
}

/// The fields of an answer, which isn't encoded: values may hold `=`, and `{a=1&b=2}`. `None` if a name comes twice.
pub fn answer(body: &str) -> Option<Fields> {
    let mut fields = Fields::new();
    let mut depth = 0i32;
    let mut start = 0;
    let mut put = |part: &str| -> Option<()> {
        if part.is_empty() {
            return Some(());
        }
        let (name, value) = part.split_once('=')?;
        fields
            .insert(name.to_owned(), value.to_owned())
            .is_none()
            .then_some(())
    };
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'&' if depth <= 0 => {
                put(body.get(start..at)?)?;
                start = at + 1;
            }
            _ => {}
        }
    }
    put(body.get(start..)?)?;
    Some(fields)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_split_outside_of_braces_only() {
        let fields =
            answer("respCode=00&signature=ab+c/d==&reserved={a=1&b=2}&respMsg=成功[0000000]")
                .unwrap();
        assert_eq!(fields["signature"], "ab+c/d==");
        assert_eq!(fields["reserved"], "{a=1&b=2}");
        assert_eq!(fields.len(), 4);
        assert_eq!(answer("a=1&a=2"), None, "no signature covers a name twice");
        assert_eq!(answer("novalue"), None);
    }

    #[test]
    fn the_signature_itself_is_not_signed() {
        let mut fields = Fields::from([
            ("b".to_owned(), "2".to_owned()),
            ("a".to_owned(), "1".to_owned()),
        ]);
        let before = digest(&fields);
        assert_eq!(before, hex::encode(Sha256::digest("a=1&b=2")));
        fields.insert("signature".to_owned(), "x".to_owned());
        assert_eq!(digest(&fields), before);
    }
}
