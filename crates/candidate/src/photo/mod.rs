//! 照片维护 (manual 1.2.2.2): 浏览, crop in the page, 上传, preview, 重置, and where the review stands.
//!
//! The crop is a convenience: without the script a file of the exact size is accepted. The server decides by itself, with the
//! same sentences.

use app::App;
use app::photo::PhotoRow;
use axum::extract::{Path, Query};
use domain::field::FieldErrors;
use domain::photo::PhotoSpec;
use domain::time::Timestamp;
use http::{HeaderValue, header};
use serde::Deserialize;
use web::forms::{Field, Form};
use web::layout::Item;
use web::page::{inline, next_or, redirect_with};
use web::routes::MIB;
use web::{Html, PageResult, Protected, Routes, Shell, Who, flash};

use crate::context::{Me, fields, problem};

/// A photo from a phone that was sent without cropping is refused by its size in words, not by a closed connection.
const LARGEST: usize = 12 * MIB;

/// The routes of this feature.
pub(crate) fn routes() -> Routes<App> {
    Routes::new("photo")
        .get("/photo", Who::Candidate, page)
        .post("/photo", Who::Candidate.body(LARGEST), upload)
        .get("/photo/{id}", Who::Candidate, file)
}

#[derive(Debug, askama::Template)]
#[template(path = "photo/page.html")]
struct Page {
    shell: Shell,
    form: Form,
    spec: PhotoSpec,
    current: Option<Current>,
    replaceable: bool,
    next: String,
}

#[derive(Debug)]
struct Current {
    public_id: String,
    uploaded: String,
    state: State,
    reason: String,
    decided: String,
    hints: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Pending,
    Approved,
    Rejected,
}

impl From<PhotoRow> for Current {
    fn from(row: PhotoRow) -> Self {
        let hints: Vec<String> = serde_json::from_str(&row.hints).unwrap_or_default();
        Self {
            state: match row.state.as_str() {
                "approved" => State::Approved,
                "rejected" => State::Rejected,
                _ => State::Pending,
            },
            uploaded: Timestamp::from_micros(row.uploaded_at).to_chinese_minute(),
            decided: row
                .decided_at
                .map(|at| Timestamp::from_micros(at).to_chinese_minute())
                .unwrap_or_default(),
            reason: row.reason,
            hints: hints.iter().filter_map(|code| advice(code)).collect(),
            public_id: row.public_id,
        }
    }
}

/// What the machine noticed, as advice to the candidate.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "blank" => "照片像是空白的，请看看预览",
        "blurred" => "照片可能不够清楚，建议换一张",
        "background" => "背景可能不是纯色，建议换浅色墙面重拍",
        "dark" => "照片偏暗，建议在光线好的地方重拍",
        "grey" => "照片没有颜色，建议用彩色照片",
        _ => return None,
    })
}

/// Where to go afterwards: an application that sent the candidate here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
}

/// The form, the file aside.
#[derive(Debug, Deserialize)]
struct Posted {
    next: String,
}

fn form(me: &Me, errors: &FieldErrors) -> Form {
    Form::new(&me.visit, "/photo")
        .field(
            Field::file("photo", "选择照片", "image/*")
                .hint("电脑上点“浏览”，手机上可以直接拍照或从相册选择。")
                .required(),
        )
        .errors(errors)
        .bare()
}

async fn draw(me: &Me, errors: &FieldErrors, next: &str) -> PageResult<Page> {
    let current = app::photo::current(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?;
    let form = form(me, errors);
    Ok(Page {
        shell: me
            .shell("照片维护")
            .await
            .at(Item::Photo)
            .with_errors(form.has_errors()),
        form,
        spec: PhotoSpec::MANUAL,
        current: current.map(Current::from),
        replaceable: app::photo::replaceable(&me.ctx).await.map_err(problem)?,
        next: next_or(Some(next), "").to_owned(),
    })
}

async fn page(me: Me, Query(asked): Query<Asked>) -> PageResult {
    Ok(Html::new(draw(&me, &FieldErrors::new(), &asked.next).await?).into())
}

/// 上传.
async fn upload(me: Me, posted: Protected<Posted>) -> PageResult {
    let bytes = posted
        .submission()
        .file("photo")
        .map(|file| file.bytes.clone())
        .unwrap_or_default();
    match app::photo::upload(&me.ctx, &bytes, &PhotoSpec::MANUAL).await {
        Ok(()) => {
            let next = next_or(
                Some(posted.next.as_str()).filter(|next| !next.is_empty()),
                "/photo",
            );
            Ok(redirect_with(&me.visit, next, flash::UPLOADED))
        }
        Err(error) => {
            let errors = fields(error)?;
            Ok(Html::invalid(draw(&me, &errors, &posted.next).await?).into())
        }
    }
}

/// The candidate's own photo.
async fn file(me: Me, Path(id): Path<String>) -> PageResult {
    let file = app::photo::own(&me.ctx, &id).await.map_err(problem)?;
    let mut response = inline("image/jpeg", "照片.jpg", file.bytes);
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    Ok(response)
}
