//! The HTTP kit that both sites share: sessions, CSRF, forms, error pages, layout, static files, the route registry.
//!
//! It knows no business rule and no SQL. Of `app` it knows the errors, and which page says each ([`errors::problem`]); what else it
//! needs it asks through small traits that the binary wires:
//! who holds a session token ([`session::Identity`]), how tokens are sealed ([`seal::Seal`]), how a captcha is drawn
//! ([`captcha::Art`]).
//!
//! A request passes, in this order: [`serve`] (time limits of the connection) → the outer layer (`pipeline`: reference number,
//! Host, load, panic, headers, error pages, access log) → the registry's guard (`routes::guard`: origin, who may come, body, CSRF
//! token) → the handler. A handler is only ever reached through [`routes::Routes`], so no route can miss a check.

// Templates name items as `web::…`, in this crate as in those that inherit from them.
extern crate self as web;

pub mod assets;
pub mod captcha;
pub mod client_addr;
pub mod cookie;
pub mod csrf;
pub mod errors;
pub mod flash;
pub mod forms;
pub mod headers;
pub mod icon;
pub mod kit;
pub mod layout;
mod load;
pub mod page;
mod pipeline;
pub mod protected;
mod refill;
pub mod resume;
pub mod routes;
pub mod seal;
pub mod serve;
pub mod session;
pub mod site;
pub mod submission;
mod system;
pub mod visit;

pub use assets::asset;
pub use errors::{PageError, PageResult, Problem};
pub use kit::Kit;
pub use layout::Shell;
pub use page::{Html, redirect};
pub use protected::Protected;
pub use routes::{Routes, Who};
pub use site::Site;
pub use submission::{Submission, Upload};
pub use visit::Visit;
