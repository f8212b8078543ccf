//! 操作日志: who did what to which record and when; and how the chain stands that shows tampering.

use app::App;
use app::audit::{Chain, Filter, ListedRow, Report};
use askama::Template;
use axum::extract::Query;
use domain::staff::Permission;
use domain::time::Date;
use serde::Deserialize;
use web::{Html, PageResult, Routes, Shell, Who};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Filters, Here, Pager};

const PAGE: usize = 50;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::AuditView);
    Routes::new("audit")
        .get("/office/audit", WHO, page)
        .get("/office/audit/check", WHO, check)
}

#[derive(Debug, Default, Deserialize)]
struct ListQuery {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    object: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "audit/page.html")]
struct Page {
    shell: Shell,
    filters: Filters,
    rows: Vec<ListedRow>,
    pager: Pager,
    chain: Chain,
    empty: Empty,
    message: Option<String>,
}

/// Who acts, in words.
const KINDS: [(&str, &str); 5] = [
    ("staff", "工作人员"),
    ("candidate", "考生"),
    ("system", "系统"),
    ("gateway", "支付渠道"),
    ("anonymous", "未登录"),
];

fn kind(code: &str) -> &str {
    KINDS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(code, |(_, text)| text)
}

/// What was acted on, in words.
const OBJECTS: [(&str, &str); 18] = [
    ("account", "考生账号"),
    ("account_claim", "账号申诉"),
    ("announcement", "公告"),
    ("application", "报名"),
    ("approval", "双人复核"),
    ("exam", "考试"),
    ("import_batch", "导入"),
    ("object", "文件"),
    ("outbox_message", "短信"),
    ("payment_order", "缴费单"),
    ("photo", "照片"),
    ("profile", "个人信息"),
    ("refund", "退费"),
    ("score_batch", "成绩"),
    ("seat_plan", "考场编排"),
    ("session", "登录"),
    ("site_page", "说明页面"),
    ("staff", "工作人员账号"),
];

fn object(code: &str) -> &str {
    OBJECTS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(code, |(_, text)| text)
}

fn owned(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(code, text)| ((*code).to_owned(), (*text).to_owned()))
        .collect()
}

/// The page.
async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let here = Here::new("/office/audit")
        .with("kind", &query.kind)
        .with("username", &query.username)
        .with("action", &query.action)
        .with("object", &query.object)
        .with("from", &query.from)
        .with("until", &query.until);
    let filter = Filter {
        actor_kind: query.kind.clone(),
        username: query.username.clone(),
        action: query.action.clone(),
        object_kind: query.object.clone(),
        from: Date::parse_typed(&query.from),
        until: Date::parse_typed(&query.until),
    };
    let before = query
        .before
        .as_ref()
        .map(|cursor| (cursor.first(), cursor.second()));
    let (mut rows, message) = match app::audit::entries(&desk.ctx, &filter, before, 51).await {
        Ok(rows) => (rows, None),
        Err(app::Error::Fields(errors)) => (
            Vec::new(),
            errors.iter().next().map(|(_, text)| text.to_owned()),
        ),
        Err(other) => return Err(problem(other)),
    };
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::two(row.at, row.id));
    let page = Page {
        shell: Shell::new(&desk.visit, "操作日志"),
        filters: Filters::new(&here)
            .date("from", "从", &query.from)
            .date("until", "到", &query.until)
            .select("kind", "操作人类别", &query.kind, owned(&KINDS))
            .text("username", "用户名", &query.username)
            .select("object", "对象", &query.object, owned(&OBJECTS))
            .text("action", "动作", &query.action),
        pager: Pager::new(&here, query.before.is_some(), next),
        rows,
        chain: app::audit::chain(&desk.ctx).await.map_err(problem)?,
        empty: Empty::new("没有符合条件的记录", "换一个条件，或者放宽日期范围。")
            .way_on("清空条件", "/office/audit"),
        message,
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "audit/check.html")]
struct CheckPage {
    shell: Shell,
    report: Report,
}

/// Checks the newest part of the chain.
async fn check(desk: Desk) -> PageResult {
    let report = app::audit::recheck(&desk.ctx).await.map_err(problem)?;
    let shell = Shell::new(&desk.visit, "核验操作日志").below("/office/audit");
    Ok(Html::new(CheckPage { shell, report }).into())
}
