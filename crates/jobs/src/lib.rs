//! Durable work in the same database: a job is a row written in the caller's transaction, so it exists exactly if the
//! change that wanted it does. Knows no feature.
//!
//! * [`enqueue`] puts a typed [`Job`] into the caller's [`db::Tx`]; the commit wakes the runner of this process, a timer
//!   those of the others.
//! * A [`Runner`] takes jobs under a lease. A process that dies loses its leases, and its jobs run again: **a job may run
//!   more than once and must be idempotent.** One that fails is tried again with growing pauses and ends as a dead
//!   letter, which staff can see and [`revive`].
//! * Periodic work is done by one process at a time, the leader: short [`Registry::tick`]s in its memory, and
//!   [`Registry::plan`]s that enqueue a job at their hour.
//! * [`Runner::drain`] does all that is due, in the caller's task, for tests.
//!
//! States: `ready → running → done | dead | cancelled`, and back to `ready` for another try.

mod backoff;
mod enqueue;
mod job;
mod lease;
mod registry;
mod run;
mod runner;
mod schedule;
mod status;
mod store;

pub use backoff::pause_after;
pub use enqueue::{NewJob, cancel, enqueue, enqueue_untyped, forget, is_busy, revive};
pub use job::{Job, JobError, JobResult};
pub use lease::Lease;
pub use registry::{Queue, Registry};
pub use run::Run;
pub use runner::{Drained, NamedTwice, Runner, Running, Settings};
pub use schedule::Plan;
pub use status::{DeadJob, JobState, JobStatus, dead_letters, status};

/// The tables, for SQLite: a migration of whoever owns the schema.
pub const SCHEMA_SQLITE: &str = include_str!("../migrations/sqlite.sql");
/// The tables, for PostgreSQL.
pub const SCHEMA_POSTGRES: &str = include_str!("../migrations/postgres.sql");

/// What a commit that enqueues wakes ([`db::Tx::wake`]).
pub const TOPIC: &str = "jobs";
