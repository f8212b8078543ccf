//! The way in: name and password, then the time code; at the first time a password of one's own and the set-up of the second
//! factor between the two. One address shows whichever step is next.
//!
//! A form that was sent after its session had ended travels through every step in a hidden field ([`web::resume`]).

use app::account::challenge;
use app::staff::{StaffLogin, Step, factor};
use app::{App, Secret};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use web::captcha::{self, CaptchaView};
use web::forms::{Field, Form};
use web::kit::BoxFuture;
use web::protected::Nothing;
use web::resume::{self, Resume};
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
    resume: Resume,
}

/// Where to go after the login: an address, or back into a form.
#[derive(Debug, Clone, Default)]
struct Onward {
    next: String,
    resume: Resume,
}

impl Onward {
    fn to(next: &str, resume: Resume) -> Self {
        Self {
            next: page::next_or(Some(next), "/office").to_owned(),
            resume,
        }
    }
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

fn login_page(visit: &Visit, form: Form, captcha: CaptchaView, onward: Onward) -> LoginPage {
    LoginPage {
        shell: Shell::new(visit, "考务管理登录").with_errors(form.has_errors()),
        captcha,
        form,
        next: onward.next,
        resume: onward.resume,
    }
}

/// The login page for who posted a form with an ended session: the form travels along.
#[derive(Debug)]
pub(crate) struct Again;

impl web::kit::LoginPage for Again {
    fn show<'a>(
        &'a self,
        visit: &'a Visit,
        resume: Resume,
        next: &'a str,
    ) -> BoxFuture<'a, Response> {
        let notice = resume.notice();
        let onward = Onward::to(next, resume);
        let mut page = login_page(visit, login_form(visit), CaptchaView::new(visit), onward);
        page.shell = page.shell.notice(notice);
        Box::pin(std::future::ready(Html::new(page).into()))
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
    // The form that is shown again because its page stood open too long knew where it led.
    let onward = match visit.refill() {
        Some(refill) => {
            let next = refill.values("next").next().unwrap_or_default();
            Onward::to(next, refill.resume().clone())
        }
        None => Onward::to(&query.next, Resume::default()),
    };
    Ok(Html::new(login_page(&visit, form, captcha, onward)).into())
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
    let onward = Onward::to(&form.next, form.submission().resume());
    let again = |shown: Form, error: Option<&str>| {
        let captcha = CaptchaView::new(&visit).error(error);
        Ok(Html::invalid(login_page(&visit, shown, captcha, onward.clone())).into())
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
        Ok(half) => next_step(&visit, &app, &half.token.expose(), onward).await,
        Err(app::Error::Fields(errors)) => {
            let used = errors.get("captcha").map(str::to_owned);
            again(shown.errors(&errors), used.as_deref())
        }
        Err(other) => Err(problem(other)),
    }
}

/// Shows whichever step is next in the session just opened. A form that travels along is too long for an address: then the
/// page answers at once instead of after a redirect.
async fn next_step(visit: &Visit, app: &App, token: &str, onward: Onward) -> PageResult {
    if onward.resume.is_empty() {
        visit.begin_session(token);
        let next = if onward.next == "/office" {
            ""
        } else {
            &onward.next
        };
        let here = crate::list::Here::new(CODE).with("next", next);
        return Ok(page::redirect(&here.href()));
    }
    let visit = visit.entered(token).await?;
    let step = app::staff::step(&ctx(&visit, app), stored(&visit)?)
        .await
        .map_err(problem)?;
    let form = step_form(&visit, step);
    Ok(Html::new(step_page(&visit, app, form, onward).await?).into())
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
    /// Who reset the password or took the second factor away, for the page that replaces it.
    reset: String,
    next: String,
    resume: Resume,
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

/// A reset in the words of the page.
fn told(reset: &app::staff::Reset) -> String {
    let what = if reset.factor {
        "密码和验证器"
    } else {
        "密码"
    };
    let by = reset.by.as_deref().unwrap_or("系统管理员");
    format!("{by}于 {}重置了您的{what}。", reset.at.to_chinese_minute())
}

async fn step_page(visit: &Visit, app: &App, form: Form, onward: Onward) -> PageResult<StepPage> {
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
    let reset = match step {
        Step::Password => app::staff::last_reset(&ctx, session)
            .await
            .map_err(problem)?
            .map_or_else(String::new, |reset| told(&reset)),
        Step::Enroll => factor::last_factor_reset(&ctx, session)
            .await
            .map_err(problem)?
            .map_or_else(String::new, |reset| super::own::told(&reset)),
        Step::Code => String::new(),
    };
    let shell = Shell::new(visit, title).with_errors(form.has_errors());
    Ok(StepPage {
        shell,
        step,
        form,
        sealed,
        secret,
        address,
        qr,
        reset,
        next: onward.next,
        resume: onward.resume,
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
    let onward = match visit.refill() {
        Some(refill) => {
            let next = refill.values("next").next().unwrap_or_default();
            Onward::to(next, refill.resume().clone())
        }
        None => Onward::to(&query.next, Resume::default()),
    };
    Ok(Html::new(step_page(&visit, &app, form, onward).await?).into())
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
    let onward = Onward::to(&form.next, form.submission().resume());
    let session = stored(&visit)?;
    match app::staff::complete(&ctx(&visit, &app), session, &form.otp).await {
        Ok(token) => Ok(enter(&visit, &token.expose(), session.subject_id, &onward)),
        Err(app::Error::Fields(errors)) => again(&visit, &app, Step::Code, &errors, onward).await,
        Err(other) => Err(problem(other)),
    }
}

/// In: on to the form that was kept, if it is this person's, else to the page that was asked for.
fn enter(visit: &Visit, token: &str, staff_id: i64, onward: &Onward) -> Response {
    visit.begin_session(token);
    resume::continue_page(visit, &onward.resume, token, staff_id)
        .unwrap_or_else(|| page::redirect(&onward.next))
}

async fn again(
    visit: &Visit,
    app: &App,
    step: Step,
    errors: &domain::field::FieldErrors,
    onward: Onward,
) -> PageResult {
    let mut form = step_form(visit, step);
    for (key, message) in errors.iter() {
        form = form.error(if key == "code" { "otp" } else { key }, message);
    }
    Ok(Html::invalid(step_page(visit, app, form, onward).await?).into())
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
    let onward = Onward::to(&form.next, form.submission().resume());
    let form = form.into_inner();
    let (new, repeated) = (Secret::new(form.password), Secret::new(form.password_again));
    match app::staff::change_password(&ctx(&visit, &app), stored(&visit)?, new, repeated).await {
        Ok(token) => next_step(&visit, &app, &token.expose(), onward).await,
        Err(app::Error::Fields(errors)) => {
            again(&visit, &app, Step::Password, &errors, onward).await
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
    let onward = Onward::to(&form.next, form.submission().resume());
    let session = stored(&visit)?;
    match app::staff::enroll(&ctx(&visit, &app), session, &form.sealed, &form.otp).await {
        Ok(token) => Ok(enter(&visit, &token.expose(), session.subject_id, &onward)),
        Err(app::Error::Fields(errors)) => {
            // The secret stays the same: it is in the person's app already.
            let mut form_again = step_form(&visit, Step::Enroll);
            for (_, message) in errors.iter() {
                form_again = form_again.error("otp", message);
            }
            let mut page = step_page(&visit, &app, form_again, onward).await?;
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
