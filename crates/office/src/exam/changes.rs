//! 更正设置 of a published exam: what was drafted, one change with its difference, effect and notice, and every version.

use std::sync::Arc;

use app::exam::change::{self, Change, ChangeRow, Version};
use app::exam::part::Part;
use app::exam::{Exam, Figures, setup};
use askama::Template;
use axum::extract::Path;
use domain::exam::{Along, Phase, ReviewLeft};
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash};

use super::amendments::{Typed, notice_fields};
use crate::context::{Desk, problem};
use crate::list::Tag;

#[derive(Debug, Template)]
#[template(path = "exam/changes.html")]
struct ListPage {
    shell: Shell,
    exam: Arc<Exam>,
    changes: Vec<ChangeRow>,
    versions: Vec<Version>,
}

fn tag(row: &ChangeRow) -> Tag {
    match row.state.as_str() {
        "published" => Tag::ok("已公布"),
        "draft" => Tag::wait("待公布"),
        "asked" => Tag::wait("待复核"),
        "rejected" => Tag::bad("复核未通过"),
        _ => Tag::off("已放弃"),
    }
}

/// What a change is about: the part that it was made on.
pub(super) fn kind(exam: &Exam, row: &ChangeRow) -> &'static str {
    Part::ALL
        .into_iter()
        .find(|part| part.code() == row.part)
        .map_or("延长时间", |part| part.label(exam.category))
}

pub(super) async fn list(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let page = ListPage {
        shell: Shell::new(&desk.visit, "设置的更正和版本").below("/office/exams"),
        changes: change::list(&desk.ctx, &exam).await.map_err(problem)?,
        versions: change::versions(&desk.ctx, &exam).await.map_err(problem)?,
        exam,
    };
    Ok(Html::new(page).into())
}

/// A window as it is, as it would be, and as it would be moved along.
#[derive(Debug)]
struct Row {
    label: &'static str,
    now: String,
    new: String,
    along: String,
    /// What doesn't fit.
    problems: Vec<String>,
}

#[derive(Debug, Template)]
#[template(path = "exam/change.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    found: Change,
    current: bool,
    figures: Figures,
    rows: Vec<Row>,
    /// What the reviewers have left, where that changes.
    left: Option<ReviewLeft>,
    /// Whether there is something to move along.
    movable: bool,
    /// Whether the asker is the second person that it waits for.
    may_decide: bool,
    form: Form,
    decide: Form,
}

impl Page {
    fn at(&self) -> String {
        address(&self.exam, &self.found.row.public_id)
    }
}

/// The address of a change's page.
pub(super) fn address(exam: &Exam, change: &str) -> String {
    format!("/office/exams/{}/changes/{change}", exam.public_id())
}

fn submit_form(desk: &Desk, exam: &Exam, found: &Change) -> Form {
    let row = &found.row;
    let notice = (row.notice_title.as_str(), row.notice_body.as_str());
    let form = Form::new(&desk.visit, address(exam, &row.public_id));
    notice_fields(form, notice, &row.reason)
}

fn decide_form(desk: &Desk, exam: &Exam, found: &Change) -> Form {
    let action = format!("{}/decide", address(exam, &found.row.public_id));
    Form::new(&desk.visit, action).field(
        Field::text_area("note", "不同意的原因", 2)
            .hint("同意的不用填")
            .optional(),
    )
}

/// The windows that move or no longer fit.
fn rows(exam: &Exam, along: &Along, settings: &domain::exam::Windows) -> Vec<Row> {
    let text = |windows: &domain::exam::Windows, phase| {
        windows
            .get(phase)
            .map(|window| window.to_chinese())
            .unwrap_or_default()
    };
    let mut rows = Vec::new();
    for phase in Phase::ALL {
        let now = text(&exam.settings.windows, *phase);
        let new = text(settings, *phase);
        let moved = text(&along.windows, *phase);
        let problems: Vec<String> = along
            .conflicts
            .iter()
            .filter(|one| one.later == *phase)
            .map(|one| one.text.clone())
            .collect();
        if now == new && new == moved && problems.is_empty() {
            continue;
        }
        rows.push(Row {
            label: phase.label(),
            along: if moved == new { String::new() } else { moved },
            now,
            new,
            problems,
        });
    }
    rows
}

async fn drawn(
    desk: &Desk,
    exam: Arc<Exam>,
    found: Change,
    (form, decide): (Form, Form),
) -> PageResult<Page> {
    let settings = found.settings().map_err(problem)?;
    let left = settings.windows.review_left(
        &exam.settings.windows,
        settings.steps,
        settings.review.hours,
    );
    let windows = settings.windows.clone();
    let rows = found
        .along
        .as_ref()
        .map_or_else(Vec::new, |along| rows(&exam, along, &windows));
    let movable = found.is_draft() && rows.iter().any(|row| !row.along.is_empty());
    let me = desk.ctx.actor.id();
    Ok(Page {
        shell: Shell::new(&desk.visit, "更正考试设置")
            .below("/office/exams")
            .with_errors(form.has_errors() || decide.has_errors()),
        figures: setup::figures(&desk.ctx, &exam).await.map_err(problem)?,
        current: found.is_current(&exam),
        may_decide: found.is_asked()
            && found.row.asked_by != Some(me)
            && found.row.created_by != me,
        movable,
        rows,
        left: left.filter(|_| found.along.is_some()),
        exam,
        found,
        form,
        decide,
    })
}

pub(super) async fn page(desk: Desk, Path((id, change)): Path<(String, String)>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let found = change::find(&desk.ctx, &exam, &change)
        .await
        .map_err(problem)?;
    let form = submit_form(&desk, &exam, &found).refill(&desk.visit);
    let decide = decide_form(&desk, &exam, &found).refill(&desk.visit);
    Ok(Html::new(drawn(&desk, exam, found, (form, decide)).await?).into())
}

fn back(desk: &Desk, exam: &Exam, change: &str, what: &str) -> PageResult {
    Ok(web::page::redirect_with(
        &desk.visit,
        &address(exam, change),
        flash::named(what, exam.title()),
    ))
}

pub(super) async fn submit(
    desk: Desk,
    Path((id, change)): Path<(String, String)>,
    sent: Protected<Typed>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    match change::submit(&desk.ctx, &exam, &change, &sent.publication()).await {
        Ok(()) => {
            let found = change::find(&desk.ctx, &exam, &change)
                .await
                .map_err(problem)?;
            let what = if found.is_asked() {
                "更正已提交，等待另一人复核"
            } else {
                "更正和补充公告已公布"
            };
            back(&desk, &exam, &change, what)
        }
        Err(app::Error::Fields(errors)) => {
            let found = change::find(&desk.ctx, &exam, &change)
                .await
                .map_err(problem)?;
            let form = submit_form(&desk, &exam, &found)
                .values(sent.submission())
                .errors(&errors);
            let decide = decide_form(&desk, &exam, &found);
            Ok(Html::invalid(drawn(&desk, exam, found, (form, decide)).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// The second person's word.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Word {
    /// `yes` or `no`.
    answer: String,
    note: String,
}

pub(super) async fn decide(
    desk: Desk,
    Path((id, change)): Path<(String, String)>,
    sent: Protected<Word>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let word = (sent.answer == "yes", sent.note.as_str());
    match change::decide(&desk.ctx, &exam, &change, word).await {
        Ok(()) => {
            let what = if word.0 {
                "已同意，更正和补充公告已公布"
            } else {
                "没有同意这份更正"
            };
            back(&desk, &exam, &change, what)
        }
        Err(app::Error::Fields(errors)) => {
            let found = change::find(&desk.ctx, &exam, &change)
                .await
                .map_err(problem)?;
            let form = submit_form(&desk, &exam, &found);
            let decide = decide_form(&desk, &exam, &found)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(drawn(&desk, exam, found, (form, decide)).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

pub(super) async fn along(
    desk: Desk,
    Path((id, change)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let moved = change::move_along(&desk.ctx, &exam, &change)
        .await
        .map_err(problem)?;
    Ok(web::redirect(&address(&exam, &moved)))
}

pub(super) async fn withdraw(
    desk: Desk,
    Path((id, change)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    change::withdraw(&desk.ctx, &exam, &change)
        .await
        .map_err(problem)?;
    Ok(web::page::redirect_with(
        &desk.visit,
        &format!("/office/exams/{id}/changes"),
        flash::named("已放弃这份更正", exam.title()),
    ))
}
