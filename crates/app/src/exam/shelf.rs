//! A reading that a process keeps: renewed when it has run out, and shown as it was while the database can't be reached.
//!
//! Pages that everybody opens are made from it. When the database goes away in the rush of an opening day, one visitor in
//! [`RETRY_SECONDS`] tries it again and the others see what was known last, without waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::time::Timestamp;
use parking_lot::RwLock;

use crate::{App, Error, Result, Trouble};

/// How long another process's change may stay unseen, and figures may stay as they were.
const FRESH_SECONDS: i64 = 15;
/// How long a database that couldn't be reached is left alone.
const RETRY_SECONDS: i64 = 5;
/// How long a visitor waits for the database when there is something to show without it.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct Held<T> {
    value: Arc<T>,
    at: Timestamp,
    /// Something was changed since: the next one reads.
    outdated: bool,
    /// When the database was last asked in vain.
    failed_at: Option<Timestamp>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    held: RwLock<Option<Held<T>>>,
    /// Grows with each change, so that what was read before it isn't taken for new.
    changes: AtomicU64,
    filling: tokio::sync::Mutex<()>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            held: RwLock::new(None),
            changes: AtomicU64::new(0),
            filling: tokio::sync::Mutex::default(),
        }
    }
}

/// Whether `then` lies within `seconds` before `now`. A clock set back makes everything old.
fn is_within(then: Timestamp, now: Timestamp, seconds: i64) -> bool {
    (0..seconds).contains(&now.seconds_since(then))
}

/// The database couldn't be asked: what is known may be shown instead.
fn is_away(error: &Error) -> bool {
    matches!(error, Error::Busy(_))
        || matches!(error.trouble(), Some(Trouble::Away | Trouble::Slow))
}

impl<T> Shelf<T> {
    /// Something that the reading shows was changed by this process.
    pub(super) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        if let Some(held) = self.held.write().as_mut() {
            held.outdated = true;
            // Who could change it reaches the database.
            held.failed_at = None;
        }
    }

    /// What is kept, read anew by `read` if it has run out.
    ///
    /// # Errors
    /// Those of `read`, if nothing was ever read or if the trouble isn't that the database is away.
    pub(super) async fn get(
        &self,
        app: &App,
        read: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        if let Some(value) = self.ready(app.now()) {
            return Ok(value);
        }
        let _filling = match self.filling.try_lock() {
            Ok(filling) => filling,
            Err(_) => match self.known_while_away() {
                Some(value) => return Ok(value),
                None => self.filling.lock().await,
            },
        };
        let at = app.now();
        if let Some(value) = self.ready(at) {
            return Ok(value);
        }
        let changes = self.changes.load(Ordering::SeqCst);
        let answer = if self.held.read().is_some() {
            let answer = tokio::time::timeout(PATIENCE, read).await;
            answer.unwrap_or(Err(Error::Busy(PATIENCE)))
        } else {
            read.await
        };
        match answer {
            Ok(value) => Ok(self.put(value, at, changes)),
            Err(error) if is_away(&error) => self.fall_back(at, error),
            Err(error) => Err(error),
        }
    }

    fn ready(&self, now: Timestamp) -> Option<Arc<T>> {
        let held = self.held.read();
        let held = held.as_ref()?;
        let fresh = !held.outdated && is_within(held.at, now, FRESH_SECONDS);
        let away = held
            .failed_at
            .is_some_and(|at| is_within(at, now, RETRY_SECONDS));
        (fresh || away).then(|| Arc::clone(&held.value))
    }

    fn known_while_away(&self) -> Option<Arc<T>> {
        let held = self.held.read();
        let held = held.as_ref().filter(|held| held.failed_at.is_some())?;
        Some(Arc::clone(&held.value))
    }

    fn put(&self, value: T, at: Timestamp, changes: u64) -> Arc<T> {
        let value = Arc::new(value);
        *self.held.write() = Some(Held {
            value: Arc::clone(&value),
            at,
            outdated: self.changes.load(Ordering::SeqCst) != changes,
            failed_at: None,
        });
        value
    }

    fn fall_back(&self, at: Timestamp, error: Error) -> Result<Arc<T>> {
        let mut held = self.held.write();
        let Some(held) = held.as_mut() else {
            return Err(error);
        };
        if held.failed_at.is_none() {
            tracing::error!(%error, "the database is away: pages show what was read before");
        }
        held.failed_at = Some(at);
        Ok(Arc::clone(&held.value))
    }
}
