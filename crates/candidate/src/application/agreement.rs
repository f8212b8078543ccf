//! The agreement, with 同意 and 不同意. Which version was accepted, and when, is kept.

use app::App;
use app::application::Agreed;
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::ExamSettings;
use serde::Deserialize;
use web::layout::Item;
use web::{Html, PageResult, Protected, Shell, redirect};

use super::entry::Entry;
use crate::context::{Me, problem};

#[derive(Debug, Template)]
#[template(path = "application/agreement.html")]
struct Page {
    shell: Shell,
    entry: Entry,
    title: String,
    paragraphs: Vec<String>,
    /// 隐私说明 of this exam; empty: the site's page says it.
    privacy: Vec<String>,
    /// Where it leads on to, if not to the next step.
    to: String,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    to: String,
}

pub(super) async fn show(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(looked): Query<Looked>,
) -> PageResult {
    let entry = Entry::open(&me, &app, &id).await?;
    let (title, paragraphs, privacy) = texts(&entry.exam.settings);
    let shell = me.shell(title.clone()).await.at(Item::Apply);
    Ok(Html::new(Page {
        shell,
        entry,
        title,
        paragraphs,
        privacy,
        to: looked.to,
    })
    .into())
}

/// Title and text of the agreement, and 隐私说明, in paragraphs.
pub(crate) fn texts(settings: &ExamSettings) -> (String, Vec<String>, Vec<String>) {
    let agreement = &settings.agreement;
    let title = if agreement.title.is_empty() {
        "报名协议".to_owned()
    } else {
        agreement.title.clone()
    };
    let privacy = paragraphs(&settings.privacy.text);
    (title, paragraphs(&agreement.text), privacy)
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(|paragraph| paragraph.trim().to_owned())
        .filter(|paragraph| !paragraph.is_empty())
        .collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    answer: String,
    version: String,
    to: String,
}

pub(super) async fn answer(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Protected<Answer>,
) -> PageResult {
    if form.answer != "agree" {
        return Ok(redirect("/apply"));
    }
    let mut entry = Entry::open(&me, &app, &id).await?;
    let version = entry.exam.settings.agreement.version;
    if form.version != version.to_string() {
        // The text changed while it was read.
        return Ok(redirect(&entry.at("/agreement")));
    }
    entry.way.agreed = Some(Agreed {
        version,
        at: me.ctx.at,
    });
    entry
        .way
        .keep(&me.ctx, entry.exam.public_id())
        .await
        .map_err(problem)?;
    let subjects = !app::exam::subjects(&app, &entry.exam)
        .await
        .map_err(problem)?
        .subjects
        .is_empty();
    let next = match entry.choosing(subjects) {
        Some(choosing) if entry.there.is_none() || entry.reapplies() || form.to == "positions" => {
            choosing
        }
        _ => entry.at("/form"),
    };
    Ok(redirect(&next))
}
