//! 重新绑定验证器 of a colleague: asked for here, decided by another security admin on the approvals page.

use app::staff::{Profile, factor};
use askama::Template;
use axum::extract::Path;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "staff/factor.html")]
struct Page {
    shell: Shell,
    profile: Profile,
    form: Form,
}

fn form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("/office/staff/{id}/factor")).field(
        Field::text_area("reason", "原因", 3)
            .hint("写明原因和怎样核实了本人，例如：手机丢失，本人到办公室说明。不要写号码。")
            .required(),
    )
}

async fn shown(desk: &Desk, id: &str, form: Form) -> PageResult<Page> {
    let profile = app::staff::find(&desk.ctx, id).await.map_err(problem)?;
    let shell = Shell::new(&desk.visit, "重新绑定验证器")
        .below("/office/staff")
        .with_errors(form.has_errors());
    Ok(Page {
        shell,
        profile,
        form,
    })
}

/// The form.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = form(&desk, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form).await?).into())
}

#[derive(Debug, Deserialize)]
pub(super) struct Wish {
    reason: String,
}

/// Asks.
pub(super) async fn ask(desk: Desk, Path(id): Path<String>, sent: Protected<Wish>) -> PageResult {
    match factor::request(&desk.ctx, &id, &sent.reason).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/staff/{id}"),
            flash::done("重新绑定验证器的申请已提交，等待另一位安全管理员决定"),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &id).values(sent.submission()).errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
