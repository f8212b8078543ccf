//! 忘记密码: by a code sent to the mobile of the account; the pages say the same whether or not there is one (invariant 27).

use app::account::NewPassword;
use app::{App, Secret};
use axum::extract::State;
use axum::response::Response;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::captcha::{Answer, CaptchaView};
use web::forms::Form;
use web::page::redirect_with;
use web::{Html, PageResult, Protected, Shell, Visit, flash};

use super::access;
use crate::context::{ctx, fields};

#[derive(Debug, askama::Template)]
#[template(path = "account/recover.html")]
struct Page {
    shell: Shell,
    form: Form,
    captcha: CaptchaView,
    sms: bool,
}

#[derive(Debug, askama::Template)]
#[template(path = "account/recover_code.html")]
struct CodePage {
    shell: Shell,
    form: Form,
    sealed: String,
}

/// What the first page sends.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    number: String,
    captcha: String,
    captcha_token: String,
    captcha_proof: String,
}

/// What the second page sends.
#[derive(Debug, Deserialize)]
pub(super) struct CodePosted {
    sealed: String,
    sms_code: String,
    password: Secret,
    password_again: Secret,
}

fn draw(visit: &Visit, app: &App, form: Form) -> Page {
    Page {
        shell: Shell::new(visit, "忘记密码").with_errors(form.has_errors()),
        captcha: CaptchaView::new(visit).error(form.message_of(web::captcha::ANSWER)),
        form,
        sms: app.policy().sms,
    }
}

fn form(visit: &Visit) -> Form {
    Form::new(visit, "/recover")
        .field(access::number_field())
        .field(access::captcha_field())
}

/// The page.
pub(super) async fn page(visit: Visit, State(app): State<App>) -> Response {
    Html::new(draw(&visit, &app, form(&visit).refill(&visit))).into()
}

/// Sends the code, if there is somebody to send it to.
pub(super) async fn start(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<Posted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let mut errors = FieldErrors::new();
    if posted.number.trim().is_empty() {
        errors.add("number", "请填写证件号码");
    }
    let answer = Answer {
        captcha: posted.captcha.clone(),
        captcha_token: posted.captcha_token.clone(),
        captcha_proof: posted.captcha_proof.clone(),
    };
    let solved = errors.take(web::captcha::ANSWER, access::solved(&visit, &answer));
    let again = |errors: &FieldErrors| {
        Html::invalid(draw(
            &visit,
            &app,
            form(&visit).values(posted.submission()).errors(errors),
        ))
        .into()
    };
    let Some(captcha) = solved.filter(|_| errors.is_empty() && app.policy().sms) else {
        return Ok(again(&errors));
    };
    match app::account::recover_start(&ctx, &posted.number, captcha).await {
        Ok(sealed) => Ok(Html::new(code_page(&visit, sealed, &FieldErrors::new())).into()),
        Err(error) => Ok(again(&fields(error)?)),
    }
}

fn code_page(visit: &Visit, sealed: String, errors: &FieldErrors) -> CodePage {
    let form = Form::new(visit, "/recover/code")
        .field(access::sms_code_field())
        .fields(access::new_password_fields())
        .errors(errors);
    CodePage {
        shell: Shell::new(visit, "设置新密码").with_errors(form.has_errors()),
        form,
        sealed,
    }
}

/// The code and a new password; the candidate is in.
pub(super) async fn finish(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<CodePosted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let new = NewPassword {
        password: posted.password.clone(),
        again: posted.password_again.clone(),
    };
    match app::account::recover_finish(&ctx, &posted.sealed, &posted.sms_code, new).await {
        Ok(token) => {
            visit.begin_session(&token.expose());
            Ok(redirect_with(&visit, "/home", flash::PASSWORD_CHANGED))
        }
        Err(error) => {
            let names = [("code", "sms_code"), ("again", "password_again")];
            let errors = access::renamed(&fields(error)?, &names);
            Ok(Html::invalid(code_page(&visit, posted.sealed.clone(), &errors)).into())
        }
    }
}
