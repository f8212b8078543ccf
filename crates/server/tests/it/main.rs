//! Use cases and pages through the whole product, on both databases. One module a feature; see `testkit` for how.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod account;
mod announcement;
mod application;
mod archive;
mod arrangement;
mod audit;
mod authorization;
mod away;
mod backup;
mod broadcast;
mod carried;
mod checks;
mod claims;
mod copies;
mod demo;
mod desks;
mod device;
mod door;
mod exam;
mod extension;
mod factor;
mod files;
mod forgotten;
mod full_disk;
mod halfway;
mod held;
mod house;
mod integrity;
mod invariants;
mod kept;
mod lists;
mod making;
mod marks;
mod outcomes;
mod papers;
mod payment;
mod photo;
mod photo_frozen;
mod photo_review;
mod positions;
mod professional;
mod profile;
mod publication;
mod recovery;
mod rehearsal;
mod resume;
mod review;
mod schema;
mod scope;
mod score;
mod secrecy;
mod selection;
mod staff;
mod statistics;
mod structure;
mod ticket;
mod ticket_cache;
mod ticket_opening;
mod ticket_template;
mod trouble;
mod twice;
mod waiver;
