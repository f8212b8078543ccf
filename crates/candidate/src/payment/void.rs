//! 作废, with a page that says what it means.

use app::payment::{self, History};
use askama::Template;
use axum::extract::Path;
use domain::money::Fen;
use web::layout::Item;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, redirect};

use crate::application::words::deadline;
use crate::context::{Me, problem};

#[derive(Debug, Template)]
#[template(path = "payment/void.html")]
struct Page {
    shell: Shell,
    history: History,
    amount: String,
    due: String,
}

/// The page.
pub(super) async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    let history = payment::find(&me.ctx, &id).await.map_err(problem)?;
    if !history.state.is_open() {
        return Ok(redirect(&format!("/payments/{id}")));
    }
    let page = Page {
        shell: me.shell("作废缴费单").await.at(Item::UnpaidBills),
        amount: Fen::new(history.order.amount).yuan(),
        due: deadline(history.deadline()),
        history,
    };
    Ok(Html::new(page).into())
}

/// 作废. What turns out to be paid stays.
pub(super) async fn void(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    let voided = match payment::void(&me.ctx, &id).await {
        Err(app::Error::Refused(refusal)) if refusal.code == "confirming" => {
            let to = format!("/payments/{id}");
            return Ok(web::page::redirect_with(&me.visit, &to, flash::NOT_VOIDED));
        }
        other => other.map_err(problem)?,
    };
    if voided {
        Ok(web::page::redirect_with(
            &me.visit,
            "/payments/unpaid",
            flash::VOIDED,
        ))
    } else {
        Ok(redirect(&format!("/payments/{id}/result")))
    }
}
