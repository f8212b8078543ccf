//! The candidates' site: one folder a feature, with its HTML beside the handlers.
//!
//! A handler of a logged-in candidate takes a [`context::Me`] (the request and an [`app::Ctx`]), calls one use case and shows a page
//! that extends `candidate.html`; pages before the login take a [`web::Visit`] and extend `bare.html`. Templates lie beside
//! their handlers and are named from `src/`: `#[template(path = "photo/page.html")]`.

mod account;
mod announcement;
mod application;
mod context;
mod draft;
mod exam;
mod message;
mod payment;
mod photo;
pub mod preview;
mod profile;
mod review;
mod score;
mod selection;
mod ticket;
mod waiver;
mod way_back;

use std::sync::Arc;

use app::App;
use web::Routes;
use web::kit::LoginPage;

/// All routes of the candidates' site, one feature a line.
pub fn routes() -> Routes<App> {
    announcement::routes()
        .and(account::routes())
        .and(profile::routes())
        .and(photo::routes())
        .and(message::routes())
        .and(draft::routes())
        .and(exam::routes())
        .and(application::routes())
        .and(review::routes())
        .and(payment::routes())
        .and(waiver::routes())
        .and(ticket::routes())
        .and(score::routes())
        .and(selection::routes())
}

/// The login page that somebody sees whose session ended in the middle of a form.
pub fn login_page(app: &App) -> Arc<dyn LoginPage> {
    account::login_page(app)
}
