//! Joins the parts: what use cases work with ([`app`]), what pages are drawn with ([`kit`]), and the routes of both sites.

mod art;
mod identity;
mod seal;
mod kit;
mod parts;

pub use art::DrawnArt;
pub use identity::Sessions;
pub use kit::{KitSettings, kit};
pub use parts::{Opened, Opener, app_of};
pub use seal::KitSeal;
