//! Making exams and changing them: from a preset or a copy while it is a draft, its windows later.

use std::sync::Arc;

use db::{Command, Crowd, Lane, Tx};
use domain::exam::{ExamCategory, ExamSettings, ExamState, Phase};
use domain::field::FieldErrors;
use domain::staff::Permission;
use domain::time::Timestamp;
use domain::window::Window;
use serde_json::json;

use super::catalogue::{self, Exam};
use super::part::{Changing, Draft, QuestionDraft, WindowsDraft, window_input};
use super::position_store;
use super::preset::Preset;
use super::publish;
use super::store::{self, ExamColumns};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail, statistics};

/// Exams on a page of the office.
pub const PAGE: i64 = 20;
/// Counts stop here: 超过 1 万.
pub const MOST: i64 = 10_001;

/// A new exam as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct NewExam {
    /// 考试名称.
    pub title: String,
    /// 考试代码: letters, digits and `-`; stands in file names and registration numbers.
    pub code: String,
    /// `preset:<code>` or `copy:<public id>`.
    pub source: String,
}

/// Makes a draft from a preset or a copy; returns its public id. Windows are never copied.
pub async fn create(ctx: &Ctx, new: &NewExam) -> Result<String> {
    ctx.allow(Permission::ExamEdit)?;
    let mut errors = FieldErrors::new();
    let title = new.title.trim().to_owned();
    match title.chars().count() {
        0 => errors.add("title", "请填写考试名称"),
        1..=80 => {}
        count => errors.add("title", format!("考试名称最多 80 个字，您填了 {count} 个")),
    }
    let code = domain::sheet::squeezed(&new.code).to_ascii_uppercase();
    let good = (2..=20).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !good {
        errors.add(
            "code",
            "考试代码为 2 至 20 位字母、数字或 -，例如 SY2026-01",
        );
    } else if store::exam_by_code(&mut ctx.app.db().read(), &code)
        .await?
        .is_some()
    {
        errors.add("code", "这个考试代码已用过，请换一个");
    }
    let source = source(ctx, &new.source).await?;
    if source.is_none() {
        errors.add("source", "请选择从哪种类型开始");
    }
    errors.into_result()?;
    let Some((category, settings, from)) = source else {
        return Err(Error::NotFound);
    };
    let why = match from {
        Some(from) => format!("复制《{from}》：{COPIED}"),
        None => "新建".to_owned(),
    };
    let id = create_with(ctx, (category, &code, &title), settings, &why).await?;
    if let Some(from) = new.source.strip_prefix("copy:") {
        super::structure::copy(ctx, from, &id).await?;
    }
    Ok(id)
}

/// What a copy carries, and what it doesn't.
pub const COPIED: &str = "沿用流程、收费、照片要求、协议、附加问题、考场和成绩的舍入，有级别的连同级别规则和科目表（考试时间须重新核对）；时间安排、年龄计算日期、考试科目、岗位表、成绩公式和合格线须重新设置";

/// Category and settings to begin with, and the title of the exam that they are copied from.
type Source = (ExamCategory, ExamSettings, Option<String>);

async fn source(ctx: &Ctx, typed: &str) -> Result<Option<Source>> {
    if let Some(preset) = typed.strip_prefix("preset:") {
        let preset = Preset::from_code(preset);
        return Ok(preset.map(|preset| (preset.category(), preset.settings(ctx.at), None)));
    }
    let Some(public_id) = typed.strip_prefix("copy:") else {
        return Ok(None);
    };
    let exam = for_staff(ctx, public_id).await?;
    let mut settings = (*exam.settings).clone();
    settings.windows = domain::exam::Windows::default();
    settings.papers.clear();
    settings.score.full_marks.clear();
    settings.score.subject_lines.clear();
    settings.score.formula = None;
    settings.score.tie_break.clear();
    settings.counted_to = None;
    // The tables aren't copied, and questions that name rows of them would be asked of nobody. Keys of new questions count
    // the versions of this exam, which begin anew.
    for (place, question) in settings.questions.iter_mut().enumerate() {
        question.key = format!("c{}", place + 1);
        question.asked_of.positions.clear();
        question.asked_of.levels.clear();
    }
    settings.year = u32::try_from(ctx.at.date().year()).unwrap_or(settings.year);
    Ok(Some((
        exam.category,
        settings,
        Some(exam.title().to_owned()),
    )))
}

/// Makes a draft with given settings: what demonstrations and the command line start from.
pub async fn create_with(
    ctx: &Ctx,
    (category, code, title): (ExamCategory, &str, &str),
    settings: ExamSettings,
    reason: &str,
) -> Result<String> {
    ctx.allow(Permission::ExamEdit)?;
    let command = Create {
        stamp: Stamp::of(ctx),
        category,
        code: code.to_owned(),
        title: title.to_owned(),
        json: settings
            .to_json()
            .map_err(|e| Error::internal("exam.settings", e))?,
        settings,
        reason: reason.to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Create {
    stamp: Stamp,
    category: ExamCategory,
    code: String,
    title: String,
    json: String,
    settings: ExamSettings,
    reason: String,
}

impl Command for Create {
    const NAME: &'static str = "exam.create";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        if store::exam_by_code(tx, &self.code).await?.is_some() {
            return Err(Error::field("code", "这个考试代码已用过，请换一个"));
        }
        let mut trail = self.stamp.trail();
        let (by, at) = (self.stamp.actor_id(), self.stamp.at.micros());
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let keys = (
            id,
            public_id.as_str(),
            self.category.code(),
            self.code.as_str(),
        );
        let columns = columns(&self.title, &self.json, &self.settings);
        store::exam_insert(tx, keys, &columns, by, at).await?;
        store::settings_insert(tx, id, 1, &self.json, &self.reason, (by, at)).await?;
        let object = Object {
            kind: "exam",
            id,
            exam_id: id,
        };
        trail
            .audit(tx, "exam.create", object, json!({ "code": self.code }))
            .await?;
        Ok(public_id)
    }
}

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

/// The windows of a published exam as somebody extends them, all at once and with a reason.
///
/// A window that is open or over may only close later; one still to come may move later; one that the exam hasn't may be
/// added. Whether they still fit to each other is another question ([`super::change`]).
pub(super) fn extended(
    ctx: &Ctx,
    exam: &Exam,
    draft: &WindowsDraft,
    reason: &str,
) -> Result<Changing> {
    let mut errors = FieldErrors::new();
    if reason.chars().count() < 4 {
        errors.add("reason", "请写明延长的原因，考生和审计都会看到");
    }
    let mut changing = Changing::of(exam);
    let mut changes = 0;
    for phase in Phase::ALL {
        let old = exam.window(*phase);
        let Some(new) = draft.window(*phase, &mut errors) else {
            if old.is_some() && errors.get(&window_input(*phase, "open")).is_none() {
                errors.add(
                    window_input(*phase, "open"),
                    format!("已发布的{}时间不能去掉", phase.label()),
                );
            }
            continue;
        };
        // Fields carry minutes; a window that nobody touched keeps its seconds.
        let kept = old.filter(|old| {
            old.open().to_input() == new.open().to_input()
                && old.close().to_input() == new.close().to_input()
        });
        if kept.is_some() {
            continue;
        }
        changes += 1;
        if let Some(old) = old {
            let begun = old.open() <= ctx.at;
            if begun && old.open().to_input() != new.open().to_input() {
                errors.add(
                    window_input(*phase, "open"),
                    format!("{}已经开始，不能改开始时间", phase.label()),
                );
            } else if new.open().to_input() < old.open().to_input() {
                errors.add(
                    window_input(*phase, "open"),
                    format!("{}只能推迟，不能提前", phase.label()),
                );
            }
            if new.close() < old.close() {
                errors.add(
                    window_input(*phase, "close"),
                    format!("{}只能延长，不能提前结束", phase.label()),
                );
            }
        }
        changing.settings.windows.set(*phase, Some(new));
    }
    if changes == 0 && errors.is_empty() {
        errors.add("registration_close", "没有改动任何时间");
    }
    errors.into_result()?;
    Ok(changing)
}

/// The exams that the asking member of staff may see, newest first, from `before` on: a page and one more. An empty `state` lists
/// all.
pub async fn list(ctx: &Ctx, state: &str, before: Option<i64>) -> Result<Vec<Arc<Exam>>> {
    page_of(ctx, Permission::ExamView, (state, before), |_| true).await
}

/// The published exams with a written part on which the asking member of staff may do this: what is seated, printed and scored.
/// Newest first, from `before` on: a page and one more.
pub async fn seated_list(
    ctx: &Ctx,
    permission: Permission,
    before: Option<i64>,
) -> Result<Vec<Arc<Exam>>> {
    page_of(ctx, permission, ("public", before), |exam| {
        exam.settings.steps.seating
    })
    .await
}

/// Reads on until the page is full: what isn't wanted must not push out what is.
async fn page_of(
    ctx: &Ctx,
    permission: Permission,
    (state, before): (&str, Option<i64>),
    wanted: impl Fn(&Exam) -> bool,
) -> Result<Vec<Arc<Exam>>> {
    let staff = ctx.staff()?;
    if !staff.grants.any(permission) {
        return Err(Error::Forbidden);
    }
    let only = staff.grants.exams(permission);
    let scope = only.as_ref().map_or(0, |_| staff.id);
    let full = usize::try_from(PAGE + 1).unwrap_or(usize::MAX);
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut before = before.unwrap_or(i64::MAX);
    let mut exams: Vec<Arc<Exam>> = Vec::new();
    loop {
        let rows = store::exams_all(&mut scan, (state, scope), before, PAGE + 1).await?;
        let over = rows.len() < full;
        before = rows.last().map_or(0, |row| row.id);
        let mut more = ctx.app.exams().parse_all(rows)?;
        more.retain(|exam| {
            only.as_ref().is_none_or(|only| only.contains(&exam.id())) && wanted(exam)
        });
        exams.append(&mut more);
        if over || exams.len() >= full {
            break;
        }
    }
    exams.truncate(full);
    Ok(exams)
}

/// One exam for a member of staff who may see it for any unit.
///
/// # Errors
/// `NotFound` also for one that he may not see.
pub async fn for_staff(ctx: &Ctx, public_id: &str) -> Result<Arc<Exam>> {
    let exam = catalogue::find(&ctx.app, public_id).await?;
    if let crate::Actor::Staff(staff) = &ctx.actor {
        let units = staff.grants.units(Permission::ExamView, exam.id());
        if units.is_some_and(|units| units.is_empty()) {
            return Err(Error::NotFound);
        }
    } else if !matches!(ctx.actor, crate::Actor::System) {
        return Err(Error::NotFound);
    }
    Ok(exam)
}

/// One exam for somebody who may change it.
pub async fn for_edit(ctx: &Ctx, public_id: &str) -> Result<Arc<Exam>> {
    let exam = for_staff(ctx, public_id).await?;
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    Ok(exam)
}

/// What the office's list shows beside an exam.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Positions in its table.
    pub positions: i64,
    /// People sought.
    pub headcount: i64,
    /// Subjects in its table.
    pub subjects: i64,
    /// Live applications, in the asker's units where he has some only; seconds old.
    pub applied: i64,
    /// Approved ones among them.
    pub approved: i64,
    /// Paid or waived ones among them.
    pub paid: i64,
}

/// The figures of an exam, as far as the asker may see.
pub async fn figures(ctx: &Ctx, exam: &Exam) -> Result<Figures> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let (positions, headcount, subjects) = position_store::table_size(&mut scan, exam.id()).await?;
    let tally = statistics::standing(ctx, exam.id(), ctx.at).await?.0;
    Ok(Figures {
        positions,
        headcount,
        subjects,
        applied: tally.applied,
        approved: tally.approved,
        paid: tally.paid,
    })
}

/// Who changed the settings when and why, newest first: version, reason, name, instant.
pub async fn history(ctx: &Ctx, exam: &Exam) -> Result<Vec<(i64, String, String, Timestamp)>> {
    let rows = store::settings_history(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    let at = Timestamp::from_micros;
    Ok(rows
        .into_iter()
        .map(|(version, why, who, when)| (version, why, who, at(when)))
        .collect())
}
