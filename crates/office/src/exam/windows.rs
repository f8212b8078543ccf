//! 时间安排: the windows of a draft.

use std::sync::Arc;

use app::exam::part::{Draft, Part, WindowsDraft, window_input};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::Path;
use domain::exam::{ExamState, Phase};
use domain::field::FieldErrors;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell};

use super::missing::Missing;
use crate::context::{Desk, problem};

/// A window's two fields in the form.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) label: &'static str,
    pub(super) open: String,
    pub(super) close: String,
    pub(super) note: &'static str,
}

#[derive(Debug, Template)]
#[template(path = "exam/windows.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    form: Form,
    version: String,
    needed: Vec<Pair>,
    further: Vec<Pair>,
    further_open: bool,
    draft: bool,
    missing: Missing,
}

/// The windows that an exam must have, then the others.
pub(super) fn pairs(exam: &Exam) -> (Vec<Pair>, Vec<Pair>) {
    let steps = exam.settings.steps;
    let needed = |phase: &Phase| match phase {
        Phase::Registration | Phase::Score => true,
        Phase::Review => steps.has_review(),
        Phase::Payment => steps.has_payment(),
        Phase::Ticket | Phase::Sitting => steps.seating,
        _ => false,
    };
    let pair = |phase: Phase| Pair {
        label: phase.label(),
        open: window_input(phase, "open"),
        close: window_input(phase, "close"),
        note: note(phase),
    };
    let (first, rest): (Vec<Phase>, Vec<Phase>) =
        Phase::ALL.iter().partition(|phase| needed(phase));
    (
        first.into_iter().map(pair).collect(),
        rest.into_iter().map(pair).collect(),
    )
}

fn note(phase: Phase) -> &'static str {
    match phase {
        Phase::Review => "不填的，从报名开始起都可以审查",
        Phase::Score => "可以在发布后用“延长时间”补上",
        Phase::Reapply => "岗位取消后，原报考人员改报的时间",
        Phase::Arrangement => "这段时间报名信息不再变动",
        Phase::Supplement => "不填的，与资格审查时间相同",
        _ => "",
    }
}

/// The fields of all windows with what was typed.
pub(super) fn fields(draft: &WindowsDraft) -> Vec<Field> {
    let mut fields = Vec::new();
    for phase in Phase::ALL {
        for (edge, label) in [("open", "开始"), ("close", "结束")] {
            let label = format!("{}{label}", phase.label());
            let field = Field::date_time(window_input(*phase, edge), label);
            fields.push(field.with(draft.get(*phase, edge)));
        }
    }
    fields
}

fn form(desk: &Desk, exam: &Exam, draft: &WindowsDraft) -> Form {
    Form::new(&desk.visit, super::address(exam, Part::Windows)).fields(fields(draft))
}

async fn drawn(desk: &Desk, exam: Arc<Exam>, draft: &WindowsDraft, form: Form) -> PageResult<Page> {
    let (needed, further) = pairs(&exam);
    let has = |pair: &Pair| {
        !form.value_of(&pair.open).is_empty() || form.message_of(&pair.open).is_some()
    };
    Ok(Page {
        missing: Missing::of(desk, &exam, Part::Windows).await?,
        shell: Shell::new(&desk.visit, "时间安排")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        version: draft.version().to_string(),
        further_open: further.iter().any(has),
        needed,
        further,
        form,
        draft: exam.state == ExamState::Draft,
        exam,
    })
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let draft = WindowsDraft::of(&exam);
    let form = form(&desk, &exam, &draft).refill(&desk.visit);
    Ok(Html::new(drawn(&desk, exam, &draft, form).await?).into())
}

pub(super) async fn save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<WindowsDraft>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    match setup::save(&desk.ctx, &exam, &*sent).await {
        Ok(()) => Ok(super::parts::saved(&desk, &exam, Part::Windows)),
        Err(app::Error::Fields(errors)) => again(&desk, exam, &sent, &errors).await,
        Err(error) => Err(problem(error)),
    }
}

async fn again(
    desk: &Desk,
    exam: Arc<Exam>,
    draft: &WindowsDraft,
    errors: &FieldErrors,
) -> PageResult {
    let form = form(desk, &exam, draft).errors(errors);
    Ok(Html::invalid(drawn(desk, exam, draft, form).await?).into())
}
