//! Leadership: one process at a time does the periodic work.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use db::{Command, Db, DbError, DbResult, Lane, Tx, p, sql};
use domain::clock::Clock;

use crate::store;

/// The one lease there is.
const LEADER: &str = "leader";
/// How long a leader leads without saying so again.
const LEASE: Duration = Duration::from_secs(15);
const LEASE_MICROS: i64 = 15_000_000;

/// A leader's proof, for commands of periodic work that two processes must never do at the same time.
#[derive(Debug, Clone)]
pub struct Lease {
    holder: Arc<str>,
}

impl Lease {
    /// Fails unless this process still leads, and keeps it leading until the transaction ends.
    ///
    /// # Errors
    /// [`DbError::NotFound`] if another process has taken over.
    pub async fn hold(&self, tx: &mut Tx) -> DbResult<()> {
        // An update, not a look: it locks the row, so that a take-over waits for this commit.
        let held = tx
            .exec(
                sql!("UPDATE job_lease SET holder = $2 WHERE name = $1 AND holder = $2"),
                p![LEADER, &*self.holder],
            )
            .await?;
        if held == 1 {
            Ok(())
        } else {
            Err(DbError::NotFound)
        }
    }
}

/// This process's claim to lead.
#[derive(Debug)]
pub(crate) struct Leadership {
    db: Db,
    clock: Arc<dyn Clock>,
    holder: Arc<str>,
    /// Until when this process leads, in microseconds; the past if it doesn't.
    ends_at: AtomicI64,
}

impl Leadership {
    pub(crate) fn new(db: Db, clock: Arc<dyn Clock>, holder: &str) -> Self {
        Self {
            db,
            clock,
            holder: holder.into(),
            ends_at: AtomicI64::new(i64::MIN),
        }
    }

    /// How often [`Leadership::refresh`] must be called.
    pub(crate) const REFRESH: Duration = Duration::from_secs(LEASE.as_secs() / 3);

    /// The proof, if this process leads.
    pub(crate) fn lease(&self) -> Option<Lease> {
        let leads = self.clock.now().micros() < self.ends_at.load(Ordering::Acquire);
        leads.then(|| Lease {
            holder: Arc::clone(&self.holder),
        })
    }

    /// Takes the lead if it is free, or goes on leading. Writes only if there is something to take or extend.
    pub(crate) async fn refresh(&self) -> DbResult<bool> {
        let now = self.clock.now().micros();
        if let Some((holder, ends_at)) = store::lease_find(&mut self.db.read(), LEADER).await?
            && *holder != *self.holder
            && ends_at > now
        {
            self.ends_at.store(i64::MIN, Ordering::Release);
            return Ok(false);
        }
        let ends_at = now + LEASE_MICROS;
        let command = Take {
            holder: Arc::clone(&self.holder),
            now,
            ends_at,
        };
        let taken = self.db.write(Lane::Interactive, command).await?;
        self.ends_at
            .store(if taken { ends_at } else { i64::MIN }, Ordering::Release);
        Ok(taken)
    }

    /// Lets others lead at once.
    pub(crate) async fn resign(&self) {
        if self.ends_at.swap(i64::MIN, Ordering::AcqRel) != i64::MIN {
            let command = Resign {
                holder: Arc::clone(&self.holder),
            };
            if let Err(error) = self.db.write(Lane::Interactive, command).await {
                tracing::warn!(%error, "the lead was not given up; it runs out by itself");
            }
        }
    }
}

struct Take {
    holder: Arc<str>,
    now: i64,
    ends_at: i64,
}

impl Command for Take {
    const NAME: &'static str = "jobs.lead";
    type Out = bool;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<bool> {
        store::lease_take(tx, LEADER, &self.holder, (self.now, self.ends_at)).await
    }
}

struct Resign {
    holder: Arc<str>,
}

impl Command for Resign {
    const NAME: &'static str = "jobs.resign";
    type Out = ();
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<()> {
        store::lease_release(tx, LEADER, &self.holder).await
    }
}
