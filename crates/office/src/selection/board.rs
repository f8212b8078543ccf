//! The exams with a selection, and one of them: how many stand where, and its lists.

use app::exam::setup;
use app::selection::round::{self, Round};
use app::selection::{draft, list};
use askama::Template;
use axum::extract::{Path, Query};
use domain::selection::{RoundKind, RoundState};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde::Deserialize;
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Empty, Here, Pager, Tag};

/// The tag of a list's state.
pub(super) fn tag(round: &Round, now: Timestamp) -> Tag {
    match round.state {
        RoundState::Published if !round.is_visible(now) => Tag::info("定时公布"),
        RoundState::Published if round.row.carried_at.is_none() => Tag::wait("正在办理"),
        RoundState::Published => Tag::ok(round.state.label()),
        RoundState::Superseded | RoundState::Discarded => Tag::off(round.state.label()),
        RoundState::Staging | RoundState::Draft | RoundState::Checked => {
            Tag::wait(round.state.label())
        }
    }
}

#[derive(Debug)]
struct Row {
    href: String,
    title: String,
    tag: Tag,
}

#[derive(Debug, Template)]
#[template(path = "selection/exams.html")]
struct Exams {
    shell: Shell,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
}

pub(super) async fn exams(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let before = asked.before.as_ref().map(Cursor::first);
    let mut exams = setup::selecting_list(&desk.ctx, Permission::Selection, before)
        .await
        .map_err(problem)?;
    let size = usize::try_from(setup::PAGE).unwrap_or(20);
    let next = Pager::cut(&mut exams, size, |exam| Cursor::one(exam.id()));
    let rows = exams
        .iter()
        .map(|exam| Row {
            href: format!("/office/selection/{}", exam.public_id()),
            title: exam.title().to_owned(),
            tag: if !exam.settings.steps.seating {
                Tag::info("没有笔试")
            } else if exam.scores_visible(desk.ctx.at) {
                Tag::ok("成绩已公布")
            } else {
                Tag::wait("成绩未公布")
            },
        })
        .collect();
    let empty = Empty::new(
        "没有需要面试的考试",
        "在考试设置的“面试与聘用”中选了有面试、并且已经发布的考试会出现在这里。",
    )
    .icon(web::icon::MEDAL);
    Ok(Html::new(Exams {
        shell: Shell::new(&desk.visit, "面试与聘用"),
        pager: Pager::new(&Here::new("/office/selection"), asked.before.as_ref(), next),
        rows,
        empty,
    })
    .into())
}

/// One kind of list, with the one that counts now.
#[derive(Debug)]
struct Kind {
    kind: RoundKind,
    /// In force, or at its set time.
    live: Option<(Round, Tag)>,
    /// Made, and not published yet.
    open: Option<(Round, Tag)>,
}

#[derive(Debug, Template)]
#[template(path = "selection/board.html")]
struct Board {
    shell: Shell,
    base: String,
    /// Code, label and number of the stages where somebody stands.
    stages: Vec<(&'static str, &'static str, String)>,
    people: bool,
    waiting: i64,
    /// May he work on the exam as a whole?
    whole: bool,
    kinds: Vec<Kind>,
    /// Those that were replaced or given up.
    past: Vec<(Round, Tag)>,
    seating: bool,
    scores: bool,
}

pub(super) async fn page(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let counts = list::counts(&desk.ctx, &exam).await.map_err(problem)?;
    let waiting = list::waiting(&desk.ctx, &exam).await.map_err(problem)?;
    let stages: Vec<_> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(stage, count)| {
            (
                stage.code(),
                stage.label(),
                crate::show::stopped(count, 1_001),
            )
        })
        .collect();
    let whole = desk
        .ctx
        .allow_for(Permission::Selection, exam.id(), "")
        .is_ok();
    let rounds = if whole {
        round::rounds(&desk.ctx, &exam).await.map_err(problem)?
    } else {
        Vec::new()
    };
    let tagged = |round: Round| {
        let tag = tag(&round, desk.ctx.at);
        (round, tag)
    };
    let mut kinds: Vec<Kind> = RoundKind::ALL
        .iter()
        .map(|kind| Kind {
            kind: *kind,
            live: None,
            open: None,
        })
        .collect();
    let mut past = Vec::new();
    for round in rounds {
        let kind = kinds.iter_mut().find(|one| one.kind == round.kind);
        match (round.state, kind) {
            (RoundState::Published, Some(kind)) => kind.live = Some(tagged(round)),
            (state, Some(kind)) if state.is_open() => kind.open = Some(tagged(round)),
            _ => past.push(tagged(round)),
        }
    }
    let page = Board {
        shell: Shell::new(&desk.visit, exam.title()).below("/office/selection"),
        base: format!("/office/selection/{}", exam.public_id()),
        people: !stages.is_empty(),
        stages,
        waiting,
        whole,
        kinds,
        past,
        seating: exam.settings.steps.seating,
        scores: exam.scores_visible(desk.ctx.at),
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    kind: String,
}

/// 生成名单.
pub(super) async fn make(
    desk: Desk,
    Path(exam): Path<String>,
    wanted: Protected<Wanted>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let Some(kind) = RoundKind::from_code(&wanted.kind) else {
        return Err(Problem::BadRequest("请选择要生成哪一份名单。").into());
    };
    let id = draft::make(&desk.ctx, &exam, kind).await.map_err(problem)?;
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("/office/selection/{}/rounds/{id}", exam.public_id()),
        flash::named(
            &format!("{}已生成，请另一人核对", kind.label()),
            exam.title(),
        ),
    ))
}
