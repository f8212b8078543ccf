//! 修改初始密码: the one thing that the session of a first login can do (manual 1.1.1.2, step 6).

use app::account::NewPassword;
use app::{App, Secret};
use axum::extract::State;
use axum::response::Response;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::Form;
use web::page::redirect_with;
use web::{Html, PageResult, Problem, Protected, Shell, Visit, flash};

use super::access;
use crate::context::{ctx, fields, record};

#[derive(Debug, askama::Template)]
#[template(path = "account/first_password.html")]
struct Page {
    shell: Shell,
    form: Form,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    password: Secret,
    password_again: Secret,
}

fn draw(visit: &Visit, errors: &FieldErrors) -> Page {
    let form = Form::new(visit, "/activate")
        .fields(access::new_password_fields())
        .errors(errors);
    Page {
        shell: Shell::new(visit, "修改初始密码").with_errors(form.has_errors()),
        form,
    }
}

/// The page.
pub(super) async fn page(visit: Visit) -> Response {
    Html::new(draw(&visit, &FieldErrors::new())).into()
}

/// Sets the password; the candidate is in.
pub(super) async fn save(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<Posted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let session = record(&visit).ok_or(Problem::Forbidden)?;
    let new = NewPassword {
        password: posted.password.clone(),
        again: posted.password_again.clone(),
    };
    match app::account::set_first(&ctx, session, new).await {
        Ok(token) => {
            visit.begin_session(&token.expose());
            access::forget_signup(&visit);
            access::remember_device(&visit, &ctx, session.subject_id);
            Ok(redirect_with(&visit, "/home", flash::ACTIVATED))
        }
        Err(error) => {
            let errors = access::renamed(&fields(error)?, &[("again", "password_again")]);
            Ok(Html::invalid(draw(&visit, &errors)).into())
        }
    }
}
