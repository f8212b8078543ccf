//! 延长时间 of a published exam, with a reason that stays in the trail.

use std::sync::Arc;

use app::exam::part::{Draft, WindowsDraft, window_input};
use app::exam::{Exam, change, setup};
use askama::Template;
use axum::extract::Path;
use domain::exam::{ExamState, Phase};
use domain::time::Timestamp;
use domain::window::Standing;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell};

use super::windows::fields;
use crate::context::{Desk, problem};
use crate::list::Tag;

#[derive(Debug, Template)]
#[template(path = "exam/extend.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    version: String,
    /// Windows that are open or to come.
    ahead: Vec<Row>,
    over: Vec<Row>,
    /// Windows that the exam hasn't.
    absent: Vec<Row>,
    /// Registration was closed by hand: its window is what one comes here for.
    closed: bool,
}

/// One window, folded until somebody wants to change it.
#[derive(Debug)]
struct Row {
    label: &'static str,
    open: String,
    close: String,
    /// From when to when it is now.
    says: String,
    tag: Option<Tag>,
    /// Something was typed, or has to be mended.
    unfolded: bool,
}

/// Is any of them unfolded? Then so is what they stand in.
fn any(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.unfolded)
}

fn row(exam: &Exam, form: &Form, phase: Phase, now: Timestamp) -> (Option<Standing>, Row) {
    let stored = WindowsDraft::of(exam);
    let touched = |edge| {
        let name = window_input(phase, edge);
        form.message_of(&name).is_some() || form.value_of(&name) != stored.get(phase, edge)
    };
    let window = exam.window(phase);
    let standing = window.map(|window| window.standing(now));
    let row = Row {
        label: phase.label(),
        open: window_input(phase, "open"),
        close: window_input(phase, "close"),
        says: window.map_or_else(String::new, |window| {
            let minute = |at: Timestamp| crate::show::minute(at.micros());
            format!("{} 至 {}", minute(window.open()), minute(window.close()))
        }),
        tag: standing.map(|standing| match standing {
            Standing::Before => Tag::info("未开始"),
            Standing::Open => Tag::ok("进行中"),
            Standing::After => Tag::off("已结束"),
        }),
        unfolded: touched("open") || touched("close"),
    };
    (standing, row)
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
            .hint("例如：系统维护 2 小时，顺延报名和审查时间")
            .required()
            .with(reason),
    )
}

fn drawn(desk: &Desk, exam: Arc<Exam>, draft: &WindowsDraft, form: Form) -> Page {
    let (mut ahead, mut over, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    for phase in Phase::ALL {
        let (standing, row) = row(&exam, &form, *phase, desk.ctx.at);
        match standing {
            None => absent.push(row),
            Some(Standing::After) => over.push(row),
            Some(_) => ahead.push(row),
        }
    }
    Page {
        shell: Shell::new(&desk.visit, "延长时间")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        version: draft.version().to_string(),
        ahead,
        over,
        absent,
        closed: exam.state == ExamState::Closed,
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
    match change::draft_extension(&desk.ctx, &exam, &sent).await {
        Ok(change) => Ok(web::redirect(&super::changes::address(&exam, &change))),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &exam, &sent).errors(&errors);
            Ok(Html::invalid(drawn(&desk, exam, &sent, form)).into())
        }
        Err(error) => Err(problem(error)),
    }
}
