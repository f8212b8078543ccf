//! 成绩查询 (manual 1.2.2.7): what a candidate sees of his own scores, and only once they may be seen.

use std::sync::Arc;

use domain::application::state::Life;
use domain::exam::Phase;
use domain::score::Flag;
use domain::time::Timestamp;
use domain::window::Standing;

use super::store;
use crate::application::ApplicationRow;
use crate::application::store as applications;
use crate::exam::{self, Exam};
use crate::{Ctx, Error, Result, ticket};

const MOST: i64 = 50;

/// Why there is nothing to see yet, or any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Nobody has said when.
    NotAnnounced,
    /// They can be seen from this instant on.
    Until(Timestamp),
    /// They could be seen until this instant.
    Closed(Timestamp),
}

/// One exam of 成绩查询.
#[derive(Debug, Clone)]
pub struct Item {
    /// The application's public id.
    pub public_id: String,
    /// The exam.
    pub exam: Arc<Exam>,
    /// What was applied for.
    pub choice: String,
    /// Why there is nothing to see; `None` when the scores can be asked for.
    pub waiting: Option<Waiting>,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Subject.
    pub subject: String,
    /// The mark; empty where a flag or nothing stands for it.
    pub mark: String,
    /// 缺考, 违纪, 成绩无效, 暂无成绩; empty for an ordinary mark.
    pub flag: &'static str,
}

/// The scores of one application.
#[derive(Debug, Clone)]
pub struct Report {
    /// The application's public id.
    pub public_id: String,
    /// The exam.
    pub exam: Arc<Exam>,
    /// What was applied for, line by line.
    pub choice: Vec<(String, String)>,
    /// 姓名.
    pub name: String,
    /// 准考证号 in groups.
    pub ticket_no: String,
    /// Subjects.
    pub lines: Vec<Line>,
    /// The total; `None` for an exam that publishes subjects only.
    pub total: Option<Line>,
    /// Place and how many have one, where the exam shows it.
    pub rank: Option<(i64, i64)>,
    /// Whether every line set by the exam is reached; `None` while none is set.
    pub passed: Option<bool>,
    /// Since when it can be seen.
    pub published_at: Timestamp,
    /// What the exam says beside the scores.
    pub note: String,
    pub(super) account_id: i64,
    pub(super) application_id: i64,
    /// The batch that it was read from.
    pub(super) batch_id: i64,
}

/// The asking candidate's exams with a written part, newest application first.
pub async fn list(ctx: &Ctx) -> Result<Vec<Item>> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let rows = applications::applications_of(&mut read, account_id, MOST).await?;
    let mut items = Vec::new();
    for row in rows.into_iter().filter(|row| row.life == Life::Live.code()) {
        let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
        // Before anything is seated there is nothing that could be scored.
        if !exam.is_public()
            || !exam.is_seated()
            || store::own_ticket(&mut read, row.id).await?.is_none()
        {
            continue;
        }
        items.push(Item {
            public_id: row.public_id.clone(),
            choice: crate::application::choice_of(&row)?.text(),
            waiting: waiting(&exam, ctx.at),
            exam,
        });
    }
    Ok(items)
}

/// Whether an exam's scores can be looked at, for pages that lead there.
pub(crate) fn to_see(exam: &Exam, at: Timestamp) -> bool {
    exam.is_public() && waiting(exam, at).is_none()
}

/// Why there is nothing to see at an instant: the one place that decides it.
pub(super) fn waiting(exam: &Exam, at: Timestamp) -> Option<Waiting> {
    let window = exam.window(Phase::Score);
    if let Some(window) = window
        && window.standing(at) == Standing::After
    {
        return Some(Waiting::Closed(window.close()));
    }
    if exam.scores_visible(at) {
        return None;
    }
    let published = (exam.row.score_batch != 0).then_some(exam.row.score_visible_at);
    let announced = window.map(|window| window.open()).filter(|open| *open > at);
    Some(match (published.map(Timestamp::from_micros), announced) {
        (Some(when), _) | (None, Some(when)) => Waiting::Until(when),
        (None, None) => Waiting::NotAnnounced,
    })
}

/// The asking candidate's own row, by public id.
async fn own_row(ctx: &Ctx, public_id: &str) -> Result<ApplicationRow> {
    let account_id = ctx.candidate()?;
    applications::application_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.account_id == account_id && row.life != Life::Draft.code())
        .ok_or(Error::NotFound)
}

/// The scores of one application of the asking candidate.
///
/// # Errors
/// `NotFound` for somebody else's; `Refused` before they may be seen, with the same words whether or not they are in the database.
pub async fn own(ctx: &Ctx, public_id: &str) -> Result<Report> {
    let row = own_row(ctx, public_id).await?;
    let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
    if !exam.is_public() {
        return Err(Error::NotFound);
    }
    if let Some(waiting) = waiting(&exam, ctx.at) {
        return Err(refused(waiting));
    }
    let mut read = ctx.app.db().read();
    let batch = exam.row.score_batch;
    let marks = store::own_scores(&mut read, batch, row.id).await?;
    let total = store::own_total(&mut read, batch, row.id).await?;
    let Some(ticket_no) = store::own_ticket(&mut read, row.id)
        .await?
        .filter(|_| !marks.is_empty())
    else {
        return Err(Error::refused(
            "no_score",
            "没有查到您的成绩",
            "本次公布的成绩中没有您的记录。如有疑问，请联系考试机构。",
        ));
    };
    let lines = marks
        .into_iter()
        .map(|(_, subject, mark, flag)| line(subject, mark, &flag))
        .collect::<Result<Vec<_>>>()?;
    let has_formula = exam.settings.score.formula.is_some();
    let shown = exam.settings.score.rank_shown;
    let rank = total
        .as_ref()
        .and_then(|(_, rank, out_of, _)| (*rank).zip(*out_of));
    let passed = match total.as_ref().map(|(.., passed)| passed.as_str()) {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    };
    let choice = crate::application::choice_of(&row)?;
    Ok(Report {
        public_id: row.public_id,
        choice: ticket::choice_lines(&choice),
        name: row.name,
        ticket_no: exam.settings.ticket.grouped(&ticket_no),
        lines,
        total: total
            .filter(|_| has_formula)
            .map(|(total, ..)| total_line(total)),
        rank: rank.filter(|_| shown),
        passed,
        published_at: Timestamp::from_micros(exam.row.score_visible_at),
        note: exam.settings.notices.score.clone(),
        exam,
        account_id: row.account_id,
        application_id: row.id,
        batch_id: batch,
    })
}

pub(super) fn line(subject: String, mark: String, flag: &str) -> Result<Line> {
    let flag = Flag::from_code(flag).ok_or(Error::inconsistent("score.flag"))?;
    Ok(match flag {
        Flag::Normal => Line {
            subject,
            mark,
            flag: "",
        },
        flag => Line {
            subject,
            mark: String::new(),
            flag: flag.label(),
        },
    })
}

/// The stored total is a number, a flag's code, or nothing where a mark is missing.
pub(super) fn total_line(total: String) -> Line {
    let subject = "总成绩".to_owned();
    match Flag::from_code(&total) {
        Some(flag) => Line {
            subject,
            mark: String::new(),
            flag: flag.label(),
        },
        None if total.is_empty() => Line {
            subject,
            mark: String::new(),
            flag: "暂无成绩",
        },
        None => Line {
            subject,
            mark: total,
            flag: "",
        },
    }
}

pub(super) fn refused(waiting: Waiting) -> Error {
    match waiting {
        Waiting::NotAnnounced => Error::refused(
            "score_not_yet",
            "成绩尚未公布",
            "公布时间以公告为准，请留意公告和站内消息。",
        ),
        Waiting::Until(when) => Error::refused(
            "score_not_yet",
            "成绩尚未公布",
            format!(
                "成绩将于 {} 公布，请届时再来查询。",
                when.to_chinese_minute()
            ),
        ),
        Waiting::Closed(when) => Error::refused(
            "score_closed",
            "成绩查询已结束",
            format!(
                "查询已于 {} 结束。确有需要，请联系考试机构。",
                when.to_chinese_minute()
            ),
        ),
    }
}
