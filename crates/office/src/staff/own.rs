//! 我的账号: who I am here, what I may do, another password.

use app::Secret;
use app::account::OpenSession;
use app::staff::Profile;
use app::staff::factor::{self, FactorReset};
use askama::Template;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Protected, Shell, Visit, flash, page};

use crate::context::{Desk, problem, stored};

#[derive(Debug, Template)]
#[template(path = "staff/own.html")]
struct Page {
    shell: Shell,
    profile: Profile,
    /// Who took the second factor away the last time, in words; empty if nobody ever did.
    reset: String,
    devices: Vec<OpenSession>,
}

/// A second factor that two people took away, told to whose it was.
pub(super) fn told(reset: &FactorReset) -> String {
    format!(
        "您的验证器于 {} 作废，{} 提出，{} 同意。",
        reset.at.to_chinese_minute(),
        reset.asked,
        reset.decided
    )
}

/// The page.
pub(super) async fn page(desk: Desk) -> PageResult {
    let profile = app::staff::own(&desk.ctx).await.map_err(problem)?;
    let reset = factor::own_factor_reset(&desk.ctx).await.map_err(problem)?;
    let devices = app::account::sessions(&desk.ctx, stored(&desk.visit)?)
        .await
        .map_err(problem)?;
    Ok(Html::new(Page {
        devices,
        shell: Shell::new(&desk.visit, "我的账号"),
        profile,
        reset: reset.map_or_else(String::new, |reset| told(&reset)),
    })
    .into())
}

/// Which login a button ends: a handle, or `others` for all but this one.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    pub(super) which: String,
}

/// Ends one login, or all others.
pub(super) async fn end(desk: Desk, sent: Protected<Which>) -> PageResult {
    let which = Some(sent.which.as_str()).filter(|which| *which != "others");
    app::account::end_sessions(&desk.ctx, stored(&desk.visit)?, which)
        .await
        .map_err(problem)?;
    Ok(page::redirect_with(
        &desk.visit,
        "/office/account",
        flash::done(if which.is_some() {
            "那台设备已退出"
        } else {
            "其他设备已全部退出"
        }),
    ))
}

#[derive(Debug, Template)]
#[template(path = "staff/password.html")]
struct PasswordPage {
    shell: Shell,
    form: Form,
}

fn form(visit: &Visit) -> Form {
    Form::new(visit, "/office/account/password")
        .field(
            Field::password("current_password", "现在的密码")
                .required()
                .attribute("autocomplete", "current-password"),
        )
        .field(
            Field::password("password", "新密码")
                .hint("至少 12 位，不含姓名和用户名，不用常见的密码。")
                .required()
                .attribute("autocomplete", "new-password"),
        )
        .field(
            Field::password("password_again", "再输入一次")
                .required()
                .attribute("autocomplete", "new-password"),
        )
}

fn password_page(visit: &Visit, form: Form) -> PasswordPage {
    let shell = Shell::new(visit, "修改密码").with_errors(form.has_errors());
    PasswordPage { shell, form }
}

/// The form.
pub(super) async fn password(desk: Desk) -> PageResult {
    Ok(Html::new(password_page(&desk.visit, form(&desk.visit))).into())
}

#[derive(Debug, Deserialize)]
pub(super) struct Change {
    current_password: String,
    password: String,
    password_again: String,
}

/// Another password; the session goes on under a fresh token.
pub(super) async fn change(desk: Desk, sent: Protected<Change>) -> PageResult {
    let sent = sent.into_inner();
    let (current, new) = (
        Secret::new(sent.current_password),
        Secret::new(sent.password),
    );
    match app::staff::change_own_password(&desk.ctx, current, new, Secret::new(sent.password_again))
        .await
    {
        Ok(token) => {
            desk.visit.begin_session(&token.expose());
            Ok(page::redirect_with(
                &desk.visit,
                "/office/account",
                flash::PASSWORD_CHANGED,
            ))
        }
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk.visit).errors(&errors);
            Ok(Html::invalid(password_page(&desk.visit, form)).into())
        }
        Err(other) => Err(problem(other)),
    }
}
