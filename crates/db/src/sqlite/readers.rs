//! Reading: a pool of connections for inline point reads, and threads for the scans of each crowd.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::conn::{Access, Conn, Revoked};
use crate::queue::Queue;
use crate::{DbError, DbResult};

/// Connections for point reads. The one that was used last is taken first: its cache is warm.
pub(crate) struct Pool {
    idle: Mutex<Vec<Conn>>,
    returned: Condvar,
    limit: Duration,
}

impl Pool {
    pub(crate) fn open(
        path: &Path,
        size: usize,
        limit: Duration,
        revoked: &Arc<Revoked>,
    ) -> DbResult<Self> {
        let idle = (0..size.max(1))
            .map(|_| Conn::open(path, Access::Read, revoked))
            .collect::<DbResult<Vec<_>>>()?;
        Ok(Self {
            idle: Mutex::new(idle),
            returned: Condvar::new(),
            limit,
        })
    }

    /// Runs `read` with a connection, in this thread. If all are taken it waits: that is a matter of microseconds.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&Conn) -> DbResult<T>) -> DbResult<T> {
        let lent = Lent {
            conn: Some(self.take()),
            pool: self,
        };
        let Some(conn) = &lent.conn else {
            return Err(DbError::unavailable("no connection"));
        };
        conn.limit(self.limit);
        read(conn)
    }

    fn take(&self) -> Conn {
        let mut idle = self.idle.lock();
        loop {
            if let Some(conn) = idle.pop() {
                return conn;
            }
            self.returned.wait(&mut idle);
        }
    }
}

/// Brings the connection back, also when `from_row` of a type panics.
struct Lent<'a> {
    conn: Option<Conn>,
    pool: &'a Pool,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.pool.idle.lock().push(conn);
            self.pool.returned.notify_one();
        }
    }
}

/// A scan on its way to a thread.
pub(crate) type Errand = Box<dyn FnOnce(&Conn) + Send>;

/// The threads of one crowd and what waits for them.
pub(crate) struct Scanners {
    pub(crate) queue: Arc<Queue<Errand>>,
}

impl Scanners {
    /// Starts `threads` threads.
    pub(crate) fn start(
        path: &Path,
        name: &str,
        (threads, capacity): (usize, usize),
        limit: Duration,
        revoked: &Arc<Revoked>,
    ) -> DbResult<(Self, Vec<JoinHandle<()>>)> {
        let queue = Arc::new(Queue::<Errand>::new(capacity));
        let mut handles = Vec::new();
        for number in 0..threads.max(1) {
            let conn = Conn::open(path, Access::Read, revoked)?;
            let queue = Arc::clone(&queue);
            let work = move || {
                while let Some(errands) = queue.take(1) {
                    for errand in errands {
                        conn.limit(limit);
                        // Asked after the limit is set: what begins before the closing is interrupted by it.
                        if queue.is_closed() {
                            return;
                        }
                        let run = std::panic::AssertUnwindSafe(|| errand(&conn));
                        if std::panic::catch_unwind(run).is_err() {
                            tracing::error!("a scan panicked");
                        }
                    }
                }
            };
            handles.push(
                std::thread::Builder::new()
                    .name(format!("{name}-{number}"))
                    .spawn(work)?,
            );
        }
        Ok((Self { queue }, handles))
    }
}
