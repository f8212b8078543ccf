//! Every route of the product: both sites, what channels call, what watches the server, the demonstration's page.

use app::App;
use axum::Router;
use web::routes::RouteInfo;
use web::{Kit, Routes};

use crate::demo::{self, DemoDesk};

fn product() -> Routes<App> {
    candidate::routes()
        .and(office::routes())
        .and(crate::preview::routes())
        .and(crate::health::routes())
}

/// The list of all routes, the kit's own among them, by path and method.
pub fn list() -> Vec<RouteInfo> {
    let mut list = product().list();
    list.extend(demo::routes().list());
    list.extend(web::routes::kit_routes());
    list.sort();
    list
}

/// What is posted to, and the page that its form stands on: where a form is shown again after an ended session.
pub fn form_pages() -> Vec<(RouteInfo, Option<String>)> {
    let product = product();
    let posts = product
        .list()
        .into_iter()
        .filter(|one| one.method == "POST");
    posts
        .map(|one| {
            let page = product.page_of(&one.path);
            (one, page)
        })
        .collect()
}

/// The whole service. The demonstration's page leads nowhere without a desk.
pub fn service(app: &App, kit: &Kit, demo: Option<DemoDesk>) -> Router {
    let demo: Routes<()> = demo::routes().with_state(demo);
    let product: Routes<()> = product().with_state(app.clone());
    product.and(demo).into_service(kit)
}
