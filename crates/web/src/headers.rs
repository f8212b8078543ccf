//! Headers that every answer carries.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::kit::Kit;

/// What no page may use.
const NOTHING: &str =
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()";
/// The same for the one page that looks through the camera.
pub(crate) const CAMERA: &str =
    "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()";

/// The content security policy. No inline script or style runs; a form may lead only to us.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; media-src 'self' blob:; object-src 'none'; frame-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// The same for a page whose form may also lead to `target`: an origin, or a scheme. `None` for what isn't one word of a policy.
pub(crate) fn leading(target: &str) -> Option<HeaderValue> {
    let word = target
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'\'' | b'"'));
    HeaderValue::from_str(&format!("{POLICY} {target}"))
        .ok()
        .filter(|_| word)
}

/// Adds what isn't there yet. `private` answers belong to one person or depend on a cookie.
pub(crate) fn add(kit: &Kit, headers: &mut HeaderMap, private: bool) {
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    set(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    set(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    set(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    set(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    set(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(NOTHING),
    );
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    let cache = if private { "no-store" } else { "no-cache" };
    set(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // 大字版, the session and the guest's token all hang on cookies.
    set(header::VARY, HeaderValue::from_static("cookie"));
    if kit.secure() {
        set(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
}
