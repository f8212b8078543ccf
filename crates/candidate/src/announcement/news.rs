//! 考试公告: the list by category, one notice, its files.

use std::sync::Arc;

use app::App;
use app::announcement::Posting;
use app::exam::Viewer;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::announcement::Category;
use domain::time::Timestamp;
use http::HeaderMap;
use serde::Deserialize;
use web::{PageResult, Problem, Shell, Visit};

use super::{Tab, fresh};
use crate::context::{self, problem};

/// Notices on a page of the list.
const PAGE: usize = 20;

#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    category: String,
    #[serde(default)]
    page: String,
}

#[derive(Debug, Template)]
#[template(path = "announcement/list.html")]
struct ListPage {
    shell: Shell,
    tab: Tab,
    categories: Vec<(&'static str, String, bool)>,
    rows: Vec<Arc<Posting>>,
    count: usize,
    pages: Vec<(usize, String, bool)>,
    now: Timestamp,
}

fn href(category: Option<Category>, page: usize) -> String {
    match (category, page) {
        (None, 1) => "/news".to_owned(),
        (None, page) => format!("/news?page={page}"),
        (Some(category), 1) => format!("/news?category={}", category.code()),
        (Some(category), page) => format!("/news?category={}&page={page}", category.code()),
    }
}

fn viewer(visit: &Visit, app: &App) -> Viewer {
    context::ctx(visit, app).viewer()
}

/// The list.
pub(super) async fn list(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> PageResult {
    let category = Category::parse(&query.category);
    let now = visit.at();
    let number = query.page.parse::<usize>().unwrap_or(1).clamp(1, 1_000);
    let (rows, count) = app.board().listed(
        viewer(&visit, &app),
        category,
        now,
        ((number - 1) * PAGE, PAGE),
    );
    if rows.is_empty() && number > 1 {
        return Err(Problem::NotFound.into());
    }
    let last = count.div_ceil(PAGE).max(1);
    let around = number.saturating_sub(3).max(1)..=(number + 3).min(last);
    Ok(fresh::answer(&visit, &app, &headers, &[], || ListPage {
        shell: Shell::new(&visit, "考试公告"),
        tab: Tab::News,
        categories: std::iter::once(("全部", href(None, 1), category.is_none()))
            .chain(
                Category::ALL
                    .iter()
                    .map(|one| (one.label(), href(Some(*one), 1), category == Some(*one))),
            )
            .collect(),
        rows,
        count,
        pages: around
            .map(|page| (page, href(category, page), page == number))
            .collect(),
        now,
    }))
}

#[derive(Debug, Template)]
#[template(path = "announcement/article.html")]
struct Article {
    shell: Shell,
    tab: Tab,
    posting: Arc<Posting>,
}

/// One notice.
pub(super) async fn page(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> PageResult {
    let posting = app
        .board()
        .find(viewer(&visit, &app), &id, visit.at())
        .ok_or(Problem::NotFound)?;
    Ok(fresh::answer(&visit, &app, &headers, &[], || Article {
        shell: Shell::new(&visit, posting.row.title.clone()),
        tab: Tab::News,
        posting,
    }))
}

/// A file of a notice.
pub(super) async fn file(
    visit: Visit,
    State(app): State<App>,
    Path((id, file)): Path<(String, String)>,
) -> PageResult<Response> {
    let posting = app
        .board()
        .find(viewer(&visit, &app), &id, visit.at())
        .ok_or(Problem::NotFound)?;
    let found = app::announcement::attachment(&app, &posting, &file)
        .await
        .map_err(problem)?;
    let kind = app::announcement::known_type(&found.media_type);
    Ok(web::page::download(kind, &found.file_name, found.bytes))
}
