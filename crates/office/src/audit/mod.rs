//! 操作日志: who did what to which record and when; and how the chain stands that shows tampering.

mod words;

use app::App;
use app::audit::{Chain, Filter, ListedRow, Report, Words};
use askama::Template;
use axum::extract::Query;
use domain::staff::Permission;
use domain::time::Date;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Routes, Shell, Who};

use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Taken, given, saved,
};
use words::{KINDS, OBJECTS};

const PAGE: usize = 50;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::AuditView);
    Routes::new("audit")
        .get("/office/audit", WHO, page)
        .get("/office/audit/check", WHO, check)
        .post("/office/audit/export", WHO.export(), export)
}

#[derive(Debug, Default, Deserialize)]
struct ListQuery {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    object: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    not: String,
    #[serde(default)]
    sort: String,
    before: Option<Cursor>,
}

impl ListQuery {
    /// By time, the newest first unless turned round.
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["at"], ("at", true))
    }

    fn filter(&self) -> Filter {
        Filter {
            actor_kind: self.kind.clone(),
            username: self.username.clone(),
            number: self.number.clone(),
            action: words::action_code(&self.action).to_owned(),
            other: !self.not.is_empty(),
            oldest: self.sort().turned(),
            object_kind: self.object.clone(),
            from: Date::parse_typed(&self.from),
            until: Date::parse_typed(&self.until),
        }
    }

    fn here(&self, path: &str) -> Here {
        Here::new(path)
            .with("kind", &self.kind)
            .with("username", &self.username)
            .with("number", &domain::sheet::squeezed(&self.number))
            .with("action", &self.action)
            .with(
                "not",
                if self.action.trim().is_empty() {
                    ""
                } else {
                    &self.not
                },
            )
            .with("object", &self.object)
            .with("from", &self.from)
            .with("until", &self.until)
            .with("sort", &self.sort().code())
    }
}

#[derive(Debug, Template)]
#[template(path = "audit/page.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    at: Head,
    filters: Filters,
    rows: Vec<ListedRow>,
    pager: Pager,
    chain: Chain,
    empty: Empty,
    message: Option<String>,
    export: Export,
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
    let message = message.or_else(|| words::near(&query.action));
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::two(row.at, row.id));
    let shell = Shell::new(&desk.visit, "操作日志");
    let mut filters = Filters::new(&here)
        .date("from", "从", &query.from)
        .date("until", "到", &query.until)
        .select("kind", "操作人类别", &query.kind, owned(&KINDS))
        .text("username", "用户名或姓名", &query.username)
        .text("number", "编号", &query.number)
        .select("object", "对象", &query.object, owned(&OBJECTS))
        .text("action", "动作", &query.action);
    if !query.action.trim().is_empty() {
        filters = filters.turned("是不是", filter.other, query.action.trim());
    }
    let page = Page {
        saved: Saved::of(&desk, &shell, &saved::AUDIT, &here).await?,
        at: query.sort().head(&here, "at", "时间"),
        export: Export::new(&shell, &here),
        shell,
        filters,
        pager: Pager::new(&here, query.before.as_ref(), next),
        rows,
        chain: app::audit::chain(&desk.ctx).await.map_err(problem)?,
        empty: Empty::new("没有符合条件的记录", "换一个条件，或者放宽日期范围。")
            .way_on("清空条件", "/office/audit"),
        message,
    };
    Ok(Html::new(page).into())
}

/// The list under its filter as a file. A POST: it leaves an entry itself.
async fn export(desk: Desk, Query(query): Query<ListQuery>, taken: Protected<Taken>) -> PageResult {
    let kind = |code: &str| words::kind(code).to_owned();
    let action = |code: &str| words::action(code).to_owned();
    let object = |code: &str| words::object(code).to_owned();
    let words = Words {
        actor: &words::actor,
        kind: &kind,
        action: &action,
        object: &object,
    };
    let copy = app::audit::export(&desk.ctx, &query.filter(), words, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "操作日志", taken.format(), copy)
}

/// Whether the list knows such a code.
pub(crate) fn knows_kind(code: &str) -> bool {
    KINDS.iter().any(|(known, _)| *known == code)
}

/// Whether the list knows such a code.
pub(crate) fn knows_object(code: &str) -> bool {
    OBJECTS.iter().any(|(known, _)| *known == code)
}

/// Whether something is called that, by its code or in words.
pub(crate) fn knows_action(typed: &str) -> bool {
    words::is_action(typed)
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
