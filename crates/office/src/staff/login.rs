//! The way in: name and password, then the time code; at the first time a password of one's own and the set-up of the second
//! factor between the two. One address shows whichever step is next.

use app::account::challenge;
use app::staff::{StaffLogin, Step};
use app::{App, Secret};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use web::captcha::{self, CaptchaView};
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::session::Kind;
use web::{Html, PageResult, Protected, Shell, Visit, page};

use crate::context::{ctx, problem, stored};

const DOOR: &str = "/office/login";
const CODE: &str = "/office/login/code";

#[derive(Debug, Template)]
#[template(path = "staff/login.html")]
struct LoginPage {
    shell: Shell,
    form: Form,
    captcha: CaptchaView,
    next: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

fn login_form(visit: &Visit) -> Form {
    Form::new(visit, DOOR)
        .field(
            Field::text("username", "用户名")
                .required()
                .attribute("autocomplete", "username"),
        )
        .field(
            Field::password("password", "密码")
                .required()
                .attribute("autocomplete", "current-password"),
        )
}

fn login_page(visit: &Visit, form: Form, captcha: CaptchaView, next: &str) -> LoginPage {
    LoginPage {
        shell: Shell::new(visit, "考务管理登录").with_errors(form.has_errors()),
        captcha,
        form,
        next: page::next_or(Some(next), "/office").to_owned(),
    }
}

/// The page.
pub(super) async fn page(visit: Visit, Query(query): Query<Next>) -> PageResult {
    match visit.session().map(|session| session.kind) {
        Some(Kind::Staff) => return Ok(page::redirect("/office")),
        Some(Kind::StaffHalf) => return Ok(page::redirect(CODE)),
        _ => {}
    }
    let form = login_form(&visit).refill(&visit);
    let captcha = CaptchaView::new(&visit);
    Ok(Html::new(login_page(&visit, form, captcha, &query.next)).into())
}

#[derive(Debug, Deserialize)]
pub(super) struct LoginForm {
    username: String,
    password: String,
    captcha: String,
    captcha_token: String,
    captcha_proof: String,
    next: String,
}

/// First step.
pub(super) async fn begin(
    visit: Visit,
    State(app): State<App>,
    form: Protected<LoginForm>,
) -> PageResult {
    let shown = login_form(&visit).values(form.submission());
    let again = |shown: Form, error: Option<&str>| {
        let captcha = CaptchaView::new(&visit).error(error);
        Ok(Html::invalid(login_page(&visit, shown, captcha, &form.next)).into())
    };
    let answer = captcha::Answer {
        captcha: form.captcha.clone(),
        captcha_token: form.captcha_token.clone(),
        captcha_proof: form.captcha_proof.clone(),
    };
    let solved = match captcha::check(&visit, &answer) {
        Ok(solved) => challenge::Solved {
            nonce: solved.nonce,
            expires_at: solved.expires_at,
        },
        Err(message) => return again(shown, Some(message)),
    };
    let login = StaffLogin {
        username: form.username.clone(),
        password: Secret::new(form.password.clone()),
        captcha: solved,
    };
    match app::staff::begin(&ctx(&visit, &app), login).await {
        Ok(half) => {
            visit.begin_session(&half.token.expose());
            let next = page::next_or(Some(&form.next), "/office");
            let here = crate::list::Here::new(CODE)
                .with("next", if next == "/office" { "" } else { next });
            Ok(page::redirect(&here.href()))
        }
        Err(app::Error::Fields(errors)) => {
            let used = errors.get("captcha").map(str::to_owned);
            again(shown.errors(&errors), used.as_deref())
        }
        Err(other) => Err(problem(other)),
    }
}

#[derive(Debug, Template)]
#[template(path = "staff/step.html")]
struct StepPage {
    shell: Shell,
    step: Step,
    form: Form,
    sealed: String,
    secret: String,
    address: String,
    qr: String,
    next: String,
}

fn step_form(visit: &Visit, step: Step) -> Form {
    match step {
        Step::Password => Form::new(visit, "/office/login/password")
            .field(
                Field::password("password", "新密码")
                    .hint("至少 12 位，不含姓名和用户名，不用常见的密码。")
                    .required()
                    .attribute("autocomplete", "new-password"),
            )
            .field(
                Field::password("password_again", "再输入一次")
                    .required()
                    .attribute("autocomplete", "new-password"),
            ),
        Step::Enroll => code_field(Form::new(visit, "/office/login/enroll")),
        Step::Code => code_field(Form::new(visit, CODE)),
    }
}

fn code_field(form: Form) -> Form {
    form.field(
        Field::text("otp", "动态码")
            .hint("验证器应用上显示的 6 位数字。")
            .required()
            .digits()
            .narrow()
            .attribute("autocomplete", "one-time-code")
            .attribute("maxlength", "10"),
    )
}

async fn step_page(visit: &Visit, app: &App, form: Form, next: &str) -> PageResult<StepPage> {
    let ctx = ctx(visit, app);
    let session = stored(visit)?;
    let step = app::staff::step(&ctx, session).await.map_err(problem)?;
    let (sealed, secret, address) = match step {
        Step::Enroll => {
            let new = app::staff::enrollment(&ctx, session)
                .await
                .map_err(problem)?;
            (new.sealed, new.secret, new.address)
        }
        _ => Default::default(),
    };
    let title = match step {
        Step::Password => "设置自己的密码",
        Step::Enroll => "绑定验证器",
        Step::Code => "输入动态码",
    };
    let qr = app::staff::qr(&address);
    let shell = Shell::new(visit, title).with_errors(form.has_errors());
    let next = page::next_or(Some(next), "/office").to_owned();
    Ok(StepPage {
        shell,
        step,
        form,
        sealed,
        secret,
        address,
        qr,
        next,
    })
}

/// Whichever step is next.
pub(super) async fn step(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Next>,
) -> PageResult {
    let step = app::staff::step(&ctx(&visit, &app), stored(&visit)?)
        .await
        .map_err(problem)?;
    let form = step_form(&visit, step);
    Ok(Html::new(step_page(&visit, &app, form, &query.next).await?).into())
}

#[derive(Debug, Deserialize)]
pub(super) struct CodeForm {
    otp: String,
    next: String,
}

/// Second step.
pub(super) async fn complete(
    visit: Visit,
    State(app): State<App>,
    form: Protected<CodeForm>,
) -> PageResult {
    match app::staff::complete(&ctx(&visit, &app), stored(&visit)?, &form.otp).await {
        Ok(token) => Ok(enter(&visit, &token.expose(), &form.next)),
        Err(app::Error::Fields(errors)) => {
            again(&visit, &app, Step::Code, &errors, &form.next).await
        }
        Err(other) => Err(problem(other)),
    }
}

fn enter(visit: &Visit, token: &str, next: &str) -> Response {
    visit.begin_session(token);
    page::redirect(page::next_or(Some(next), "/office"))
}

async fn again(
    visit: &Visit,
    app: &App,
    step: Step,
    errors: &domain::field::FieldErrors,
    next: &str,
) -> PageResult {
    let mut form = step_form(visit, step);
    for (key, message) in errors.iter() {
        form = form.error(if key == "code" { "otp" } else { key }, message);
    }
    Ok(Html::invalid(step_page(visit, app, form, next).await?).into())
}

#[derive(Debug, Deserialize)]
pub(super) struct PasswordForm {
    password: String,
    password_again: String,
    next: String,
}

/// A password of one's own.
pub(super) async fn set_password(
    visit: Visit,
    State(app): State<App>,
    form: Protected<PasswordForm>,
) -> PageResult {
    let form = form.into_inner();
    let (new, repeated) = (Secret::new(form.password), Secret::new(form.password_again));
    match app::staff::change_password(&ctx(&visit, &app), stored(&visit)?, new, repeated).await {
        Ok(token) => {
            visit.begin_session(&token.expose());
            let next = page::next_or(Some(&form.next), "");
            Ok(page::redirect(
                &crate::list::Here::new(CODE).with("next", next).href(),
            ))
        }
        Err(app::Error::Fields(errors)) => {
            again(&visit, &app, Step::Password, &errors, &form.next).await
        }
        Err(other) => Err(problem(other)),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct EnrollForm {
    otp: String,
    sealed: String,
    next: String,
}

/// Sets up the second factor.
pub(super) async fn enroll(
    visit: Visit,
    State(app): State<App>,
    form: Protected<EnrollForm>,
) -> PageResult {
    match app::staff::enroll(&ctx(&visit, &app), stored(&visit)?, &form.sealed, &form.otp).await {
        Ok(token) => Ok(enter(&visit, &token.expose(), &form.next)),
        Err(app::Error::Fields(errors)) => {
            // The secret stays the same: it is in the person's app already.
            let mut form_again = step_form(&visit, Step::Enroll);
            for (_, message) in errors.iter() {
                form_again = form_again.error("otp", message);
            }
            let mut page = step_page(&visit, &app, form_again, &form.next).await?;
            if let Some((address, secret)) =
                app::staff::enrollment_again(&ctx(&visit, &app), stored(&visit)?, &form.sealed)
                    .await
                    .map_err(problem)?
            {
                page.qr = app::staff::qr(&address);
                page.sealed.clone_from(&form.sealed);
                page.address = address;
                page.secret = secret;
            }
            Ok(Html::invalid(page).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// Back to the door.
pub(super) async fn leave(
    visit: Visit,
    State(app): State<App>,
    _: Protected<Nothing>,
) -> PageResult {
    app::account::session::logout(&ctx(&visit, &app), stored(&visit)?)
        .await
        .map_err(problem)?;
    visit.end_session();
    Ok(page::redirect(DOOR))
}
