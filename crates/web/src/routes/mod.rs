//! The route registry: the only way to put a handler on an address.
//!
//! Each route says who may come. The registry wraps the handler in a guard that enforces it, keeps the list that
//! `baokao routes` prints and the authorization matrix is held against, and is itself the only thing that the kit turns
//! into a service. A router built beside it can't be merged in, so no route can be missing from the list.
//!
//! ```ignore
//! pub fn routes() -> Routes<App> {
//!     Routes::new("profile")
//!         .get("/profile", Who::Candidate, page)
//!         .post("/profile", Who::Candidate, save)
//!         .post("/profile/paper", Who::Candidate.body(5 * MIB), upload)
//! }
//! ```

mod guard;
mod pages;
mod who;

pub(crate) use guard::{Guarded, Otherwise, Redispatch};
pub(crate) use pages::Pages;
pub use who::{KIB, MIB, Rule, Who};

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};
use http::Method;

use crate::kit::Kit;

/// One line of the list of routes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteInfo {
    /// The path, with `{name}` for variable parts.
    pub path: String,
    /// The method.
    pub method: &'static str,
    /// The feature that owns it.
    pub feature: &'static str,
    /// Who may come.
    pub who: Who,
}

/// Routes of one feature, or of a whole site.
pub struct Routes<S> {
    feature: &'static str,
    router: Router<S>,
    list: Vec<RouteInfo>,
    pages: Pages,
}

impl<S> std::fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes")
            .field("feature", &self.feature)
            .field("list", &self.list)
            .finish_non_exhaustive()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet, for the feature `feature`.
    pub fn new(feature: &'static str) -> Self {
        Self {
            feature,
            router: Router::new(),
            list: Vec::new(),
            pages: Pages::default(),
        }
    }

    /// A page that is read. `HEAD` comes with it.
    #[must_use]
    pub fn get<H, T>(self, path: &str, rule: impl Into<Rule>, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(("GET", MethodFilter::GET), path, rule.into(), handler)
    }

    /// A form that is sent, or a button that does something.
    #[must_use]
    pub fn post<H, T>(self, path: &str, rule: impl Into<Rule>, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(("POST", MethodFilter::POST), path, rule.into(), handler)
    }

    fn add<H, T>(
        mut self,
        method: (&'static str, MethodFilter),
        path: &str,
        rule: Rule,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        if method.0 == "GET" && rule.is_page() {
            self.pages.add(path);
        }
        self.list.push(RouteInfo {
            path: path.to_owned(),
            method: method.0,
            feature: self.feature,
            who: rule.who(),
        });
        let guarded = on(method.1, handler).layer(from_fn_with_state(rule, guard::guard));
        self.router = self.router.route(path, guarded);
        self
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.list.extend(other.list);
        self.pages.join(&other.pages);
        self.router = self.router.merge(other.router);
        self
    }

    /// The pattern of the page that the form posting to `pattern` stands on: its own or the nearest above.
    pub fn page_of(&self, pattern: &str) -> Option<String> {
        self.pages.above(pattern, pattern)
    }

    /// The list, by path and method.
    pub fn list(&self) -> Vec<RouteInfo> {
        let mut list = self.list.clone();
        list.sort();
        list
    }

    /// Gives the handlers their state, so that routes of another state can be joined.
    pub fn with_state<S2>(self, state: S) -> Routes<S2> {
        Routes {
            feature: self.feature,
            router: self.router.with_state(state),
            list: self.list,
            pages: self.pages,
        }
    }
}

impl Routes<()> {
    /// The whole service: these routes and the kit's own, behind the pipeline.
    pub fn into_service(self, kit: &Kit) -> Router {
        let all = self.and(crate::system::routes());
        let router = all
            .router
            .method_not_allowed_fallback(guard::method_not_allowed);
        crate::pipeline::wrap(kit, router, all.pages)
    }
}

/// The kit's own routes, which [`Routes::into_service`] adds.
pub fn kit_routes() -> Vec<RouteInfo> {
    crate::system::routes().list()
}

/// Is a method one that may change something?
pub(crate) fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
