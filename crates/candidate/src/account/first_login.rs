//! 首次登录核实身份: a fresh account on another device, by the activation code or a code sent to its mobile (assurance §5, 3).

use app::App;
use app::account::Activation;
use axum::extract::State;
use axum::response::Response;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::captcha::{Answer, CaptchaView};
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, redirect};

use super::access;
use crate::context::{ctx, fields, problem};

/// Seals the number for the second page.
const PURPOSE: &str = "first_login";
const SECONDS: i64 = 15 * 60;

#[derive(Debug, askama::Template)]
#[template(path = "account/first_login.html")]
struct Page {
    shell: Shell,
    form: Form,
    captcha: CaptchaView,
    sms: bool,
}

#[derive(Debug, askama::Template)]
#[template(path = "account/first_login_code.html")]
struct CodePage {
    shell: Shell,
    form: Form,
    captcha: CaptchaView,
    sealed: String,
}

/// What the first page sends.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    number: String,
    by: String,
    activation_code: String,
    captcha: String,
    captcha_token: String,
    captcha_proof: String,
}

/// What the page of the SMS code sends.
#[derive(Debug, Deserialize)]
pub(super) struct CodePosted {
    sealed: String,
    sms_code: String,
    captcha: String,
    captcha_token: String,
    captcha_proof: String,
}

fn form(visit: &Visit, sms: bool) -> Form {
    let mut form = Form::new(visit, "/first-login").field(access::number_field());
    if sms {
        form = form.field(
            Field::radio(
                "by",
                "用什么核实",
                [
                    Choice::new("code", "激活码").hint("注册成功时显示或考试机构发放的 12 位代码"),
                    Choice::new("sms", "短信验证码").hint("发到注册时核实过或原系统登记的手机"),
                ],
            )
            .with("code")
            .required(),
        );
    }
    let code = Field::text("activation_code", "激活码");
    // With SMS it is asked for in one of two cases only; what is missing is said then.
    let code = if sms { code } else { code.required() };
    form.field(
        code.hint(if sms {
            "用短信核实的不填。横线、空格和大小写都不影响。"
        } else {
            "横线、空格和大小写都不影响。"
        })
        .attribute("autocomplete", "off")
        .attribute("autocapitalize", "characters")
        .attribute("maxlength", "40"),
    )
    .field(access::captcha_field())
}

fn draw(visit: &Visit, app: &App, form: Form) -> Page {
    Page {
        shell: Shell::new(visit, "首次登录核实身份").with_errors(form.has_errors()),
        captcha: CaptchaView::new(visit).error(form.message_of(web::captcha::ANSWER)),
        form,
        sms: app.policy().sms,
    }
}

/// The page.
pub(super) async fn page(visit: Visit, State(app): State<App>) -> Response {
    Html::new(draw(
        &visit,
        &app,
        form(&visit, app.policy().sms).refill(&visit),
    ))
    .into()
}

/// By activation code at once, by SMS after a second page.
pub(super) async fn start(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<Posted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let sms = app.policy().sms && posted.by == "sms";
    let mut errors = FieldErrors::new();
    if posted.number.trim().is_empty() {
        errors.add("number", "请填写证件号码");
    }
    if !sms && posted.activation_code.trim().is_empty() {
        errors.add("activation_code", "请填写激活码");
    }
    let answer = Answer {
        captcha: posted.captcha.clone(),
        captcha_token: posted.captcha_token.clone(),
        captcha_proof: posted.captcha_proof.clone(),
    };
    let solved = errors.take(web::captcha::ANSWER, access::solved(&visit, &answer));
    let again = |errors: &FieldErrors| {
        let form = form(&visit, app.policy().sms)
            .values(posted.submission())
            .errors(errors);
        Html::invalid(draw(&visit, &app, form)).into()
    };
    let Some(captcha) = solved.filter(|_| errors.is_empty()) else {
        return Ok(again(&errors));
    };
    if sms {
        return match app::account::activation_code_send(&ctx, &posted.number, captcha).await {
            Ok(()) => {
                let sealed = app.sealer().seal(
                    PURPOSE,
                    posted.number.as_bytes(),
                    ctx.at.plus_seconds(SECONDS),
                    app.entropy(),
                );
                Ok(Html::new(code_page(&visit, sealed, &FieldErrors::new())).into())
            }
            Err(error) => Ok(again(&fields(error)?)),
        };
    }
    let request = Activation {
        number: posted.number.clone(),
        activation_code: posted.activation_code.clone(),
        sms_code: String::new(),
        door: String::new(),
        captcha,
    };
    match app::account::activate(&ctx, request).await {
        Ok(logged_in) => {
            visit.begin_session(&logged_in.token.expose());
            Ok(redirect("/activate"))
        }
        Err(error) => Ok(again(&fields(error)?)),
    }
}

fn code_page(visit: &Visit, sealed: String, errors: &FieldErrors) -> CodePage {
    let form = Form::new(visit, "/first-login/code")
        .field(access::sms_code_field())
        .field(access::captcha_field())
        .errors(errors);
    CodePage {
        shell: Shell::new(visit, "首次登录核实身份").with_errors(form.has_errors()),
        captcha: CaptchaView::new(visit).error(form.message_of(web::captcha::ANSWER)),
        form,
        sealed,
    }
}

/// The code from the SMS.
pub(super) async fn finish(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<CodePosted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let Ok(opened) = app.sealer().open(PURPOSE, &posted.sealed, ctx.at) else {
        return Err(problem(app::Error::refused(
            "first_login_stale",
            "页面已过期",
            "请重新核实身份。",
        )));
    };
    let mut errors = FieldErrors::new();
    if posted.sms_code.trim().is_empty() {
        errors.add("sms_code", "请填写短信验证码");
    }
    let answer = Answer {
        captcha: posted.captcha.clone(),
        captcha_token: posted.captcha_token.clone(),
        captcha_proof: posted.captcha_proof.clone(),
    };
    let solved = errors.take(web::captcha::ANSWER, access::solved(&visit, &answer));
    let again = |errors: &FieldErrors| {
        Html::invalid(code_page(&visit, posted.sealed.clone(), errors)).into()
    };
    let Some(captcha) = solved.filter(|_| errors.is_empty()) else {
        return Ok(again(&errors));
    };
    let request = Activation {
        number: String::from_utf8_lossy(&opened.payload).into_owned(),
        activation_code: String::new(),
        sms_code: posted.sms_code.clone(),
        door: String::new(),
        captcha,
    };
    match app::account::activate(&ctx, request).await {
        Ok(logged_in) => {
            visit.begin_session(&logged_in.token.expose());
            Ok(redirect("/activate"))
        }
        Err(error) => Ok(again(&access::renamed(
            &fields(error)?,
            &[("number", "sms_code")],
        ))),
    }
}
