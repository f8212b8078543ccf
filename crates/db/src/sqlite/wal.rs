//! Checkpoints, off the commit path, and the bound of the write-ahead log.
//!
//! A thread of its own copies the log into the database file (PASSIVE: it waits for nobody), and shortens the log when
//! it has grown (TRUNCATE). What keeps a log from being shortened is a reader that still looks at an old state. Readers
//! have time limits; if the log reaches its bound all the same, every read that is under way is interrupted, and the
//! writer waits until the log was shortened. The log exceeds its bound by at most one batch.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::conn::{Access, Conn, Revoked};
use crate::{DbResult, Durability};

/// Bytes of new log after which a checkpoint is due.
const DUE: u64 = 4 << 20;
/// How long an attempt to shorten the log may hold up the writer.
const TRUNCATE_WAIT: Duration = Duration::from_millis(20);
/// The same when the bound is reached and the writer waits anyway.
const URGENT_WAIT: Duration = Duration::from_millis(200);
/// How long the writer waits for room. Longer means that a foreign process reads the file.
const PATIENCE: Duration = Duration::from_secs(2);
/// Without news the checkpointer looks now and then.
const NAP: Duration = Duration::from_millis(500);

/// What the writer and the checkpointer tell each other.
#[derive(Debug)]
pub(crate) struct Wal {
    file: PathBuf,
    bound: u64,
    /// Control runs switch the bound off.
    guarded: bool,
    revoked: Arc<Revoked>,
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct State {
    due: bool,
    urgent: bool,
    closed: bool,
    /// The log's size when it was last checkpointed, to tell how much is new.
    seen: u64,
}

impl Wal {
    pub(crate) fn new(database: &Path, bound: u64, guarded: bool, revoked: Arc<Revoked>) -> Self {
        let mut file = database.as_os_str().to_owned();
        file.push("-wal");
        Self {
            file: PathBuf::from(file),
            bound,
            guarded,
            revoked,
            state: Mutex::default(),
            news: Condvar::new(),
        }
    }

    /// Bytes of the log.
    pub(crate) fn size(&self) -> u64 {
        std::fs::metadata(&self.file).map_or(0, |file| file.len())
    }

    /// A batch was committed.
    pub(crate) fn written(&self) {
        let size = self.size();
        let mut state = self.state.lock();
        if size < state.seen {
            state.seen = size;
        }
        if size - state.seen >= DUE || size > self.bound / 2 {
            state.due = true;
            self.news.notify_all();
        }
    }

    /// Holds the writer up while the log is beyond its bound.
    pub(crate) fn wait_for_room(&self) {
        if !self.guarded || self.size() <= self.bound {
            return;
        }
        let patience = Instant::now() + PATIENCE;
        let mut state = self.state.lock();
        state.urgent = true;
        self.news.notify_all();
        while state.urgent && !state.closed {
            if self.news.wait_until(&mut state, patience).timed_out() {
                state.urgent = false;
                tracing::warn!(
                    bytes = self.size(),
                    "the write-ahead log is beyond its bound: does another program read the database?"
                );
            }
        }
    }

    /// Ends the checkpointer.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.news.notify_all();
    }

    /// The checkpointer's connection.
    pub(crate) fn connect(&self, path: &Path, durability: Durability) -> DbResult<Conn> {
        Conn::open(path, Access::Write(durability), &Revoked::new())
    }

    /// The checkpointer's thread.
    pub(crate) fn run(&self, conn: &Conn) {
        loop {
            let urgent = {
                let mut state = self.state.lock();
                if !state.due && !state.urgent && !state.closed {
                    self.news.wait_for(&mut state, NAP);
                }
                if state.closed {
                    break;
                }
                state.due = false;
                state.urgent
            };
            if urgent {
                self.revoked.revoke_all();
                if shorten(conn, URGENT_WAIT) {
                    self.state.lock().urgent = false;
                    self.news.notify_all();
                }
            } else if self.size() > 0 {
                passive(conn);
                if self.size() > self.bound / 2 {
                    shorten(conn, TRUNCATE_WAIT);
                }
            }
            self.state.lock().seen = self.size();
        }
        shorten(conn, URGENT_WAIT);
    }
}

fn passive(conn: &Conn) {
    let result = conn
        .raw()
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = result {
        tracing::warn!(%error, "checkpoint failed");
    }
}

/// Copies everything and shortens the log to nothing. Whether it could.
fn shorten(conn: &Conn, wait: Duration) -> bool {
    let result = conn.raw().busy_timeout(wait).and_then(|()| {
        conn.raw()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, i64>(0)
            })
    });
    match result {
        Ok(busy) => busy == 0,
        Err(error) => {
            tracing::warn!(%error, "checkpoint failed");
            false
        }
    }
}
