//! 各岗位报名人数 for everybody, as far as the exam tells them; from memory.

use std::cmp::Reverse;
use std::sync::Arc;

use app::App;
use app::exam::positions::{self, Item, PositionFigures};
use app::exam::{self, Exam};
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::PublicCounts;
use serde::Deserialize;
use web::{Html, PageResult, Problem, Shell, Visit};

use crate::context::{self, problem};

/// Positions on a page.
const PAGE: usize = 50;

/// What the address carries.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// 主管部门 or 招聘单位.
    unit: String,
    /// `code` (also for anything else), `most` or `least`.
    sort: String,
    page: String,
}

#[derive(Debug)]
struct Row {
    code: String,
    name: String,
    employer: String,
    headcount: u32,
    applied: String,
    approved: String,
    paid: String,
    href: String,
    cancelled: bool,
}

#[derive(Debug, Template)]
#[template(path = "exam/counts.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    rows: Vec<Row>,
    units: Vec<String>,
    asked: Asked,
    total: usize,
    page: usize,
    pages: usize,
    /// When the figures were read.
    at: String,
    pays: bool,
    /// How far the exam tells, where not exactly.
    limit: Option<u32>,
}

impl Page {
    fn address(&self, page: usize) -> String {
        format!(
            "/exams/{}/counts?{}",
            self.exam.public_id(),
            form_urlencoded(&[
                ("unit", &self.asked.unit),
                ("sort", &self.asked.sort),
                ("page", &page.to_string()),
            ])
        )
    }
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        super::list::encode(&mut text, value);
    }
    text
}

/// In the order that was asked for; equals by code. What isn't told mustn't show in the order.
fn sort(found: &mut [(Arc<Item>, PositionFigures)], by: &str, counts: PublicCounts) {
    let applied = |one: &(Arc<Item>, PositionFigures)| counts.ordered(one.1.applied);
    let code = |one: &(Arc<Item>, PositionFigures)| one.0.position.code.clone();
    match by {
        "most" => found.sort_by_cached_key(|one| (Reverse(applied(one)), code(one))),
        "least" => found.sort_by_cached_key(|one| (applied(one), code(one))),
        _ => found.sort_by_cached_key(code),
    }
}

pub(super) async fn show(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = exam::shown(&context::ctx(&visit, &app), &id)
        .await
        .map_err(problem)?;
    let counts = exam.settings.counts;
    if !exam.has_positions() || !counts.is_shown() {
        return Err(Problem::NotFound.into());
    }
    let table = positions::table(&app, &exam).await.map_err(problem)?;
    let figures = positions::figures(&app, &exam).await.map_err(problem)?;
    let mut found: Vec<(Arc<Item>, PositionFigures)> = table
        .items()
        .iter()
        .filter(|item| {
            let position = &item.position;
            asked.unit.is_empty()
                || position.department == asked.unit
                || position.employer == asked.unit
        })
        .map(|item| (Arc::clone(item), figures.of(item.id)))
        .collect();
    sort(&mut found, &asked.sort, counts);
    let total = found.len();
    let pages = total.div_ceil(PAGE).max(1);
    let page = asked.page.parse().unwrap_or(1).clamp(1, pages);
    let says = |count| counts.says(count).unwrap_or_default();
    let rows = found
        .into_iter()
        .skip((page - 1) * PAGE)
        .take(PAGE)
        .map(|(item, figures)| Row {
            code: item.position.code.clone(),
            name: item.position.name.clone(),
            employer: item.position.employer.clone(),
            headcount: item.position.headcount,
            applied: says(figures.applied),
            approved: says(figures.approved),
            paid: says(figures.paid),
            href: format!("/exams/{id}/positions/{}", item.public_id),
            cancelled: figures.cancelled,
        })
        .collect();
    let page = Page {
        shell: Shell::new(&visit, "各岗位报名人数"),
        rows,
        units: table.departments().to_vec(),
        asked,
        total,
        page,
        pages,
        at: figures.at.to_chinese_short(),
        pays: exam.settings.steps.has_payment(),
        limit: match counts {
            PublicCounts::UpTo { most } => Some(most),
            _ => None,
        },
        exam,
    };
    Ok(Html::new(page).into())
}
