//! Joins the parts: what use cases work with ([`app`]), what pages are drawn with ([`kit`]), and the routes of both sites.

mod art;
mod channels;
mod identity;
mod kit;
mod parts;
mod payment;
mod seal;
mod simulated;

pub use art::DrawnArt;
pub use identity::Sessions;
pub use kit::{KitSettings, kit};
pub use parts::{Opened, Opener, database_options, load_keyring, open_database};
pub(crate) use parts::{prepare_folder, private_folder};
pub(crate) use payment::{ending as ending_certificates, problems as channel_problems};
pub use seal::KitSeal;
pub use simulated::cashier;
pub(crate) use simulated::{drop_books, keep_books, unserved};
