//! The exams that have a door.

use app::exam::setup;
use askama::Template;
use axum::extract::Query;
use domain::exam::Phase;
use domain::staff::Permission;
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Empty, Here, Pager, Tag};

#[derive(Debug)]
struct Row {
    href: String,
    title: String,
    sitting: String,
    tag: Tag,
}

#[derive(Debug, Template)]
#[template(path = "door/exams.html")]
struct Page {
    shell: Shell,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
}

pub(super) async fn page(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let before = asked.before.as_ref().map(Cursor::first);
    let mut exams = setup::seated_list(&desk.ctx, Permission::Arrange, before)
        .await
        .map_err(problem)?;
    let size = usize::try_from(setup::PAGE).unwrap_or(20);
    let next = Pager::cut(&mut exams, size, |exam| Cursor::one(exam.id()));
    let rows = exams
        .iter()
        .map(|exam| Row {
            href: format!("/office/door/{}", exam.public_id()),
            title: exam.title().to_owned(),
            sitting: exam
                .window(Phase::Sitting)
                .map_or_else(|| "未设置".to_owned(), |window| window.to_chinese()),
            tag: if exam.is_seated() {
                Tag::ok("已公布编排")
            } else {
                Tag::wait("等待编排")
            },
        })
        .collect();
    let empty = Empty::new(
        "没有需要入场核验的考试",
        "已发布、有笔试的考试会出现在这里。",
    )
    .icon(web::icon::SCAN)
    .way_on("考试管理", "/office/exams");
    Ok(Html::new(Page {
        shell: Shell::new(&desk.visit, "入场核验"),
        pager: Pager::new(&Here::new("/office/door"), asked.before.as_ref(), next),
        rows,
        empty,
    })
    .into())
}
