//! What is done at the bench besides the decision: taking, giving back, looking behind a mask, opening files.

use app::App;
use app::object::File;
use app::review::{self, Veiled};
use axum::extract::{Path, State};
use axum::response::Response;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::{PageResult, Problem, Protected, redirect};

use super::{Typed, found, page};
use crate::context::{Desk, problem};
use crate::review::queue::Button;
use crate::review::reviewers;

pub(in crate::review) async fn claim(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
    _: Button,
) -> PageResult {
    found(&desk, &app, &exam, &id).await?;
    review::claim(&desk.ctx, &id).await.map_err(problem)?;
    Ok(redirect(&format!("/office/reviews/{exam}/{id}")))
}

pub(in crate::review) async fn release(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
    _: Button,
) -> PageResult {
    found(&desk, &app, &exam, &id).await?;
    review::let_go(&desk.ctx, &id).await.map_err(problem)?;
    Ok(redirect(&format!("/office/reviews/{exam}")))
}

/// 查看 with its reason.
#[derive(Debug, Deserialize)]
pub(in crate::review) struct UnveilForm {
    what: String,
    why: String,
}

pub(in crate::review) async fn unveil(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
    form: Protected<UnveilForm>,
) -> PageResult {
    found(&desk, &app, &exam, &id).await?;
    let what = Veiled::from_code(&form.what).ok_or(Problem::NotFound)?;
    let empty = FieldErrors::new();
    match review::unveil(&desk.ctx, &id, what, &form.why).await {
        Ok(seen) => {
            page(
                &desk,
                &app,
                (&exam, &id),
                Typed::default(),
                empty,
                Some((what, seen)),
            )
            .await
        }
        Err(app::Error::Fields(errors)) => {
            page(&desk, &app, (&exam, &id), Typed::default(), errors, None).await
        }
        Err(error) => Err(problem(error)),
    }
}

pub(in crate::review) async fn photo(
    desk: Desk,
    Path((_, id, token)): Path<(String, String, String)>,
) -> PageResult {
    reviewers(&desk)?;
    let file = review::photo(&desk.ctx, &id, &token)
        .await
        .map_err(problem)?;
    Ok(served(file))
}

pub(in crate::review) async fn file(
    desk: Desk,
    Path((_, id, object)): Path<(String, String, String)>,
) -> PageResult {
    reviewers(&desk)?;
    let file = review::attachment(&desk.ctx, &id, &object)
        .await
        .map_err(problem)?;
    Ok(served(file))
}

fn served(file: File) -> Response {
    match file.media_type.as_str() {
        "application/pdf" => web::page::inline("application/pdf", &file.file_name, file.bytes),
        "image/jpeg" => web::page::inline("image/jpeg", &file.file_name, file.bytes),
        "image/png" => web::page::inline("image/png", &file.file_name, file.bytes),
        _ => web::page::download("application/octet-stream", &file.file_name, file.bytes),
    }
}
