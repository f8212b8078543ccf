//! A chain of certificates as UnionPay has one: root, middle, and the one that signs, made out to its company.

use std::time::Duration;

use domain::time::Timestamp;
use gateways::payment::keys::SigningKey;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_RSA_SHA256, RsaKeySize,
};

/// Who the simulator's certificates are made out to: nobody takes them for UnionPay's.
pub const COMPANY: &str = "模拟银联";

/// The chain, and the key of its last certificate.
#[derive(Debug)]
pub struct Chain {
    /// PEM.
    pub root: String,
    /// PEM.
    pub middle: String,
    /// PEM: what goes out as `signPubKeyCert`.
    pub certificate: String,
    /// What signs.
    pub key: SigningKey,
}

/// Valid around an instant, ten years to each side.
fn params(name: &str, is_ca: bool, now: Timestamp) -> Option<CertificateParams> {
    let mut params = CertificateParams::new(Vec::<String>::new()).ok()?;
    params.distinguished_name.push(DnType::CommonName, name);
    let years = Duration::from_secs(10 * 365 * 24 * 3600);
    let now = std::time::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.seconds()).ok()?);
    params.not_before = (now - years).into();
    params.not_after = (now + years).into();
    if is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    Some(params)
}

fn key() -> Option<KeyPair> {
    KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).ok()
}

/// A private key in PEM.
pub(crate) fn private_key() -> Option<String> {
    key().map(|key| key.serialize_pem())
}

impl Chain {
    /// A new chain around an instant, and its key in PEM. `None` if no keys can be made.
    pub(crate) fn with_key(now: Timestamp) -> Option<(Self, String)> {
        let (root_key, middle_key, own_key) = (key()?, key()?, key()?);
        let root_params = params("simulated root", true, now)?;
        let root = root_params.self_signed(&root_key).ok()?;
        let root_issuer = Issuer::from_params(&root_params, &root_key);
        let middle_params = params("simulated middle", true, now)?;
        let middle = middle_params.signed_by(&middle_key, &root_issuer).ok()?;
        let middle_issuer = Issuer::from_params(&middle_params, &middle_key);
        let name = format!("041@Z2026@{COMPANY}@00040000:SIGN@00000001");
        let own = params(&name, false, now)?
            .signed_by(&own_key, &middle_issuer)
            .ok()?;
        let pem = own_key.serialize_pem();
        let chain = Self {
            root: root.pem(),
            middle: middle.pem(),
            certificate: own.pem(),
            key: SigningKey::parse(&pem).ok()?,
        };
        Some((chain, pem))
    }
}
