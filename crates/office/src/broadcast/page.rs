//! One message: before it is sent, to how many and how it reads; afterwards, how far it is.

use std::sync::Arc;

use app::exam::Exam;
use app::exam::positions;
use app::message::broadcast::{self, Act, BroadcastRow, Preview};
use askama::Template;
use axum::extract::Path;
use domain::message::{Audience, Leads};
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::Tag;

#[derive(Debug, Template)]
#[template(path = "broadcast/page.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    row: BroadcastRow,
    tag: Tag,
    audience: String,
    leads: &'static str,
    preview: Option<Preview>,
    base: String,
}

impl Page {
    fn is(&self, state: &str) -> bool {
        self.row.state == state
    }

    fn readers(&self, preview: &Preview) -> String {
        match (preview.more, preview.readers) {
            (true, readers) if readers > 10_000 => "超过 1 万人".to_owned(),
            (true, readers) => format!("至少 {readers} 人（报名人数多，只数了一部分）"),
            (false, readers) => format!("{readers} 人"),
        }
    }
}

/// The position of an audience: its code, and how the page names it.
pub(super) async fn position(
    desk: &Desk,
    exam: &Exam,
    audience: &Audience,
) -> PageResult<Option<(String, String)>> {
    if audience.position_id == 0 {
        return Ok(None);
    }
    let table = positions::table(&desk.ctx.app, exam)
        .await
        .map_err(problem)?;
    let item = table
        .items()
        .iter()
        .find(|item| item.id == audience.position_id);
    Ok(item.map(|item| {
        let code = item.position.code.clone();
        let name = format!("{}（岗位代码 {code}）", item.position.name);
        (code, name)
    }))
}

pub(super) async fn page(desk: Desk, Path((id, message)): Path<(String, String)>) -> PageResult {
    let (exam, row) = broadcast::find(&desk.ctx, &id, &message)
        .await
        .map_err(problem)?;
    let audience = row.audience().map_err(problem)?;
    let position = position(&desk, &exam, &audience).await?;
    let preview = match row.state.as_str() {
        "draft" => Some(
            broadcast::preview(&desk.ctx, &exam, &row)
                .await
                .map_err(problem)?,
        ),
        _ => None,
    };
    let page = Page {
        shell: Shell::new(&desk.visit, "群发消息").below("/office/exams"),
        tag: super::tag(&row),
        audience: super::audience_words(&audience, &position.map_or_else(String::new, |p| p.1)),
        leads: Leads::from_code(&row.leads).map_or("", Leads::label),
        preview,
        base: format!("/office/exams/{id}/broadcasts"),
        exam,
        row,
    };
    Ok(Html::new(page).into())
}

/// What the buttons send: the version that the page showed.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    version: i64,
}

async fn act(desk: &Desk, id: &str, message: &str, act: Act, version: i64) -> PageResult {
    let (_, row) = broadcast::find(&desk.ctx, id, message)
        .await
        .map_err(problem)?;
    let title = row.title;
    broadcast::act(&desk.ctx, id, message, act, version)
        .await
        .map_err(problem)?;
    let base = format!("/office/exams/{id}/broadcasts");
    let what = match act {
        Act::Send => "消息开始发送",
        Act::Stop => "消息已停止发送",
        Act::Delete => "消息已删除",
    };
    let to = if act == Act::Delete {
        base
    } else {
        format!("{base}/{message}")
    };
    Ok(answer::redirect_with(
        &desk.visit,
        &to,
        flash::named(what, &title),
    ))
}

pub(super) async fn send(
    desk: Desk,
    Path((id, message)): Path<(String, String)>,
    sent: Protected<Sent>,
) -> PageResult {
    act(&desk, &id, &message, Act::Send, sent.version).await
}

pub(super) async fn stop(
    desk: Desk,
    Path((id, message)): Path<(String, String)>,
    sent: Protected<Sent>,
) -> PageResult {
    act(&desk, &id, &message, Act::Stop, sent.version).await
}

pub(super) async fn delete(
    desk: Desk,
    Path((id, message)): Path<(String, String)>,
    sent: Protected<Sent>,
) -> PageResult {
    act(&desk, &id, &message, Act::Delete, sent.version).await
}
