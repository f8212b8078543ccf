//! 注销账号 (PIPL article 47).

use app::Secret;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::page::redirect_with;
use web::{Html, PageResult, Protected, Shell, flash};

use crate::context::{Me, fields};

#[derive(Debug, askama::Template)]
#[template(path = "account/close.html")]
struct Page {
    shell: Shell,
    form: Form,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    password: Secret,
    sure: bool,
}

async fn draw(me: &Me, errors: &FieldErrors) -> Page {
    let form = Form::new(&me.visit, "/account/close")
        .field(
            Field::password("password", "登录密码")
                .attribute("autocomplete", "current-password")
                .attribute("maxlength", "128")
                .required(),
        )
        .field(Field::check("sure", "我知道注销后不能恢复").required())
        .errors(errors);
    Page {
        shell: me.shell("注销账号").await.with_errors(form.has_errors()),
        form,
    }
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    Ok(Html::new(draw(&me, &FieldErrors::new()).await).into())
}

/// Closes it.
pub(super) async fn close(me: Me, posted: Protected<Posted>) -> PageResult {
    if !posted.sure {
        let mut errors = FieldErrors::new();
        errors.add("sure", "请勾选，确认您知道注销后不能恢复");
        return Ok(Html::invalid(draw(&me, &errors).await).into());
    }
    match app::account::close(&me.ctx, posted.password.clone()).await {
        Ok(()) => {
            me.visit.end_session();
            Ok(redirect_with(&me.visit, "/login", flash::ACCOUNT_CLOSED))
        }
        Err(error) => Ok(Html::invalid(draw(&me, &fields(error)?).await).into()),
    }
}
