//! The exam's own page.

use std::sync::Arc;

use app::App;
use app::exam::{self, Exam};
use askama::Template;
use axum::extract::{Path, State};
use domain::exam::{ProfessionalTable, Subject};
use web::{Html, PageResult, Shell, Visit};

use super::links::Links;
use super::words::{self, Now, Stage};
use crate::context::{self, problem};

#[derive(Debug, Template)]
#[template(path = "exam/page.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    links: Links,
    now: Now,
    stages: Vec<Stage>,
    steps: Vec<&'static str>,
    fee: String,
    photo: Option<String>,
    /// Positions and people sought.
    positions: Option<(usize, u64)>,
    levels: Vec<Level>,
    news: Vec<News>,
}

#[derive(Debug)]
struct Level {
    level: String,
    specialty: String,
    subjects: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    code: String,
    name: String,
    times: String,
    fee: String,
}

#[derive(Debug)]
struct News {
    title: String,
    href: String,
    day: String,
}

pub(super) async fn show(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
) -> PageResult {
    let exam = exam::shown(&context::ctx(&visit, &app), &id)
        .await
        .map_err(problem)?;
    let links = Links::public(&exam);
    let shell = Shell::new(&visit, exam.title());
    drawn(&app, &visit, exam, (shell, links)).await
}

/// The page of an exam that the caller may show to whoever asks.
pub(crate) async fn drawn(
    app: &App,
    visit: &Visit,
    exam: Arc<Exam>,
    (shell, links): (Shell, Links),
) -> PageResult {
    let positions = if exam.has_positions() {
        let table = exam::positions::table(app, &exam).await.map_err(problem)?;
        Some((table.items().len(), table.headcount()))
    } else {
        None
    };
    let table = exam::subjects(app, &exam).await.map_err(problem)?;
    let at = visit.at();
    let news = app
        .board()
        .out(context::ctx(visit, app).viewer(), at)
        .iter()
        .filter(|posting| posting.row.exam_id == exam.id())
        .map(|posting| News {
            title: posting.row.title.clone(),
            href: format!("/news/{}", posting.row.public_id),
            day: domain::time::Timestamp::from_micros(posting.row.publish_at)
                .date()
                .to_string(),
        })
        .collect();
    let page = Page {
        shell,
        links,
        now: words::now(&exam, at),
        stages: words::stages(&exam, at),
        steps: words::steps(&exam),
        fee: words::fee(&exam),
        photo: words::photo(&exam),
        positions,
        levels: levels(&table),
        news,
        exam,
    };
    Ok(Html::new(page).into())
}

fn levels(table: &ProfessionalTable) -> Vec<Level> {
    let mut levels = Vec::new();
    for level in table.levels() {
        for specialty in table.specialties(level) {
            levels.push(Level {
                level: level.to_owned(),
                specialty: specialty.to_owned(),
                subjects: table
                    .subjects_of(level, specialty)
                    .into_iter()
                    .map(line)
                    .collect(),
            });
        }
    }
    levels
}

fn line(subject: &Subject) -> Line {
    Line {
        code: subject.code.clone(),
        name: subject.name.clone(),
        times: format!(
            "{}–{}",
            subject.starts_at.to_chinese_short(),
            subject.ends_at.to_clock()
        ),
        fee: subject.fee.yuan(),
    }
}
