//! Making exams and changing them: from a preset or a copy ([`create`]), part by part while it is a draft, its windows later
//! ([`extended`]), and what staff see of them ([`list`]).

mod create;
mod extend;
mod look;

pub use create::{COPIED, NewExam, create, create_rehearsal, create_with};
pub(super) use extend::extended;
pub use look::{
    Figures, MOST, PAGE, drafts, figures, for_edit, for_staff, history, list, seated_list,
    selecting_list,
};

use db::{Command, Lane, Tx};
use domain::exam::{ExamSettings, ExamState, Phase};
use domain::staff::Permission;
use domain::time::Timestamp;
use domain::window::Window;
use serde_json::json;

use super::catalogue::{self, Exam};
use super::part::{Changing, Draft, QuestionDraft};
use super::publish;
use super::store::{self, ExamColumns};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

/// The columns that follow from the settings; 0 for a window that isn't set.
fn columns<'a>(title: &'a str, json: &'a str, settings: &ExamSettings) -> ExamColumns<'a> {
    let edge = |phase, edge: fn(Window) -> Timestamp| {
        settings
            .windows
            .get(phase)
            .map_or(0, |window| edge(window).micros())
    };
    ExamColumns {
        title,
        settings: json,
        registration: (
            edge(Phase::Registration, Window::open),
            edge(Phase::Registration, Window::close),
        ),
        payment_closes: edge(Phase::Payment, Window::close),
        ticket: (
            edge(Phase::Ticket, Window::open),
            edge(Phase::Ticket, Window::close),
        ),
    }
}

/// Saves one part of a draft at the version that was read.
pub async fn save<D: Draft>(ctx: &Ctx, exam: &Exam, draft: &D) -> Result<()> {
    let mut changing = Changing::of(exam);
    draft.apply(&mut changing)?;
    put(ctx, exam, draft.version(), changing).await
}

/// Saves a changed draft at the version that was read.
///
/// # Errors
/// `Refused` with code `exam_published` for an exam that isn't a draft; `Conflict` if somebody was faster.
pub async fn put(ctx: &Ctx, exam: &Exam, version: i64, changing: Changing) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    if exam.state != ExamState::Draft {
        return Err(published());
    }
    write(
        ctx,
        exam,
        version,
        changing,
        ("修改设置", &[ExamState::Draft]),
    )
    .await
}

/// Saves one question of a draft, in place of the one with `key` or at the end. Whom it names must be in the tables.
///
/// # Errors
/// `Fields`; as [`put`].
pub async fn put_question(
    ctx: &Ctx,
    exam: &Exam,
    draft: &QuestionDraft,
    key: Option<&str>,
) -> Result<()> {
    let mut changing = Changing::of(exam);
    draft.put(&mut changing, key)?;
    let put_in = match key {
        Some(key) => changing
            .settings
            .questions
            .iter()
            .find(|one| one.key == key),
        None => changing.settings.questions.last(),
    };
    let unknown = match put_in {
        Some(question) => publish::unknown_of(&ctx.app, exam, question).await?,
        None => Vec::new(),
    };
    if !unknown.is_empty() {
        let field = if exam.has_positions() {
            "positions"
        } else {
            "levels"
        };
        let text = format!("表中没有 {}，请核对", unknown.join("、"));
        return Err(Error::field(field, text));
    }
    put(ctx, exam, draft.version, changing).await
}

/// Moves a question of a draft one place up or down.
///
/// # Errors
/// `NotFound`; as [`put`].
pub async fn move_question(
    ctx: &Ctx,
    exam: &Exam,
    version: i64,
    (key, up): (&str, bool),
) -> Result<()> {
    let changing = moved_question(exam, (key, up))?;
    put(ctx, exam, version, changing).await
}

/// An exam with one question moved a place up or down; unchanged at the ends.
///
/// # Errors
/// `NotFound`.
pub fn moved_question(exam: &Exam, (key, up): (&str, bool)) -> Result<Changing> {
    let mut changing = Changing::of(exam);
    let questions = &mut changing.settings.questions;
    let at = questions
        .iter()
        .position(|one| one.key == key)
        .ok_or(Error::NotFound)?;
    let to = if up { at.checked_sub(1) } else { Some(at + 1) };
    if let Some(to) = to.filter(|to| *to < questions.len()) {
        questions.swap(at, to);
    }
    Ok(changing)
}

fn published() -> Error {
    Error::refused(
        "exam_published",
        "考试已经发布，不能再改设置",
        "已发布的考试不在原处修改，请作为更正起草，写明原因并与补充公告一起公布。",
    )
}

async fn write(
    ctx: &Ctx,
    exam: &Exam,
    version: i64,
    changing: Changing,
    (reason, states): (&str, &'static [ExamState]),
) -> Result<()> {
    let json = changing
        .settings
        .to_json()
        .map_err(|e| Error::internal("exam.settings", e))?;
    let command = Write {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        exam_id: exam.id(),
        version,
        changing,
        json,
        reason: reason.to_owned(),
        states,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    Ok(())
}

struct Write {
    stamp: Stamp,
    app: App,
    exam_id: i64,
    version: i64,
    changing: Changing,
    json: String,
    reason: String,
    states: &'static [ExamState],
}

impl Command for Write {
    const NAME: &'static str = "exam.write";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let now = catalogue::find_in(tx, &self.app, self.exam_id).await?;
        if !self.states.contains(&now.state) {
            return Err(published());
        }
        if now.row.version != self.version {
            return Err(Error::Conflict(FASTER));
        }
        let made = (
            self.changing.title.as_str(),
            self.json.as_str(),
            &self.changing.settings,
        );
        stand(tx, &mut self.stamp.trail(), &now, made, &self.reason).await
    }
}

const FASTER: &str = "这场考试刚被别人改过，请刷新后再改";

/// Makes settings stand as the next version: title, JSON and the same parsed. The caller has checked who asks, and `now` is
/// what the transaction reads.
///
/// # Errors
/// `Conflict` if somebody was faster.
pub(super) async fn stand(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    now: &Exam,
    (title, json, settings): (&str, &str, &ExamSettings),
    reason: &str,
) -> Result<()> {
    let title = &domain::rehearsal::titled(title, now.is_rehearsal());
    let columns = columns(title, json, settings);
    if store::exam_set_settings(tx, now.id(), now.row.version, &columns).await? == 0 {
        return Err(Error::Conflict(FASTER));
    }
    let who = (trail.actor_id(), trail.at().micros());
    let next = now.row.settings_version + 1;
    store::settings_insert(tx, now.id(), next, json, reason, who).await?;
    let object = Object {
        kind: "exam",
        id: now.id(),
        exam_id: now.id(),
    };
    let changed = changed(now, title, settings);
    let detail = json!({ "version": next, "reason": crate::reason::hide_numbers(reason), "changed": changed });
    trail.audit(tx, "exam.settings", object, detail).await
}

/// Names of the settings that differ: enough for the trail; the settings themselves are kept by version.
fn changed(before: &Exam, title: &str, settings: &ExamSettings) -> Vec<String> {
    let value = |settings: &ExamSettings| serde_json::to_value(settings).unwrap_or_default();
    let (old, new) = (value(&before.settings), value(settings));
    let mut changed: Vec<String> = new
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| old.get(key.as_str()) != Some(value))
        .map(|(key, _)| key.clone())
        .collect();
    if before.row.title != title {
        changed.push("title".to_owned());
    }
    changed
}

/// Saves what another feature may still change in a published exam; the caller has checked who asks and what changes.
pub(crate) async fn amend_published(
    ctx: &Ctx,
    exam: &Exam,
    version: i64,
    changing: Changing,
    reason: &str,
) -> Result<()> {
    let states = &[ExamState::Draft, ExamState::Published, ExamState::Closed];
    write(ctx, exam, version, changing, (reason, states)).await
}
