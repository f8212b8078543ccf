//! The choice of a position: the exam feature's list with buttons.

use app::App;
use askama::Template;
use axum::extract::{Path, Query, State};
use web::layout::Item;
use web::{Html, PageResult, Shell, redirect};

use super::entry::Entry;
use crate::context::{Me, problem};
use crate::exam::list::{Choose, PositionList, PositionQuery};

#[derive(Debug, Template)]
#[template(path = "application/positions.html")]
struct Page {
    shell: Shell,
    entry: Entry,
    list: PositionList,
    closes: String,
}

pub(super) async fn show(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<PositionQuery>,
) -> PageResult {
    let entry = Entry::open(&me, &app, &id).await?;
    if !entry.has_agreed() {
        return Ok(redirect(&entry.at("/agreement?to=positions")));
    }
    if !entry.exam.has_positions() {
        return Ok(redirect(&entry.at("/level")));
    }
    let choose = Choose::apply(&entry.exam, entry.at("/positions"));
    let list = PositionList::load(&me.ctx, &entry.exam, &query, choose)
        .await
        .map_err(problem)?;
    let closes = entry
        .closes()
        .map(|close| format!("，{} 截止", close.to_chinese_short()))
        .unwrap_or_default();
    let shell = me.shell("选择岗位").await.at(Item::Apply);
    Ok(Html::new(Page {
        shell,
        entry,
        list,
        closes,
    })
    .into())
}
