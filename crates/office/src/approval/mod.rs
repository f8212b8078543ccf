use app::App;
use web::Routes;

pub(crate) fn routes() -> Routes<App> {
    Routes::new("approval")
}
