//! 账号申诉: the number is registered, but not by its owner (assurance §5, 7). Says the same whether or not there is such an account.

use app::App;
use app::account::claim::{ClaimForm, file as file_claim};
use axum::extract::State;
use axum::response::Response;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::captcha::{Answer, CaptchaView};
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, Upload, Visit};

use super::access;
use crate::context::{ctx, fields};

/// A picture of a document needs no more.
const LARGEST: usize = 3 * 1024 * 1024;

#[derive(Debug, askama::Template)]
#[template(path = "account/claim.html")]
struct Page {
    shell: Shell,
    form: Form,
    captcha: CaptchaView,
    sms: bool,
}

#[derive(Debug, askama::Template)]
#[template(path = "account/claim_done.html")]
struct DonePage {
    shell: Shell,
    sms: bool,
}

/// What the form sends, the file aside.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    id_number: String,
    name: String,
    mobile: String,
    statement: String,
    captcha: String,
    captcha_token: String,
    captcha_proof: String,
}

fn form(visit: &Visit, sms: bool) -> Form {
    let told = if sms {
        "核实进展将发短信到这个号码。"
    } else {
        "工作人员用这个号码与您核实、告知结果。"
    };
    Form::new(visit, "/claim")
        .field(
            Field::text("name", "姓名")
                .attribute("autocomplete", "name")
                .attribute("maxlength", "60")
                .required(),
        )
        .field(
            Field::text("id_number", "证件号码")
                .attribute("autocomplete", "off")
                .attribute("spellcheck", "false")
                .attribute("maxlength", "40")
                .required(),
        )
        .field(
            Field::text("mobile", "联系手机")
                .hint(told)
                .attribute("inputmode", "tel")
                .attribute("maxlength", "20")
                .required(),
        )
        .field(
            Field::text_area("statement", "情况说明", 4)
                .hint("10 至 500 个字，例如何时发现、本人是否注册过。")
                .required(),
        )
        .field(
            Field::file(
                "evidence",
                "证件照片",
                "image/jpeg,image/png,application/pdf",
            )
            .hint("本人手持证件的照片，JPG、PNG 或 PDF，不超过 3 MB。有照片的核实更快。")
            .optional(),
        )
        .field(access::captcha_field())
}

fn draw(visit: &Visit, form: Form, sms: bool) -> Page {
    Page {
        shell: Shell::new(visit, "账号申诉").with_errors(form.has_errors()),
        captcha: CaptchaView::new(visit).error(form.message_of(web::captcha::ANSWER)),
        form,
        sms,
    }
}

/// The page.
pub(super) async fn page(visit: Visit, State(app): State<App>) -> Response {
    let sms = app.policy().sms;
    Html::new(draw(&visit, form(&visit, sms).refill(&visit), sms)).into()
}

/// The kind of a file by its first bytes; what a browser says of it isn't believed.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        _ => None,
    }
}

/// Media type, name and content of a file that was sent along.
type Evidence<'f> = (&'static str, &'f str, &'f [u8]);

/// The picture of a document that was sent along, if one was.
pub(crate) fn evidence(file: Option<&Upload>) -> Result<Option<Evidence<'_>>, &'static str> {
    let Some(file) = file else { return Ok(None) };
    if file.bytes.len() > LARGEST {
        return Err("文件不能超过 3 MB");
    }
    match media_type(&file.bytes) {
        Some(kind) => Ok(Some((kind, &file.file_name, &file.bytes))),
        None => Err("请上传 JPG、PNG 或 PDF 文件"),
    }
}

/// 提交.
pub(super) async fn file(
    visit: Visit,
    State(app): State<App>,
    posted: Protected<Posted>,
) -> PageResult {
    let ctx = ctx(&visit, &app);
    let sms = app.policy().sms;
    let claim = ClaimForm {
        id_number: posted.id_number.clone(),
        name: posted.name.clone(),
        mobile: posted.mobile.clone(),
        statement: posted.statement.clone(),
    };
    let mut errors = app::account::claim::check_form(&claim)
        .err()
        .unwrap_or_default();
    let evidence = errors.take("evidence", evidence(posted.submission().file("evidence")));
    let answer = Answer {
        captcha: posted.captcha.clone(),
        captcha_token: posted.captcha_token.clone(),
        captcha_proof: posted.captcha_proof.clone(),
    };
    let solved = errors.take(web::captcha::ANSWER, access::solved(&visit, &answer));
    let again = |errors: &FieldErrors| {
        Html::invalid(draw(
            &visit,
            form(&visit, sms).values(posted.submission()).errors(errors),
            sms,
        ))
        .into()
    };
    let (Some(captcha), Some(evidence), true) = (solved, evidence, errors.is_empty()) else {
        return Ok(again(&errors));
    };
    match file_claim(&ctx, &claim, evidence, captcha).await {
        Ok(()) => Ok(Html::new(DonePage {
            shell: Shell::new(&visit, "申诉已提交"),
            sms,
        })
        .into()),
        Err(error) => Ok(again(&fields(error)?)),
    }
}
