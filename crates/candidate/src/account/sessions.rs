//! 登录设备: where the account is logged in, and the buttons that end it.

use serde::Deserialize;
use web::page::redirect_with;
use web::{Html, PageResult, Protected, Shell, flash};

use crate::context::{Me, problem};

#[derive(Debug, askama::Template)]
#[template(path = "account/sessions.html")]
struct Page {
    shell: Shell,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    handle: String,
    device: String,
    network: String,
    created: String,
    seen: String,
    current: bool,
}

/// Which to end: one by its handle, or `others`.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    which: String,
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let rows = app::account::sessions(&me.ctx, me.session()?)
        .await
        .map_err(problem)?;
    let rows = rows
        .into_iter()
        .map(|row| Row {
            device: super::device::name(&row.device),
            network: row.network,
            created: row.created_at.to_chinese_minute(),
            seen: row.seen_at.to_chinese_minute(),
            current: row.current,
            handle: row.handle,
        })
        .collect();
    Ok(Html::new(Page {
        shell: me.shell("登录设备").await,
        rows,
    })
    .into())
}

/// 退出 one of them, or all others.
pub(super) async fn end(me: Me, posted: Protected<Posted>) -> PageResult {
    let which = Some(posted.which.as_str()).filter(|which| *which != "others");
    app::account::end_sessions(&me.ctx, me.session()?, which)
        .await
        .map_err(problem)?;
    Ok(redirect_with(
        &me.visit,
        "/account/sessions",
        flash::SESSIONS_ENDED,
    ))
}
