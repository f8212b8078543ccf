//! 级别、专业、科目 typed into a table.

use std::sync::Arc;

use app::App;
use app::exam::structure::{self, StructureDraft};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, State};
use domain::exam::ExamState;
use web::forms::Form;
use web::{Html, PageResult, Problem, Protected, Shell};

use crate::context::{Desk, problem};

/// Empty rows to write into.
const SPARE: usize = 4;

#[derive(Debug, Template)]
#[template(path = "exam/structure.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    typed: StructureDraft,
    rows: usize,
    draft: bool,
}

fn drawn(desk: &Desk, exam: Arc<Exam>, typed: StructureDraft, form: Form) -> Page {
    Page {
        shell: Shell::new(&desk.visit, "编辑级别、专业与科目")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        rows: typed.rows() + SPARE,
        typed,
        form,
        draft: exam.state == ExamState::Draft,
        exam,
    }
}

fn form(desk: &Desk, exam: &Exam) -> Form {
    let action = format!("/office/exams/{}/subjects", exam.public_id());
    Form::new(&desk.visit, action).bare()
}

pub(super) async fn page(desk: Desk, State(app): State<App>, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    if exam.has_positions() {
        return Err(Problem::NotFound.into());
    }
    let table = app::exam::subjects(&app, &exam).await.map_err(problem)?;
    let typed = StructureDraft::of(&exam, &table);
    let form = form(&desk, &exam);
    Ok(Html::new(drawn(&desk, exam, typed, form)).into())
}

pub(super) async fn save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<StructureDraft>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    match structure::save(&desk.ctx, &exam, &sent).await {
        Ok(()) => {
            let path = format!("/office/exams/{id}/table");
            Ok(web::page::redirect_with(
                &desk.visit,
                &path,
                web::flash::named("级别、专业与科目表已保存", exam.title()),
            ))
        }
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam).errors(&errors);
            Ok(Html::invalid(drawn(&desk, exam, sent.into_inner(), form)).into())
        }
        Err(error) => Err(problem(error)),
    }
}
