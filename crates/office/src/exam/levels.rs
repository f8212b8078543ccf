//! 级别与老考生, a block for each level of the subject table.

use std::sync::Arc;

use app::exam::part::{Draft, LevelsDraft, Part};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::Path;
use domain::exam::{ExamState, OnMismatch, TakeMode};
use web::forms::Form;
use web::{Html, PageResult, Protected, Shell};

use super::missing::Missing;
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "exam/levels.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    levels: LevelsDraft,
    /// Levels that the subject table has.
    known: Vec<String>,
    draft: bool,
    /// Published: what is saved is a change to be published.
    public: bool,
    missing: Missing,
}

impl Page {
    /// Whether the subject table has this level.
    fn is_known(&self, row: &usize) -> bool {
        let level = self.levels.cell("level", row);
        self.known.iter().any(|one| one == level)
    }

    fn table(&self) -> String {
        super::address(&self.exam, Part::Table)
    }
}

async fn drawn(
    desk: &Desk,
    exam: Arc<Exam>,
    levels: LevelsDraft,
    known: Vec<String>,
    form: Form,
) -> PageResult<Page> {
    Ok(Page {
        missing: Missing::of(desk, &exam, Part::Levels).await?,
        shell: Shell::new(&desk.visit, "级别与老考生")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        levels,
        known,
        form,
        draft: exam.state == ExamState::Draft,
        public: exam.is_public(),
        exam,
    })
}

fn form(desk: &Desk, exam: &Exam) -> Form {
    Form::new(&desk.visit, super::address(exam, Part::Levels)).bare()
}

async fn known(desk: &Desk, exam: &Exam) -> PageResult<Vec<String>> {
    let table = app::exam::subjects(&desk.ctx.app, exam)
        .await
        .map_err(problem)?;
    Ok(table.levels().into_iter().map(str::to_owned).collect())
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let known = known(&desk, &exam).await?;
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let levels = LevelsDraft::of(&exam).with(&names);
    let form = form(&desk, &exam);
    Ok(Html::new(drawn(&desk, exam, levels, known, form).await?).into())
}

pub(super) async fn save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<LevelsDraft>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    match super::parts::store(&desk, &exam, Part::Levels, &*sent).await {
        Ok(response) => Ok(response),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam).errors(&errors);
            let known = known(&desk, &exam).await?;
            let page = drawn(&desk, exam, sent.into_inner(), known, form).await?;
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}
