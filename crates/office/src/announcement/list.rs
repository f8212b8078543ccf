//! The list of announcements.

use app::announcement::AnnouncementRow;
use askama::Template;
use axum::extract::Query;
use domain::announcement::Category;
use serde::Deserialize;
use web::{Html, PageResult, Shell};

use super::state_tag;
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Here, Pager, Tabs};

const PAGE: usize = 30;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "announcement/list.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    rows: Vec<AnnouncementRow>,
    pager: Pager,
    empty: Empty,
    now: i64,
}

fn category(code: &str) -> &'static str {
    Category::parse(code).map_or("", Category::label)
}

/// The page.
pub(super) async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let here = Here::new("/office/announcements").with("state", &query.state);
    let mut tabs =
        Tabs::new("公告状态").tab("全部", here.but("state", ""), query.state.is_empty(), None);
    for (state, text) in [
        ("draft", "草稿"),
        ("scheduled", "定时发布"),
        ("published", "已发布"),
        ("withdrawn", "已撤回"),
    ] {
        let count = app::announcement::count(&desk.ctx, state)
            .await
            .map_err(problem)?;
        tabs = tabs.tab(
            text,
            here.but("state", state),
            query.state == state,
            Some(count),
        );
    }
    let before = query.before.as_ref().map(Cursor::first);
    let mut rows = app::announcement::list(&desk.ctx, &query.state, before, 31)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let page = Page {
        shell: Shell::new(&desk.visit, "公告"),
        tabs,
        rows,
        pager: Pager::new(&here, query.before.as_ref(), next),
        empty: Empty::new("没有公告", "新建的公告先存为草稿，预览后再发布。")
            .icon(web::icon::SPEAKER)
            .way_on("新建公告", "/office/announcements/new"),
        now: desk.ctx.at.micros(),
    };
    Ok(Html::new(page).into())
}
