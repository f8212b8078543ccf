//! 成绩单核验: whether a printed score sheet says what is published. For anybody, account or not; it writes nothing.

use app::App;
use app::score::{self, Vouched, Word};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::score::sheet_code;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use web::errors::problem;
use web::{Html, PageResult, Shell, Visit};

use crate::announcement::Tab;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    code: String,
}

#[derive(Debug, Template)]
#[template(path = "score/check.html")]
struct Page {
    shell: Shell,
    tab: Tab,
    typed: String,
    error: &'static str,
    found: Option<Vouched>,
}

/// The form, or the way to what was typed.
pub(super) async fn form(visit: Visit, Query(asked): Query<Asked>) -> PageResult {
    let typed = asked.code.trim();
    if let Some(code) = sheet_code::typed(typed) {
        return Ok(web::redirect(&format!("/check/{code}")));
    }
    let (status, error) = if typed.is_empty() {
        (StatusCode::OK, "")
    } else {
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "核验码共 16 位，由数字和字母组成，请对照成绩单重新填写",
        )
    };
    Ok(drawn(&visit, status, typed, error, None))
}

/// What a code stands for.
pub(super) async fn show(
    visit: Visit,
    State(app): State<App>,
    Path(code): Path<String>,
) -> PageResult {
    let shown =
        sheet_code::typed(&code).map_or_else(String::new, |code| sheet_code::grouped(&code));
    match score::vouch(&app, &code, visit.at()).await {
        Ok(found) => Ok(drawn(&visit, StatusCode::OK, &shown, "", Some(found))),
        Err(app::Error::NotFound) => Ok(drawn(
            &visit,
            StatusCode::NOT_FOUND,
            &shown,
            "没有这个核验码，请对照成绩单重新填写",
            None,
        )),
        Err(error) => Err(problem(error)),
    }
}

/// Neither a cache nor a search engine keeps what a code leads to.
fn drawn(
    visit: &Visit,
    status: StatusCode,
    typed: &str,
    error: &'static str,
    found: Option<Vouched>,
) -> Response {
    let shell = Shell::new(visit, "成绩单核验").with_errors(!error.is_empty());
    let page = Page {
        shell,
        tab: Tab::Other,
        typed: typed.chars().take(40).collect(),
        error,
        found,
    };
    let mut response: Response = Html::with_status(status, page).into();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex, nofollow"),
    );
    response
}
