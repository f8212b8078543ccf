//! 考试科目 of an exam by position, a row each.

use std::sync::Arc;

use app::exam::part::{Draft, PapersDraft, Part};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::Path;
use domain::exam::ExamState;
use web::forms::Form;
use web::{Html, PageResult, Protected, Shell};

use super::missing::Missing;
use crate::context::{Desk, problem};

/// Empty rows to write into.
const SPARE: usize = 3;

#[derive(Debug, Template)]
#[template(path = "exam/papers.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    papers: PapersDraft,
    rows: usize,
    draft: bool,
    public: bool,
    missing: Missing,
}

async fn drawn(desk: &Desk, exam: Arc<Exam>, papers: PapersDraft, form: Form) -> PageResult<Page> {
    Ok(Page {
        missing: Missing::of(desk, &exam, Part::Papers).await?,
        shell: Shell::new(&desk.visit, "考试科目")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        rows: papers.rows() + SPARE,
        papers,
        form,
        draft: exam.state == ExamState::Draft,
        public: exam.is_public(),
        exam,
    })
}

fn form(desk: &Desk, exam: &Exam) -> Form {
    Form::new(&desk.visit, super::address(exam, Part::Papers))
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let mut papers = PapersDraft::of(&exam);
    if let Some(kept) = desk.visit.refill() {
        let all = |name: &str| kept.values(name).map(str::to_owned).collect();
        papers.class = all("class");
        papers.code = all("code");
        papers.name = all("name");
        papers.starts = all("starts");
        papers.ends = all("ends");
    }
    let form = form(&desk, &exam);
    Ok(Html::new(drawn(&desk, exam, papers, form).await?).into())
}

pub(super) async fn save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<PapersDraft>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    match super::parts::store(&desk, &exam, Part::Papers, &*sent).await {
        Ok(response) => Ok(response),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam).errors(&errors);
            Ok(Html::invalid(drawn(&desk, exam, sent.into_inner(), form).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}
