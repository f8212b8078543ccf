//! 更正身份信息 and 更换手机号码: asked for here, decided by another person under 双人复核.

use app::account::correction::{self, IdentityForm};
use app::account::office::{self, Found};
use askama::Template;
use axum::extract::Path;
use domain::id_number::IdType;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, flash, page as answer};

use crate::context::{Desk, problem};

#[derive(Debug, Template)]
#[template(path = "account/correction.html")]
struct Page {
    shell: Shell,
    account: Found,
    form: Form,
    identity: bool,
}

fn identity_form(visit: &Visit, id: &str) -> Form {
    let types = IdType::ALL.iter().map(|kind| (kind.code(), kind.label()));
    Form::new(visit, format!("/office/candidates/{id}/identity"))
        .field(
            Field::text("name", "正确的姓名")
                .required()
                .attribute("autocomplete", "off"),
        )
        .field(Field::select("id_type", "证件类型", types).required())
        .field(
            Field::text("id_number", "正确的证件号码")
                .hint("照着证件填写，末位是 X 的大小写均可。")
                .required()
                .attribute("autocomplete", "off"),
        )
        .field(reason())
}

fn mobile_form(visit: &Visit, id: &str) -> Form {
    Form::new(visit, format!("/office/candidates/{id}/mobile"))
        .field(
            Field::text("mobile", "新的手机号码")
                .required()
                .digits()
                .attribute("autocomplete", "off"),
        )
        .field(reason())
}

fn reason() -> Field {
    Field::text_area("reason", "原因", 3)
        .hint("写明为什么要改、核对了什么证件。不要写号码。")
        .required()
}

async fn shown(desk: &Desk, id: &str, form: Form, identity: bool) -> PageResult<Page> {
    let candidate = office::candidate(&desk.ctx, id).await.map_err(problem)?;
    let title = if identity {
        "更正身份信息"
    } else {
        "更换手机号码"
    };
    let shell = Shell::new(&desk.visit, title)
        .below("/office/search")
        .with_errors(form.has_errors());
    Ok(Page {
        shell,
        account: candidate.account,
        form,
        identity,
    })
}

/// The form.
pub(super) async fn identity(desk: Desk, Path(id): Path<String>) -> PageResult {
    let account = office::candidate(&desk.ctx, &id)
        .await
        .map_err(problem)?
        .account;
    let form = identity_form(&desk.visit, &id)
        .value("name", account.name)
        .refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form, true).await?).into())
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Identity {
    name: String,
    id_type: String,
    id_number: String,
    reason: String,
}

/// Asks.
pub(super) async fn ask_identity(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Identity>,
) -> PageResult {
    let typed = IdentityForm {
        name: sent.name.clone(),
        id_type: sent.id_type.clone(),
        id_number: sent.id_number.clone(),
        reason: sent.reason.clone(),
    };
    match correction::request_identity(&desk.ctx, &id, &typed).await {
        Ok(()) => Ok(asked(
            &desk,
            &id,
            "更正身份信息的申请已提交，等待另一人复核",
        )),
        Err(app::Error::Fields(errors)) => {
            let form = identity_form(&desk.visit, &id)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form, true).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

fn asked(desk: &Desk, id: &str, what: &str) -> axum::response::Response {
    answer::redirect_with(
        &desk.visit,
        &format!("/office/candidates/{id}"),
        flash::done(what),
    )
}

/// The form.
pub(super) async fn mobile(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = mobile_form(&desk.visit, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form, false).await?).into())
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Mobile {
    mobile: String,
    reason: String,
}

/// Asks.
pub(super) async fn ask_mobile(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Mobile>,
) -> PageResult {
    match correction::request_mobile(&desk.ctx, &id, &sent.mobile, &sent.reason).await {
        Ok(()) => Ok(asked(
            &desk,
            &id,
            "更换手机号码的申请已提交，等待另一人复核",
        )),
        Err(app::Error::Fields(errors)) => {
            let form = mobile_form(&desk.visit, &id)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form, false).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
