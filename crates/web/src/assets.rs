//! Static files, embedded in the binary under names that carry their content's hash.
//!
//! The name changes with the content, so a browser may keep a file for ever; the gzipped form was made at build time.

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

/// One embedded file.
#[derive(Debug)]
struct File {
    name: &'static str,
    url: &'static str,
    etag: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Everything under this path is a static file.
pub const PREFIX: &str = "/assets/";

/// The address of the file `name` (`baokao.css`), or an empty text if this build was made without it: templates then
/// leave the element out.
pub fn asset(name: &str) -> &'static str {
    FILES
        .iter()
        .find(|file| file.name == name)
        .map_or("", |file| file.url)
}

/// Third-party files that this build was made without, because `npm ci` hadn't run.
pub fn missing() -> &'static [&'static str] {
    MISSING
}

/// The gzipped size of a file in bytes, for the budget test.
pub fn gzipped_size(name: &str) -> Option<usize> {
    FILES
        .iter()
        .find(|file| file.name == name)
        .map(|file| file.gzip.len())
}

/// Answers a request for a static file; `None` if there is no such file.
pub(crate) fn serve(path: &str, request: &HeaderMap) -> Option<Response<Body>> {
    let file = FILES.iter().find(|file| file.url == path)?;
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static(file.etag));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if names(request, header::IF_NONE_MATCH, file.etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Some(response);
    }
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(file.name)),
    );
    let body = if accepts_gzip(request) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        file.gzip
    } else {
        file.plain
    };
    *response.body_mut() = Body::from(body);
    Some(response)
}

fn names(request: &HeaderMap, header: header::HeaderName, etag: &str) -> bool {
    request
        .get(header)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|list| {
            list.split(',')
                .any(|one| one.trim().trim_start_matches("W/") == etag)
        })
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    request
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|list| {
            list.split(',').any(|one| {
                let mut parts = one.split(';').map(str::trim);
                parts.next() == Some("gzip") && !parts.any(|q| q == "q=0" || q == "q=0.0")
            })
        })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> Option<&'static str> {
        let file = FILES.iter().find(|file| file.name == name)?;
        std::str::from_utf8(file.plain).ok()
    }

    #[test]
    fn a_module_finds_what_it_imports_under_its_hashed_name() {
        if missing().contains(&"qr-decode.js") {
            return;
        }
        let decoder = text("qr-decode.js").unwrap();
        let import = asset("qr.js").strip_prefix(PREFIX).unwrap();
        assert!(decoder.contains(&format!("from './{import}'")), "{import}");
        assert!(!decoder.contains("'./index.js'"));
        // Both lie in one folder, so that a relative address leads there.
        assert!(asset("qr-decode.js").starts_with(PREFIX));
    }

    #[test]
    fn what_the_door_loads_is_there_as_modules_that_no_policy_forbids() {
        let ours = text("door-core.js").unwrap();
        assert!(ours.contains("export function judge") && !ours.contains("\n//"));
        for name in [
            "door.js",
            "door-core.js",
            "door-eye.js",
            "door-net.js",
            "door-store.js",
            "ed25519.js",
            "qr.js",
            "qr-decode.js",
        ] {
            let Some(script) = text(name) else { continue };
            for forbidden in ["eval(", "new Function(", "WebAssembly.", "Worker("] {
                let used = script
                    .lines()
                    .any(|line| line.contains(forbidden) && !line.trim_start().starts_with('*'));
                assert!(!used, "{name}: {forbidden}");
            }
            assert_eq!(content_type(name), "text/javascript; charset=utf-8");
        }
    }
}
