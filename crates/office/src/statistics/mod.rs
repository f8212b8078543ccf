//! 实时统计 of one exam: figures, funnel, curve, units and positions. Charts are drawn from the tables under them.

use std::sync::Arc;

use app::App;
use app::exam::positions::Shown;
use app::exam::{Exam, setup};
use app::statistics::{self, Funnel, Hour, Overview};
use askama::Template;
use axum::extract::Path;
use domain::staff::Permission;
use web::{Html, PageResult, Routes, Shell, Who};

use crate::context::{Desk, problem};

/// Rows of the list of positions that most apply for.
const BUSIEST: usize = 10;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::ExamView);
    Routes::new("statistics")
        .get("/office/exams/{id}/statistics", WHO, page)
        .get("/office/exams/{id}/statistics/export", WHO, export)
}

/// A step of the funnel.
#[derive(Debug)]
struct Step {
    name: &'static str,
    count: i64,
    /// Share of the first step, in whole percent; empty for the first.
    share: String,
}

#[derive(Debug, Template)]
#[template(path = "statistics/page.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    overview: Overview,
    steps: Vec<Step>,
    /// The newest points, newest first, as the table lists them.
    newest: Vec<Hour>,
    busiest: Vec<Shown>,
    /// Positions that nobody applied for, and those below the opening ratio.
    untouched: usize,
    below: Option<usize>,
    folded: String,
}

impl Page {
    fn when(&self, at: impl std::borrow::Borrow<i64>) -> String {
        let text = crate::show::minute(at);
        if self.overview.by_day {
            text.chars().take(10).collect()
        } else {
            text
        }
    }

    /// What the bars of the funnel are measured by; at least 1.
    fn first_step(&self) -> i64 {
        self.steps.first().map_or(1, |step| step.count.max(1))
    }

    fn unit<'a>(&self, name: &'a str) -> &'a str {
        if name.is_empty() {
            "未分单位"
        } else {
            name
        }
    }
}

async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let overview = statistics::overview(&desk.ctx, &exam)
        .await
        .map_err(problem)?;
    let mut listed = Vec::new();
    if exam.has_positions() {
        listed = statistics::positions(&desk.ctx, &exam)
            .await
            .map_err(problem)?;
    }
    let untouched = listed.iter().filter(|one| one.figures.applied == 0).count();
    let below = exam.settings.open_ratio.map(|ratio| {
        let below = |one: &&Shown| !statistics::reaches(&exam, one, ratio);
        listed.iter().filter(below).count()
    });
    listed.sort_by_key(|one| std::cmp::Reverse(one.figures.applied));
    listed.retain(|one| one.figures.applied > 0);
    listed.truncate(BUSIEST);
    let folded = match overview.folded_at {
        0 => String::new(),
        at => crate::show::second(at),
    };
    let page = Page {
        shell: Shell::new(&desk.visit, "实时统计").below("/office/exams"),
        steps: steps(&overview.funnel),
        newest: overview.curve.iter().rev().copied().collect(),
        busiest: listed,
        untouched,
        below,
        folded,
        overview,
        exam,
    };
    Ok(Html::new(page).into())
}

fn steps(funnel: &Funnel) -> Vec<Step> {
    let all = [
        ("提交过报名", funnel.submitted),
        ("有效报名", Some(funnel.applied)),
        ("审核通过", funnel.approved),
        ("已缴费（含免缴）", funnel.paid),
        ("已编排考场", funnel.seated),
    ];
    let known: Vec<(&'static str, i64)> = all
        .into_iter()
        .filter_map(|(name, count)| count.map(|count| (name, count)))
        .collect();
    let first = known.first().map_or(0, |(_, count)| *count);
    known
        .iter()
        .enumerate()
        .map(|(place, (name, count))| Step {
            name,
            count: *count,
            share: if place == 0 || first == 0 {
                String::new()
            } else {
                format!("{}%", count * 100 / first)
            },
        })
        .collect()
}

async fn export(desk: Desk, Path(id): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let bytes = statistics::export(&desk.ctx, &exam)
        .await
        .map_err(problem)?;
    let name = format!("{}-统计-{}.xlsx", exam.row.code, desk.ctx.at.date());
    Ok(web::page::download(crate::show::XLSX, &name, bytes))
}
