//! The list: what bars today first, by kind and name.

use app::application::integrity::{self, Filter, IntegrityRow};
use askama::Template;
use axum::extract::Query;
use domain::integrity::IntegrityKind;
use serde::Deserialize;
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Filters, Here, Pager, Tabs};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    kind: String,
    not: String,
    name: String,
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "integrity/list.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    filters: Filters,
    rows: Vec<IntegrityRow>,
    pager: Pager,
    empty: Empty,
    today: String,
}

/// The page.
pub(super) async fn page(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    const STATES: [(&str, &str); 4] = [
        ("active", "生效中"),
        ("over", "已到期"),
        ("lifted", "已解除"),
        ("all", "全部"),
    ];
    let state = STATES
        .iter()
        .find(|(code, _)| *code == asked.state)
        .map_or("active", |(code, _)| *code);
    let kind = IntegrityKind::from_code(&asked.kind).map_or("", IntegrityKind::code);
    let name = domain::text::line(&asked.name);
    let here = Here::new("/office/integrity")
        .with("state", state)
        .with("kind", kind)
        .with("not", if kind.is_empty() { "" } else { &asked.not })
        .with("name", &name);
    let filter = Filter {
        state: if state == "all" { "" } else { state }.to_owned(),
        kind: kind.to_owned(),
        other: !kind.is_empty() && !asked.not.is_empty(),
        name: name.clone(),
    };
    let total = integrity::count(&desk.ctx, &filter)
        .await
        .map_err(problem)?;
    let before = asked.before.as_ref();
    let before = before.map(|at| (at.first(), at.second()));
    let mut rows = integrity::list(&desk.ctx, &filter, before, 51)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| {
        let (key, id) = row.place(&filter);
        Cursor::two(key, id)
    });
    let mut tabs = Tabs::new("记录状态");
    for (code, text) in STATES {
        tabs = tabs.tab(text, here.but("state", code), code == state, None);
    }
    let kinds = IntegrityKind::ALL
        .iter()
        .map(|kind| (kind.code().to_owned(), kind.label().to_owned()));
    let narrowed = !kind.is_empty() || !name.is_empty();
    let empty = if narrowed {
        Empty::new(
            "没有符合条件的记录",
            "姓名要写全。也可以换一个种类，或者看全部状态。",
        )
    } else {
        Empty::new(
            "没有这样的记录",
            "考试机构或主管部门作出处理决定后，在这里登记。",
        )
    };
    let page = Page {
        shell: Shell::new(&desk.visit, "诚信档案"),
        tabs,
        filters: Filters::new(&here)
            .text("name", "姓名", &name)
            .select("kind", "种类", kind, kinds)
            .count(total, "条"),
        rows,
        pager: Pager::new(&here, asked.before.as_ref(), next),
        empty: empty.icon(web::icon::NO),
        today: desk.ctx.at.date().to_string(),
    };
    Ok(Html::new(page).into())
}
