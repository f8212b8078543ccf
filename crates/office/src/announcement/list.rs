//! The list of announcements.

use app::announcement::{AnnouncementRow, Filter};
use askama::Template;
use axum::extract::Query;
use domain::announcement::Category;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use super::state_tag;
use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Taken, given, saved,
};

const PAGE: usize = 30;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    not: String,
    #[serde(default)]
    sort: String,
    before: Option<Cursor>,
}

const STATES: [(&str, &str); 4] = [
    ("draft", "草稿"),
    ("scheduled", "定时发布"),
    ("published", "已发布"),
    ("withdrawn", "已撤回"),
];

impl ListQuery {
    /// As they were made, the newest first unless turned round.
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["made"], ("made", true))
    }

    fn state(&self) -> Option<(&'static str, &'static str)> {
        STATES.into_iter().find(|(code, _)| *code == self.state)
    }

    fn filter(&self) -> Filter {
        Filter {
            state: self.state().map_or("", |(code, _)| code).to_owned(),
            other: !self.not.is_empty(),
            oldest: self.sort().turned(),
        }
    }

    fn here(&self) -> Here {
        let state = self.state().map_or("", |(code, _)| code);
        Here::new("/office/announcements")
            .with("state", state)
            .with("not", if state.is_empty() { "" } else { &self.not })
            .with("sort", &self.sort().code())
    }
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(query): Query<ListQuery>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = app::announcement::export(&desk.ctx, &query.filter(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "公告", taken.format(), copy)
}

#[derive(Debug, Template)]
#[template(path = "announcement/list.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    made: Head,
    export: Export,
    filters: Option<Filters>,
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
    let (here, filter) = (query.here(), query.filter());
    let tabbed = here.clone().with("not", "");
    let mut tabs = Tabs::new("公告状态").tab(
        "全部",
        tabbed.but("state", ""),
        filter.state.is_empty(),
        None,
    );
    for (state, text) in STATES {
        let count = app::announcement::count(&desk.ctx, state)
            .await
            .map_err(problem)?;
        tabs = tabs.tab(
            text,
            tabbed.but("state", state),
            filter.state == state && !filter.other,
            Some(count),
        );
    }
    let before = query.before.as_ref().map(Cursor::first);
    let mut rows = app::announcement::list(&desk.ctx, &filter, before, 31)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let shell = Shell::new(&desk.visit, "公告");
    let page = Page {
        saved: Saved::of(&desk, &shell, &saved::ANNOUNCEMENT, &here).await?,
        made: query.sort().head(&here, "made", "标题（按新建先后）"),
        export: Export::new(&shell, &here),
        filters: query
            .state()
            .map(|(_, text)| Filters::new(&here).turned("状态", filter.other, text)),
        shell,
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
