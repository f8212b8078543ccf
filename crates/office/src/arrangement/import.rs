//! 导入编排: the file, then what was read of it.

use app::App;
use app::exam::{Exam, ProblemRow, import, setup};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::field::FieldErrors;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, redirect};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "arrangement/import.html")]
struct Page {
    shell: Shell,
    base: String,
    form: Form,
    recent: Vec<app::exam::BatchRow>,
}

async fn show(desk: &Desk, exam: &Exam, errors: Option<&FieldErrors>) -> PageResult {
    let base = format!("/office/seating/{}", exam.public_id());
    let mut form = Form::new(&desk.visit, format!("{base}/import"))
        .field(Field::file("file", "编排结果", ".xlsx,.csv").required());
    if let Some(errors) = errors {
        form = form.errors(errors);
    }
    let recent = import::recent(&desk.ctx.app, exam.id(), import::Kind::Seats)
        .await
        .map_err(problem)?;
    let page = Page {
        shell: Shell::new(&desk.visit, "导入编排")
            .below("/office/seating")
            .with_errors(errors.is_some()),
        base,
        form,
        recent,
    };
    Ok(if errors.is_some() {
        Html::invalid(page).into()
    } else {
        Html::new(page).into()
    })
}

async fn allowed(desk: &Desk, exam: &str) -> app::Result<std::sync::Arc<Exam>> {
    let exam = setup::for_staff(&desk.ctx, exam).await?;
    desk.ctx
        .allow_for(domain::staff::Permission::Arrange, exam.id(), "")?;
    Ok(exam)
}

pub(super) async fn page(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = allowed(&desk, &exam).await.map_err(problem)?;
    show(&desk, &exam, None).await
}

pub(super) async fn submit(
    desk: Desk,
    State(_): State<App>,
    Path(exam): Path<String>,
    form: Protected<Nothing>,
) -> PageResult<Response> {
    let exam = allowed(&desk, &exam).await.map_err(problem)?;
    let (_, files) = form.into_parts();
    let file = files.into_iter().find(|file| file.field == "file");
    let (name, bytes) = file
        .map(|file| (file.file_name, file.bytes))
        .unwrap_or_default();
    match app::arrangement::upload(&desk.ctx, &exam, &name, &bytes).await {
        Ok(batch) => Ok(redirect(&format!(
            "/office/seating/{}/import/{batch}",
            exam.public_id()
        ))),
        Err(app::Error::Fields(errors)) => {
            Ok(show(&desk, &exam, Some(&errors)).await?.into_response())
        }
        Err(error) => Err(problem(error)),
    }
}

/// The list of those who may be seated, to fill in elsewhere.
pub(super) async fn roster(
    desk: Desk,
    Path(exam): Path<String>,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let exam = allowed(&desk, &exam).await.map_err(problem)?;
    let bytes = app::arrangement::template_xlsx(&desk.ctx, &exam)
        .await
        .map_err(problem)?;
    Ok(web::page::download(
        XLSX,
        &format!("{} 待编排名单.xlsx", exam.title()),
        bytes,
    ))
}

/// The media type of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Debug, Template)]
#[template(path = "arrangement/preview.html")]
struct Preview {
    shell: Shell,
    base: String,
    batch: app::exam::BatchRow,
    plan: Option<String>,
    problems: Vec<ProblemRow>,
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
    let plan = summary
        .get("plan")
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned);
    let page = Preview {
        shell: Shell::new(&desk.visit, "导入编排").below("/office/seating"),
        base: format!("/office/seating/{}", exam.public_id()),
        batch,
        plan,
        problems,
    };
    Ok(Html::new(page).into())
}
