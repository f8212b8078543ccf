//! Level, specialty and subjects of a professional exam.

use app::App;
use app::application::Pick;
use app::exam;
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::{LevelChoice, ProfessionalTable};
use serde::Deserialize;
use web::layout::Item;
use web::{Html, PageResult, Protected, Shell, redirect};

use super::entry::Entry;
use crate::context::{Me, problem};

#[derive(Debug)]
struct Line {
    code: String,
    name: String,
    times: String,
    fee: String,
    chosen: bool,
}

/// One level with one specialty.
#[derive(Debug)]
struct Offer {
    level: String,
    specialty: String,
    chosen: bool,
    href: String,
}

#[derive(Debug, Template)]
#[template(path = "application/level.html")]
struct Page {
    shell: Shell,
    entry: Entry,
    options: Vec<Offer>,
    level: String,
    specialty: String,
    lines: Vec<Line>,
    message: Option<String>,
}

/// What the address or the form says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    level: String,
    specialty: String,
    subject: Vec<String>,
}

/// The same from the address, which knows no lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    level: String,
    specialty: String,
}

pub(super) async fn show(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(looked): Query<Looked>,
) -> PageResult {
    let entry = Entry::open(&me, &app, &id).await?;
    if !entry.has_agreed() {
        return Ok(redirect(&entry.at("/agreement")));
    }
    let table = exam::subjects(&app, &entry.exam).await.map_err(problem)?;
    let chosen = match (&entry.way.pick, looked.level.is_empty()) {
        (Some(Pick::Professional(level)), true) => Chosen {
            level: level.level.clone(),
            specialty: level.specialty.clone(),
            subject: level.subjects.clone(),
        },
        _ => Chosen {
            level: looked.level,
            specialty: looked.specialty,
            subject: Vec::new(),
        },
    };
    page(&me, entry, &table, chosen, None).await
}

async fn page(
    me: &Me,
    entry: Entry,
    table: &ProfessionalTable,
    chosen: Chosen,
    message: Option<String>,
) -> PageResult {
    let mut options = Vec::new();
    for level in table.levels() {
        for specialty in table.specialties(level) {
            let encode = |text: &str| {
                let encoded: Vec<String> =
                    text.bytes().map(|byte| format!("%{byte:02X}")).collect();
                encoded.concat()
            };
            options.push(Offer {
                level: level.to_owned(),
                specialty: specialty.to_owned(),
                chosen: level == chosen.level && specialty == chosen.specialty,
                href: format!(
                    "{}?level={}&specialty={}",
                    entry.at("/level"),
                    encode(level),
                    encode(specialty)
                ),
            });
        }
    }
    let offered = table.subjects_of(&chosen.level, &chosen.specialty);
    let only = offered.len() == 1;
    let lines = offered
        .into_iter()
        .map(|subject| Line {
            code: subject.code.clone(),
            name: subject.name.clone(),
            times: format!(
                "{}–{}",
                subject.starts_at.to_chinese_short(),
                subject.ends_at.to_clock()
            ),
            fee: subject.fee.yuan(),
            chosen: only || chosen.subject.contains(&subject.code),
        })
        .collect();
    let failed = message.is_some();
    let shell = me
        .shell("选择级别、专业和科目")
        .await
        .at(Item::Apply)
        .with_errors(failed);
    let page = Page {
        shell,
        entry,
        options,
        level: chosen.level,
        specialty: chosen.specialty,
        lines,
        message,
    };
    Ok(if failed {
        Html::invalid(page)
    } else {
        Html::new(page)
    }
    .into())
}

pub(super) async fn choose(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Protected<Chosen>,
) -> PageResult {
    let chosen = form.into_inner();
    let mut entry = Entry::open(&me, &app, &id).await?;
    let table = exam::subjects(&app, &entry.exam).await.map_err(problem)?;
    let level = LevelChoice {
        level: chosen.level.clone(),
        specialty: chosen.specialty.clone(),
        subjects: chosen.subject.clone(),
    };
    if let Err(wrong) = table.choose(&level, false, &[]) {
        return page(&me, entry, &table, chosen, Some(wrong.to_string())).await;
    }
    entry.way.pick = Some(Pick::Professional(level));
    entry
        .way
        .keep(&me.ctx, entry.exam.public_id())
        .await
        .map_err(problem)?;
    Ok(redirect(&entry.at("/form")))
}
