//! 考生登录, one page for all doors (manual 1.1.1.3), and 退出.

use app::account::session::Kind;
use app::{App, Secret};
use axum::extract::{Query, State};
use axum::response::Response;
use domain::exam::ExamCategory;
use domain::field::FieldErrors;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use web::captcha::{Answer, CaptchaView};
use web::forms::{Field, Form};
use web::kit::LoginPage;
use web::page::{next_or, redirect_with};
use web::protected::Nothing;
use web::resume::{self, Resume};
use web::{Html, PageResult, Protected, Shell, Visit, flash, redirect};

use super::access;
use super::welcome::Welcome;
use crate::context::{Me, ctx, fields, problem};

/// Where a login leads unless somewhere else was asked for.
const HOME: &str = "/home";

#[derive(Debug, askama::Template)]
#[template(path = "account/login.html")]
struct Page {
    shell: Shell,
    form: Form,
    captcha: CaptchaView,
    category: Option<ExamCategory>,
    door: &'static str,
    next: String,
    resume: Resume,
    welcome: Option<Welcome>,
    manual_open: bool,
    sms: bool,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    door: String,
    next: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct LoginForm {
    number: String,
    password: Secret,
    door: String,
    next: String,
    captcha: String,
    captcha_token: String,
    captcha_proof: String,
}

fn form(visit: &Visit) -> Form {
    Form::new(visit, "/login")
        .field(access::number_field())
        .field(
            Field::password("password", "密码")
                .attribute("autocomplete", "current-password")
                .attribute("maxlength", "128")
                .required(),
        )
        .field(access::captcha_field())
}

fn draw(visit: &Visit, app: &App, asked: &Asked, form: Form, resume: Resume) -> Page {
    let captcha = CaptchaView::new(visit).error(form.message_of(web::captcha::ANSWER));
    Page {
        shell: Shell::new(visit, "考生登录").with_errors(form.has_errors()),
        captcha,
        category: access::door(&asked.door),
        door: access::door_code(&asked.door),
        next: next_or(Some(&asked.next), "").to_owned(),
        resume,
        welcome: Welcome::of(visit, app),
        manual_open: app.policy().manual_open,
        sms: app.policy().sms,
        form,
    }
}

/// The page. Somebody who is logged in goes on to where he wanted.
pub(super) async fn page(
    visit: Visit,
    State(app): State<App>,
    Query(mut asked): Query<Asked>,
) -> Response {
    match visit.session().map(|session| session.kind) {
        Some(web::session::Kind::Candidate) => {
            // The first password is behind him: sent back there, he would come here again without end.
            let wanted = non_empty(&asked.next).filter(|next| *next != "/activate");
            return redirect(next_or(wanted, HOME));
        }
        Some(web::session::Kind::Activation) => return redirect("/activate"),
        _ => {}
    }
    let mut form = form(&visit);
    if let Some(welcome) = Welcome::of(&visit, &app) {
        form = form.value("number", welcome.number());
    }
    // The form that is shown again because its page stood open too long knew door and destination.
    let mut resume = Resume::default();
    if let Some(refill) = visit.refill() {
        let value = |name| refill.values(name).next().unwrap_or_default().to_owned();
        asked = Asked {
            door: value("door"),
            next: value("next"),
        };
        resume = refill.resume().clone();
    }
    let mut page = draw(&visit, &app, &asked, form.refill(&visit), resume);
    if !page.next.is_empty() && page.welcome.is_none() {
        page.shell = page.shell.notice(flash::LOGIN_FIRST);
    }
    Html::new(page).into()
}

fn non_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// 登录.
pub(super) async fn login(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<LoginForm>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let mut errors = FieldErrors::new();
    if posted.number.trim().is_empty() {
        errors.add("number", "请填写证件号码");
    }
    if posted.password.is_empty() {
        errors.add("password", "请填写密码");
    }
    let answer = Answer {
        captcha: posted.captcha.clone(),
        captcha_token: posted.captcha_token.clone(),
        captcha_proof: posted.captcha_proof.clone(),
    };
    let solved = errors.take(web::captcha::ANSWER, access::solved(&visit, &answer));
    let asked = Asked {
        door: posted.door.clone(),
        next: posted.next.clone(),
    };
    let resume = posted.submission().resume();
    let again = |errors: &FieldErrors| {
        let form = form(&visit).values(posted.submission()).errors(errors);
        Html::invalid(draw(&visit, &app, &asked, form, resume.clone())).into()
    };
    let Some(captcha) = solved.filter(|_| errors.is_empty()) else {
        return Ok(again(&errors));
    };
    let request = app::account::Login {
        number: posted.number.clone(),
        password: posted.password.clone(),
        door: access::door_code(&posted.door).to_owned(),
        captcha,
        activation: access::activation(&visit),
        device: access::device(&visit),
    };
    let logged_in = match app::account::login(&ctx, request).await {
        Ok(logged_in) => logged_in,
        Err(error) => return Ok(again(&fields(error)?)),
    };
    let token = logged_in.token.expose();
    visit.begin_session(&token);
    if logged_in.kind == Kind::Activation {
        return Ok(redirect("/activate"));
    }
    access::remember_device(&visit, &ctx, logged_in.account_id);
    if let Some(page) = resume::continue_page(&visit, &resume, &token, logged_in.account_id) {
        return Ok(page);
    }
    Ok(redirect(next_or(non_empty(&asked.next), HOME)))
}

/// 退出.
pub(super) async fn logout(me: Me, _: Protected<Nothing>) -> PageResult {
    app::account::session::logout(&me.ctx, me.session()?)
        .await
        .map_err(problem)?;
    me.visit.end_session();
    Ok(redirect_with(&me.visit, "/login", flash::LOGGED_OUT))
}

/// The login page for who posted a form with an ended session: the form travels along.
#[derive(Debug)]
pub(super) struct Again(pub(super) App);

impl LoginPage for Again {
    fn show<'a>(
        &'a self,
        visit: &'a Visit,
        resume: Resume,
        next: &'a str,
    ) -> BoxFuture<'a, Response> {
        async move {
            let asked = Asked {
                next: next.to_owned(),
                ..Asked::default()
            };
            let notice = resume.notice();
            let mut page = draw(visit, &self.0, &asked, form(visit), resume);
            page.shell = page.shell.notice(notice);
            Html::new(page).into()
        }
        .boxed()
    }
}
