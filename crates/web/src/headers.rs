//! Headers that every answer carries.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::kit::{BadParts, Kit};

/// The content security policy. No inline script or style runs; a form may lead only to us and to the payment channels.
pub(crate) fn policy(form_targets: &[String]) -> Result<HeaderValue, BadParts> {
    for origin in form_targets {
        let good = is_word(origin)
            && (origin.starts_with("https://") || origin.starts_with("http://"))
            && origin.matches('/').count() == 2;
        if !good {
            return Err(BadParts(format!(
                "form target {origin:?} is not an origin like https://pay.example.com"
            )));
        }
    }
    written(form_targets)
}

/// The same for a page whose form may also lead to `target`: an origin, or a scheme.
pub(crate) fn leading(form_targets: &[String], target: &str) -> Result<HeaderValue, BadParts> {
    if !is_word(target) {
        return Err(BadParts("a form target".into()));
    }
    let mut targets = form_targets.to_vec();
    targets.push(target.to_owned());
    written(&targets)
}

/// One source of a policy, and nothing that begins another.
fn is_word(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'\'' | b'"'))
}

fn written(form_targets: &[String]) -> Result<HeaderValue, BadParts> {
    let targets: String = form_targets
        .iter()
        .map(|target| format!(" {target}"))
        .collect();
    let text = format!(
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; media-src 'self' blob:; object-src 'none'; frame-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'self'{targets}"
    );
    HeaderValue::from_str(&text).map_err(|_| BadParts("the content security policy".into()))
}

/// Adds what isn't there yet. `private` answers belong to one person or depend on a cookie.
pub(crate) fn add(kit: &Kit, headers: &mut HeaderMap, private: bool) {
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    set(header::CONTENT_SECURITY_POLICY, kit.policy().clone());
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
        HeaderValue::from_static(
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
        ),
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
