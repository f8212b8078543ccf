//! Cookies: read from one header, written with every protection that the address allows.
//!
//! Over https a cookie's name starts with `__Host-`, which makes the browser refuse it from a sub-domain, from plain http, or
//! with another path. On plain http (loopback only) that prefix would be refused, so the bare name is used.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderValue, header};

/// The candidate's session token.
pub const CANDIDATE: &str = "bk_session";
/// The session token of a member of staff: a cookie of its own, so that one browser can hold both.
pub const STAFF: &str = "bk_staff";
/// The random value that CSRF tokens of people without a session hang on.
pub const ANONYMOUS: &str = "bk_guest";
/// Who a payer is inside the app of a channel, sealed.
pub const PAYER: &str = "bk_payer";
/// 大字版.
pub const LARGE_TEXT: &str = "bk_large";

/// A cookie about to be set. Always `HttpOnly`, `SameSite=Lax`, `Path=/`.
#[derive(Clone)]
pub struct Cookie {
    name: &'static str,
    value: String,
    max_age: Option<i64>,
}

impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cookie")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Cookie {
    /// A cookie that lives until the browser is closed. `value` must be of cookie characters (base64url is).
    pub fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            max_age: None,
        }
    }

    /// A cookie that ends at once.
    pub fn removal(name: &'static str) -> Self {
        Self {
            name,
            value: String::new(),
            max_age: Some(0),
        }
    }

    /// Keeps it for `seconds`, past the browser's closing.
    #[must_use]
    pub fn max_age(mut self, seconds: i64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// The `Set-Cookie` value; `None` if the value holds characters that a cookie can't.
    pub(crate) fn header(&self, secure: bool) -> Option<HeaderValue> {
        if !self.value.bytes().all(is_cookie_byte) {
            return None;
        }
        let mut text = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Lax",
            full_name(self.name, secure),
            self.value
        );
        if secure {
            text.push_str("; Secure");
        }
        if let Some(seconds) = self.max_age {
            let _ = write!(text, "; Max-Age={seconds}");
        }
        HeaderValue::from_str(&text).ok()
    }
}

/// The value of the cookie `name`. A name that comes twice counts as absent: somebody planted one.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str, secure: bool) -> Option<&'a str> {
    let name = full_name(name, secure);
    let mut found = None;
    for header in headers.get_all(header::COOKIE) {
        let Ok(text) = header.to_str() else { continue };
        for pair in text.split(';') {
            if let Some((key, value)) = pair.trim().split_once('=')
                && key == name
                && found.replace(value).is_some()
            {
                return None;
            }
        }
    }
    found.filter(|value| !value.is_empty())
}

fn full_name(name: &str, secure: bool) -> String {
    if secure {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

fn is_cookie_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}
