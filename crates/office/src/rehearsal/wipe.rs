//! 清除: what would go, the title typed to confirm, how far it is, and the certificate.

use std::sync::Arc;

use app::exam::Exam;
use app::rehearsal;
use app::rehearsal::wipe::{self, WipeRow};
use askama::Template;
use axum::extract::Path;
use domain::field::FieldErrors;
use domain::time::Timestamp;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Problem, Protected, Shell, Submission, redirect};

use crate::context::{Desk, problem};
use crate::list::Tag;

#[derive(Debug, Template)]
#[template(path = "rehearsal/wipe.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    there: Vec<(String, i64)>,
    form: Form,
}

async fn drawn(
    desk: &Desk,
    id: &str,
    sent: Option<(&Submission, &FieldErrors)>,
) -> PageResult<Page> {
    let exam = rehearsal::find(&desk.ctx, id).await.map_err(problem)?;
    let mut there = wipe::there(&desk.ctx, &exam).await.map_err(problem)?;
    there.retain(|(_, count)| *count > 0);
    let action = format!("/office/exams/{}/rehearsal/wipe", exam.public_id());
    let mut form = Form::new(&desk.visit, action).bare().field(
        Field::text("title", "考试名称")
            .hint("照填上面的名称以确认，“【演练】”可以不填")
            .required(),
    );
    form = match sent {
        Some((sent, errors)) => form.values(sent).errors(errors),
        None => form.refill(&desk.visit),
    };
    let shell = Shell::new(&desk.visit, "清除演练")
        .below("/office/exams")
        .with_errors(form.has_errors());
    Ok(Page {
        shell,
        exam,
        there,
        form,
    })
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let (_, view) = rehearsal::overview(&desk.ctx, &id).await.map_err(problem)?;
    if let Some(row) = view.wipe {
        return Ok(redirect(&format!("/office/rehearsals/{}", row.public_id)));
    }
    Ok(Html::new(drawn(&desk, &id, None).await?).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    title: String,
}

pub(super) async fn ask(desk: Desk, Path(id): Path<String>, sent: Protected<Sent>) -> PageResult {
    match wipe::ask(&desk.ctx, &id, &sent.title).await {
        Ok(row) => Ok(redirect(&format!("/office/rehearsals/{row}"))),
        Err(app::Error::Fields(errors)) => {
            let page = drawn(&desk, &id, Some((sent.submission(), &errors))).await?;
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "rehearsal/list.html")]
struct List {
    shell: Shell,
    rows: Vec<WipeRow>,
}

fn tag(row: &WipeRow) -> Tag {
    if row.is_done() {
        Tag::ok("已清除")
    } else {
        Tag::wait("正在清除")
    }
}

fn minute(at: i64) -> String {
    Timestamp::from_micros(at).to_local_minute()
}

pub(super) async fn list(desk: Desk) -> PageResult {
    desk.visit.mark_rehearsal();
    let rows = wipe::list(&desk.ctx).await.map_err(problem)?;
    let shell = Shell::new(&desk.visit, "演练清除记录").below("/office/exams");
    Ok(Html::new(List { shell, rows }).into())
}

#[derive(Debug, Template)]
#[template(path = "rehearsal/certificate.html")]
struct Certificate {
    shell: Shell,
    row: WipeRow,
    /// Kind, how many there were, how many have gone.
    kinds: Vec<(String, Option<i64>, i64)>,
    total: i64,
}

pub(super) async fn certificate(desk: Desk, Path(id): Path<String>) -> PageResult {
    desk.visit.mark_rehearsal();
    let rows = wipe::list(&desk.ctx).await.map_err(problem)?;
    let row = rows.into_iter().find(|row| row.public_id == id);
    let row = row.ok_or(Problem::NotFound)?;
    let (planned, removed) = (row.planned(), row.removed());
    let mut kinds: Vec<_> = planned
        .iter()
        .filter(|(kind, count)| **count > 0 || removed.contains_key(*kind))
        .map(|(kind, count)| {
            (
                kind.clone(),
                Some(*count),
                removed.get(kind).copied().unwrap_or(0),
            )
        })
        .collect();
    for (kind, count) in &removed {
        if !planned.contains_key(kind) {
            kinds.push((kind.clone(), None, *count));
        }
    }
    let page = Certificate {
        shell: Shell::new(&desk.visit, "演练清除证明").below("/office/exams"),
        total: removed.values().sum(),
        kinds,
        row,
    };
    Ok(Html::new(page).into())
}
