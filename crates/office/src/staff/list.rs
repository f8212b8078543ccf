//! 账号与权限: who works here, with which roles on which exams and units. For the security admin.

use app::staff::{HeldRole, StaffFilter, StaffListRow};
use askama::Template;
use axum::extract::Query;
use domain::staff::Role;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use crate::context::{Desk, problem};
use crate::list::{
    Empty, Export, Filters, Head, Here, Saved, Sort, Tabs, Tag, Taken, given, saved, turned,
};

pub(super) fn state_tag(state: &str) -> Tag {
    match state {
        "active" => Tag::ok("正常"),
        "invited" => Tag::wait("待首次登录"),
        _ => Tag::off("已停用"),
    }
}

const STATES: [(&str, &str); 3] = [
    ("active", "正常"),
    ("invited", "待首次登录"),
    ("disabled", "已停用"),
];

#[derive(Debug, Template)]
#[template(path = "staff/list.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    export: Export,
    tabs: Tabs,
    filters: Filters,
    heads: [Head; 4],
    rows: Vec<(StaffListRow, Vec<HeldRole>)>,
    empty: Empty,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    q: String,
    role: String,
    sort: String,
}

impl Asked {
    /// A centre's staff are few: they are ordered by whatever column.
    fn sort(&self) -> Sort {
        let columns = ["username", "name", "unit", "login"];
        Sort::read(&self.sort, &columns, ("username", false))
    }

    fn filter(&self) -> StaffFilter {
        let (role, other) = turned(&self.role);
        let sort = self.sort();
        StaffFilter {
            state: self.state.clone(),
            role: role.to_owned(),
            other,
            typed: self.q.clone(),
            by: sort.column().to_owned(),
            descends: sort.descends(),
        }
    }

    fn here(&self) -> Here {
        Here::new("/office/staff")
            .with("state", &self.state)
            .with("q", &self.q)
            .with("role", &self.role)
            .with("sort", &self.sort().code())
    }
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = app::staff::export(&desk.ctx, &asked.filter(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "工作人员账号", taken.format(), copy)
}

/// The list.
pub(super) async fn page(desk: Desk, Query(query): Query<Asked>) -> PageResult {
    let (here, filter, sort) = (query.here(), query.filter(), query.sort());
    let (rows, all) = app::staff::filtered(&desk.ctx, &filter)
        .await
        .map_err(problem)?;
    let mut tabs =
        Tabs::new("账号状态").tab("全部", here.but("state", ""), query.state.is_empty(), None);
    for (state, text) in STATES {
        let count = all.iter().filter(|row| row.state == state).count();
        let count = i64::try_from(count).ok();
        tabs = tabs.tab(text, here.but("state", state), query.state == state, count);
    }
    let choices = Role::ALL
        .iter()
        .map(|role| (role.code().to_owned(), role.label().to_owned()));
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let shell = Shell::new(&desk.visit, "账号与权限");
    let heads = [
        ("username", "用户名"),
        ("name", "姓名"),
        ("unit", "单位"),
        ("login", "上次登录"),
    ];
    let page = Page {
        saved: Saved::of(&desk, &shell, &saved::STAFF, &here).await?,
        export: Export::new(&shell, &here),
        heads: heads.map(|(column, label)| sort.head(&here, column, label)),
        shell,
        tabs,
        filters: Filters::new(&here)
            .text("q", "姓名、用户名或单位", &query.q)
            .choice("role", "角色", &query.role, choices)
            .count(count, "人"),
        rows,
        empty: Empty::new("没有符合条件的账号", "换一个条件，或者新建账号。")
            .way_on("新建账号", "/office/staff/new"),
    };
    Ok(Html::new(page).into())
}
