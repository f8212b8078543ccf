//! 预览 of an exam, or of a change of its settings: the candidates' pages below the office's addresses.
//!
//! The office may not use the candidates' crate, and a draft mustn't be reachable by a candidate's route; this is where both
//! meet (ADR 11). The staff's session guards the routes, [`app::exam::preview`] authorizes role × exam.

use app::App;
use axum::extract::{Path, Query, State};
use candidate::preview::{self as pages, PositionQuery, Stage};
use domain::staff::Permission::ExamEdit;
use office::Desk;
use serde::Deserialize;
use web::errors::problem;
use web::{PageResult, Routes, Who};

/// The routes, of the exam and of each change of it.
pub(crate) fn routes() -> Routes<App> {
    let edit = Who::Staff(ExamEdit);
    Routes::new("exam")
        .get("/office/exams/{id}/preview", edit, exam)
        .get("/office/exams/{id}/preview/positions", edit, positions)
        .get(
            "/office/exams/{id}/preview/positions/{position}",
            edit,
            position,
        )
        .get("/office/exams/{id}/preview/agreement", edit, agreement)
        .get("/office/exams/{id}/preview/form", edit, form)
        .get("/office/exams/{id}/preview/ticket", edit, ticket)
        .get("/office/exams/{id}/changes/{change}/preview", edit, exam)
        .get(
            "/office/exams/{id}/changes/{change}/preview/positions",
            edit,
            positions,
        )
        .get(
            "/office/exams/{id}/changes/{change}/preview/positions/{position}",
            edit,
            position,
        )
        .get(
            "/office/exams/{id}/changes/{change}/preview/agreement",
            edit,
            agreement,
        )
        .get(
            "/office/exams/{id}/changes/{change}/preview/form",
            edit,
            form,
        )
        .get(
            "/office/exams/{id}/changes/{change}/preview/ticket",
            edit,
            ticket,
        )
}

/// What the address names.
#[derive(Debug, Deserialize)]
struct Wanted {
    id: String,
    #[serde(default)]
    change: Option<String>,
    #[serde(default)]
    position: String,
}

async fn stage(desk: Desk, app: App, wanted: &Wanted) -> PageResult<Stage> {
    let change = wanted.change.as_deref();
    let exam = app::exam::preview(&desk.ctx, &wanted.id, change)
        .await
        .map_err(problem)?;
    let home = format!("/office/exams/{}", exam.public_id());
    let (says, back) = match change {
        Some(change) => (
            "更正公布以后考生看到的样子。现在还没有公布，按钮不起作用。",
            ("返回更正", format!("{home}/changes/{change}")),
        ),
        None => ("发布以后考生看到的样子，按钮不起作用。", ("返回设置", home)),
    };
    Ok(Stage {
        base: format!("{}/preview", back.1),
        visit: desk.visit,
        app,
        exam,
        says,
        back,
    })
}

async fn exam(desk: Desk, State(app): State<App>, Path(wanted): Path<Wanted>) -> PageResult {
    pages::exam(stage(desk, app, &wanted).await?).await
}

async fn positions(
    desk: Desk,
    State(app): State<App>,
    Path(wanted): Path<Wanted>,
    Query(query): Query<PositionQuery>,
) -> PageResult {
    pages::positions(stage(desk, app, &wanted).await?, &query).await
}

async fn position(desk: Desk, State(app): State<App>, Path(wanted): Path<Wanted>) -> PageResult {
    pages::position(stage(desk, app, &wanted).await?, &wanted.position).await
}

async fn agreement(desk: Desk, State(app): State<App>, Path(wanted): Path<Wanted>) -> PageResult {
    pages::agreement(stage(desk, app, &wanted).await?).await
}

async fn form(desk: Desk, State(app): State<App>, Path(wanted): Path<Wanted>) -> PageResult {
    pages::form(stage(desk, app, &wanted).await?).await
}

async fn ticket(desk: Desk, State(app): State<App>, Path(wanted): Path<Wanted>) -> PageResult {
    pages::ticket(stage(desk, app, &wanted).await?).await
}
