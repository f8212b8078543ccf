//! Use cases and pages through the whole product, on both databases. One module a feature; see `testkit` for how.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod account;
mod application;
mod arrangement;
mod authorization;
mod backup;
mod exam;
mod house;
mod payment;
mod invariants;
mod photo;
mod profile;
mod review;
mod schema;
mod score;
mod trouble;
