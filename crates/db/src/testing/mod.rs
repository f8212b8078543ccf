//! Tools for tests of this crate and of those above it. Never part of a release build.

pub mod trace;

/// Defences that a control run switches off, to show that the test would notice.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// PostgreSQL commands run in the caller's task, and their dropped transactions go back to the pool.
    pub postgres_guard_off: bool,
    /// SQLite's write-ahead log has no bound.
    pub wal_guard_off: bool,
}
