//! What the browser of a fresh account is shown until its first login: the number in the login's field, and the activation code.
//!
//! Both travel in a sealed cookie that lives as long as the activation cookie; nothing of it stands in an address.

use app::account::Created;
use app::{App, Ctx};
use axum::extract::State;
use axum::response::Response;
use domain::account::activation::COOKIE_SECONDS;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use web::cookie::Cookie;
use web::{Html, PageResult, Problem, Shell, Visit, redirect};

use crate::context::{ctx, problem};

/// The cookie.
pub(super) const COOKIE: &str = "bk_welcome";
const PURPOSE: &str = "welcome";

/// What is shown.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Welcome {
    number: String,
    code: String,
    until: i64,
}

impl std::fmt::Debug for Welcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Welcome(…)")
    }
}

impl Welcome {
    /// Keeps it in the browser, with the activation cookie.
    pub(super) fn keep(visit: &Visit, ctx: &Ctx, created: &Created) -> Result<(), web::PageError> {
        let welcome = Self {
            number: created.number.clone(),
            code: created.activation_code.clone(),
            until: created.expires_at.micros(),
        };
        let clear = serde_json::to_vec(&welcome).map_err(|e| Problem::caused("welcome", e))?;
        let ends = ctx.at.plus_seconds(COOKIE_SECONDS);
        let sealed = ctx
            .app
            .sealer()
            .seal(PURPOSE, &clear, ends, ctx.app.entropy());
        visit.set_cookie(Cookie::new(COOKIE, sealed).max_age(COOKIE_SECONDS));
        visit.set_cookie(
            Cookie::new(super::access::ACTIVATION, created.cookie.expose()).max_age(COOKIE_SECONDS),
        );
        Ok(())
    }

    /// What the request's cookie holds.
    pub(super) fn of(visit: &Visit, app: &App) -> Option<Self> {
        let opened = app
            .sealer()
            .open(PURPOSE, visit.cookie(COOKIE)?, visit.at())
            .ok()?;
        serde_json::from_slice(&opened.payload).ok()
    }

    /// 证件号码, for the field.
    pub(super) fn number(&self) -> &str {
        &self.number
    }

    /// The activation code in groups.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// Until when the first login has to happen.
    pub(super) fn until(&self) -> String {
        Timestamp::from_micros(self.until).to_chinese_minute()
    }

    /// The number with all but its first three characters hidden.
    fn masked(&self) -> String {
        let shown: String = self.number.chars().take(3).collect();
        format!(
            "{shown}{}",
            "*".repeat(self.number.chars().count().saturating_sub(3))
        )
    }
}

#[derive(Debug, askama::Template)]
#[template(path = "account/activation.html")]
struct Page {
    shell: Shell,
    welcome: Welcome,
}

/// The activation code as a page to print.
pub(super) async fn page(visit: Visit, State(app): State<App>) -> Response {
    match Welcome::of(&visit, &app) {
        Some(welcome) => Html::new(Page {
            shell: Shell::new(&visit, "首次登录激活码"),
            welcome,
        })
        .into(),
        None => redirect("/login"),
    }
}

/// The same as a PDF.
pub(super) async fn pdf(visit: Visit, State(app): State<App>) -> PageResult {
    let Some(welcome) = Welcome::of(&visit, &app) else {
        return Ok(redirect("/login"));
    };
    let sheet = app::account::ActivationSheet {
        id_number: welcome.masked(),
        code: welcome.code.clone(),
        until: welcome.until(),
        site: visit.kit().parts().base_url.origin().to_owned(),
        issuer: visit.kit().site().centre.clone(),
    };
    let bytes = app::account::activation_pdf(&ctx(&visit, &app), sheet)
        .await
        .map_err(problem)?;
    Ok(web::page::download(
        "application/pdf",
        "首次登录激活码.pdf",
        bytes,
    ))
}
