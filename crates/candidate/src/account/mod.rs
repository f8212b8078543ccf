//! Accounts: 注册, 登录, the first password, the home page, 忘记密码, 账号与安全, 申诉.
//!
//! `/signup` → `/login` (number filled in, activation code shown) → `/activate` (first password) → `/home`. Another device comes in by
//! `/first-login`. See `app::account` for what stands behind each step.

mod access;
mod claim;
mod close;
mod device;
mod first_login;
mod first_password;
mod home;
mod login;
mod mobile;
mod password;
mod recover;
mod sessions;
mod settings;
mod signup;
mod welcome;

pub(crate) use claim::evidence;

use std::sync::Arc;

use app::App;
use web::kit::LoginPage;
use web::routes::MIB;
use web::{Routes, Who};

/// The routes of this feature.
pub(crate) fn routes() -> Routes<App> {
    Routes::new("account")
        .get("/signup", Who::Anonymous, signup::page)
        .post("/signup", Who::Anonymous, signup::save)
        .post("/signup/code", Who::Anonymous, signup::confirm)
        .post("/signup/resend", Who::Anonymous, signup::resend)
        .get("/signup/activation", Who::Anonymous, welcome::page)
        .get("/signup/activation/pdf", Who::Anonymous, welcome::pdf)
        .get("/login", Who::Anonymous, login::page)
        .post("/login", Who::Anonymous, login::login)
        .post("/logout", Who::Candidate, login::logout)
        .get("/first-login", Who::Anonymous, first_login::page)
        .post("/first-login", Who::Anonymous, first_login::start)
        .post("/first-login/code", Who::Anonymous, first_login::finish)
        .get("/activate", Who::Activation, first_password::page)
        .post("/activate", Who::Activation, first_password::save)
        .get("/recover", Who::Anonymous, recover::page)
        .post("/recover", Who::Anonymous, recover::start)
        .post("/recover/code", Who::Anonymous, recover::finish)
        .get("/claim", Who::Anonymous, claim::page)
        .post("/claim", Who::Anonymous.body(4 * MIB), claim::file)
        .get("/home", Who::Candidate, home::page)
        .get("/account", Who::Candidate, settings::page)
        .post("/account/copy", Who::Candidate, settings::copy)
        .get("/account/password", Who::Candidate, password::page)
        .post("/account/password", Who::Candidate, password::save)
        .get("/account/mobile", Who::Candidate, mobile::page)
        .post("/account/mobile", Who::Candidate, mobile::start)
        .post("/account/mobile/code", Who::Candidate, mobile::finish)
        .get("/account/sessions", Who::Candidate, sessions::page)
        .post("/account/sessions", Who::Candidate, sessions::end)
        .get("/account/close", Who::Candidate, close::page)
        .post("/account/close", Who::Candidate, close::close)
}

/// The login page for who posted with an ended session.
pub(crate) fn login_page(app: &App) -> Arc<dyn LoginPage> {
    Arc::new(login::Again(app.clone()))
}
