//! Every route of the product: both sites, what channels call, and what watches the server.

use app::App;
use axum::Router;
use web::routes::RouteInfo;
use web::{Kit, Routes};

/// All routes of the product.
fn all() -> Routes<App> {
    candidate::routes().and(office::routes()).and(crate::health::routes())
}

/// The list of all routes, the kit's own among them, by path and method.
pub fn list() -> Vec<RouteInfo> {
    let mut list = all().list();
    list.extend(web::routes::kit_routes());
    list.sort();
    list
}

/// The whole service.
pub fn service(app: &App, kit: &Kit) -> Router {
    all().with_state(app.clone()).into_service(kit)
}
