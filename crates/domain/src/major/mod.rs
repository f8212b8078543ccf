//! Majors: the Ministry's catalogue (discipline → class → major) and what a position's text means against it.
//!
//! A named major matches only itself; a class or a discipline matches its members; what the catalogue doesn't know goes
//! to a person.

pub mod catalogue;
pub mod requirement;

pub use catalogue::{Catalogue, Known};
pub use requirement::{Band, MajorRequirement, Match, Studied, Term};
