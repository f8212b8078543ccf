//! The use cases of baokao: what a candidate, a member of staff or a job can have done.
//!
//! A use case authorizes, loads, asks `domain`, stores, leaves an audit row and enqueues jobs, in one transaction. It
//! is the only crate with business SQL, kept in each feature's `store`; reads may join any table, writes touch only the
//! tables that the feature owns (`-- owner:` in the migrations, checked by `xtask arch`).
//!
//! Pages call it with a [`Ctx`]: who asks, when, from where.

pub mod account;
mod actor;
pub mod announcement;
pub mod application;
pub mod approval;
pub mod archive;
pub mod arrangement;
pub mod audit;
pub mod backup;
pub mod carried;
pub mod check;
mod chunks;
pub mod copy;
pub mod door;
pub mod draft;
mod error;
pub mod exam;
pub mod interview;
pub mod invariants;
pub mod keys;
pub mod message;
pub mod object;
mod outgoing;
pub mod paper;
mod papers_list;
mod parts;
pub mod payment;
pub mod photo;
pub mod profile;
mod reason;
pub mod rehearsal;
pub mod review;
pub mod schema;
pub mod score;
pub mod selection;
mod setback;
pub mod site;
pub mod staff;
mod stamp;
pub mod statistics;
pub mod ticket;
mod turns;
pub mod venue;
pub mod waiver;

pub use actor::{Actor, Ctx, StaffActor};
pub use error::{Error, Refusal, Result, Trouble};
pub use outgoing::Outgoing;
pub use parts::{App, Parts, Policy};
pub use reason::holds_number;
pub use stamp::{IDS_PER_STAMP, Object, Stamp, Trail};
pub use vault::{Secret, Token};
