//! 延长时间 of a published exam, with a reason that stays in the trail.

use std::sync::Arc;

use app::exam::part::{Draft, WindowsDraft};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::Path;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell};

use super::windows::{Pair, fields, pairs};
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "exam/extend.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    version: String,
    windows: Vec<Pair>,
}

fn form(desk: &Desk, exam: &Exam, draft: &WindowsDraft) -> Form {
    let reason = draft.0.get("reason").cloned().unwrap_or_default();
    Form::new(
        &desk.visit,
        format!("/office/exams/{}/extend", exam.public_id()),
    )
    .fields(fields(draft))
    .field(
        Field::text_area("reason", "原因", 3)
            .hint("例如：系统维护 2 小时，顺延报名和审查时间。请同时发布公告")
            .required()
            .with(reason),
    )
}

fn drawn(desk: &Desk, exam: Arc<Exam>, draft: &WindowsDraft, form: Form) -> Page {
    let (mut windows, further) = pairs(&exam);
    windows.extend(further);
    Page {
        shell: Shell::new(&desk.visit, "延长时间")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        version: draft.version().to_string(),
        windows,
        form,
        exam,
    }
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let draft = WindowsDraft::of(&exam);
    let form = form(&desk, &exam, &draft).refill(&desk.visit);
    Ok(Html::new(drawn(&desk, exam, &draft, form)).into())
}

pub(super) async fn save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<WindowsDraft>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    match setup::extend(&desk.ctx, &exam, &sent).await {
        Ok(()) => Ok(super::parts::saved(&desk, &exam)),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam, &sent).errors(&errors);
            Ok(Html::invalid(drawn(&desk, exam, &sent, form)).into())
        }
        Err(error) => Err(problem(error)),
    }
}
