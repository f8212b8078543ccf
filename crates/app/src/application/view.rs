//! Applications as their owner sees them: the step bar, what comes next, the history.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::application::progress::{self, Known, Mark, Next, Step};
use domain::application::{Life, State};
use domain::exam::ExamSettings;
use domain::exam::question::Answer;
use domain::exam::snapshot::Choice;
use domain::review::{PhotoState, Review};
use domain::time::Timestamp;

use super::change::own_row;
use super::content::{self, Kept};
use super::rules::{self, Ground};
use super::store::{self, ApplicationRow, EventRow};
use crate::exam::Exam;
use crate::object::{self, File};
use crate::waiver::{self, Glimpse};
use crate::{Ctx, Error, Result, photo, score};

/// An application with everything that a page says about it.
#[derive(Debug, Clone)]
pub struct View {
    /// The row.
    pub row: ApplicationRow,
    /// The exam as it is now.
    pub exam: Arc<Exam>,
    /// The settings that it was made under.
    pub made: Arc<ExamSettings>,
    /// The state.
    pub state: State,
    /// What was chosen.
    pub choice: Choice,
    /// The step bar.
    pub bar: Vec<(Step, Mark)>,
    /// What comes next.
    pub next: Next,
    /// Whether it has a seat in the published plan.
    pub seated: bool,
    /// Whether its scores are published and can be looked at now.
    pub scores: bool,
    /// Whether the position that it stands on was cancelled.
    pub cancelled: bool,
    /// Until when a refusal may be appealed against.
    pub appeal_until: Option<Timestamp>,
    /// The state of the photo that counts now, with its reason.
    pub photo: Option<(PhotoState, String)>,
    /// Where its waiver stands.
    pub waiver: Glimpse,
}

impl View {
    /// By when whoever has to act on the review must act.
    pub fn review_due(&self) -> Option<Timestamp> {
        (self.row.review_due > 0).then(|| Timestamp::from_micros(self.row.review_due))
    }

    /// When it was submitted.
    pub fn submitted_at(&self) -> Timestamp {
        Timestamp::from_micros(self.row.submitted_at)
    }
}

/// Everything that the asking candidate applied for, newest first.
pub async fn mine(ctx: &Ctx) -> Result<Vec<View>> {
    let account_id = ctx.candidate()?;
    let rows = store::applications_of(&mut ctx.app.db().read(), account_id, 50).await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(view(ctx, row).await?);
    }
    Ok(views)
}

/// One application of the asking candidate.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub async fn own(ctx: &Ctx, public_id: &str) -> Result<View> {
    view(ctx, own_row(ctx, public_id).await?).await
}

/// The living application of the asking candidate in an exam.
pub async fn living(ctx: &Ctx, exam: &Exam) -> Result<Option<View>> {
    let account_id = ctx.candidate()?;
    match store::application_living(&mut ctx.app.db().read(), exam.id(), account_id).await? {
        Some(row) => Ok(Some(view(ctx, row).await?)),
        None => Ok(None),
    }
}

/// What was submitted.
pub async fn own_content(ctx: &Ctx, view: &View) -> Result<Kept> {
    if view.row.account_id != ctx.candidate()? {
        return Err(Error::NotFound);
    }
    content::kept(&ctx.app, &view.row).await
}

/// The answers as they were submitted, to fill the form in again.
pub async fn own_answers(ctx: &Ctx, view: &View) -> Result<BTreeMap<String, Answer>> {
    if view.row.account_id != ctx.candidate()? {
        return Err(Error::NotFound);
    }
    content::answers(&ctx.app, &view.row).await
}

/// The history of an application of the asking candidate.
pub async fn own_events(ctx: &Ctx, view: &View) -> Result<Vec<EventRow>> {
    if view.row.account_id != ctx.candidate()? {
        return Err(Error::NotFound);
    }
    Ok(store::events_of(&mut ctx.app.db().read(), view.row.id).await?)
}

/// A file that the asking candidate hung on an application.
pub async fn own_attachment(ctx: &Ctx, public_id: &str, object: &str) -> Result<File> {
    let row = own_row(ctx, public_id).await?;
    let id = store::file_object(&mut ctx.app.db().read(), row.id, object)
        .await?
        .ok_or(Error::NotFound)?;
    object::read(&ctx.app, id).await
}

/// The photo that an application of the asking candidate was made with.
pub async fn own_photo(ctx: &Ctx, view: &View) -> Result<File> {
    if view.row.account_id != ctx.candidate()? {
        return Err(Error::NotFound);
    }
    photo::of_application(&ctx.app, view.row.account_id, view.row.photo_id).await
}

/// The view of a row; the caller has checked who asks.
pub(crate) async fn view(ctx: &Ctx, row: ApplicationRow) -> Result<View> {
    let mut read = ctx.app.db().read();
    let Ground { exam, made } =
        rules::ground(&mut read, &ctx.app, row.exam_id, row.settings_version).await?;
    let state = rules::state_of(&row)?;
    let seated = exam.is_seated() && store::seated(&mut read, row.id).await?;
    let appealed =
        row.review == Review::Rejected.code() && store::appealed_before(&mut read, row.id).await?;
    let photo = photo::current(&ctx.app, row.account_id).await?;
    let photo = photo.and_then(|p| PhotoState::from_code(&p.state).map(|state| (state, p.reason)));
    let known = Known {
        steps: made.steps,
        seated,
        ticket: exam.windows().ticket.map(|window| window.standing(ctx.at)),
    };
    let mut gates = progress::looking(photo.as_ref().map(|(state, _)| *state), seated, appealed);
    if let Some(position) = row.position_id {
        gates.cancelled = rules::cancelled(&mut read, position).await?;
        gates.target.from_cancelled = gates.cancelled;
    }
    let ground = Ground { exam, made };
    let next = progress::next(state, &known, &ground.rules(&row, ctx.at, gates));
    let appeal_until = row
        .review_at
        .filter(|_| row.review == Review::Rejected.code() && ground.made.review.appeal && !appealed)
        .map(|refused_at| rules::appeal_until(&ground.made, refused_at));
    let Ground { exam, made } = ground;
    let waiver = waiver::glimpse(&mut read, &exam, &row, ctx.at).await?;
    Ok(View {
        choice: content::choice_of(&row)?,
        bar: progress::bar(state, &known),
        scores: seated && state.life() == Life::Live && score::to_see(&exam, ctx.at),
        row,
        exam,
        made,
        state,
        next,
        seated,
        cancelled: gates.cancelled,
        appeal_until,
        photo,
        waiver,
    })
}
