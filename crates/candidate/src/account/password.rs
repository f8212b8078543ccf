//! 修改密码.

use app::Secret;
use app::account::NewPassword;
use axum::response::Response;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::page::redirect_with;
use web::{Html, PageResult, Protected, Shell, flash};

use super::access;
use crate::context::{Me, fields};

#[derive(Debug, askama::Template)]
#[template(path = "account/password.html")]
struct Page {
    shell: Shell,
    form: Form,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    old_password: Secret,
    password: Secret,
    password_again: Secret,
}

async fn draw(me: &Me, errors: &FieldErrors) -> Page {
    let form = Form::new(&me.visit, "/account/password")
        .field(
            Field::password("old_password", "原密码")
                .attribute("autocomplete", "current-password")
                .attribute("maxlength", "128")
                .required(),
        )
        .fields(access::new_password_fields())
        .errors(errors);
    Page {
        shell: me.shell("修改密码").await.with_errors(form.has_errors()),
        form,
    }
}

/// The page.
pub(super) async fn page(me: Me) -> Response {
    Html::new(draw(&me, &FieldErrors::new()).await).into()
}

/// Changes it; this device stays logged in with a new session, all others are out.
pub(super) async fn save(me: Me, posted: Protected<Posted>) -> PageResult {
    let new = NewPassword {
        password: posted.password.clone(),
        again: posted.password_again.clone(),
    };
    match app::account::change_password(&me.ctx, me.session()?, posted.old_password.clone(), new)
        .await
    {
        Ok(token) => {
            me.visit.begin_session(&token.expose());
            Ok(redirect_with(
                &me.visit,
                "/account",
                flash::PASSWORD_CHANGED,
            ))
        }
        Err(error) => {
            let names = [("old", "old_password"), ("again", "password_again")];
            let errors = access::renamed(&fields(error)?, &names);
            Ok(Html::invalid(draw(&me, &errors).await).into())
        }
    }
}
