//! 发布, 撤回, 结束报名: each with a page that says what it does, or a button that can be taken back.

use std::sync::Arc;

use app::App;
use app::exam::{self, Exam, Figures, setup};
use askama::Template;
use axum::extract::{Path, State};
use domain::exam::{ExamState, Phase};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell};

use super::words;
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "exam/publish.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    figures: Figures,
    /// Part, its address, what is missing.
    problems: Vec<(&'static str, String, String)>,
    windows: Vec<(&'static str, String)>,
}

pub(super) async fn page(desk: Desk, State(app): State<App>, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    if exam.state != ExamState::Draft {
        return Ok(web::redirect(&format!("/office/exams/{id}")));
    }
    let check = exam::check(&app, &exam).await.map_err(problem)?;
    let problems = check
        .problems
        .into_iter()
        .map(|(part, text)| (part.label(exam.category), super::address(&exam, part), text))
        .collect();
    let windows = Phase::ALL
        .iter()
        .filter_map(|phase| {
            exam.window(*phase)
                .map(|one| (phase.label(), one.to_chinese()))
        })
        .collect();
    let page = Page {
        shell: Shell::new(&desk.visit, "检查并发布").below("/office/exams"),
        figures: setup::figures(&desk.ctx, &exam).await.map_err(problem)?,
        problems,
        windows,
        exam,
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "exam/close.html")]
struct ClosePage {
    shell: Shell,
    exam: Arc<Exam>,
    figures: Figures,
    stage: String,
}

pub(super) async fn close_page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let page = ClosePage {
        shell: Shell::new(&desk.visit, "结束报名").below("/office/exams"),
        figures: setup::figures(&desk.ctx, &exam).await.map_err(problem)?,
        stage: words::stage(&exam, desk.ctx.at),
        exam,
    };
    Ok(Html::new(page).into())
}

async fn done(desk: &Desk, id: &str, answer: app::Result<()>, what: &str) -> PageResult {
    answer.map_err(problem)?;
    let exam = exam::find(&desk.ctx.app, id).await.map_err(problem)?;
    let path = format!("/office/exams/{id}");
    Ok(web::page::redirect_with(
        &desk.visit,
        &path,
        web::flash::named(what, exam.title()),
    ))
}

pub(super) async fn publish(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let answer = exam::publish(&desk.ctx, &id).await;
    done(&desk, &id, answer, "考试已发布").await
}

pub(super) async fn unpublish(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let answer = exam::unpublish(&desk.ctx, &id).await;
    done(&desk, &id, answer, "发布已撤回").await
}

pub(super) async fn close(desk: Desk, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    let answer = exam::close(&desk.ctx, &id).await;
    done(&desk, &id, answer, "报名已结束").await
}
