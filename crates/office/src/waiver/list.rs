//! The queue of applications for a waiver.

use app::waiver::{self, Asked, WaiverLine};
use askama::Template;
use axum::extract::Query;
use domain::application::Payment;
use domain::money::Fen;
use domain::payment::WaiverState;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use super::{code_tag, grants};
use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Taken, given, saved,
};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    state: String,
    exam: String,
    name: String,
    sort: String,
    before: Option<Cursor>,
}

type Exams = Vec<(i64, String, String)>;

impl ListQuery {
    /// By when they were asked for: who waits longest first, where somebody waits.
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["asked"], ("asked", false))
    }

    /// What waits for a decision, unless another state is asked for; `all` for any.
    fn state(&self) -> &str {
        match self.state.as_str() {
            "" => WaiverState::Pending.code(),
            code => code,
        }
    }

    fn asked(&self, exams: &Exams) -> Asked {
        let exam = exams.iter().find(|(_, id, _)| *id == self.exam);
        let state = WaiverState::from_code(self.state()).map_or("", WaiverState::code);
        Asked {
            exam_id: exam.map_or(0, |(id, _, _)| *id),
            state: state.to_owned(),
            name: domain::text::line(&self.name),
            oldest: !self.sort().descends(),
        }
    }

    fn here(&self, asked: &Asked) -> Here {
        Here::new("/office/waivers")
            .with("state", self.state())
            .with("exam", &self.exam)
            .with("name", &asked.name)
            .with("sort", &self.sort().code())
    }
}

#[derive(Debug, Template)]
#[template(path = "waiver/list.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    export: Export,
    tabs: Tabs,
    filters: Filters,
    when: Head,
    rows: Vec<WaiverLine>,
    pager: Pager,
    empty: Empty,
    now: i64,
}

impl Page {
    /// Nobody has decided, and the exam takes no more money.
    fn late(&self, row: &WaiverLine) -> bool {
        row.state == WaiverState::Pending.code() && row.payment_closes <= self.now
    }
}

fn payment(row: &WaiverLine) -> &'static str {
    Payment::from_code(&row.payment).map_or("未知", |one| one.label_for(Fen::new(row.fee)))
}

fn off(row: &WaiverLine) -> String {
    row.off
        .filter(|_| row.state == WaiverState::Granted.code())
        .map_or_else(|| "—".to_owned(), |off| Fen::new(off).yuan())
}

/// The list.
pub(super) async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let exams = waiver::exams(&desk.ctx).await.map_err(problem)?;
    let asked = query.asked(&exams);
    let here = query.here(&asked);
    let counts = waiver::counts(&desk.ctx, asked.exam_id)
        .await
        .map_err(problem)?;
    let mut tabs = Tabs::new("减免申请状态");
    for (state, count) in counts {
        let chosen = asked.state == state.code();
        tabs = tabs.badge(
            state.label(),
            here.but("state", state.code()),
            chosen,
            count,
        );
    }
    tabs = tabs.tab(
        "全部",
        here.but("state", "all"),
        asked.state.is_empty(),
        None,
    );
    let from = query.before.as_ref().map(Cursor::first);
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut rows = waiver::page(&desk.ctx, &asked, from, limit)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let shell = Shell::new(&desk.visit, "减免申请");
    let choices: Vec<(String, String)> = exams
        .into_iter()
        .map(|(_, public_id, title)| (public_id, title))
        .collect();
    let empty = if asked.state == WaiverState::Pending.code() && asked.name.is_empty() {
        Empty::new(
            "没有待审核的减免申请",
            "考生申请减免后会出现在这里。受理哪些类别，在考试的收费标准中设置。",
        )
    } else {
        Empty::new("没有符合条件的减免申请", "换一个条件再查，姓名要写全。")
    };
    let page = Page {
        saved: Saved::of(&desk, &shell, &saved::WAIVER, &here).await?,
        export: Export::new(&shell, &here),
        shell,
        tabs,
        filters: Filters::new(&here)
            .select("exam", "考试", &query.exam, choices)
            .text("name", "考生姓名", &asked.name),
        when: query.sort().head(&here, "asked", "申请时间"),
        rows,
        pager: Pager::new(&here, query.before.as_ref(), next),
        empty: empty.icon(web::icon::WALLET),
        now: desk.ctx.at.micros(),
    };
    Ok(Html::new(page).into())
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(query): Query<ListQuery>,
    taken: Protected<Taken>,
) -> PageResult {
    let exams = waiver::exams(&desk.ctx).await.map_err(problem)?;
    let copy = waiver::export(&desk.ctx, &query.asked(&exams), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "减免申请", taken.format(), copy)
}
