//! Tokens that the browser carries and can neither read nor change: captchas, kept form fields, notices.
//!
//! The cipher is the keyring's (`vault`); this is only the shape in which the kit asks for it. A token is bound to its
//! purpose, so that a captcha can't be handed in as a notice, and carries its own end.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Authenticated encryption with the keyring's key for tokens.
pub trait Seal: fmt::Debug + Send + Sync + 'static {
    /// Encrypts `plain`, bound to `purpose`.
    fn seal(&self, purpose: &'static str, plain: &[u8]) -> Vec<u8>;
    /// Decrypts what [`Seal::seal`] made for the same purpose; `None` for anything else.
    fn open(&self, purpose: &'static str, sealed: &[u8]) -> Option<Vec<u8>>;
}

#[derive(Serialize, Deserialize)]
struct Dated<T> {
    /// Microseconds; the token is void from then on.
    #[serde(rename = "e")]
    ends: i64,
    #[serde(rename = "v")]
    value: T,
}

/// Seals `value` until `ends`, as text that fits into a URL or a hidden field.
pub fn seal<T: Serialize>(
    with: &dyn Seal,
    purpose: &'static str,
    value: &T,
    ends: Timestamp,
) -> String {
    let dated = Dated {
        ends: ends.micros(),
        value,
    };
    let plain = serde_json::to_vec(&dated).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(with.seal(purpose, &plain))
}

/// What was sealed, and until when it is good; `None` if it was changed, made for something else, or has ended.
pub fn open<T: DeserializeOwned>(
    with: &dyn Seal,
    purpose: &'static str,
    text: &str,
    at: Timestamp,
) -> Option<(T, Timestamp)> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let plain = with.open(purpose, &sealed)?;
    let dated: Dated<T> = serde_json::from_slice(&plain).ok()?;
    (at.micros() < dated.ends).then(|| (dated.value, Timestamp::from_micros(dated.ends)))
}
