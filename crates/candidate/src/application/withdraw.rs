//! 取消报名, with a page that says what it means.

use app::application::{self, View};
use askama::Template;
use axum::extract::Path;
use domain::application::number;
use domain::exam::Phase;
use web::layout::Item;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash};

use super::words::deadline;
use crate::context::{Me, problem};

#[derive(Debug, Template)]
#[template(path = "application/withdraw.html")]
struct Page {
    shell: Shell,
    view: View,
    number: String,
    closes: String,
}

pub(super) async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    let view = application::own(&me.ctx, &id).await.map_err(problem)?;
    let closes = view
        .exam
        .window(Phase::Registration)
        .map(|window| deadline(window.close()))
        .unwrap_or_default();
    let number = number::grouped(&view.row.registration_no);
    let shell = me.shell("取消报名").await.at(Item::Applications);
    Ok(Html::new(Page {
        shell,
        view,
        number,
        closes,
    })
    .into())
}

pub(super) async fn save(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    application::withdraw(&me.ctx, &id).await.map_err(problem)?;
    Ok(web::page::redirect_with(
        &me.visit,
        "/applications",
        flash::SUBMITTED,
    ))
}
