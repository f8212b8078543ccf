//! 导入成绩: the file, then what was read of it.

use std::sync::Arc;

use app::exam::{BatchRow, Exam, ProblemRow, import, setup};
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use domain::field::FieldErrors;
use domain::staff::Permission;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, redirect};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "score/import.html")]
struct Page {
    shell: Shell,
    base: String,
    form: Form,
    replaces: bool,
    recent: Vec<BatchRow>,
}

async fn allowed(desk: &Desk, exam: &str) -> app::Result<Arc<Exam>> {
    let exam = setup::for_staff(&desk.ctx, exam).await?;
    desk.ctx.allow_for(Permission::ScoreEdit, exam.id(), "")?;
    Ok(exam)
}

async fn show(desk: &Desk, exam: &Exam, reason: &str, errors: Option<&FieldErrors>) -> PageResult {
    let base = format!("/office/scores/{}", exam.public_id());
    let replaces = exam.row.score_batch != 0;
    let mut form = Form::new(&desk.visit, format!("{base}/import"))
        .field(Field::file("file", "成绩表", ".xlsx,.csv").required());
    if replaces {
        form = form.field(
            Field::text("reason", "更改原因")
                .hint("已有公布的成绩。原成绩、新成绩、原因和经办人都会保留")
                .with(reason)
                .required(),
        );
    }
    if let Some(errors) = errors {
        form = form.errors(errors);
    }
    let recent = import::recent(&desk.ctx.app, exam.id(), import::Kind::Scores)
        .await
        .map_err(problem)?;
    let page = Page {
        shell: Shell::new(&desk.visit, "导入成绩")
            .below("/office/scores")
            .with_errors(errors.is_some()),
        base,
        form,
        replaces,
        recent,
    };
    Ok(if errors.is_some() {
        Html::invalid(page).into()
    } else {
        Html::new(page).into()
    })
}

pub(super) async fn page(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = allowed(&desk, &exam).await.map_err(problem)?;
    show(&desk, &exam, "", None).await
}

#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    reason: String,
}

pub(super) async fn submit(
    desk: Desk,
    Path(exam): Path<String>,
    form: Protected<Sent>,
) -> PageResult<Response> {
    let exam = allowed(&desk, &exam).await.map_err(problem)?;
    let (sent, files) = form.into_parts();
    let file = files.into_iter().find(|file| file.field == "file");
    let (name, bytes) = file
        .map(|file| (file.file_name, file.bytes))
        .unwrap_or_default();
    match app::score::upload(&desk.ctx, &exam, (&name, &bytes), &sent.reason).await {
        Ok(batch) => Ok(redirect(&format!(
            "/office/scores/{}/import/{batch}",
            exam.public_id()
        ))),
        Err(app::Error::Fields(errors)) => Ok(show(&desk, &exam, &sent.reason, Some(&errors))
            .await?
            .into_response()),
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "score/preview.html")]
struct Preview {
    shell: Shell,
    base: String,
    batch: BatchRow,
    scores: Option<String>,
    results: u64,
    errors: Vec<ProblemRow>,
    warnings: Vec<ProblemRow>,
}

pub(super) async fn preview(desk: Desk, Path((exam, batch)): Path<(String, String)>) -> PageResult {
    let exam = allowed(&desk, &exam).await.map_err(problem)?;
    let batch = import::find(&desk.ctx.app, exam.id(), &batch)
        .await
        .map_err(problem)?;
    let problems = import::problems_of(&desk.ctx.app, batch.id)
        .await
        .map_err(problem)?;
    let summary: serde_json::Value = serde_json::from_str(&batch.summary).unwrap_or_default();
    let (errors, warnings) = problems
        .into_iter()
        .partition(|one| one.severity == "error");
    let page = Preview {
        shell: Shell::new(&desk.visit, "核对成绩表").below("/office/scores"),
        base: format!("/office/scores/{}", exam.public_id()),
        scores: summary
            .get("batch")
            .and_then(|one| one.as_str())
            .map(str::to_owned),
        results: summary
            .get("results")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0),
        batch,
        errors,
        warnings,
    };
    Ok(Html::new(page).into())
}
