//! Answers: a drawn template, a redirect.

use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::errors::{PageError, Problem};
use crate::flash::Said;
use crate::visit::Visit;

/// A page from a template.
#[derive(Debug)]
pub struct Html<T> {
    status: StatusCode,
    page: T,
}

impl<T: Template> Html<T> {
    /// A page with status 200.
    pub fn new(page: T) -> Self {
        Self {
            status: StatusCode::OK,
            page,
        }
    }

    /// A form shown again with its errors: 422, so that a browser's history and htmx know that nothing was saved.
    pub fn invalid(page: T) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            page,
        }
    }

    /// A page with another status.
    pub fn with_status(status: StatusCode, page: T) -> Self {
        Self { status, page }
    }
}

impl<T: Template> From<Html<T>> for Response {
    fn from(html: Html<T>) -> Self {
        match html.page.render() {
            Ok(text) => {
                let mut response = Response::new(Body::from(text));
                *response.status_mut() = html.status;
                response.headers_mut().insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/html; charset=utf-8"),
                );
                response
            }
            Err(error) => PageError::from(Problem::caused("draw a page", error)).into_response(),
        }
    }
}

impl<T: Template> IntoResponse for Html<T> {
    fn into_response(self) -> Response {
        self.into()
    }
}

/// 303 to a path of our own. Anything that could lead elsewhere (`//host`, `https:`, a backslash) leads home instead.
pub fn redirect(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let target = if is_own_path(path) { path } else { "/" };
    let value = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, value);
    response
}

/// The same, with a notice on the next page.
pub fn redirect_with(visit: &Visit, path: &str, said: impl Into<Said>) -> Response {
    let (path, fragment) = match path.split_once('#') {
        Some((path, fragment)) => (path, format!("#{fragment}")),
        None => (path, String::new()),
    };
    let joint = if path.contains('?') { '&' } else { '?' };
    let parameter = crate::flash::parameter(visit.kit(), &said.into(), visit.at());
    redirect(&format!("{path}{joint}{parameter}{fragment}"))
}

/// A page whose form leads to a payment channel: it may, and to wherever the channel leads on to over HTTPS.
///
/// # Errors
/// For an address that isn't one.
pub fn leading_to(mut page: Response, action: &str) -> Result<Response, PageError> {
    let target = match action.split_once("://") {
        Some(("https", _)) => "https:".to_owned(),
        Some(("http", rest)) => {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            format!("http://{host}")
        }
        _ => return Err(Problem::internal("a form that leads nowhere").into()),
    };
    let policy = crate::headers::leading(&target)
        .ok_or_else(|| Problem::internal("a content security policy"))?;
    page.headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(page)
}

/// A page that may look through the phone's camera: the one at the door of an exam.
pub fn with_camera(mut page: Response) -> Response {
    page.headers_mut().insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(crate::headers::CAMERA),
    );
    page
}

/// Is this a path below our own address, whatever a browser makes of it?
pub fn is_own_path(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.first() == Some(&b'/')
        && !matches!(bytes.get(1), Some(b'/' | b'\\'))
        && !bytes
            .iter()
            .any(|byte| *byte == b'\\' || *byte <= 0x20 || *byte >= 0x7f)
}

/// Where to go after a login: the `next` that the door was given, if it is a path of ours on the same site.
pub fn next_or<'a>(next: Option<&'a str>, otherwise: &'a str) -> &'a str {
    next.filter(|path| is_own_path(path)).unwrap_or(otherwise)
}

/// A file to keep: PDF, xlsx, csv. The name may be Chinese.
pub fn download(content_type: &'static str, file_name: &str, bytes: impl Into<Body>) -> Response {
    file(content_type, file_name, "attachment", bytes)
}

/// A large file to keep, sent piece by piece as it is read.
pub fn download_file(content_type: &'static str, name: &str, from: std::fs::File) -> Response {
    use tokio::io::AsyncReadExt as _;
    let pieces = futures_util::stream::unfold(tokio::fs::File::from_std(from), |mut from| async {
        let mut piece = vec![0; 64 * 1024];
        match from.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(Bytes::from(piece)), from))
            }
            Err(error) => Some((Err(error), from)),
        }
    });
    file(content_type, name, "attachment", Body::from_stream(pieces))
}

/// A file to keep that is made while it is sent, of any size: an error in it breaks the connection off, so that nobody takes half of it
/// for the whole.
pub fn download_pieces(
    content_type: &'static str,
    name: &str,
    pieces: tokio::sync::mpsc::Receiver<std::io::Result<Bytes>>,
) -> Response {
    let pieces = futures_util::stream::unfold(pieces, |mut pieces| async {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    file(content_type, name, "attachment", Body::from_stream(pieces))
}

/// A file to look at in the browser: a ticket's PDF.
pub fn inline(content_type: &'static str, file_name: &str, bytes: impl Into<Body>) -> Response {
    file(content_type, file_name, "inline", bytes)
}

fn file(content_type: &'static str, name: &str, how: &str, bytes: impl Into<Body>) -> Response {
    let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    let mut response = Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(value) = HeaderValue::from_str(&format!("{how}; filename*=UTF-8''{encoded}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// JSON, for scripts of ours.
pub fn json<T: serde::Serialize>(value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            response
        }
        Err(error) => PageError::from(Problem::caused("write JSON", error)).into_response(),
    }
}

/// In an answer whose plain text is meant so: the pipeline leaves it alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain;

/// Plain text for a machine, with any status.
pub fn plain(status: StatusCode, text: impl Into<Body>) -> Response {
    exact(status, "text/plain; charset=utf-8", text)
}

/// Exactly this for a machine, with any status: what a payment channel wants to read.
pub fn exact(status: StatusCode, media_type: &'static str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.extensions_mut().insert(Plain);
    response
}
