//! The kit's own pages and addresses: text size, captchas, and the two pages on the way of an ended session.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};

use crate::cookie::{self, Cookie};
use crate::errors::{PageResult, Problem};
use crate::layout::Shell;
use crate::page::{self, Html};
use crate::resume;
use crate::routes::{Routes, Who};
use crate::visit::Visit;
use crate::{captcha, csrf, flash};

/// Where 大字版 is switched.
pub(crate) const TEXT_SIZE: &str = "/text-size";

pub(crate) fn routes() -> Routes<()> {
    Routes::new("web")
        .get(TEXT_SIZE, Who::Anonymous, text_size)
        .get("/captcha/new", Who::Anonymous, captcha_new)
        .get("/captcha/{token}/picture", Who::Anonymous, captcha_picture)
        .get("/captcha/{token}/sound", Who::Anonymous, captcha_sound)
}

#[derive(Deserialize)]
struct TextSize {
    size: String,
    to: String,
}

async fn text_size(visit: Visit, Query(query): Query<TextSize>) -> Response {
    const YEAR: i64 = 365 * 86_400;
    visit.set_cookie(match query.size.as_str() {
        "large" => Cookie::new(cookie::LARGE_TEXT, "1").max_age(YEAR),
        _ => Cookie::removal(cookie::LARGE_TEXT),
    });
    page::redirect(&query.to)
}

#[derive(Serialize)]
struct NewCaptcha {
    token: String,
}

async fn captcha_new(visit: Visit) -> Response {
    let mut response = page::json(&NewCaptcha {
        token: captcha::token(visit.kit(), visit.at()),
    });
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn captcha_picture(visit: Visit, Path(token): Path<String>) -> PageResult {
    media(&visit, &token, false).await
}

async fn captcha_sound(visit: Visit, Path(token): Path<String>) -> PageResult {
    media(&visit, &token, true).await
}

async fn media(visit: &Visit, token: &str, sound: bool) -> PageResult {
    let (content_type, bytes) = captcha::media(visit, token, sound)
        .await
        .ok_or(Problem::NotFound)?;
    let name = if sound { "验证码.wav" } else { "验证码" };
    let mut response = page::inline(content_type, name, bytes);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Shown to who posts a form in the middle of a login: the second factor or a first password is owed.
#[derive(Debug, Template)]
#[template(path = "login_again.html")]
struct LoginAgain {
    shell: Shell,
    next: String,
}

pub(crate) fn login_again_page(visit: &Visit, door: &'static str, page: &str) -> Response {
    let shell = Shell::new(visit, "登录还没有完成");
    let page = percent_encoding::utf8_percent_encode(page, percent_encoding::NON_ALPHANUMERIC);
    let next = format!("{door}?next={page}");
    Html::new(LoginAgain { shell, next }).into()
}

/// The page between login and form.
#[derive(Debug, Template)]
#[template(path = "continue.html")]
struct Continue {
    shell: Shell,
    path: String,
    resume: String,
    resume_name: &'static str,
    csrf: String,
    csrf_name: &'static str,
}

pub(crate) fn continue_page(visit: &Visit, path: &str, resume: &str, csrf: &str) -> Response {
    let page = Continue {
        shell: Shell::new(visit, "登录成功").notice(flash::RESUMED),
        path: path.to_owned(),
        resume: resume.to_owned(),
        resume_name: resume::FIELD,
        csrf: csrf.to_owned(),
        csrf_name: csrf::FIELD,
    };
    Html::new(page).into()
}
