//! 递补: what is free, who follows, and the deed.

use std::sync::Arc;

use app::exam::positions::{self, PositionTable};
use app::exam::{Exam, setup};
use app::selection::promote::{self, Point, Vacancy};
use askama::Template;
use axum::extract::Path;
use domain::field::FieldErrors;
use serde::Deserialize;
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::Empty;

/// A position with something free.
#[derive(Debug)]
struct Row {
    /// The position's public id.
    position: String,
    place: String,
    vacancy: Vacancy,
    /// What is wrong with what was typed here.
    message: Option<String>,
    reason: String,
    chosen: Vec<String>,
}

impl Row {
    fn before(&self) -> bool {
        self.vacancy.point == Point::Interview
    }

    fn is_chosen(&self, id: &str) -> bool {
        self.chosen.iter().any(|one| one == id)
    }
}

#[derive(Debug, Template)]
#[template(path = "selection/promote.html")]
struct Page {
    shell: Shell,
    base: String,
    rows: Vec<Row>,
    hours: u32,
    rounds: u8,
    full: bool,
    empty: Empty,
}

/// What was typed for one position, and what is wrong with it.
struct Failed<'a> {
    sent: &'a Sent,
    errors: &'a FieldErrors,
}

async fn drawn(desk: &Desk, exam: &Arc<Exam>, failed: Option<Failed<'_>>) -> PageResult<Page> {
    let table = positions::table(&desk.ctx.app, exam)
        .await
        .map_err(problem)?;
    let vacancies = promote::vacancies(&desk.ctx, exam).await.map_err(problem)?;
    let full = vacancies.len() >= promote::MOST;
    let rows = vacancies
        .into_iter()
        .filter_map(|vacancy| row(&table, vacancy, failed.as_ref()))
        .collect();
    let rules = &exam.settings.selection;
    Ok(Page {
        shell: Shell::new(&desk.visit, "递补")
            .below("/office/selection")
            .exam(exam.title(), "/office/selection")
            .with_errors(failed.is_some()),
        base: format!("/office/selection/{}", exam.public_id()),
        rows,
        hours: rules.offer_hours,
        rounds: rules.medical_rounds,
        full,
        empty: Empty::new(
            "没有空出的名额",
            "有考生放弃、没有通过或者逾期，并且面试安排还没有公布时，会列在这里；体检、考察环节空出的名额也在这里递补。",
        )
        .icon(web::icon::MEDAL),
    })
}

fn row(table: &PositionTable, vacancy: Vacancy, failed: Option<&Failed<'_>>) -> Option<Row> {
    let item = table.by_id(vacancy.position_id)?;
    let failed = failed.filter(|failed| failed.sent.position == item.public_id);
    let message = failed.and_then(|failed| {
        let mut messages = failed.errors.iter().map(|(_, message)| message.to_owned());
        messages.next()
    });
    Some(Row {
        position: item.public_id.clone(),
        place: format!(
            "{} {}（{}）",
            item.position.employer, item.position.name, item.position.code
        ),
        vacancy,
        message,
        reason: failed.map_or_else(String::new, |failed| failed.sent.reason.clone()),
        chosen: failed.map_or_else(Vec::new, |failed| failed.sent.chosen.clone()),
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path(exam): Path<String>) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    Ok(Html::new(drawn(&desk, &exam, None).await?).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    position: String,
    point: String,
    chosen: Vec<String>,
    reason: String,
}

/// 递补 of one position.
pub(super) async fn save(
    desk: Desk,
    Path(exam): Path<String>,
    sent: Protected<Sent>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let item = positions::find(&desk.ctx.app, &exam, &sent.position)
        .await
        .map_err(problem)?;
    let outcome = match Point::from_code(&sent.point) {
        Some(Point::Interview) => promote::offer(&desk.ctx, &exam, item.id).await,
        Some(Point::Medical) => {
            let word = (sent.chosen.as_slice(), sent.reason.as_str());
            promote::follow(&desk.ctx, &exam, item.id, word).await
        }
        None => return Err(Problem::BadRequest("请选择要递补的岗位。").into()),
    };
    match outcome {
        Ok(names) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/selection/{}/promote", exam.public_id()),
            flash::named("已递补", &names.join("、")),
        )),
        Err(app::Error::Fields(errors)) => {
            let failed = Failed {
                sent: &sent,
                errors: &errors,
            };
            Ok(Html::invalid(drawn(&desk, &exam, Some(failed)).await?).into())
        }
        Err(error) => Err(problem(error)),
    }
}
