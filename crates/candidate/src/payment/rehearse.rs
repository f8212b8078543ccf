//! 演练支付: the cashier of a rehearsal, on our own site. It asks what a real one would have brought about.

use app::payment;
use askama::Template;
use axum::extract::Path;
use serde::Deserialize;
use web::layout::Item;
use web::{Html, PageResult, Protected, Shell, redirect};

use crate::context::{Me, problem};

#[derive(Debug, Template)]
#[template(path = "payment/rehearse.html")]
struct Page {
    shell: Shell,
    id: String,
    number: String,
    amount: String,
}

/// The page.
pub(super) async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    let waiting = payment::rehearsal::waiting(&me.ctx, &id)
        .await
        .map_err(problem)?;
    let shell = me.shell("演练支付").await.at(Item::Payments);
    let page = Page {
        shell,
        id,
        number: waiting.merchant_no,
        amount: waiting.amount.yuan(),
    };
    Ok(Html::new(page).into())
}

/// Which of the page's buttons it was.
#[derive(Debug, Deserialize)]
pub(super) struct Pressed {
    does: String,
}

/// 支付成功 or 放弃支付.
pub(super) async fn finish(me: Me, Path(id): Path<String>, sent: Protected<Pressed>) -> PageResult {
    payment::rehearsal::finish(&me.ctx, &id, sent.does == "pay")
        .await
        .map_err(problem)?;
    Ok(redirect(&format!("/payments/{id}/return")))
}
