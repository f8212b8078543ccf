//! What only the leader does: plans, ticks, and forgetting finished jobs.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use db::{Command, DbError, DbResult, Lane, Tx};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{Runner, micros};
use crate::lease::Leadership;
use crate::registry::Tick;
use crate::store;

/// How often plans are looked at: a job starts at most so much after its time.
const LOOK: Duration = Duration::from_secs(1);
/// How often finished jobs are forgotten.
const SWEEP: Duration = Duration::from_secs(600);
/// How many at a time.
const SWEPT: u32 = 200;

impl<S: Clone + Send + Sync + std::fmt::Debug + 'static> Runner<S> {
    /// Leads, or stands by to lead, until `stopping`.
    pub(super) async fn lead(self, mut stopping: watch::Receiver<bool>) {
        let mut refresh_at = Instant::now();
        let mut sweep_at = Instant::now() + LOOK;
        loop {
            if Instant::now() >= refresh_at {
                refresh_at = Instant::now() + Leadership::REFRESH;
                if let Err(error) = self.0.leadership.refresh().await {
                    tracing::warn!(%error, "the lead was not refreshed");
                }
            }
            if self.0.leadership.lease().is_some() {
                if let Err(error) = self.enqueue_plans().await {
                    tracing::warn!(%error, "planned jobs were not enqueued");
                }
                if Instant::now() >= sweep_at {
                    sweep_at = Instant::now() + SWEEP;
                    if let Err(error) = self.forget_finished().await {
                        tracing::warn!(%error, "finished jobs were not forgotten");
                    }
                }
            }
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        self.0.leadership.resign().await;
    }

    /// Does a tick at its times, while this process leads, until `stopping`.
    pub(super) async fn keep_ticking(self, number: usize, mut stopping: watch::Receiver<bool>) {
        let Some(tick) = self.0.registry.ticks.get(number) else {
            return;
        };
        // Taken before the work, so that what is committed during it is not missed.
        let mut woken = self.woken(tick.topic);
        loop {
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                () = woken => {}
                () = tokio::time::sleep(tick.every) => {}
            }
            woken = self.woken(tick.topic);
            self.tick_once(tick).await;
        }
    }

    fn woken(&self, topic: Option<&'static str>) -> BoxFuture<'static, ()> {
        match topic {
            Some(topic) => self.0.db.changed(topic).boxed(),
            None => std::future::pending().boxed(),
        }
    }

    /// Does a tick, if this process leads.
    pub(super) async fn tick_once(&self, tick: &Tick<S>) {
        let Some(lease) = self.0.leadership.lease() else {
            return;
        };
        let work = async { (tick.body)(self.0.state.clone(), lease).await };
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(tick = tick.name, %error, "a tick failed"),
            Err(_) => tracing::error!(tick = tick.name, "a tick panicked"),
        }
    }

    /// Forgets what is older than the settings say; a runner that leads does it by itself. How many jobs.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn forget_finished(&self) -> DbResult<u64> {
        let now = self.now().micros();
        let settings = &self.0.settings;
        let mut forgotten = 0;
        loop {
            let command = Forget {
                done_before: now.saturating_sub(micros(settings.keep_done)),
                dead_before: now.saturating_sub(micros(settings.keep_dead)),
            };
            let deleted = self.0.db.write(Lane::Background, command).await?;
            forgotten += deleted;
            if deleted < u64::from(SWEPT) {
                return Ok(forgotten);
            }
        }
    }
}

struct Forget {
    done_before: i64,
    dead_before: i64,
}

impl Command for Forget {
    const NAME: &'static str = "jobs.forget";
    type Out = u64;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<u64> {
        store::finished_delete(tx, (self.done_before, self.dead_before), SWEPT).await
    }
}
