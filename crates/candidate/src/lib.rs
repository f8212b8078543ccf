//! The candidates' site: one folder a feature, with its HTML beside the handlers.
//!
//! A handler of a logged-in candidate takes a [`context::Me`] (the request and an [`app::Ctx`]), calls one use case and shows a page
//! that extends `candidate.html`; pages before the login take a [`web::Visit`] and extend `bare.html`. Templates lie beside
//! their handlers and are named from `src/`: `#[template(path = "photo/page.html")]`.

mod announcement;
mod context;

use std::sync::Arc;

use app::App;
use web::Routes;
use web::kit::LoginPage;

/// All routes of the candidates' site, one feature a line.
pub fn routes() -> Routes<App> {
    announcement::routes()
}

/// Shows the login page to who sent a form after his session had ended; the kit's own page if there is none.
pub fn login_page(_app: &App) -> Option<Arc<dyn LoginPage>> {
    None
}
