//! 找回账号: asked for here by who has seen the document, decided by another person under 双人复核.

use app::account::office::{self, Found};
use app::account::recovery;
use askama::Template;
use axum::extract::Path;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, flash, page as answer};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "account/recovery.html")]
struct Page {
    shell: Shell,
    account: Found,
    form: Form,
}

fn form(visit: &Visit, id: &str) -> Form {
    Form::new(visit, format!("/office/candidates/{id}/recovery")).field(
        Field::text_area("reason", "核对情况", 3)
            .hint("写明核对了什么证件、为什么要找回。不要写号码。")
            .required(),
    )
}

async fn shown(desk: &Desk, id: &str, form: Form) -> PageResult<Page> {
    let candidate = office::candidate(&desk.ctx, id).await.map_err(problem)?;
    let shell = Shell::new(&desk.visit, "找回账号")
        .below("/office/search")
        .with_errors(form.has_errors());
    Ok(Page {
        shell,
        account: candidate.account,
        form,
    })
}

/// The form.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = form(&desk.visit, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form).await?).into())
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    reason: String,
}

/// Asks.
pub(super) async fn ask(desk: Desk, Path(id): Path<String>, sent: Protected<Sent>) -> PageResult {
    match recovery::request(&desk.ctx, &id, &sent.reason).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/candidates/{id}"),
            flash::done("找回账号的申请已提交，等待另一人复核"),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk.visit, &id)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
