//! The exams with seats, and one exam: who can be seated, the sessions, the plans.

use app::arrangement::{Overview, PlanRow};
use app::exam::setup;
use askama::Template;
use axum::extract::{Path, Query};
use domain::arrangement::PlanState;
use domain::exam::Phase;
use domain::staff::Permission;
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Empty, Here, Pager, Tag};

/// The tag of a plan's state.
pub(super) fn tag(plan: &PlanRow) -> Tag {
    match PlanState::from_code(&plan.state) {
        Some(PlanState::Ready) => Tag::wait("待公布"),
        Some(PlanState::Published) => Tag::ok("已公布"),
        Some(PlanState::Superseded) => Tag::off("已被替换"),
        Some(PlanState::Discarded) if !plan.failure.is_empty() => Tag::bad("未完成"),
        Some(PlanState::Discarded) => Tag::off("已放弃"),
        Some(PlanState::Staging) | None => Tag::wait("生成中"),
    }
}

#[derive(Debug)]
struct Row {
    href: String,
    title: String,
    registration: String,
    ticket: String,
    tag: Tag,
}

#[derive(Debug, Template)]
#[template(path = "arrangement/exams.html")]
struct Exams {
    shell: Shell,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
}

pub(super) async fn exams(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let before = asked.before.as_ref().map(Cursor::first);
    let mut exams = setup::seated_list(&desk.ctx, Permission::Arrange, before)
        .await
        .map_err(problem)?;
    let size = usize::try_from(setup::PAGE).unwrap_or(20);
    let next = Pager::cut(&mut exams, size, |exam| Cursor::one(exam.id()));
    let rows = exams
        .iter()
        .map(|exam| Row {
            href: format!("/office/seating/{}", exam.public_id()),
            title: exam.title().to_owned(),
            registration: ends(
                exam.window(Phase::Registration),
                exam.window(Phase::Payment),
            ),
            ticket: exam.window(Phase::Ticket).map_or_else(
                || "未设置".to_owned(),
                |window| window.open().to_local_minute(),
            ),
            tag: if exam.is_seated() {
                Tag::ok("已公布编排")
            } else {
                Tag::off("未编排")
            },
        })
        .collect();
    let empty = Empty::new("没有需要编排的考试", "已发布、有笔试的考试会出现在这里。")
        .icon(web::icon::SEAT)
        .way_on("考试管理", "/office/exams");
    Ok(Html::new(Exams {
        shell: Shell::new(&desk.visit, "考场编排"),
        pager: Pager::new(&Here::new("/office/seating"), asked.before.as_ref(), next),
        rows,
        empty,
    })
    .into())
}

/// When everything before the seating ends.
fn ends(
    registration: Option<domain::window::Window>,
    payment: Option<domain::window::Window>,
) -> String {
    payment.or(registration).map_or_else(
        || "未设置".to_owned(),
        |window| window.close().to_local_minute(),
    )
}

#[derive(Debug, Template)]
#[template(path = "arrangement/exam.html")]
struct ExamPage {
    shell: Shell,
    base: String,
    title: String,
    overview: Overview,
    plans: Vec<(PlanRow, Tag)>,
    before_end: Option<String>,
    capacity: u32,
}

pub(super) async fn exam(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let overview = app::arrangement::overview(&desk.ctx, &exam)
        .await
        .map_err(problem)?;
    let last = exam
        .window(Phase::Payment)
        .or(exam.window(Phase::Registration));
    let before_end = last
        .filter(|window| window.close() > desk.ctx.at)
        .map(|window| window.close().to_chinese_minute());
    let page = ExamPage {
        shell: Shell::new(&desk.visit, exam.title()).below("/office/seating"),
        base: format!("/office/seating/{}", exam.public_id()),
        title: exam.title().to_owned(),
        plans: overview
            .plans
            .iter()
            .map(|plan| (plan.clone(), tag(plan)))
            .collect(),
        overview,
        before_end,
        capacity: exam.settings.room_capacity,
    };
    Ok(Html::new(page).into())
}
