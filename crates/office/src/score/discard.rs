//! 放弃 a batch: its marks go, so it is asked for, and whoever imported it is told why.

use std::sync::Arc;

use app::exam::{Exam, setup};
use app::score::{self, Batch};
use askama::Template;
use axum::extract::Path;
use domain::score::publication::BatchState;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use crate::context::{Desk, problem};

type PathOf = Path<(String, String)>;

#[derive(Debug, Template)]
#[template(path = "score/discard.html")]
struct Page {
    shell: Shell,
    here: String,
    exam: Arc<Exam>,
    batch: Batch,
    own: bool,
    form: Form,
}

async fn found(desk: &Desk, exam: &str, batch: &str) -> PageResult<(Arc<Exam>, Batch)> {
    let exam = setup::for_staff(&desk.ctx, exam).await.map_err(problem)?;
    let batch = score::batch(&desk.ctx, &exam, batch)
        .await
        .map_err(problem)?;
    Ok((exam, batch))
}

fn here(exam: &Exam, batch: &Batch) -> String {
    format!(
        "/office/scores/{}/batches/{}",
        exam.public_id(),
        batch.row.public_id
    )
}

fn form(desk: &Desk, exam: &Exam, batch: &Batch) -> Form {
    let own = desk.is(batch.row.imported_by);
    let why = Field::text_area("why", "原因", 3);
    let why = if own {
        why.optional()
    } else {
        why.hint("导入的人会看到，例如：第 3 考场漏登 12 人，请重新导入")
            .required()
    };
    Form::new(&desk.visit, format!("{}/discard", here(exam, batch)))
        .bare()
        .field(why)
}

fn drawn(desk: &Desk, exam: Arc<Exam>, batch: Batch, form: Form) -> Page {
    Page {
        shell: Shell::new(&desk.visit, format!("放弃第 {} 批成绩", batch.row.version))
            .below("/office/scores")
            .with_errors(form.has_errors()),
        here: here(&exam, &batch),
        own: desk.is(batch.row.imported_by),
        exam,
        batch,
        form,
    }
}

/// Before it goes.
pub(super) async fn page(desk: Desk, Path((exam, batch)): PathOf) -> PageResult {
    let (exam, batch) = found(&desk, &exam, &batch).await?;
    if !matches!(
        batch.state,
        BatchState::Staging | BatchState::Imported | BatchState::Checked
    ) {
        return Ok(web::redirect(&here(&exam, &batch)));
    }
    let form = form(&desk, &exam, &batch).refill(&desk.visit);
    Ok(Html::new(drawn(&desk, exam, batch, form)).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    why: String,
}

/// It goes.
pub(super) async fn discard(
    desk: Desk,
    Path((exam, batch)): PathOf,
    sent: Protected<Sent>,
) -> PageResult {
    let (exam, batch) = found(&desk, &exam, &batch).await?;
    match score::discard(&desk.ctx, &exam, &batch.row.public_id, &sent.why).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/scores/{}", exam.public_id()),
            flash::named(
                &format!("第 {} 批成绩已放弃", batch.row.version),
                exam.title(),
            ),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam, &batch)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(drawn(&desk, exam, batch, form)).into())
        }
        Err(error) => Err(problem(error)),
    }
}
