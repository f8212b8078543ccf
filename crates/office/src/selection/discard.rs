//! 放弃 a list: its lines go, so it is asked for, and whoever made it is told why.

use std::sync::Arc;

use app::exam::Exam;
use app::selection::round::{self, Round};
use askama::Template;
use axum::extract::Path;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::round::found;
use crate::context::{Desk, problem};

type PathOf = Path<(String, String)>;

#[derive(Debug, Template)]
#[template(path = "selection/discard.html")]
struct Page {
    shell: Shell,
    here: String,
    exam: Arc<Exam>,
    round: Round,
    own: bool,
    form: Form,
}

fn here(exam: &Exam, round: &Round) -> String {
    format!(
        "/office/selection/{}/rounds/{}",
        exam.public_id(),
        round.row.public_id
    )
}

fn form(desk: &Desk, exam: &Exam, round: &Round) -> Form {
    let why = Field::text_area("why", "原因", 3);
    let why = if desk.is(round.row.made_by) {
        why.optional()
    } else {
        why.hint("生成名单的人会看到，例如：成绩已更正，需重新生成")
            .required()
    };
    Form::new(&desk.visit, format!("{}/discard", here(exam, round)))
        .bare()
        .field(why)
}

fn drawn(desk: &Desk, exam: Arc<Exam>, round: Round, form: Form) -> Page {
    let title = format!("放弃{} 第 {} 份", round.kind.label(), round.row.version);
    Page {
        shell: Shell::new(&desk.visit, title)
            .below("/office/selection")
            .with_errors(form.has_errors()),
        here: here(&exam, &round),
        own: desk.is(round.row.made_by),
        exam,
        round,
        form,
    }
}

/// Before it goes.
pub(super) async fn page(desk: Desk, Path((exam, id)): PathOf) -> PageResult {
    let (exam, round) = found(&desk, &exam, &id).await?;
    if !round.state.is_open() {
        return Ok(web::redirect(&here(&exam, &round)));
    }
    let form = form(&desk, &exam, &round).refill(&desk.visit);
    Ok(Html::new(drawn(&desk, exam, round, form)).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    why: String,
}

/// It goes.
pub(super) async fn discard(
    desk: Desk,
    Path((exam, id)): PathOf,
    sent: Protected<Sent>,
) -> PageResult {
    let (exam, round) = found(&desk, &exam, &id).await?;
    match round::discard(&desk.ctx, &exam, &id, &sent.why).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/selection/{}", exam.public_id()),
            flash::named(
                &format!("{} 第 {} 份已放弃", round.kind.label(), round.row.version),
                exam.title(),
            ),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam, &round)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(drawn(&desk, exam, round, form)).into())
        }
        Err(error) => Err(problem(error)),
    }
}
