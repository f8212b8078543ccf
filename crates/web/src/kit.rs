//! What the kit is wired with, once at start; every request carries a handle to it ([`crate::Visit::kit`]).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::clock::Clock;
pub use futures_util::future::BoxFuture;
use http::Uri;
use vault::Entropy;

use crate::captcha::Art;
use crate::client_addr::Range;
use crate::csrf;
use crate::errors::Problem;
use crate::layout::NavGroup;
use crate::load::Load;
use crate::resume::Resume;
use crate::seal::Seal;
use crate::session::Identity;
use crate::site::Site;
use crate::visit::Visit;

/// The address that people type. Cookies, redirects and the Host check follow it.
#[derive(Debug, Clone)]
pub struct BaseUrl {
    origin: String,
    authority: String,
    secure: bool,
}

/// A text that isn't a usable base address.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an address like https://baoming.example.gov.cn (no path, http or https)")]
pub struct BadBaseUrl(String);

impl std::str::FromStr for BaseUrl {
    type Err = BadBaseUrl;

    fn from_str(text: &str) -> Result<Self, BadBaseUrl> {
        let bad = || BadBaseUrl(text.to_owned());
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| bad())?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad()),
        };
        if uri.path().len() > 1 || uri.query().is_some() {
            return Err(bad());
        }
        let authority = uri
            .authority()
            .filter(|a| !a.as_str().contains('@'))
            .ok_or_else(bad)?;
        let authority = authority.as_str().to_ascii_lowercase();
        let scheme = if secure { "https" } else { "http" };
        let default_port = if secure { ":443" } else { ":80" };
        let authority = authority
            .strip_suffix(default_port)
            .unwrap_or(&authority)
            .to_owned();
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            authority,
            secure,
        })
    }
}

impl BaseUrl {
    /// `https://host[:port]`, as browsers send it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Is it https?
    pub fn secure(&self) -> bool {
        self.secure
    }

    /// Does a `Host` header name this site?
    pub(crate) fn is_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let default_port = if self.secure { ":443" } else { ":80" };
        host.strip_suffix(default_port).unwrap_or(&host) == self.authority
    }
}

/// Where people are sent when their session doesn't open a page.
#[derive(Debug, Clone)]
pub struct Doors {
    /// The candidates' login.
    pub candidate: &'static str,
    /// Where a first password is set.
    pub activation: &'static str,
    /// The staff's login.
    pub staff: &'static str,
    /// Where the second factor is asked.
    pub second_factor: &'static str,
}

impl Default for Doors {
    fn default() -> Self {
        Self {
            candidate: "/login",
            activation: "/activate",
            staff: "/office/login",
            second_factor: "/office/login/code",
        }
    }
}

/// Bounds on what a request may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests worked on at once, from anybody.
    pub requests: usize,
    /// Requests worked on at once that only the office may use, so that a rush of candidates doesn't lock the staff out.
    pub office_requests: usize,
    /// Lists written to files at once: each keeps a thread of the staff's busy.
    pub exports: usize,
    /// Connections open at once.
    pub connections: usize,
    /// How long a request's head may take to come.
    pub head: Duration,
    /// How long a form may take to come; uploads may take longer by their route's own limit.
    pub body: Duration,
    /// How long a page may take to make, unless its route says otherwise.
    pub page: Duration,
    /// A connection on which nothing could be read or written for so long is closed.
    pub idle: Duration,
    /// What a refused request is told to wait before it comes again.
    pub retry_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 512,
            office_requests: 64,
            exports: 2,
            connections: 20_000,
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            page: Duration::from_secs(20),
            idle: Duration::from_secs(75),
            retry_after: Duration::from_secs(10),
        }
    }
}

/// Shows a login page that carries a form which was sent after its session had ended.
///
/// The page keeps `resume` in a hidden field named [`crate::resume::FIELD`]; after the login it answers with
/// [`crate::resume::continue_page`].
pub trait LoginPage: std::fmt::Debug + Send + Sync + 'static {
    /// The page, with the [`Resume::notice`] that the session ended. `next` is where the form stands: it is shown after the
    /// login if nothing was kept.
    fn show<'a>(
        &'a self,
        visit: &'a Visit,
        resume: Resume,
        next: &'a str,
    ) -> BoxFuture<'a, axum::response::Response>;
}

/// What [`Kit::new`] is made from.
#[derive(Debug)]
pub struct Parts {
    /// The operator's texts.
    pub site: Site,
    /// The site's address.
    pub base_url: BaseUrl,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Token encryption.
    pub seal: Arc<dyn Seal>,
    /// The key of CSRF tokens.
    pub csrf_key: csrf::Key,
    /// Where sessions are kept.
    pub identity: Arc<dyn Identity>,
    /// How captchas are drawn and spoken.
    pub captcha: Arc<dyn Art>,
    /// Shows the candidates' login page to who posted with an ended session.
    pub login_page: Arc<dyn LoginPage>,
    /// The same for the staff's.
    pub office_login_page: Arc<dyn LoginPage>,
    /// Where people without the right session are sent.
    pub doors: Doors,
    /// The office's navigation.
    pub office_nav: &'static [NavGroup],
    /// Bounds.
    pub limits: Limits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Range>,
}

/// The kit: cheap to clone.
#[derive(Debug, Clone)]
pub struct Kit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    load: Load,
    drawing: tokio::sync::Semaphore,
    #[cfg(feature = "control")]
    control: Control,
}

/// Defences that a test switches off to show that it would notice.
#[cfg(feature = "control")]
#[derive(Debug, Clone, Copy, Default)]
pub struct Control {
    /// No CSRF token is asked for.
    pub no_token: bool,
    /// No origin is checked.
    pub no_origin: bool,
    /// Whoever logs in is shown the form that was kept.
    pub no_owner: bool,
}

/// The kit is in use already, and can't be changed any more.
#[cfg(feature = "control")]
#[derive(Debug, thiserror::Error)]
#[error("the kit is in use")]
pub struct InUse;

impl Kit {
    /// Wires the kit.
    pub fn new(parts: Parts) -> Self {
        let load = Load::new(&parts.limits);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self(Arc::new(Inner {
            parts,
            load,
            drawing: tokio::sync::Semaphore::new(cores),
            #[cfg(feature = "control")]
            control: Control::default(),
        }))
    }

    /// The same kit with defences off.
    ///
    /// # Errors
    /// If the kit is in use already.
    #[cfg(feature = "control")]
    pub fn with_control(self, control: Control) -> Result<Self, InUse> {
        let mut inner = Arc::try_unwrap(self.0).map_err(|_| InUse)?;
        inner.control = control;
        Ok(Self(Arc::new(inner)))
    }

    /// A place for writing a list to a file; `None` if there is none left.
    pub(crate) fn export_place(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        self.0.load.export()
    }

    /// What it was wired with.
    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// The operator's texts.
    pub fn site(&self) -> &Site {
        &self.0.parts.site
    }

    /// Token encryption.
    pub fn seal(&self) -> &dyn Seal {
        self.0.parts.seal.as_ref()
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0u8; N];
        self.0.parts.entropy.fill(&mut bytes);
        bytes
    }

    pub(crate) fn secure(&self) -> bool {
        self.0.parts.base_url.secure()
    }

    pub(crate) fn load(&self) -> &Load {
        &self.0.load
    }

    /// As many captchas are drawn at once as there are cores.
    pub(crate) fn drawing(&self) -> &tokio::sync::Semaphore {
        &self.0.drawing
    }

    pub(crate) fn client(
        &self,
        peer: IpAddr,
        headers: &http::HeaderMap,
    ) -> crate::client_addr::ClientAddr {
        crate::client_addr::resolve(peer, headers, &self.0.parts.proxies)
    }

    #[cfg(feature = "control")]
    pub(crate) fn checks_token(&self) -> bool {
        !self.0.control.no_token
    }

    #[cfg(not(feature = "control"))]
    #[expect(clippy::unused_self, reason = "the control build reads a switch here")]
    pub(crate) fn checks_token(&self) -> bool {
        true
    }

    #[cfg(feature = "control")]
    pub(crate) fn checks_origin(&self) -> bool {
        !self.0.control.no_origin
    }

    #[cfg(not(feature = "control"))]
    #[expect(clippy::unused_self, reason = "the control build reads a switch here")]
    pub(crate) fn checks_origin(&self) -> bool {
        true
    }

    #[cfg(feature = "control")]
    pub(crate) fn checks_owner(&self) -> bool {
        !self.0.control.no_owner
    }

    #[cfg(not(feature = "control"))]
    #[expect(clippy::unused_self, reason = "the control build reads a switch here")]
    pub(crate) fn checks_owner(&self) -> bool {
        true
    }

    pub(crate) async fn session(
        &self,
        token: &str,
        at: domain::time::Timestamp,
    ) -> Result<Option<crate::session::Session>, Problem> {
        self.0.parts.identity.lookup(token, at).await
    }
}
