//! The exams with scores, and one exam with its batches.

use app::exam::setup;
use app::score::Batch;
use askama::Template;
use axum::extract::{Path, Query};
use domain::score::publication::BatchState;
use domain::staff::Permission;
use domain::time::Timestamp;
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Empty, Here, Pager, Tag};

/// The tag of a batch's state.
pub(super) fn tag(batch: &Batch, now: Timestamp) -> Tag {
    match batch.state {
        BatchState::Staging => Tag::wait("导入中"),
        BatchState::Imported => Tag::wait("待核对"),
        BatchState::Checked => Tag::wait("待公布"),
        BatchState::Published if batch.row.visible_at.is_some_and(|at| at > now.micros()) => {
            Tag::info("定时公布")
        }
        BatchState::Published => Tag::ok("已公布"),
        BatchState::Superseded => Tag::off("已被替换"),
        BatchState::Discarded => Tag::off("已放弃"),
    }
}

#[derive(Debug)]
struct Row {
    href: String,
    title: String,
    visible: String,
    tag: Tag,
}

#[derive(Debug, Template)]
#[template(path = "score/exams.html")]
struct Exams {
    shell: Shell,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
}

pub(super) async fn exams(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let before = asked.before.as_ref().map(Cursor::first);
    let mut exams = setup::seated_list(&desk.ctx, Permission::ScoreEdit, before)
        .await
        .map_err(problem)?;
    let size = usize::try_from(setup::PAGE).unwrap_or(20);
    let next = Pager::cut(&mut exams, size, |exam| Cursor::one(exam.id()));
    let rows = exams
        .iter()
        .map(|exam| Row {
            href: format!("/office/scores/{}", exam.public_id()),
            title: exam.title().to_owned(),
            visible: if exam.row.score_batch == 0 {
                "—".to_owned()
            } else {
                crate::show::minute(exam.row.score_visible_at)
            },
            tag: match (exam.row.score_batch, exam.scores_visible(desk.ctx.at)) {
                (0, _) if !exam.is_seated() => Tag::off("未编排"),
                (0, _) => Tag::wait("未公布"),
                (_, false) => Tag::info("定时公布"),
                (_, true) => Tag::ok("已公布"),
            },
        })
        .collect();
    let empty = Empty::new(
        "没有需要公布成绩的考试",
        "已发布、有笔试的考试会出现在这里。",
    )
    .icon(web::icon::SCORE);
    Ok(Html::new(Exams {
        shell: Shell::new(&desk.visit, "成绩管理"),
        pager: Pager::new(&Here::new("/office/scores"), asked.before.as_ref(), next),
        rows,
        empty,
    })
    .into())
}

#[derive(Debug, Template)]
#[template(path = "score/exam.html")]
struct ExamPage {
    shell: Shell,
    base: String,
    seated: bool,
    formula: String,
    rank_shown: bool,
    batches: Vec<(Batch, Tag)>,
}

pub(super) async fn exam(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let batches = app::score::batches(&desk.ctx, &exam)
        .await
        .map_err(problem)?;
    let rules = &exam.settings.score;
    let page = ExamPage {
        shell: Shell::new(&desk.visit, exam.title()).below("/office/scores"),
        base: format!("/office/scores/{}", exam.public_id()),
        seated: exam.is_seated(),
        formula: rules
            .formula
            .as_ref()
            .map_or_else(String::new, |one| one.text().to_owned()),
        rank_shown: rules.rank_shown,
        batches: batches
            .into_iter()
            .map(|batch| {
                let tag = tag(&batch, desk.ctx.at);
                (batch, tag)
            })
            .collect(),
    };
    Ok(Html::new(page).into())
}
