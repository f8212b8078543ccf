//! `ETag` of public pages: what they are made of, and the minute, because they show the time.

use app::App;
use app::exam::Exam;
use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::sync::Arc;
use web::{Html, Visit};

/// Answers 304 where the reader has the page already, else draws it.
///
/// Only for who isn't logged in: other pages carry a name, a count and a token.
pub(super) fn answer<T: Template>(
    visit: &Visit,
    app: &App,
    headers: &HeaderMap,
    exams: &[Arc<Exam>],
    page: impl FnOnce() -> T,
) -> Response {
    let told = visit.query().contains("_n=");
    if visit.session().is_some() || told || visit.refill().is_some() {
        return Html::new(page()).into();
    }
    let versions = exams.iter().fold(exams.len() as u64, |sum, exam| {
        sum.wrapping_mul(31)
            .wrapping_add(exam.row.version.unsigned_abs())
    });
    let minute = visit.at().seconds().div_euclid(60);
    let size = if visit.large_text() { "l" } else { "s" };
    let tag = format!(
        "W/\"{}-{versions:x}-{minute:x}-{size}\"",
        app.board().generation()
    );
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|list| list.split(',').any(|one| one.trim() == tag));
    let mut response: Response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Html::new(page()).into()
    };
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
