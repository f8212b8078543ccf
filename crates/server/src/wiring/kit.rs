//! The web kit, wired to the application.

use std::sync::Arc;

use app::App;
use domain::clock::Clock;
use vault::Entropy;
use web::captcha::Art;
use web::client_addr::Range;
use web::kit::{BaseUrl, Doors, Kit, Limits, Parts};
use web::{Site, csrf};

use super::{KitSeal, Sessions};

/// What the kit needs besides the application.
#[derive(Debug)]
pub struct KitSettings {
    /// The operator's texts.
    pub site: Site,
    /// The site's address.
    pub base_url: BaseUrl,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The key of CSRF tokens.
    pub csrf_key: csrf::Key,
    /// The seal of the kit's tokens.
    pub seal: KitSeal,
    /// How captchas are drawn.
    pub captcha: Arc<dyn Art>,
    /// Bounds.
    pub limits: Limits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Range>,
}

/// Wires the kit.
pub fn kit(app: &App, settings: KitSettings) -> Kit {
    Kit::new(Parts {
        site: settings.site,
        base_url: settings.base_url,
        clock: settings.clock,
        entropy: settings.entropy,
        seal: Arc::new(settings.seal),
        csrf_key: settings.csrf_key,
        identity: Arc::new(Sessions(app.clone())),
        captcha: settings.captcha,
        login_page: candidate::login_page(app),
        office_login_page: office::login_page(),
        doors: Doors::default(),
        office_nav: office::NAV,
        limits: settings.limits,
        proxies: settings.proxies,
    })
}
