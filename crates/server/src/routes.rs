//! Every route of the product: both sites, what channels call, and what watches the server.

use app::App;
use axum::Router;
use web::{Kit, Routes};

/// All routes, with the application behind them.
pub fn all(app: &App) -> Routes<()> {
    candidate::routes()
        .and(office::routes())
        .and(crate::health::routes())
        .with_state(app.clone())
}

/// The whole service.
pub fn service(app: &App, kit: &Kit) -> Router {
    all(app).into_service(kit)
}
