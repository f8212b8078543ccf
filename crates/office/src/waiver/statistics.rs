//! How many asked for a waiver, by exam and category, and what was waived.

use app::waiver::{self, Statistics};
use askama::Template;
use axum::extract::Query;
use domain::payment::WaiverState;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use crate::context::{Desk, problem};
use crate::list::{Empty, Export, Filters, Here, Taken, given};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    exam: String,
}

#[derive(Debug, Template)]
#[template(path = "waiver/statistics.html")]
struct Page {
    shell: Shell,
    export: Export,
    filters: Filters,
    found: Statistics,
    states: &'static [WaiverState],
    empty: Empty,
}

impl Page {
    /// All applications in a state.
    fn of(&self, state: WaiverState) -> i64 {
        let at = self.states.iter().position(|one| *one == state);
        let counts = &self.found.total.counts;
        at.and_then(|at| counts.get(at)).copied().unwrap_or(0)
    }
}

fn yuan(fen: &i64) -> String {
    domain::money::Fen::new(*fen).yuan()
}

type Exams = Vec<(i64, String, String)>;

async fn exams(desk: &Desk, asked: &Asked) -> PageResult<(Exams, i64)> {
    let exams = waiver::exams(&desk.ctx).await.map_err(problem)?;
    let chosen = exams.iter().find(|(_, id, _)| *id == asked.exam);
    let chosen = chosen.map_or(0, |(id, _, _)| *id);
    Ok((exams, chosen))
}

/// The page.
pub(super) async fn page(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let (exams, chosen) = exams(&desk, &asked).await?;
    let found = waiver::statistics(&desk.ctx, chosen)
        .await
        .map_err(problem)?;
    let here = Here::new("/office/waivers/statistics").with("exam", &asked.exam);
    let shell = Shell::new(&desk.visit, "减免统计").below("/office/waivers");
    let choices: Vec<(String, String)> = exams
        .into_iter()
        .map(|(_, public_id, title)| (public_id, title))
        .collect();
    let empty = Empty::new(
        "还没有人申请减免",
        "考生申请减免后，这里按考试和类别统计。受理哪些类别，在考试的收费标准中设置。",
    );
    Ok(Html::new(Page {
        export: Export::new(&shell, &here),
        filters: Filters::new(&here).select("exam", "考试", &asked.exam, choices),
        shell,
        found,
        states: WaiverState::ALL,
        empty: empty.icon(web::icon::WALLET),
    })
    .into())
}

/// The same as a file.
pub(super) async fn export(
    desk: Desk,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let (_, chosen) = exams(&desk, &asked).await?;
    let copy = waiver::export_statistics(&desk.ctx, chosen, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "减免统计", taken.format(), copy)
}
