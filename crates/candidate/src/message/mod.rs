//! 站内消息: the inbox.

use app::App;
use axum::extract::Query;
use domain::time::Timestamp;
use serde::Deserialize;
use web::page::redirect_with;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Routes, Shell, Who, flash};

use crate::context::{Me, problem};

/// Messages of a page.
const PAGE: usize = 20;

/// The routes of this feature.
pub(crate) fn routes() -> Routes<App> {
    Routes::new("message")
        .get("/messages", Who::Candidate, page)
        .post("/messages/read", Who::Candidate, read)
}

#[derive(Debug, askama::Template)]
#[template(path = "message/page.html")]
struct Page {
    shell: Shell,
    rows: Vec<Row>,
    unread: bool,
    first: bool,
    older: Option<i64>,
}

#[derive(Debug)]
struct Row {
    title: String,
    body: String,
    link: String,
    at: String,
    unread: bool,
    icon: web::icon::Icon,
}

/// Where in the inbox.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    before: Option<i64>,
}

async fn page(me: Me, Query(asked): Query<Asked>) -> PageResult {
    let rows = app::message::inbox(&me.ctx, asked.before)
        .await
        .map_err(problem)?;
    let older = rows.last().filter(|_| rows.len() >= PAGE).map(|row| row.id);
    let rows: Vec<Row> = rows
        .into_iter()
        .map(|row| Row {
            icon: icon(&row.kind),
            unread: row.read_at.is_none(),
            at: Timestamp::from_micros(row.created_at).to_chinese_minute(),
            title: row.title,
            body: row.body,
            link: if web::page::is_own_path(&row.link) {
                row.link
            } else {
                String::new()
            },
        })
        .collect();
    let page = Page {
        shell: me.shell("站内消息").await,
        unread: rows.iter().any(|row| row.unread),
        first: asked.before.is_none(),
        rows,
        older,
    };
    Ok(Html::new(page).into())
}

fn icon(kind: &str) -> web::icon::Icon {
    match kind {
        "review" => web::icon::SHIELD,
        "payment" => web::icon::WALLET,
        "ticket" => web::icon::TICKET,
        "score" => web::icon::SCORE,
        "account" => web::icon::PERSON,
        _ => web::icon::BELL,
    }
}

/// 全部标为已读.
async fn read(me: Me, _: Protected<Nothing>) -> PageResult {
    app::message::mark_read(&me.ctx).await.map_err(problem)?;
    Ok(redirect_with(&me.visit, "/messages", flash::SAVED))
}
