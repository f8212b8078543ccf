//! 关账: asked for by one person, signed or given back by another. The page shows the numbers once more.

use app::payment::reconcile::{self, Detail};
use askama::Template;
use axum::extract::Path;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use super::yuan;
use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "bill/close.html")]
struct Page {
    shell: Shell,
    detail: Detail,
    channel: String,
    form: Form,
    me: i64,
}

fn form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("/office/bills/{id}/close"))
        .bare()
        .field(
            Field::text_area("note", "说明", 3)
                .hint("退回的须写明原因；签字的可以不填")
                .optional(),
        )
}

async fn shown(desk: &Desk, id: &str, form: Form) -> PageResult<Page> {
    let detail = reconcile::detail(&desk.ctx, id).await.map_err(problem)?;
    Ok(Page {
        shell: Shell::new(&desk.visit, "关账")
            .below("/office/bills")
            .with_errors(form.has_errors()),
        channel: desk.ctx.app.channels().name(&detail.bill.channel),
        detail,
        form,
        me: desk.ctx.actor.id(),
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = form(&desk, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form).await?).into())
}

/// What is decided.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Word {
    note: String,
    decision: String,
}

/// Asks, signs, or gives back.
pub(super) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Word>,
) -> PageResult {
    let (done, said) = match sent.decision.as_str() {
        "ask" => (
            reconcile::ask_close(&desk.ctx, &id).await,
            flash::done("已提请关账，等待另一位财务人员签字"),
        ),
        "sign" => (
            reconcile::sign(&desk.ctx, &id, &sent.note).await,
            flash::done("已签字，这一天已关账"),
        ),
        "return" => (
            reconcile::give_back(&desk.ctx, &id, &sent.note).await,
            flash::done("已退回"),
        ),
        _ => return Err(Problem::BadRequest("请选择签字或者退回。").into()),
    };
    match done {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/bills/{id}"),
            said,
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &id).values(sent.submission()).errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
