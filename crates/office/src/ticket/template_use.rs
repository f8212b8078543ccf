//! 启用版式: the second look at a draft, with what the test set says of it, two of its tickets and the reason.

use app::exam::{Exam, setup};
use app::ticket::template;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, flash};

use super::template::base;
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "ticket/template_use.html")]
struct Look {
    shell: Shell,
    base: String,
    version: String,
    known: String,
    /// What the test set missed.
    faults: Vec<String>,
    /// How many made-up tickets were tried, and which are shown.
    tried: usize,
    shown: Vec<(&'static str, &'static str)>,
    form: Form,
}

fn use_form(desk: &Desk, exam: &Exam, reason: &str) -> Form {
    Form::new(&desk.visit, format!("{}/use", base(exam))).field(
        Field::text("reason", "启用原因")
            .hint("会记入操作日志，例如：本场准考证须印乘车路线")
            .with(reason)
            .required(),
    )
}

async fn looked(
    desk: &Desk,
    exam: &Exam,
    (version, known): (i64, String),
    form: Form,
) -> PageResult<Look> {
    let faults = template::test(&desk.ctx, exam, version)
        .await
        .map_err(problem)?;
    let cases = template::cases(exam);
    Ok(Look {
        shell: Shell::new(&desk.visit, "启用版式")
            .below("/office/tickets")
            .with_errors(form.has_errors()),
        base: base(exam),
        version: version.to_string(),
        known,
        faults: faults.iter().map(ToString::to_string).collect(),
        tried: cases.len(),
        shown: cases
            .iter()
            .filter(|one| matches!(one.code, "usual" | "sessions"))
            .map(|one| (one.code, one.name))
            .collect(),
        form,
    })
}

pub(super) async fn look(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let found = template::overview(&desk.ctx, &exam)
        .await
        .map_err(problem)?;
    let draft = found.draft().ok_or(app::Error::NotFound).map_err(problem)?;
    let what = (draft.version, draft.sha256.clone());
    let form = use_form(&desk, &exam, "").refill(&desk.visit);
    Ok(Html::new(looked(&desk, &exam, what, form).await?).into())
}

#[derive(Debug, Deserialize)]
pub(super) struct Take {
    version: i64,
    known: String,
    reason: String,
}

pub(super) async fn take(
    desk: Desk,
    Path(exam): Path<String>,
    sent: Protected<Take>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let what = (sent.version, sent.known.as_str());
    match template::take_into_use(&desk.ctx, &exam, what, &sent.reason).await {
        Ok(()) => Ok(web::page::redirect_with(
            &desk.visit,
            &base(&exam),
            flash::named(&format!("第 {} 版版式已启用", sent.version), exam.title()),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = use_form(&desk, &exam, &sent.reason).errors(&errors);
            let what = (sent.version, sent.known.clone());
            Ok(Html::invalid(looked(&desk, &exam, what, form).await?).into_response())
        }
        Err(error) => Err(problem(error)),
    }
}
