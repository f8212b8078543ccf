//! The bench: queue at the left, the comparison in the middle, the decision at the right.

mod acts;
mod parts;

use std::sync::Arc;

use app::App;
use app::exam::{self, Exam};
use app::review::{self, Bench, Unveiled, Veiled};
use askama::Template;
use axum::extract::{Path, State};
use domain::application::Event;
use domain::field::FieldErrors;
use domain::review::Review;
use domain::review::reason::{ReasonKind, ReasonTemplate, templates};
use domain::time::Timestamp;
use serde::Deserialize;
use web::{Html, PageError, PageResult, Problem, Shell};

use parts::{
    Carried, CheckLine, Condition, Doc, Log, Secret, answers, carried, changed, checks, condition,
    docs, items, last_note, logs, secrets,
};

pub(super) use acts::{claim, file, photo, release, unveil};
pub(super) use parts::chosen_items;

use super::queue::{Line, Looked, clock, line, state_tag};
use super::reviewers;
use crate::context::{Desk, problem};
use crate::list::Tag;

/// What was typed into the decision, to be shown again.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) decision: String,
    pub(super) code: String,
    pub(super) reason: String,
    pub(super) item: Vec<String>,
    pub(super) due: String,
    pub(super) hash: String,
    pub(super) review: String,
}

#[derive(Debug, Template)]
#[template(path = "review/bench.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    id: String,
    base: String,
    queue: Vec<Line>,
    queue_total: i64,
    queue_state: &'static str,
    bench: Bench,
    choice: String,
    state: Tag,
    submitted: String,
    photo_state: &'static str,
    conditions: Vec<Condition>,
    docs: Vec<Doc>,
    logs: Vec<Log>,
    secrets: Vec<Secret>,
    photo: Option<String>,
    left: String,
    late: bool,
    due: String,
    level: &'static str,
    /// The first of two levels: an approval hands the application on.
    hands_on: bool,
    appeal: bool,
    appeal_note: String,
    may_reopen: bool,
    items: Vec<(String, String)>,
    return_reasons: Vec<&'static ReasonTemplate>,
    reject_reasons: Vec<&'static ReasonTemplate>,
    typed: Typed,
    errors: Vec<(String, String)>,
    changed: String,
    /// Further answers, and the parts of the profile.
    answers: Vec<(String, String)>,
    /// What the carried-over file says beside what was claimed.
    carried: Option<Carried>,
    /// 实名核验 and 学历核验: name, what the application was saved with, what is known now, whose answer it is, whether it asks for a look.
    checks: Vec<CheckLine>,
}

impl Page {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|(key, _)| key == field)
            .map(|(_, message)| message.as_str())
    }

    /// Whether the candidate changed this part since the last decision: its name is in what the page says of it.
    fn is_new(&self, label: &str) -> bool {
        self.changed.contains(label)
    }

    fn mine(&self) -> bool {
        self.bench.holder.as_ref().is_some_and(|(_, mine)| *mine)
    }
}

/// The exam of an address, and the application, which must be one of it.
pub(super) async fn found(
    desk: &Desk,
    app: &App,
    exam: &str,
    id: &str,
) -> Result<(Arc<Exam>, Bench), PageError> {
    reviewers(desk)?;
    let exam = exam::find(app, exam).await.map_err(problem)?;
    let bench = review::bench(&desk.ctx, id).await.map_err(problem)?;
    if bench.view.row.exam_id != exam.id() {
        return Err(Problem::NotFound.into());
    }
    Ok((exam, bench))
}

pub(super) async fn show(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
) -> PageResult {
    page(
        &desk,
        &app,
        (&exam, &id),
        Typed::default(),
        FieldErrors::new(),
        None,
    )
    .await
}

/// Draws the bench, with what was typed and what was unveiled.
pub(super) async fn page(
    desk: &Desk,
    app: &App,
    (exam, id): (&str, &str),
    typed: Typed,
    errors: FieldErrors,
    unveiled: Option<(Veiled, Unveiled)>,
) -> PageResult {
    let (exam, bench) = found(desk, app, exam, id).await?;
    let now = desk.ctx.at;
    let review = bench.review();
    let looked = Looked {
        state: if review.waits_for_staff() {
            review.code().to_owned()
        } else {
            String::new()
        },
        ..Looked::default()
    };
    let filter = looked.filter(desk);
    let queue = review::queue(&desk.ctx, &exam, &filter)
        .await
        .map_err(problem)?;
    let base = format!("/office/reviews/{}/{id}", exam.public_id());
    let (left, late) = clock(bench.due().map_or(0, Timestamp::micros), now);
    let photo = match &unveiled {
        Some((_, Unveiled::PhotoToken(token))) => Some(format!("{base}/photo/{token}")),
        _ => None,
    };
    let failed = !errors.is_empty();
    let typed = filled(typed, &bench, &exam, now);
    let shell = Shell::new(&desk.visit, format!("资格审查：{}", bench.view.row.name))
        .below("/office/reviews")
        .with_errors(failed)
        .exam(exam.title(), "/office/reviews");
    let page = Page {
        shell,
        id: id.to_owned(),
        queue: queue
            .rows
            .into_iter()
            .take(20)
            .map(|row| line(row, now))
            .collect(),
        queue_total: queue.total,
        queue_state: filter.review.code(),
        choice: bench.view.choice.text(),
        state: state_tag(review),
        submitted: bench.view.submitted_at().to_chinese_short(),
        photo_state: bench
            .view
            .photo
            .as_ref()
            .map_or("未上传", |(state, _)| state.label()),
        conditions: bench.lines.iter().map(condition).collect(),
        docs: docs(&bench, &base),
        logs: logs(&bench),
        secrets: secrets(&bench, unveiled.as_ref()),
        photo,
        left,
        late,
        due: bench
            .due()
            .map(Timestamp::to_chinese_short)
            .unwrap_or_default(),
        hands_on: review == Review::Pending && exam.settings.review.levels >= 2,
        level: match review {
            Review::Pending if exam.settings.review.levels >= 2 => "初审",
            Review::FirstApproved => "复审",
            Review::Appealed => "申诉处理",
            Review::Pending => "审查",
            _ => "",
        },
        appeal: review == Review::Appealed,
        appeal_note: last_note(&bench, Event::Appeal),
        may_reopen: matches!(
            review,
            Review::Approved | Review::Rejected | Review::FirstApproved
        ) && !bench.view.seated,
        items: items(&bench),
        return_reasons: templates(ReasonKind::Return).collect(),
        reject_reasons: templates(ReasonKind::Reject).collect(),
        typed,
        errors: errors
            .iter()
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .collect(),
        changed: changed(&bench),
        answers: answers(&bench),
        carried: carried(&bench),
        checks: checks(&bench),
        base,
        exam,
        bench,
    };
    Ok(if failed {
        Html::invalid(page)
    } else {
        Html::new(page)
    }
    .into())
}

/// Fills in the proposed due time: the exam's hours from now.
fn filled(mut typed: Typed, bench: &Bench, exam: &Exam, now: Timestamp) -> Typed {
    if typed.due.is_empty() {
        let hours = i64::from(exam.settings.review.supplement_hours);
        typed.due = now.plus_seconds(hours * 3600).to_input();
    }
    typed.hash = bench.hash();
    typed
}
