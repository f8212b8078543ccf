//! Review: the photo ([`photo`]) and the qualification ([`qualification`]).
//!
//! Staff decide; each decision needs a reason that the candidate can act on ([`reason`]), and four-eyes rules say who
//! may not decide ([`people`]). The application's use cases call these machines, nobody else changes the states.

pub mod people;
pub mod photo;
pub mod qualification;
pub mod reason;

pub use people::{NotThisPerson, Past};
pub use photo::{PhotoEvent, PhotoState};
pub use qualification::{OnTimeout, Review, ReviewEvent, ReviewRefused, ReviewRules};
pub use reason::{ReasonTemplate, ReturnItem};
