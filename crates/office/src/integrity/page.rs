//! One record, and 解除.

use app::application::integrity::{self, IntegrityRow};
use askama::Template;
use axum::extract::Path;
use domain::staff::Permission;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::Tag;

#[derive(Debug, Template)]
#[template(path = "integrity/page.html")]
struct Page {
    shell: Shell,
    row: IntegrityRow,
    tag: Tag,
    form: Form,
    /// He entered it himself: somebody else lifts it.
    own: bool,
    sees_account: bool,
}

fn form(visit: &Visit, id: &str) -> Form {
    Form::new(visit, format!("/office/integrity/{id}/lift"))
        .bare()
        .field(
            Field::text_area("reason", "解除原因", 3)
                .hint("写明依据，例如决定被撤销的文号。不要写号码。")
                .required(),
        )
}

async fn shown(desk: &Desk, id: &str, form: Form) -> PageResult<Page> {
    let row = integrity::find(&desk.ctx, id).await.map_err(problem)?;
    Ok(Page {
        shell: Shell::new(&desk.visit, "诚信档案")
            .below("/office/integrity")
            .with_errors(form.has_errors()),
        tag: super::state(&row, &desk.ctx.at.date().to_string()),
        own: desk.is(row.created_by),
        sees_account: desk.may(Permission::AccountDesk),
        form,
        row,
    })
}

/// The record.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = form(&desk.visit, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form).await?).into())
}

/// Why it is lifted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    reason: String,
}

/// Lifts it.
pub(super) async fn lift(desk: Desk, Path(id): Path<String>, sent: Protected<Sent>) -> PageResult {
    match integrity::lift(&desk.ctx, &id, &sent.reason).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/integrity/{id}"),
            flash::done("诚信记录已解除"),
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
