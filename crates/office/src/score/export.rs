//! The marks of a batch as a table, and 成绩册 on paper.

use std::sync::Arc;

use app::exam::{Exam, setup};
use app::score::{self, Batch, Booked};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use domain::sheet::clean::whole_number;
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::{Html, PageResult, Protected, Shell};

use super::batch::Asked;
use crate::context::{Desk, problem};
use crate::list::{Taken, given};

type PathOf = Path<(String, String)>;

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

/// The marks under the page's filter as a file.
pub(super) async fn export(
    desk: Desk,
    Path((exam, batch)): PathOf,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let (_, batch) = found(&desk, &exam, &batch).await?;
    let copy = score::export(&desk.ctx, &batch, &asked.looked(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "成绩", taken.format(), copy)
}

#[derive(Debug, Template)]
#[template(path = "score/paper.html")]
struct Page {
    shell: Shell,
    here: String,
    exam: Arc<Exam>,
    batch: Batch,
    positions: bool,
    form: Form,
}

fn form(desk: &Desk, exam: &Exam, batch: &Batch) -> Form {
    let positions = exam.row.positions_batch != 0;
    let mut choices = Vec::new();
    if positions {
        choices.push(Choice::new("position", "一个岗位").hint("按名次排列"));
    }
    choices.push(Choice::new("rooms", "若干考场").hint("按考场号、座位号排列"));
    choices.push(Choice::new("all", "全部考生").hint("2,000 人以内的考试"));
    let by = if positions { "position" } else { "rooms" };
    let mut form = Form::new(&desk.visit, format!("{}/paper", here(exam, batch)))
        .bare()
        .field(Field::radio("by", "打印范围", choices).with(by).required());
    if positions {
        form = form.field(Field::text("position", "岗位代码").narrow());
    }
    form.field(Field::text("first", "从考场").digits().narrow())
        .field(Field::text("last", "到考场").digits().narrow())
}

fn drawn(desk: &Desk, exam: Arc<Exam>, batch: Batch, form: Form) -> Page {
    Page {
        shell: Shell::new(&desk.visit, "打印成绩册")
            .below("/office/scores")
            .with_errors(form.has_errors()),
        here: here(&exam, &batch),
        positions: exam.row.positions_batch != 0,
        exam,
        batch,
        form,
    }
}

/// What is to be printed.
pub(super) async fn page(desk: Desk, Path((exam, batch)): PathOf) -> PageResult {
    let (exam, batch) = found(&desk, &exam, &batch).await?;
    let form = form(&desk, &exam, &batch).refill(&desk.visit);
    Ok(Html::new(drawn(&desk, exam, batch, form)).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    by: String,
    position: String,
    first: String,
    last: String,
}

/// The paper.
pub(super) async fn paper(
    desk: Desk,
    Path((exam, batch)): PathOf,
    wanted: Protected<Wanted>,
) -> PageResult<Response> {
    let (exam, batch) = found(&desk, &exam, &batch).await?;
    let number = |text: &str| whole_number(text).map_or(0, i64::from);
    let who = match wanted.by.as_str() {
        "position" => Booked::Position(&wanted.position),
        "all" => Booked::All,
        _ => Booked::Rooms(number(&wanted.first), number(&wanted.last)),
    };
    match score::book(&desk.ctx, &exam, &batch, who).await {
        Ok(bytes) => {
            let name = format!("{} 成绩册.pdf", exam.title());
            Ok(web::page::download("application/pdf", &name, bytes))
        }
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam, &batch)
                .values(wanted.submission())
                .errors(&errors);
            Ok(Html::invalid(drawn(&desk, exam, batch, form)).into_response())
        }
        Err(error) => Err(problem(error)),
    }
}
