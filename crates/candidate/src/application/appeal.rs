//! 申诉 against a refusal, once.

use app::application::{self, View};
use askama::Template;
use axum::extract::Path;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::layout::Item;
use web::{Html, PageResult, Protected, Shell, flash};

use super::words::deadline;
use crate::context::{Me, fields, problem};

#[derive(Debug, Template)]
#[template(path = "application/appeal.html")]
struct Page {
    shell: Shell,
    view: View,
    form: Form,
    until: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Appeal {
    note: String,
}

pub(super) async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    page(&me, &id, "", None).await
}

async fn page(me: &Me, id: &str, note: &str, errors: Option<FieldErrors>) -> PageResult {
    let view = application::own(&me.ctx, id).await.map_err(problem)?;
    let until = view.appeal_until.map(deadline).unwrap_or_default();
    let mut form = Form::new(&me.visit, format!("/applications/{id}/appeal"))
        .field(
            Field::text_area("note", "申诉理由", 6)
                .hint("写明认为审核有误的地方和依据，10 至 500 个字。已提交的材料不用再传")
                .required()
                .attribute("maxlength", "500")
                .with(note),
        )
        .refill(&me.visit);
    let failed = errors.is_some();
    if let Some(errors) = &errors {
        form = form.errors(errors);
    }
    let shell = me
        .shell("申诉")
        .await
        .at(Item::Applications)
        .with_errors(failed);
    let page = Page {
        shell,
        view,
        form,
        until,
    };
    Ok(if failed {
        Html::invalid(page)
    } else {
        Html::new(page)
    }
    .into())
}

pub(super) async fn save(me: Me, Path(id): Path<String>, form: Protected<Appeal>) -> PageResult {
    match application::appeal(&me.ctx, &id, &form.note).await {
        Ok(()) => Ok(web::page::redirect_with(
            &me.visit,
            "/applications",
            flash::SUBMITTED,
        )),
        Err(error) => page(&me, &id, &form.note, Some(fields(error)?)).await,
    }
}
