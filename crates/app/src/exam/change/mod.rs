//! 更正设置: nothing published is edited in place.
//!
//! A part of a published exam that is saved, or windows that are extended, become a *change*: the settings as they would be,
//! drafted over a version of them, told line by line in words ([`words`]). It is published with a reason and a supplementary
//! notice ([`publish`]) as a new version of the settings; applications keep the one that they were made under. Money, times of
//! the papers and rules of the scores take a second person; what an application, a seat or a score hangs on stands still from its
//! moment on ([`domain::exam::frozen`]). Whoever has a live application is told by a job ([`tell`]).
//!
//! `draft → published`, or `draft → asked → published | rejected`, or `withdrawn`.

mod notice;
mod publish;
pub mod tell;
pub mod words;

pub use publish::{decide, submit, withdraw};

use db::{Command, Crowd, Lane, Tx};
use domain::exam::frozen::{self, Reached};
use domain::exam::{Along, ExamSettings};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::amendment::FieldChange;
use super::catalogue::Exam;
pub use super::change_store::ChangeRow;
use super::change_store::{self as store, ChangeInsert};
use super::part::{Changing, Draft, Part, WindowsDraft};
use super::{setup, store as exams};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Changes and versions on the history page.
pub const SHOWN: i64 = 50;
/// What an extension calls its part.
pub const EXTEND: &str = "extend";

/// A change to look at.
#[derive(Debug, Clone)]
pub struct Change {
    /// The row.
    pub row: ChangeRow,
    /// Line by line.
    pub changes: Vec<FieldChange>,
    /// What its windows do to those that depend on them; `None` where no window moves.
    pub along: Option<Along>,
    /// What forbids its publication, in plain Chinese.
    pub problems: Vec<String>,
}

impl Change {
    /// Whether it waits for whoever drafted it.
    pub fn is_draft(&self) -> bool {
        self.row.state == "draft"
    }

    /// Whether it waits for a second person.
    pub fn is_asked(&self) -> bool {
        self.row.state == "asked"
    }

    /// The settings as they would be.
    ///
    /// # Errors
    /// What is stored can't be read.
    pub fn settings(&self) -> Result<ExamSettings> {
        settings_in(&self.row.settings)
    }

    /// Whether it was drafted over the settings that stand.
    pub fn is_current(&self, exam: &Exam) -> bool {
        self.row.base_version == exam.row.settings_version
    }
}

/// Refuses to change what stands still by now ([`frozen`]).
fn thawed(
    exam: &Exam,
    settings: &ExamSettings,
    (applied, shortlisted): (bool, bool),
) -> Result<()> {
    let reached = Reached {
        applied,
        shortlisted,
        seated: exam.row.seat_plan != 0,
        scored: exam.row.score_batch != 0,
    };
    let cold = frozen::frozen(&exam.settings, settings, reached);
    let Some((_, since)) = cold.first() else {
        return Ok(());
    };
    let names: Vec<&str> = cold.iter().map(|(what, _)| *what).collect();
    Err(Error::refused(
        "frozen",
        format!("{}不能再改", names.join("、")),
        since.reason(),
    ))
}

/// The problems that a change brings in.
fn new_problems(exam: &Exam, settings: &ExamSettings) -> Vec<String> {
    let before = exam.settings.problems(exam.category);
    let mut problems = settings.problems(exam.category);
    problems.retain(|one| !before.contains(one));
    problems
}

/// Drafts the change of one part of a published exam; its public id.
///
/// # Errors
/// `Fields`; `Refused` for what may not change, or changes nothing; `Conflict` if somebody was faster.
pub async fn draft_part<D: Draft>(ctx: &Ctx, exam: &Exam, part: Part, draft: &D) -> Result<String> {
    let mut changing = Changing::of(exam);
    draft.apply(&mut changing)?;
    draft_settings(ctx, exam, (part, draft.version()), changing).await
}

/// The same for settings that were changed in another way.
///
/// # Errors
/// As [`draft_part`].
pub async fn draft_settings(
    ctx: &Ctx,
    exam: &Exam,
    (part, version): (Part, i64),
    changing: Changing,
) -> Result<String> {
    let problems = new_problems(exam, &changing.settings);
    if !problems.is_empty() {
        let text = format!("{}。", problems.join("；"));
        return Err(Error::refused(
            "settings_problems",
            "这样改后设置前后不一致",
            text,
        ));
    }
    if let Some(question) = unknown(ctx, exam, &changing.settings).await? {
        return Err(Error::refused(
            "settings_problems",
            "附加问题与岗位表不一致",
            question,
        ));
    }
    draft(ctx, exam, (part.code(), version), changing, ("", None)).await
}

async fn unknown(ctx: &Ctx, exam: &Exam, settings: &ExamSettings) -> Result<Option<String>> {
    for question in &settings.questions {
        let unknown = super::publish::unknown_of(&ctx.app, exam, question).await?;
        if !unknown.is_empty() {
            let names = unknown.join("、");
            return Ok(Some(format!(
                "“{}”指定的 {names} 不在表中。",
                question.label
            )));
        }
    }
    Ok(None)
}

/// Drafts an extension of windows: what it does to the others is looked at before it is published.
///
/// # Errors
/// `Fields` for windows that may not move so, or without a reason; `Refused`, `Conflict`.
pub async fn draft_extension(ctx: &Ctx, exam: &Exam, typed: &WindowsDraft) -> Result<String> {
    only_public(ctx, exam)?;
    let reason = typed.0.get("reason").map_or("", |reason| reason.trim());
    let changing = setup::extended(ctx, exam, typed, reason)?;
    draft(
        ctx,
        exam,
        (EXTEND, typed.version()),
        changing,
        (reason, None),
    )
    .await
}

/// Moves the dependants of a drafted extension along with it: another draft in its place.
///
/// # Errors
/// `NotFound`; `Conflict` if it isn't a draft any more.
pub async fn move_along(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<String> {
    let change = find(ctx, exam, public_id).await?;
    let waits = change.row.state == "draft" && change.row.part == EXTEND;
    let Some(along) = change.along.filter(|_| waits) else {
        return Err(Error::Conflict("这份更正已公布或已放弃，请刷新查看"));
    };
    let mut changing = Changing::of(exam);
    changing.settings.windows = along.windows;
    let row = change.row;
    let with = (row.reason.as_str(), Some(row.id));
    draft(ctx, exam, (EXTEND, exam.row.version), changing, with).await
}

fn only_public(ctx: &Ctx, exam: &Exam) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    if exam.is_public() {
        return Ok(());
    }
    Err(Error::refused(
        "exam_not_public",
        "考试没有发布",
        "草稿请直接修改设置；已归档的考试不能再改。",
    ))
}

async fn draft(
    ctx: &Ctx,
    exam: &Exam,
    (part, version): (&str, i64),
    changing: Changing,
    (reason, replaces): (&str, Option<i64>),
) -> Result<String> {
    only_public(ctx, exam)?;
    if version != exam.row.version {
        return Err(Error::Conflict("这场考试刚被别人改过，请刷新后再改"));
    }
    let changes = words::diff(
        &words::lines(exam.title(), &exam.settings),
        &words::lines(&changing.title, &changing.settings),
    );
    if changes.is_empty() {
        return Err(Error::refused(
            "nothing_changed",
            "没有改动",
            "保存的内容与已公布的设置相同，不需要更正。",
        ));
    }
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let applied = exams::exam_has_applications(&mut scan, exam.id()).await? > 0;
    let shortlisted = crate::selection::is_shortlisted(&mut scan, exam.id()).await?;
    thawed(exam, &changing.settings, (applied, shortlisted))?;
    let two_people = frozen::takes_two(&exam.settings, &changing.settings);
    let notice = notice::supplement(exam, &changes, &changing.settings, part == EXTEND, reason);
    let command = Drafted {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        part: part.to_owned(),
        base: exam.row.settings_version,
        title: changing.title,
        settings: changing
            .settings
            .to_json()
            .map_err(|e| Error::internal("exam.settings", e))?,
        changes: serde_json::to_string(&changes)
            .map_err(|e| Error::internal("settings_change.changes", e))?,
        two_people,
        reason: reason.to_owned(),
        notice,
        replaces,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Drafted {
    stamp: Stamp,
    exam_id: i64,
    part: String,
    base: i64,
    title: String,
    settings: String,
    changes: String,
    two_people: bool,
    reason: String,
    notice: (String, String),
    replaces: Option<i64>,
}

impl Command for Drafted {
    const NAME: &'static str = "exam.change_draft";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if let Some(old) = self.replaces
            && store::change_end(tx, (old, "draft"), ("withdrawn", ""), who).await? == 0
        {
            return Err(Error::Conflict("这份更正已公布或已放弃，请刷新查看"));
        }
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = ChangeInsert {
            id,
            public_id: &public_id,
            exam_id: self.exam_id,
            part: &self.part,
            base: self.base,
            title: &self.title,
            settings: &self.settings,
            changes: &self.changes,
            two_people: self.two_people,
            reason: &self.reason,
            notice: (&self.notice.0, &self.notice.1),
            who,
        };
        store::change_insert(tx, &row).await?;
        let object = Object {
            kind: "settings_change",
            id,
            exam_id: self.exam_id,
        };
        let detail = json!({ "part": self.part });
        trail.audit(tx, "exam.change_draft", object, detail).await?;
        Ok(public_id)
    }
}

async fn row_of(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<ChangeRow> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    store::change_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.exam_id == exam.id())
        .ok_or(Error::NotFound)
}

fn changes_in(json: &str) -> Result<Vec<FieldChange>> {
    serde_json::from_str(json).map_err(|e| Error::internal("settings_change.changes", e))
}

fn settings_in(json: &str) -> Result<ExamSettings> {
    ExamSettings::from_json(json).map_err(|e| Error::internal("settings_change.settings", e))
}

/// One change of an exam.
///
/// # Errors
/// `NotFound` also for one of another exam.
pub async fn find(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<Change> {
    let row = row_of(ctx, exam, public_id).await?;
    let settings = settings_in(&row.settings)?;
    let (windows, standing) = (&settings.windows, &exam.settings.windows);
    let waits = matches!(row.state.as_str(), "draft" | "asked");
    let along = (waits && windows != standing)
        .then(|| windows.moved_along(standing, settings.steps, ctx.at));
    let problems = if waits {
        new_problems(exam, &settings)
    } else {
        Vec::new()
    };
    Ok(Change {
        changes: changes_in(&row.changes)?,
        along,
        problems,
        row,
    })
}

/// The changes of an exam, newest first.
pub async fn list(ctx: &Ctx, exam: &Exam) -> Result<Vec<ChangeRow>> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    Ok(store::changes_of(&mut ctx.app.db().scan(Crowd::Staff), exam.id(), SHOWN).await?)
}

/// The changes that wait for somebody: drafts, and what a second person has to confirm.
///
/// # Errors
/// `Forbidden`.
pub async fn waiting(ctx: &Ctx, exam: &Exam) -> Result<Vec<ChangeRow>> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    Ok(store::changes_waiting(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?)
}

/// A version of the settings, and what it changed.
#[derive(Debug, Clone)]
pub struct Version {
    /// Its number, from 1.
    pub number: i64,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Against the version before; the first has none.
    pub changes: Vec<FieldChange>,
}

/// Every version of an exam's settings with its difference, newest first, at most [`SHOWN`].
pub async fn versions(ctx: &Ctx, exam: &Exam) -> Result<Vec<Version>> {
    let history = setup::history(ctx, exam).await?;
    let lines = async |number: i64| -> Result<Option<Vec<words::Line>>> {
        let json = exams::settings_at(&mut ctx.app.db().read(), exam.id(), number).await?;
        // A version that an older program wrote may hold what this one can't read: then it has no difference to show.
        Ok(json
            .and_then(|json| ExamSettings::from_json(&json).ok())
            .map(|settings| words::lines(exam.title(), &settings)))
    };
    let mut versions = Vec::new();
    let most = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let mut newer: Option<Vec<words::Line>> = None;
    for (number, reason, by, at) in history.into_iter().take(most) {
        let new = match newer.take() {
            Some(lines) => Some(lines),
            None => lines(number).await?,
        };
        let old = if number > 1 {
            lines(number - 1).await?
        } else {
            None
        };
        let changes = match (&old, &new) {
            (Some(old), Some(new)) => words::diff(old, new),
            _ => Vec::new(),
        };
        versions.push(Version {
            number,
            reason,
            by,
            at,
            changes,
        });
        newer = old;
    }
    Ok(versions)
}
