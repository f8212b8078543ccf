//! 考试管理: every exam that this person may see, with its phase and figures.

use std::sync::Arc;

use app::exam::{Exam, Figures, setup};
use askama::Template;
use axum::extract::Query;
use domain::exam::ExamState;
use domain::staff::Permission;
use serde::Deserialize;
use web::{Html, PageResult, Shell};

use super::words;
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Here, Pager, Tabs, Tag};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    before: Option<Cursor>,
}

#[derive(Debug)]
struct Row {
    exam: Arc<Exam>,
    tag: Tag,
    stage: String,
    /// How many positions or subjects, and how many are wanted.
    table: (String, String),
    figures: Figures,
    /// When the sign-up opens and closes.
    opens: Option<[String; 2]>,
}

#[derive(Debug, Template)]
#[template(path = "exam/list.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    rows: Vec<Row>,
    pager: Pager,
    empty: Empty,
    may_edit: bool,
}

pub(super) async fn page(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let state = ExamState::from_code(&asked.state).map_or("", ExamState::code);
    let before = asked.before.as_ref().map(Cursor::first);
    let mut exams = setup::list(&desk.ctx, state, before)
        .await
        .map_err(problem)?;
    let size = usize::try_from(setup::PAGE).unwrap_or(20);
    let next = Pager::cut(&mut exams, size, |exam| Cursor::one(exam.id()));
    let mut rows = Vec::new();
    for exam in exams {
        let figures = setup::figures(&desk.ctx, &exam).await.map_err(problem)?;
        let table = match (exam.has_positions(), figures.positions + figures.subjects) {
            (_, 0) => ("未导入".to_owned(), String::new()),
            (true, count) => (
                format!("{count} 个岗位"),
                format!("招聘 {} 人", figures.headcount),
            ),
            (false, count) => (format!("{count} 个科目"), String::new()),
        };
        rows.push(Row {
            tag: words::tag(&exam),
            stage: words::stage(&exam, desk.ctx.at),
            opens: exam
                .window(domain::exam::Phase::Registration)
                .map(|window| [window.open(), window.close()].map(|at| at.to_local_minute())),
            table,
            figures,
            exam,
        });
    }
    let here = Here::new("/office/exams").with("state", state);
    let mut tabs = Tabs::new("考试状态").tab("全部", here.but("state", ""), state.is_empty(), None);
    for one in ExamState::ALL {
        tabs = tabs.tab(
            one.label(),
            here.but("state", one.code()),
            state == one.code(),
            None,
        );
    }
    let may_edit = desk.may(Permission::ExamEdit);
    let mut empty = Empty::new("没有考试", "这里列出您有权查看的考试。").icon(web::icon::PAPER);
    if may_edit {
        empty = empty.way_on("新建考试", "/office/exams/new");
    }
    let page = Page {
        shell: Shell::new(&desk.visit, "考试管理"),
        tabs,
        rows,
        pager: Pager::new(&here, asked.before.as_ref(), next),
        empty,
        may_edit,
    };
    Ok(Html::new(page).into())
}
