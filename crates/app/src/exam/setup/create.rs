//! New exams, from a preset or a copy.

use std::collections::BTreeSet;

use db::{Command, Crowd, Lane, Tx};
use domain::exam::{ExamCategory, ExamSettings};
use domain::field::FieldErrors;
use domain::rehearsal;
use domain::selection::combine::{INTERVIEW, WRITTEN};
use domain::staff::Permission;
use serde_json::json;

use super::{columns, for_staff};
use crate::exam::preset::Preset;
use crate::exam::{store, structure};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Exams read at a time.
const PAGE: i64 = 100;
/// Ticket numbers have two digits for it.
const MOST_NUMBER: u32 = 99;

/// A new exam as typed.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct NewExam {
    /// 考试名称.
    pub title: String,
    /// 考试代码: letters, digits and `-`; stands in file names and registration numbers.
    pub code: String,
    /// `preset:<code>` or `copy:<public id>`.
    pub source: String,
    /// 演练: `1` makes it a rehearsal, for good.
    #[serde(default)]
    pub rehearsal: String,
}

/// Makes a draft from a preset or a copy; returns its public id. Windows are never copied.
pub async fn create(ctx: &Ctx, new: &NewExam) -> Result<String> {
    ctx.allow(Permission::ExamEdit)?;
    let mut errors = FieldErrors::new();
    let rehearsal = new.rehearsal == "1";
    let title = new
        .title
        .trim()
        .trim_start_matches(rehearsal::TITLE)
        .to_owned();
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
    let Some((category, mut settings, from)) = source else {
        return Err(Error::NotFound);
    };
    settings.number = free_number(ctx, settings.year).await?;
    let why = match from {
        Some(from) => format!("复制《{from}》：{COPIED}"),
        None => "新建".to_owned(),
    };
    let id = make(ctx, (category, &code, &title, rehearsal), settings, &why).await?;
    if let Some(from) = new.source.strip_prefix("copy:") {
        structure::copy(ctx, from, &id).await?;
    }
    Ok(id)
}

/// The first number of a year that no exam has (本年第几场): ticket numbers are made of it, and two exams of one number would give
/// the same ones.
async fn free_number(ctx: &Ctx, year: u32) -> Result<u32> {
    let mut taken = BTreeSet::new();
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut before = i64::MAX;
    loop {
        // Of everybody's exams, whatever the asker may see: a number is no secret.
        let rows = store::exams_all(&mut scan, ("", 0), before, PAGE).await?;
        let Some(last) = rows.last() else { break };
        before = last.id;
        let exams = ctx.app.exams().parse_all(rows)?;
        let of_year = exams.iter().filter(|exam| exam.settings.year == year);
        taken.extend(of_year.map(|exam| exam.settings.number));
    }
    let free = (1..=MOST_NUMBER).find(|number| !taken.contains(number));
    Ok(free.unwrap_or(MOST_NUMBER))
}

/// What a copy carries, and what it doesn't.
pub const COPIED: &str = "沿用流程（连同实名和学历核验的要求）、收费、照片要求、协议、附加问题、考场、成绩的舍入、面试与聘用的规则，有级别的连同级别规则和科目表（考试时间须重新核对）；时间安排、年龄计算日期、考试科目、岗位表、成绩公式和合格线须重新设置";

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
    // Until when a bonus is asked for is a window like the others, and the subjects that decide between equals go with the papers.
    settings.score.bonus.window = None;
    let known = |name: &String| name == WRITTEN || name == INTERVIEW;
    settings.selection.tie_break.retain(known);
    settings.counted_to = None;
    // The table of positions isn't copied, and a question that names rows of it would be asked of nobody; levels go along.
    // Keys of new questions count the versions of this exam, which begin anew.
    for (place, question) in settings.questions.iter_mut().enumerate() {
        question.key = format!("c{}", place + 1);
        question.asked_of.positions.clear();
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
    make(ctx, (category, code, title, false), settings, reason).await
}

/// The same for a rehearsal.
pub async fn create_rehearsal(
    ctx: &Ctx,
    (category, code, title): (ExamCategory, &str, &str),
    settings: ExamSettings,
    reason: &str,
) -> Result<String> {
    make(ctx, (category, code, title, true), settings, reason).await
}

async fn make(
    ctx: &Ctx,
    (category, code, title, rehearsal): (ExamCategory, &str, &str, bool),
    settings: ExamSettings,
    reason: &str,
) -> Result<String> {
    ctx.allow(Permission::ExamEdit)?;
    let command = Create {
        stamp: Stamp::of(ctx),
        category,
        code: code.to_owned(),
        title: rehearsal::titled(title, rehearsal),
        rehearsal,
        json: settings
            .to_json()
            .map_err(|e| Error::internal("exam.settings", e))?,
        settings,
        reason: reason.to_owned(),
    };
    let public_id = ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    Ok(public_id)
}

struct Create {
    stamp: Stamp,
    category: ExamCategory,
    code: String,
    title: String,
    rehearsal: bool,
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
        store::exam_insert(tx, keys, &columns, (by, at, self.rehearsal)).await?;
        store::settings_insert(tx, id, 1, &self.json, &self.reason, (by, at)).await?;
        let object = Object {
            kind: "exam",
            id,
            exam_id: id,
        };
        trail
            .audit(
                tx,
                "exam.create",
                object,
                json!({ "code": self.code, "rehearsal": self.rehearsal }),
            )
            .await?;
        Ok(public_id)
    }
}
