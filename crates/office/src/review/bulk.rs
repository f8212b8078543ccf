//! 批量通过: a preview of exactly what is about to be approved, then one decision for each, told one by one.
//!
//! Only what the comparison passes whole can be approved in bulk; whatever changed between preview and confirmation is left
//! out and named.

use std::sync::Arc;

use app::App;
use app::exam::{self, Exam};
use app::review::{self, Decision, Shown};
use askama::Template;
use axum::extract::{Path, State};
use domain::eligibility::Verdict;
use domain::review::Review;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell, redirect};

use super::reviewers;
use crate::context::{Desk, problem};

/// Decided on in one go; a page of the queue.
const MOST: usize = 30;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Chosen {
    /// Public ids.
    pick: Vec<String>,
    state: String,
}

#[derive(Debug)]
struct Line {
    /// Id and hash of what is shown, as the confirmation sends it back.
    token: String,
    name: String,
    choice: String,
    /// Why it can't be approved in bulk; empty if it can.
    but: String,
}

#[derive(Debug, Template)]
#[template(path = "review/bulk.html")]
struct Preview {
    shell: Shell,
    exam: Arc<Exam>,
    state: String,
    lines: Vec<Line>,
    good: usize,
}

pub(super) async fn preview(
    desk: Desk,
    State(app): State<App>,
    Path(exam): Path<String>,
    form: Protected<Chosen>,
) -> PageResult {
    reviewers(&desk)?;
    let chosen = form.into_inner();
    let exam = exam::find(&app, &exam).await.map_err(problem)?;
    if chosen.pick.is_empty() {
        return Ok(redirect(&format!(
            "/office/reviews/{}?state={}",
            exam.public_id(),
            state(&chosen)
        )));
    }
    let mut lines = Vec::new();
    for id in chosen.pick.iter().take(MOST) {
        let bench = review::bench(&desk.ctx, id).await.map_err(problem)?;
        if bench.view.row.exam_id != exam.id() {
            continue;
        }
        let asks = bench
            .lines
            .iter()
            .any(|line| line.answer.verdict() != Verdict::Pass);
        let held = bench.holder.as_ref().is_some_and(|(_, mine)| !mine);
        let but = if !bench.may_decide {
            "不在您这一级待审"
        } else if asks || bench.barred {
            "有条件须人工核对"
        } else if held {
            "其他人员办理中"
        } else {
            ""
        };
        lines.push(Line {
            token: format!("{id}:{}:{}", bench.review().code(), bench.hash()),
            name: bench.view.row.name.clone(),
            choice: bench.view.choice.text(),
            but: but.to_owned(),
        });
    }
    let good = lines.iter().filter(|line| line.but.is_empty()).count();
    let state = state(&chosen).to_owned();
    let shell = Shell::new(&desk.visit, "批量通过")
        .below("/office/reviews")
        .exam(exam.title(), "/office/reviews");
    Ok(Html::new(Preview {
        shell,
        exam,
        state,
        lines,
        good,
    })
    .into())
}

fn state(chosen: &Chosen) -> &'static str {
    Review::from_code(&chosen.state)
        .unwrap_or(Review::Pending)
        .code()
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Confirmed {
    token: Vec<String>,
}

#[derive(Debug, Template)]
#[template(path = "review/bulk_done.html")]
struct Done {
    shell: Shell,
    exam: Arc<Exam>,
    approved: usize,
    left: Vec<(String, String)>,
}

pub(super) async fn confirm(
    desk: Desk,
    State(app): State<App>,
    Path(exam): Path<String>,
    form: Protected<Confirmed>,
) -> PageResult {
    reviewers(&desk)?;
    let exam = exam::find(&app, &exam).await.map_err(problem)?;
    let (mut approved, mut left) = (0, Vec::new());
    for token in form.into_inner().token.iter().take(MOST) {
        let mut parts = token.splitn(3, ':');
        let (Some(id), Some(state), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let shown = Shown {
            public_id: id.to_owned(),
            hash: hash.to_owned(),
            review: Review::from_code(state).unwrap_or(Review::None),
        };
        match review::decide(&desk.ctx, &shown, &Decision::Approve).await {
            Ok(_) => approved += 1,
            Err(app::Error::Refused(refusal)) => left.push((id.to_owned(), refusal.text)),
            Err(app::Error::Conflict(text)) => left.push((id.to_owned(), text.to_owned())),
            Err(error) => return Err(problem(error)),
        }
    }
    let shell = Shell::new(&desk.visit, "批量通过")
        .below("/office/reviews")
        .exam(exam.title(), "/office/reviews");
    Ok(Html::new(Done {
        shell,
        exam,
        approved,
        left,
    })
    .into())
}
