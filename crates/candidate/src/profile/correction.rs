//! 更正身份信息: the candidate asks; one member of staff checks the document, another decides.

use app::account::correction::{IdentityForm, check_own, request_own};
use axum::response::Response;
use domain::field::FieldErrors;
use domain::id_number::IdType;
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::layout::Item;
use web::page::redirect_with;
use web::{Html, PageResult, Protected, Shell, flash};

use crate::account::evidence;
use crate::context::{Me, fields, problem};

#[derive(Debug, askama::Template)]
#[template(path = "profile/correction.html")]
struct Page {
    shell: Shell,
    form: Form,
    name: String,
    document: String,
}

/// What the form sends, the file aside.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    name: String,
    id_type: String,
    id_number: String,
    reason: String,
}

fn form(me: &Me) -> Form {
    Form::new(&me.visit, "/profile/correction")
        .field(
            Field::text("name", "正确的姓名")
                .attribute("maxlength", "60")
                .required(),
        )
        .field(
            Field::select(
                "id_type",
                "证件类型",
                IdType::ALL.iter().map(|t| Choice::new(t.code(), t.label())),
            )
            .blank("")
            .with("01")
            .required(),
        )
        .field(
            Field::text("id_number", "正确的证件号码")
                .attribute("autocomplete", "off")
                .attribute("spellcheck", "false")
                .attribute("maxlength", "40")
                .required(),
        )
        .field(
            Field::text_area("reason", "更正原因", 3)
                .hint("10 至 300 个字，不要在这里写证件号码。")
                .required(),
        )
        .field(
            Field::file(
                "evidence",
                "证件照片",
                "image/jpeg,image/png,application/pdf",
            )
            .hint("本人证件的照片，JPG、PNG 或 PDF，不超过 3 MB。")
            .required(),
        )
}

async fn draw(me: &Me, form: Form) -> PageResult<Page> {
    let own = app::account::overview(&me.ctx).await.map_err(problem)?;
    Ok(Page {
        shell: me
            .shell("更正身份信息")
            .await
            .at(Item::Profile)
            .with_errors(form.has_errors()),
        form,
        name: own.name,
        document: format!("{} {}", own.id_type, own.id_number),
    })
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let form = form(&me).refill(&me.visit);
    Ok(Html::new(draw(&me, form).await?).into())
}

/// 提交.
pub(super) async fn save(me: Me, posted: Protected<Posted>) -> PageResult<Response> {
    let typed = IdentityForm {
        name: posted.name.clone(),
        id_type: posted.id_type.clone(),
        id_number: posted.id_number.clone(),
        reason: posted.reason.clone(),
    };
    let mut errors: FieldErrors = check_own(&typed, me.ctx.at.date())
        .err()
        .unwrap_or_default();
    let file = errors.take("evidence", evidence(posted.submission().file("evidence")));
    if file.is_some_and(|file| file.is_none()) {
        errors.add("evidence", "请上传证件照片");
    }
    let result = match (errors.is_empty(), file.flatten()) {
        (true, Some(file)) => match request_own(&me.ctx, &typed, file).await {
            Ok(()) => Ok(()),
            Err(error) => Err(fields(error)?),
        },
        _ => Err(errors),
    };
    match result {
        Ok(()) => Ok(redirect_with(&me.visit, "/profile", flash::SUBMITTED)),
        Err(errors) => {
            let form = form(&me).values(posted.submission()).errors(&errors);
            Ok(Html::invalid(draw(&me, form).await?).into())
        }
    }
}
