//! 注册 (manual 1.1.1.2): the category's door → privacy notice → form → 保存 → the login page with the number filled in.

use app::App;
use app::account::{SignupForm, SignupOutcome};
use axum::extract::{Query, State};
use axum::response::Response;
use domain::exam::ExamCategory;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::captcha::{Answer, CaptchaView};
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, redirect};

use super::access;
use super::welcome::Welcome;
use crate::context::{ctx, fields, problem};

#[derive(Debug, askama::Template)]
#[template(path = "account/signup_door.html")]
struct DoorPage {
    shell: Shell,
}

#[derive(Debug, askama::Template)]
#[template(path = "account/signup_notice.html")]
struct NoticePage {
    shell: Shell,
    category: ExamCategory,
    /// The operator's text, already sanitised; empty for the standing one.
    text: String,
}

#[derive(Debug, askama::Template)]
#[template(path = "account/signup.html")]
struct FormPage {
    shell: Shell,
    form: Form,
    captcha: CaptchaView,
    category: ExamCategory,
    sms: bool,
    /// The number had fifteen digits; the field shows the eighteen that it stands for.
    converted: bool,
}

#[derive(Debug, askama::Template)]
#[template(path = "account/signup_code.html")]
struct CodePage {
    shell: Shell,
    form: Form,
    sealed: String,
    mobile: String,
    door: &'static str,
}

#[derive(Debug, askama::Template)]
#[template(path = "account/signup_taken.html")]
struct TakenPage {
    shell: Shell,
    door: &'static str,
    sms: bool,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    door: String,
    agreed: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    door: String,
    name: String,
    id_type: String,
    id_number: String,
    mobile: String,
    agree: bool,
    captcha: String,
    captcha_token: String,
    captcha_proof: String,
}

/// What the page of the code sends.
#[derive(Debug, Deserialize)]
pub(super) struct CodePosted {
    sealed: String,
    sms_code: String,
    door: String,
}

/// What the button 重新获取 sends.
#[derive(Debug, Deserialize)]
pub(super) struct ResendPosted {
    sealed: String,
    door: String,
}

fn form(visit: &Visit, sms: bool) -> Form {
    let mobile = if sms {
        "用于接收验证码、审核结果和缴费提醒，保存时先发短信核实。"
    } else {
        "用于接收审核结果和缴费提醒。"
    };
    Form::new(visit, "/signup")
        .field(
            Field::text("name", "姓名")
                .hint("与证件上一致。生僻字照实填写，少数民族姓名中间的点用“·”。")
                .attribute("autocomplete", "name")
                .attribute("maxlength", "60")
                .required(),
        )
        .field(
            Field::select("id_type", "证件类型", access::id_types().map(Choice::from))
                .blank("")
                .with("01")
                .required(),
        )
        .field(
            Field::text("id_number", "证件号码")
                .hint("身份证号末位是 X 的，大小写均可。注册后不能自行修改，请核对。")
                .attribute("autocapitalize", "characters")
                .attribute("autocomplete", "off")
                .attribute("spellcheck", "false")
                .attribute("maxlength", "40")
                .required(),
        )
        .field(
            Field::text("mobile", "手机号码")
                .hint(mobile)
                .attribute("inputmode", "tel")
                .attribute("autocomplete", "tel")
                .attribute("maxlength", "20")
                .required(),
        )
        .field(access::captcha_field())
        .field(
            Field::check(
                "agree",
                "我已阅读并同意《个人信息保护说明》，填写的是本人真实信息",
            )
            .required(),
        )
}

fn draw(visit: &Visit, app: &App, category: ExamCategory, form: Form) -> FormPage {
    FormPage {
        shell: Shell::new(visit, "考生注册").with_errors(form.has_errors()),
        captcha: CaptchaView::new(visit).error(form.message_of(web::captcha::ANSWER)),
        form,
        category,
        sms: app.policy().sms,
        converted: false,
    }
}

/// First the door, then the privacy notice, then the form.
pub(super) async fn page(
    visit: Visit,
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Response {
    // A form that is shown again (its page stood open too long) has chosen and agreed before.
    let refilled = visit
        .refill()
        .and_then(|refill| refill.values("door").next().map(str::to_owned));
    let door = refilled.as_deref().unwrap_or(&asked.door);
    let Some(category) = access::door(door) else {
        return Html::new(DoorPage {
            shell: Shell::new(&visit, "选择考试类型"),
        })
        .into();
    };
    if refilled.is_none() && asked.agreed != "1" {
        let text = app
            .board()
            .page("privacy")
            .map(|page| page.body.clone())
            .unwrap_or_default();
        return Html::new(NoticePage {
            shell: Shell::new(&visit, "个人信息保护说明"),
            category,
            text,
        })
        .into();
    }
    let form = form(&visit, app.policy().sms).refill(&visit);
    Html::new(draw(&visit, &app, category, form)).into()
}

/// 保存.
pub(super) async fn save(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<Posted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let Some(category) = access::door(&posted.door) else {
        return Ok(redirect("/signup"));
    };
    let signup = SignupForm {
        name: posted.name.clone(),
        id_type: posted.id_type.clone(),
        id_number: posted.id_number.clone(),
        mobile: posted.mobile.clone(),
        door: category.code().to_owned(),
    };
    let mut errors = app::account::check_signup(&signup, ctx.at.date())
        .err()
        .unwrap_or_default();
    if !posted.agree {
        errors.add("agree", "请阅读《个人信息保护说明》，同意后才能注册");
    }
    let answer = Answer {
        captcha: posted.captcha.clone(),
        captcha_token: posted.captcha_token.clone(),
        captcha_proof: posted.captcha_proof.clone(),
    };
    let solved = errors.take(web::captcha::ANSWER, access::solved(&visit, &answer));
    let again = |errors: &FieldErrors| {
        let mut form = form(&visit, app.policy().sms).values(posted.submission());
        let long = app::account::converted_number(&signup, ctx.at.date());
        let converted = long.is_some();
        // Nothing is wrong with an old number: it is shown in full to be confirmed, apart from what has to be mended.
        let mut wrong = FieldErrors::new();
        for (field, message) in errors.iter() {
            if !(converted && field == "id_number") {
                wrong.add(field, message);
            }
        }
        if let Some(long) = long {
            form = form.value("id_number", long);
        }
        let mut page = draw(&visit, &app, category, form.errors(&wrong));
        page.converted = converted;
        Html::invalid(page).into()
    };
    let Some(captcha) = solved.filter(|_| errors.is_empty()) else {
        return Ok(again(&errors));
    };
    match app::account::start_signup(&ctx, &signup, captcha).await {
        Ok(outcome) => done(&visit, &ctx, category, outcome),
        Err(error) => Ok(again(&access::renamed(
            &fields(error)?,
            &[("code", "mobile")],
        ))),
    }
}

fn done(
    visit: &Visit,
    ctx: &app::Ctx,
    category: ExamCategory,
    outcome: SignupOutcome,
) -> PageResult {
    let door = category.code();
    Ok(match outcome {
        SignupOutcome::CodeSent { sealed, mobile } => {
            Html::new(code_page(visit, sealed, mobile, door, &FieldErrors::new())).into()
        }
        SignupOutcome::Created(created) => {
            Welcome::keep(visit, ctx, &created)?;
            redirect(&format!("/login?door={door}"))
        }
        SignupOutcome::Taken => {
            let sms = ctx.app.policy().sms;
            Html::new(TakenPage {
                shell: Shell::new(visit, "这个证件号码已经注册"),
                door,
                sms,
            })
            .into()
        }
    })
}

fn code_page(
    visit: &Visit,
    sealed: String,
    mobile: String,
    door: &'static str,
    errors: &FieldErrors,
) -> CodePage {
    let form = Form::new(visit, "/signup/code")
        .field(access::sms_code_field())
        .errors(errors);
    CodePage {
        shell: Shell::new(visit, "核实手机号码").with_errors(form.has_errors()),
        form,
        sealed,
        mobile,
        door,
    }
}

/// The code from the SMS.
pub(super) async fn confirm(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<CodePosted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let category = access::door(&posted.door).unwrap_or(ExamCategory::Recruitment);
    match app::account::confirm_signup(&ctx, &posted.sealed, &posted.sms_code).await {
        Ok(outcome) => done(&visit, &ctx, category, outcome),
        Err(error) => {
            let errors = access::renamed(
                &fields(error)?,
                &[("code", "sms_code"), ("mobile", "sms_code")],
            );
            let page = code_page(
                &visit,
                posted.sealed.clone(),
                String::new(),
                category.code(),
                &errors,
            );
            Ok(Html::invalid(page).into())
        }
    }
}

/// 重新获取 the code.
pub(super) async fn resend(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<ResendPosted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let (mobile, errors) = match app::account::resend_signup(&ctx, &posted.sealed).await {
        Ok(mobile) => (mobile, FieldErrors::new()),
        Err(app::Error::Fields(errors)) => (
            String::new(),
            access::renamed(&errors, &[("code", "sms_code")]),
        ),
        Err(error) => return Err(problem(error)),
    };
    let page = code_page(
        &visit,
        posted.sealed.clone(),
        mobile,
        access::door_code(&posted.door),
        &errors,
    );
    Ok(if errors.is_empty() {
        Html::new(page)
    } else {
        Html::invalid(page)
    }
    .into())
}
