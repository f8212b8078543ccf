//! 岗位表 and 岗位详细 for everybody.

use std::sync::Arc;

use app::exam::amendment::{self, Past};
use app::exam::positions::{self, Item, PositionFigures};
use app::exam::{self, Exam};
use app::{App, Ctx};
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::Phase;
use web::{Html, PageResult, Shell, Visit};

use super::links::Links;
use super::list::{Choose, Mark, PositionList, PositionQuery};
use crate::context::{self, problem};

#[derive(Debug, Template)]
#[template(path = "exam/positions.html")]
struct ListPage {
    shell: Shell,
    exam: Arc<Exam>,
    links: Links,
    list: PositionList,
    closes: String,
}

pub(super) async fn list(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<PositionQuery>,
) -> PageResult {
    let exam = exam::shown(&context::ctx(&visit, &app), &id)
        .await
        .map_err(problem)?;
    if !exam.has_positions() {
        return Ok(web::redirect(&format!("/exams/{id}")));
    }
    let links = Links::public(&exam);
    let shell = Shell::new(&visit, "岗位表");
    drawn_list(&context::ctx(&visit, &app), exam, &query, (shell, links)).await
}

/// The list of an exam that the caller may show to whoever asks.
pub(crate) async fn drawn_list(
    ctx: &Ctx,
    exam: Arc<Exam>,
    query: &PositionQuery,
    (shell, links): (Shell, Links),
) -> PageResult {
    let list = PositionList::load(ctx, &exam, query, Choose::look(links.clone()))
        .await
        .map_err(problem)?;
    let closes = exam
        .window(Phase::Registration)
        .map(|window| format!("报名 {} 截止。", window.close().to_chinese_short()))
        .unwrap_or_default();
    let page = ListPage {
        shell,
        exam,
        links,
        list,
        closes,
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "exam/position.html")]
struct PositionPage {
    shell: Shell,
    exam: Arc<Exam>,
    links: Links,
    item: Arc<Item>,
    figures: PositionFigures,
    mark: Option<Mark>,
    /// Rule by rule: requirement, how the candidate compares.
    rules: Vec<(String, Option<Mark>)>,
    may_apply: bool,
    history: Vec<Past>,
}

impl PositionPage {
    /// The counts as far as the exam tells them.
    fn told(&self) -> Vec<(&'static str, String)> {
        let (figures, settings) = (&self.figures, &self.exam.settings);
        let mut told = vec![("报名", figures.applied), ("审核通过", figures.approved)];
        if settings.steps.has_payment() {
            told.push(("已缴费", figures.paid));
        }
        told.into_iter()
            .filter_map(|(label, count)| Some((label, people(&settings.counts.says(count)?))))
            .collect()
    }
}

/// `12` as `12 人`; `100 人以上` as it is.
fn people(text: &str) -> String {
    if text.contains('人') {
        text.to_owned()
    } else {
        format!("{text} 人")
    }
}

pub(super) async fn show(
    visit: Visit,
    State(app): State<App>,
    Path((id, position)): Path<(String, String)>,
) -> PageResult {
    let exam = exam::shown(&context::ctx(&visit, &app), &id)
        .await
        .map_err(problem)?;
    let item = positions::find(&app, &exam, &position)
        .await
        .map_err(problem)?;
    let links = Links::public(&exam);
    let shell = Shell::new(&visit, item.position.name.clone());
    let ctx = context::ctx(&visit, &app);
    drawn(&ctx, exam, item, (shell, links)).await
}

/// The page of a position that the caller may show to whoever asks.
pub(crate) async fn drawn(
    ctx: &Ctx,
    exam: Arc<Exam>,
    item: Arc<Item>,
    (shell, links): (Shell, Links),
) -> PageResult {
    let app = &ctx.app;
    let figures = positions::figures(app, &exam)
        .await
        .map_err(problem)?
        .of(item.id);
    let wanted = positions::rules(&exam, &item.position);
    let mut rules: Vec<(String, Option<Mark>)> = wanted
        .iter()
        .map(|rule| (domain::eligibility::describe(rule), None))
        .collect();
    let mut mark = None;
    let mut may_apply =
        exam.is_open(Phase::Registration, ctx.at) && !figures.is_full() && !figures.cancelled;
    if let Ok(account) = ctx.candidate() {
        let facts = app::application::facts(app, &exam, account, ctx.at)
            .await
            .map_err(problem)?;
        let report = positions::report(&exam, &item.position, &facts);
        for ((_, slot), answer) in rules.iter_mut().zip(&report.answers) {
            *slot = Some(Mark::answer(answer));
        }
        may_apply &= report.verdict != domain::eligibility::Verdict::Fail;
        mark = Some(Mark::of(&report));
    }
    let history = amendment::history(app, &item).await.map_err(problem)?;
    let page = PositionPage {
        shell,
        exam,
        links,
        item,
        figures,
        mark,
        rules,
        may_apply,
        history,
    };
    Ok(Html::new(page).into())
}
