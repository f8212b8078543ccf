//! The parts of the set-up whose form is a plain list of fields.

use std::sync::Arc;

use app::exam::part::{
    AgreementDraft, BasicsDraft, Draft, FeesDraft, Part, PhotoDraft, ScoresDraft, SeatingDraft,
    SelectionDraft, StepsDraft,
};
use app::exam::{Exam, change, setup};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::exam::ExamState;
use web::forms::Form;
use web::{Html, PageResult, Protected, Shell};

use super::fields::Fields;
use super::missing::Missing;
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "exam/part.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    label: &'static str,
    form: Form,
    version: String,
    draft: bool,
    /// Published: what is saved is a change to be published.
    public: bool,
    missing: Missing,
}

fn form<D: Fields>(desk: &Desk, exam: &Exam, part: Part, draft: &D) -> Form {
    Form::new(&desk.visit, super::address(exam, part)).fields(draft.fields())
}

async fn drawn(
    desk: &Desk,
    exam: Arc<Exam>,
    part: Part,
    form: Form,
    version: i64,
) -> PageResult<Page> {
    let label = part.label(exam.category);
    let missing = Missing::of(desk, &exam, part).await?;
    Ok(Page {
        missing,
        public: exam.is_public(),
        shell: Shell::new(&desk.visit, label)
            .below("/office/exams")
            .with_errors(form.has_errors()),
        label,
        form,
        version: version.to_string(),
        draft: exam.state == ExamState::Draft,
        exam,
    })
}

/// Stores a part of a draft, or drafts the change of a published exam; where to go on.
pub(super) async fn store<D: Draft>(
    desk: &Desk,
    exam: &Exam,
    part: Part,
    draft: &D,
) -> app::Result<Response> {
    if exam.is_public() {
        let change = change::draft_part(&desk.ctx, exam, part, draft).await?;
        return Ok(web::redirect(&super::changes::address(exam, &change)));
    }
    setup::save(&desk.ctx, exam, draft).await?;
    Ok(saved(desk, exam, part))
}

async fn show<D: Draft + Fields>(desk: &Desk, id: &str, part: Part) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, id).await.map_err(problem)?;
    let form = form(desk, &exam, part, &D::of(&exam)).refill(&desk.visit);
    let version = exam.row.version;
    Ok(Html::new(drawn(desk, exam, part, form, version).await?).into())
}

async fn keep<D: Draft + Fields>(
    desk: &Desk,
    id: &str,
    part: Part,
    sent: &Protected<D>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, id).await.map_err(problem)?;
    match store(desk, &exam, part, &**sent).await {
        Ok(response) => Ok(response),
        Err(app::Error::Fields(errors)) => {
            let form = form(desk, &exam, part, &**sent).errors(&errors);
            Ok(Html::invalid(drawn(desk, exam, part, form, sent.version()).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// Back to the exam, which says what was saved.
pub(super) fn saved(desk: &Desk, exam: &Exam, part: Part) -> Response {
    let path = format!("/office/exams/{}", exam.public_id());
    let what = format!("{}已保存", part.label(exam.category));
    web::page::redirect_with(&desk.visit, &path, web::flash::named(&what, exam.title()))
}

pub(super) async fn basics(desk: Desk, Path(id): Path<String>) -> PageResult {
    show::<BasicsDraft>(&desk, &id, Part::Basics).await
}

pub(super) async fn basics_save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<BasicsDraft>,
) -> PageResult {
    keep(&desk, &id, Part::Basics, &sent).await
}

pub(super) async fn steps(desk: Desk, Path(id): Path<String>) -> PageResult {
    show::<StepsDraft>(&desk, &id, Part::Steps).await
}

pub(super) async fn steps_save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<StepsDraft>,
) -> PageResult {
    keep(&desk, &id, Part::Steps, &sent).await
}

pub(super) async fn fees(desk: Desk, Path(id): Path<String>) -> PageResult {
    show::<FeesDraft>(&desk, &id, Part::Fees).await
}

pub(super) async fn fees_save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<FeesDraft>,
) -> PageResult {
    keep(&desk, &id, Part::Fees, &sent).await
}

pub(super) async fn photo(desk: Desk, Path(id): Path<String>) -> PageResult {
    show::<PhotoDraft>(&desk, &id, Part::Photo).await
}

pub(super) async fn photo_save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<PhotoDraft>,
) -> PageResult {
    keep(&desk, &id, Part::Photo, &sent).await
}

pub(super) async fn agreement(desk: Desk, Path(id): Path<String>) -> PageResult {
    show::<AgreementDraft>(&desk, &id, Part::Agreement).await
}

pub(super) async fn agreement_save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<AgreementDraft>,
) -> PageResult {
    keep(&desk, &id, Part::Agreement, &sent).await
}

pub(super) async fn seating(desk: Desk, Path(id): Path<String>) -> PageResult {
    show::<SeatingDraft>(&desk, &id, Part::Seating).await
}

pub(super) async fn seating_save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<SeatingDraft>,
) -> PageResult {
    keep(&desk, &id, Part::Seating, &sent).await
}

pub(super) async fn scores(desk: Desk, Path(id): Path<String>) -> PageResult {
    show::<ScoresDraft>(&desk, &id, Part::Scores).await
}

pub(super) async fn scores_save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<ScoresDraft>,
) -> PageResult {
    keep(&desk, &id, Part::Scores, &sent).await
}

pub(super) async fn selection(desk: Desk, Path(id): Path<String>) -> PageResult {
    show::<SelectionDraft>(&desk, &id, Part::Selection).await
}

pub(super) async fn selection_save(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<SelectionDraft>,
) -> PageResult {
    keep(&desk, &id, Part::Selection, &sent).await
}
