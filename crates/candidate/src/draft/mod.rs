//! 草稿: what is being typed is kept while a form is filled in, so that a dropped connection loses nothing.
//!
//! Forms name the address ([`web::forms::Form::draft`]); the page's script posts their fields every few seconds. Secrets and
//! files never travel.

use app::App;
use app::draft::Fields;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use web::page::{plain, redirect_with};
use web::protected::Nothing;
use web::{PageResult, Problem, Protected, Routes, Who, flash};

use crate::context::{Me, problem};

/// The routes of this feature.
pub(crate) fn routes() -> Routes<App> {
    Routes::new("draft")
        .post("/drafts/{form}", Who::Candidate, keep)
        .post("/drafts/{form}/drop", Who::Candidate, drop_it)
}

/// Where the draft of a form is posted.
pub(crate) fn address(form: &str) -> String {
    format!("/drafts/{form}")
}

/// A form's name in an address and in the database.
fn checked(form: &str) -> Result<&str, Problem> {
    let good = (1..=80).contains(&form.len())
        && form
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good {
        Ok(form)
    } else {
        Err(Problem::NotFound)
    }
}

async fn keep(me: Me, Path(form): Path<String>, posted: Protected<Fields>) -> PageResult {
    let form = checked(&form)?;
    let mut typed = posted.into_inner();
    typed.retain(|name, _| !web::resume::is_secret(name));
    app::draft::keep(&me.ctx, form, &typed)
        .await
        .map_err(problem)?;
    Ok(plain(StatusCode::NO_CONTENT, ""))
}

async fn drop_it(me: Me, Path(form): Path<String>, _: Protected<Nothing>) -> PageResult<Response> {
    let form = checked(&form)?;
    app::draft::discard(&me.ctx, form).await.map_err(problem)?;
    let back = form.strip_prefix("profile-").map_or_else(
        || "/home".to_owned(),
        |part| {
            if part == "basic" {
                "/profile".to_owned()
            } else {
                format!("/profile/{part}")
            }
        },
    );
    Ok(redirect_with(&me.visit, &back, flash::DRAFT_DROPPED))
}
