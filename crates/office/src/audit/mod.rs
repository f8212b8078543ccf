//! 操作日志: who did what to which record and when; and how the chain stands that shows tampering.

mod words;

use app::App;
use app::audit::{Chain, Filter, ListedRow, Report};
use askama::Template;
use axum::extract::Query;
use domain::staff::Permission;
use domain::time::Date;
use serde::Deserialize;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Routes, Shell, Who, page as answer};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Filters, Here, Pager};
use words::{KINDS, OBJECTS};

const PAGE: usize = 50;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::AuditView);
    Routes::new("audit")
        .get("/office/audit", WHO, page)
        .get("/office/audit/check", WHO, check)
        .post("/office/audit/export", WHO, export)
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

impl ListQuery {
    fn filter(&self) -> Filter {
        Filter {
            actor_kind: self.kind.clone(),
            username: self.username.clone(),
            action: words::action_code(&self.action).to_owned(),
            object_kind: self.object.clone(),
            from: Date::parse_typed(&self.from),
            until: Date::parse_typed(&self.until),
        }
    }

    fn here(&self, path: &str) -> Here {
        Here::new(path)
            .with("kind", &self.kind)
            .with("username", &self.username)
            .with("action", &self.action)
            .with("object", &self.object)
            .with("from", &self.from)
            .with("until", &self.until)
    }
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
    /// Where the list under this filter is exported.
    export: String,
}

fn owned(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(code, text)| ((*code).to_owned(), (*text).to_owned()))
        .collect()
}

/// The page.
async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let here = query.here("/office/audit");
    let filter = query.filter();
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
        pager: Pager::new(&here, query.before.as_ref(), next),
        rows,
        chain: app::audit::chain(&desk.ctx).await.map_err(problem)?,
        empty: Empty::new("没有符合条件的记录", "换一个条件，或者放宽日期范围。")
            .way_on("清空条件", "/office/audit"),
        message,
        export: query.here("/office/audit/export").href(),
    };
    Ok(Html::new(page).into())
}

/// The list under its filter as a file. A POST: it leaves an entry itself.
async fn export(desk: Desk, Query(query): Query<ListQuery>, _: Protected<Nothing>) -> PageResult {
    let kind = |code: &str| words::kind(code).to_owned();
    let action = |code: &str| words::action(code).to_owned();
    let object = |code: &str| words::object(code).to_owned();
    let bytes = app::audit::export(
        &desk.ctx,
        &query.filter(),
        &words::actor,
        (&kind, &action, &object),
    )
    .await
    .map_err(problem)?;
    let name = format!("操作日志-{}.xlsx", desk.ctx.at.date());
    Ok(answer::download(crate::show::XLSX, &name, bytes))
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
