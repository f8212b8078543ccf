//! From draft to archive: what is missing, publication, closing.

use db::{Command, Lane, Query, Tx};
use domain::check::{CheckKind, Demand};
use domain::exam::state::ExamRefused;
use domain::exam::{ExamEvent, ExamState, Phase, ProfessionalTable, Question, Subject, question};
use domain::payment::FeeRule;
use serde_json::json;

use super::catalogue::{self, Exam};
use super::import::Summary;
use super::part::Part;
use super::{import_store, position_store, setup, store, subjects};
use crate::{App, Ctx, Error, Object, Result, Stamp, Trail};

/// What stands in the way of publication, by part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Check {
    /// Every problem, in the order of the parts.
    pub problems: Vec<(Part, String)>,
}

impl Check {
    /// Those of one part.
    pub fn of(&self, part: Part) -> impl Iterator<Item = &str> {
        self.problems
            .iter()
            .filter(move |(of, _)| *of == part)
            .map(|(_, text)| text.as_str())
    }

    fn sort(&mut self) {
        self.problems
            .sort_by_key(|(part, _)| Part::ALL.iter().position(|one| one == part));
    }

    /// Whether nothing is missing.
    pub fn is_clear(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks an exam for publication.
pub async fn check(app: &App, exam: &Exam) -> Result<Check> {
    let mut check = check_in(&mut app.db().scan(db::Crowd::Staff), exam).await?;
    check.problems.extend(asked_of_nobody(app, exam).await?);
    check.problems.extend(checked_by_nobody(app, exam));
    check.sort();
    Ok(check)
}

/// Checks that the exam asks for and nobody is asked about.
fn checked_by_nobody(app: &App, exam: &Exam) -> Vec<(Part, String)> {
    let checks = &app.policy().checks;
    CheckKind::ALL
        .iter()
        .copied()
        .filter(|kind| exam.settings.checks.of(*kind) != Demand::Off && checks.of(*kind).is_none())
        .map(|kind| {
            let text = format!(
                "要求{}，但没有开通：请改为不要求，或请运维人员在配置里设置 checks.{}",
                kind.label(),
                kind.code()
            );
            (Part::Steps, text)
        })
        .collect()
}

/// Questions that name positions or levels which the tables don't have.
async fn asked_of_nobody(app: &App, exam: &Exam) -> Result<Vec<(Part, String)>> {
    let mut problems = Vec::new();
    for question in &exam.settings.questions {
        let unknown = unknown_of(app, exam, question).await?;
        if !unknown.is_empty() {
            let text = format!(
                "附加问题“{}”指定的 {} 不在表中",
                question.label,
                unknown.join("、")
            );
            problems.push((Part::Questions, text));
        }
    }
    Ok(problems)
}

/// The positions and levels that a question names and the visible tables don't have.
pub(super) async fn unknown_of(app: &App, exam: &Exam, question: &Question) -> Result<Vec<String>> {
    let asked = &question.asked_of;
    let mut unknown = Vec::new();
    if !asked.positions.is_empty() {
        let table = super::positions::table(app, exam).await?;
        let known = |code: &String| table.items().iter().any(|item| item.position.code == *code);
        unknown.extend(asked.positions.iter().filter(|code| !known(code)).cloned());
    }
    if !asked.levels.is_empty() {
        let table = super::subjects(app, exam).await?;
        let known = table.levels();
        unknown.extend(
            asked
                .levels
                .iter()
                .filter(|level| !known.contains(&level.as_str()))
                .cloned(),
        );
    }
    Ok(unknown)
}

async fn check_in(q: &mut impl Query, exam: &Exam) -> Result<Check> {
    let (positions, _, subjects) = position_store::table_size(q, exam.id()).await?;
    let mut check = check_with(exam, positions, subjects);
    // Ages were made rules when the table was read: by another day they'd be wrong.
    let summary = import_store::batch_summary(q, exam.row.positions_batch).await?;
    let summary = summary.and_then(|json| serde_json::from_str::<Summary>(&json).ok());
    let counted_to = summary.map(|summary| summary.counted_to);
    if exam.has_positions() && counted_to.is_some_and(|day| day != exam.settings.counted_to) {
        let text = "年龄计算日期在导入岗位表之后改过，请重新导入岗位表";
        check.problems.push((Part::Table, text.to_owned()));
    }
    if !exam.has_positions() {
        let table = subjects::table_in(q, exam.id()).await?;
        check.problems.extend(of_subjects(exam, &table));
    }
    check.sort();
    Ok(check)
}

/// What stands in the way in the levels and subjects.
fn of_subjects(exam: &Exam, table: &ProfessionalTable) -> Vec<(Part, String)> {
    let settings = &exam.settings;
    let mut problems: Vec<(Part, String)> = settings
        .levels
        .problems(table)
        .into_iter()
        .map(|text| (Part::Levels, text))
        .collect();
    // A copied table still has the times of the year before.
    let closes = settings
        .windows
        .get(Phase::Registration)
        .map(|window| window.close());
    let early = |subject: &&Subject| closes.is_some_and(|closes| subject.starts_at < closes);
    if let Some(subject) = table.subjects.iter().find(early) {
        let text = format!(
            "“{}”的考试时间早于网上报名截止，请核对各科目的考试时间",
            subject.name
        );
        problems.push((Part::Table, text));
    }
    problems.extend(unpriced(exam, table).map(|text| (Part::Fees, text)));
    problems
}

/// A level that takes its subjects together, for which the prices by number of subjects have none.
fn unpriced(exam: &Exam, table: &ProfessionalTable) -> Option<String> {
    let FeeRule::PerCombination { prices } = &exam.settings.fees.rule else {
        return None;
    };
    let level_of = |level: &&str| exam.settings.levels.of(level).mode.takes_all();
    for level in table.levels().into_iter().filter(level_of) {
        for specialty in table.specialties(level) {
            let count = table.subjects_of(level, specialty).len();
            let priced = prices
                .iter()
                .any(|price| usize::try_from(price.subjects).is_ok_and(|number| number == count));
            if !priced {
                return Some(format!(
                    "收费标准中没有报考 {count} 科的价格，“{level}”须报考 {count} 科"
                ));
            }
        }
    }
    None
}

fn check_with(exam: &Exam, positions: i64, subjects: i64) -> Check {
    let settings = &exam.settings;
    let windows = settings.windows.problems(settings.steps);
    let fees = settings.fees.problems();
    let questions = question::problems(&settings.questions);
    let papers = settings.papers.iter();
    let names: Vec<&str> = papers
        .flat_map(|paper| [paper.name.as_str(), paper.code.as_str()])
        .collect();
    let selection = settings.selection.problems(&names, settings.steps.seating);
    let part_of = |text: &String| {
        if windows.contains(text) {
            Part::Windows
        } else if selection.contains(text) {
            // Before the words of the scores: it speaks of 面试成绩 and 总成绩.
            Part::Selection
        } else if text.starts_with("考试科目") {
            // Before the words below: a subject may be called anything.
            Part::Papers
        } else if fees.contains(text) || text.starts_with("流程设置为") || text.contains("收费")
        {
            Part::Fees
        } else if questions.contains(text) {
            Part::Questions
        } else if text.contains("协议") {
            Part::Agreement
        } else if text.starts_with("照片") {
            Part::Photo
        } else if text.starts_with("资格审查") {
            Part::Steps
        } else if text.contains("成绩") {
            Part::Scores
        } else if text.contains("考试科目") {
            Part::Papers
        } else if text.contains("考场") || text.contains("座位") {
            Part::Seating
        } else {
            Part::Basics
        }
    };
    let mut problems: Vec<(Part, String)> = settings
        .problems(exam.category)
        .into_iter()
        .map(|text| (part_of(&text), text))
        .collect();
    if exam.has_positions() && positions == 0 {
        problems.push((Part::Table, "请导入岗位表".to_owned()));
    }
    if !exam.has_positions() && subjects == 0 {
        problems.push((Part::Table, "请导入级别、专业与科目表".to_owned()));
    }
    if settings.organizer.is_empty() {
        problems.push((Part::Basics, "请填写组织单位".to_owned()));
    }
    Check { problems }
}

/// 发布: everybody sees the exam.
///
/// # Errors
/// `Refused` with what is missing.
pub async fn publish(ctx: &Ctx, public_id: &str) -> Result<()> {
    let exam = setup::for_edit(ctx, public_id).await?;
    let mut problems = asked_of_nobody(&ctx.app, &exam).await?;
    problems.extend(checked_by_nobody(&ctx.app, &exam));
    if let Some((_, problem)) = problems.into_iter().next() {
        let refused = ExamRefused::Settings(vec![problem]);
        let title = format!("现在不能{}", ExamEvent::Publish.label());
        return Err(Error::refused("exam_state", title, format!("{refused}。")));
    }
    move_on(ctx, public_id, ExamEvent::Publish).await
}

/// 撤回发布, before anybody applied.
pub async fn unpublish(ctx: &Ctx, public_id: &str) -> Result<()> {
    move_on(ctx, public_id, ExamEvent::Unpublish).await
}

/// 结束报名: nobody enters any more, whatever the window says.
pub async fn close(ctx: &Ctx, public_id: &str) -> Result<()> {
    move_on(ctx, public_id, ExamEvent::Close).await
}

/// 重新开放报名.
pub async fn reopen(ctx: &Ctx, public_id: &str) -> Result<()> {
    move_on(ctx, public_id, ExamEvent::Reopen).await
}

/// 归档, as part of the commit that confirms it (`crate::archive`).
pub(crate) async fn archive_in(
    tx: &mut Tx,
    app: &App,
    trail: &mut Trail<'_>,
    exam_id: i64,
) -> Result<()> {
    moved(tx, app, trail, (exam_id, ExamEvent::Archive)).await
}

async fn move_on(ctx: &Ctx, public_id: &str, event: ExamEvent) -> Result<()> {
    let exam = setup::for_edit(ctx, public_id).await?;
    let command = Move {
        stamp: Stamp::of(ctx),
        app: ctx.app.clone(),
        exam_id: exam.id(),
        event,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.exams().forget();
    Ok(())
}

struct Move {
    stamp: Stamp,
    app: App,
    exam_id: i64,
    event: ExamEvent,
}

impl Command for Move {
    const NAME: &'static str = "exam.move";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        moved(tx, &self.app, &mut trail, (self.exam_id, self.event)).await
    }
}

async fn moved(
    tx: &mut Tx,
    app: &App,
    trail: &mut Trail<'_>,
    (exam_id, event): (i64, ExamEvent),
) -> Result<()> {
    let exam = catalogue::find_in(tx, app, exam_id).await?;
    let check = check_in(tx, &exam).await?;
    let problems: Vec<String> = check.problems.into_iter().map(|(_, text)| text).collect();
    let applications = store::exam_has_applications(tx, exam_id).await?;
    let applications = u64::try_from(applications).unwrap_or(0);
    let next = exam
        .state
        .on(event, &problems, applications)
        .map_err(|refused| {
            let title = format!("现在不能{}", event.label());
            Error::refused("exam_state", title, format!("{refused}。"))
        })?;
    let published =
        (next == ExamState::Published && event == ExamEvent::Publish).then(|| trail.at().micros());
    let (from, to) = (exam.state.code(), next.code());
    if store::exam_set_state(tx, exam_id, from, to, published).await? == 0 {
        return Err(Error::Conflict("这场考试刚被别人改过，请刷新后再看"));
    }
    let object = Object {
        kind: "exam",
        id: exam_id,
        exam_id,
    };
    let action = match event {
        ExamEvent::Publish => "exam.publish",
        ExamEvent::Unpublish => "exam.unpublish",
        ExamEvent::Close => "exam.close",
        ExamEvent::Reopen => "exam.reopen",
        ExamEvent::Archive => "exam.archive",
    };
    let detail = json!({ "from": from, "to": to });
    trail.audit(tx, action, object, detail).await
}
