//! Counters of a database handle.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a database handle has done so far, and what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Commands that were run, whatever came of them. A second run of the same one counts.
    pub commands: u64,
    /// Batches of the SQLite writer.
    pub batches: u64,
    /// Transactions committed.
    pub commits: u64,
    /// SQLite: batches that were lost and run again one by one. PostgreSQL: transactions repeated.
    pub repeats: u64,
    /// Commands refused because the queue was full.
    pub refused: u64,
    /// Commands that wait (PostgreSQL: wait or run).
    pub queued: u64,
    /// Bytes of SQLite's write-ahead log; 0 on PostgreSQL.
    pub wal_bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commands: AtomicU64,
    pub(crate) batches: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) repeats: AtomicU64,
    pub(crate) refused: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> Stats {
        Stats {
            commands: self.commands.load(Ordering::Relaxed),
            batches: self.batches.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            repeats: self.repeats.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            queued: 0,
            wal_bytes: 0,
        }
    }
}
