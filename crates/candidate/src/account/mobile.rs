//! 更换手机号码: the password is asked for again, and with SMS the new number is proven.

use app::Secret;
use axum::response::Response;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::page::redirect_with;
use web::{Html, PageResult, Protected, Shell, flash};

use super::access;
use crate::context::{Me, fields, problem};

#[derive(Debug, askama::Template)]
#[template(path = "account/mobile.html")]
struct Page {
    shell: Shell,
    form: Form,
    current: String,
    sms: bool,
}

#[derive(Debug, askama::Template)]
#[template(path = "account/mobile_code.html")]
struct CodePage {
    shell: Shell,
    form: Form,
    sealed: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    mobile: String,
    password: Secret,
}

/// What the page of the code sends.
#[derive(Debug, Deserialize)]
pub(super) struct CodePosted {
    sealed: String,
    sms_code: String,
}

fn form(me: &Me) -> Form {
    Form::new(&me.visit, "/account/mobile")
        .field(
            Field::text("mobile", "新的手机号码")
                .attribute("inputmode", "tel")
                .attribute("autocomplete", "tel")
                .attribute("maxlength", "20")
                .required(),
        )
        .field(
            Field::password("password", "登录密码")
                .hint("为了账号安全，请再输一次。")
                .attribute("autocomplete", "current-password")
                .attribute("maxlength", "128")
                .required(),
        )
}

async fn draw(me: &Me, form: Form) -> PageResult<Page> {
    let overview = app::account::overview(&me.ctx).await.map_err(problem)?;
    Ok(Page {
        shell: me
            .shell("更换手机号码")
            .await
            .with_errors(form.has_errors()),
        form,
        current: overview.mobile,
        sms: me.ctx.app.policy().sms,
    })
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let form = form(&me).refill(&me.visit);
    Ok(Html::new(draw(&me, form).await?).into())
}

/// Checks the password; with SMS a code goes to the new number.
pub(super) async fn start(me: Me, posted: Protected<Posted>) -> PageResult {
    match app::account::change_mobile_start(&me.ctx, &posted.mobile, posted.password.clone()).await
    {
        Ok(None) => Ok(redirect_with(&me.visit, "/account", flash::MOBILE_CHANGED)),
        Ok(Some(sealed)) => Ok(code_page(&me, sealed, &FieldErrors::new()).await),
        Err(error) => {
            let errors = access::renamed(&fields(error)?, &[("code", "mobile")]);
            let form = form(&me).values(posted.submission()).errors(&errors);
            Ok(Html::invalid(draw(&me, form).await?).into())
        }
    }
}

async fn code_page(me: &Me, sealed: String, errors: &FieldErrors) -> Response {
    let form = Form::new(&me.visit, "/account/mobile/code")
        .field(access::sms_code_field())
        .errors(errors);
    let page = CodePage {
        shell: me
            .shell("核实手机号码")
            .await
            .with_errors(form.has_errors()),
        form,
        sealed,
    };
    if errors.is_empty() {
        Html::new(page)
    } else {
        Html::invalid(page)
    }
    .into()
}

/// The code from the SMS.
pub(super) async fn finish(me: Me, posted: Protected<CodePosted>) -> PageResult {
    match app::account::change_mobile_finish(&me.ctx, &posted.sealed, &posted.sms_code).await {
        Ok(()) => Ok(redirect_with(&me.visit, "/account", flash::MOBILE_CHANGED)),
        Err(error) => {
            let errors = access::renamed(&fields(error)?, &[("code", "sms_code")]);
            Ok(code_page(&me, posted.sealed.clone(), &errors).await)
        }
    }
}
