//! 账号与权限: who works here, with which roles on which exams and units. For the security admin.

use std::borrow::Borrow;

use app::staff::StaffListRow;
use askama::Template;
use axum::extract::Query;
use domain::staff::Role;
use serde::Deserialize;
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};
use crate::list::{Empty, Filters, Here, Tabs, Tag};

pub(super) fn state_tag(state: &str) -> Tag {
    match state {
        "active" => Tag::ok("正常"),
        "invited" => Tag::wait("待首次登录"),
        _ => Tag::off("已停用"),
    }
}

#[derive(Debug, Template)]
#[template(path = "staff/list.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    filters: Filters,
    rows: Vec<StaffListRow>,
    roles: Vec<(i64, Role)>,
    empty: Empty,
}

impl Page {
    /// `资格初审员、财务管理员`; a dash for who holds none.
    fn roles_of(&self, staff: impl Borrow<i64>) -> String {
        let staff = *staff.borrow();
        let labels: Vec<&str> = self
            .roles
            .iter()
            .filter(|(id, _)| *id == staff)
            .map(|(_, role)| role.label())
            .collect();
        if labels.is_empty() {
            "—".to_owned()
        } else {
            labels.join("、")
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
}

/// The list.
pub(super) async fn page(desk: Desk, Query(query): Query<Asked>) -> PageResult {
    let all = app::staff::list(&desk.ctx).await.map_err(problem)?;
    let here = Here::new("/office/staff")
        .with("state", &query.state)
        .with("q", &query.q)
        .with("role", &query.role);
    let roles = app::staff::roles_of_all(&desk.ctx).await.map_err(problem)?;
    let holds = |staff: i64| {
        roles
            .iter()
            .any(|(id, role)| *id == staff && role.code() == query.role)
    };
    let mut tabs =
        Tabs::new("账号状态").tab("全部", here.but("state", ""), query.state.is_empty(), None);
    for (state, text) in [
        ("active", "正常"),
        ("invited", "待首次登录"),
        ("disabled", "已停用"),
    ] {
        let count = all.iter().filter(|row| row.state == state).count();
        let count = i64::try_from(count).ok();
        tabs = tabs.tab(text, here.but("state", state), query.state == state, count);
    }
    let wanted = query.q.trim().to_lowercase();
    let rows: Vec<StaffListRow> = all
        .into_iter()
        .filter(|row| query.state.is_empty() || row.state == query.state)
        .filter(|row| query.role.is_empty() || holds(row.id))
        .filter(|row| {
            wanted.is_empty()
                || row.username.contains(&wanted)
                || row.name.to_lowercase().contains(&wanted)
                || row.unit.to_lowercase().contains(&wanted)
        })
        .collect();
    let choices = Role::ALL
        .iter()
        .map(|role| (role.code().to_owned(), role.label().to_owned()));
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let page = Page {
        shell: Shell::new(&desk.visit, "账号与权限"),
        tabs,
        filters: Filters::new(&here)
            .text("q", "姓名、用户名或单位", &query.q)
            .select("role", "角色", &query.role, choices)
            .count(count, "人"),
        rows,
        roles,
        empty: Empty::new("没有符合条件的账号", "换一个条件，或者新建账号。")
            .way_on("新建账号", "/office/staff/new"),
    };
    Ok(Html::new(page).into())
}
