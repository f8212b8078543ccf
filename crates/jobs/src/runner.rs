//! The runner: takes what is due, does it with as many hands as each queue has, and settles what came of it.
//!
//! Of each queue one task looks for work: when a commit of this process enqueued some, when the next job falls due,
//! and now and then for what other processes have put in. It reads before it writes, so an idle queue commits nothing.

use std::sync::Arc;
use std::time::Duration;

use db::{Db, DbResult};
use domain::clock::Clock;
use domain::ids::IdMaker;
use domain::time::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::lease::Leadership;
use crate::registry::{Queue, Registry};
use crate::{TOPIC, schedule, store};

mod leader;
mod take;
mod work;

use take::{TakeDue, Taken};
use work::Outcome;

/// How a runner works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What rows and leases call this process: a host and process id, unique among those that run.
    pub worker: String,
    /// Where the ids of planned jobs start: random, so that two processes make different ones.
    pub seed: u64,
    /// How often a queue looks for jobs that other processes have put in.
    pub poll: Duration,
    /// How long jobs that are done or cancelled are kept.
    pub keep_done: Duration,
    /// How long dead letters are kept.
    pub keep_dead: Duration,
    /// How long running jobs may go on after [`Running::stop`], before they are given back.
    pub grace: Duration,
}

impl Settings {
    /// The defaults for the process called `worker`.
    pub fn new(worker: impl Into<String>, seed: u64) -> Self {
        const DAY: u64 = 24 * 3600;
        Self {
            worker: worker.into(),
            seed,
            poll: Duration::from_secs(2),
            keep_done: Duration::from_secs(3 * DAY),
            keep_dead: Duration::from_secs(90 * DAY),
            grace: Duration::from_secs(20),
        }
    }
}

/// Two kinds of jobs, or two plans, with one name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two jobs or plans are called {0}")]
pub struct NamedTwice(pub &'static str);

/// What [`Runner::drain`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drained {
    /// Jobs that did their work.
    pub done: u32,
    /// Jobs that failed and will be tried again.
    pub retried: u32,
    /// Jobs that failed for good.
    pub dead: u32,
    /// Jobs that were called off.
    pub cancelled: u32,
    /// Jobs that another worker had taken over meanwhile.
    pub lost: u32,
}

impl Drained {
    fn count(&mut self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Done => &mut self.done,
            Outcome::Retried => &mut self.retried,
            Outcome::Dead => &mut self.dead,
            Outcome::Cancelled => &mut self.cancelled,
            Outcome::Lost => &mut self.lost,
        };
        *counter += 1;
    }

    fn total(self) -> u32 {
        self.done + self.retried + self.dead + self.cancelled + self.lost
    }
}

/// A process's worker. Cheap to clone.
#[derive(Debug)]
pub struct Runner<S>(Arc<Inner<S>>);

impl<S> Clone for Runner<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Inner<S> {
    db: Db,
    clock: Arc<dyn Clock>,
    state: S,
    registry: Registry<S>,
    settings: Settings,
    ids: IdMaker,
    leadership: Leadership,
}

/// A runner that works in tasks of its own, until [`Running::stop`].
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Takes nothing more, lets what runs finish within [`Settings::grace`] and gives the rest back to the queue.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task of the job runner ended badly");
            }
        }
    }
}

impl<S: Clone + Send + Sync + std::fmt::Debug + 'static> Runner<S> {
    /// A runner for what `registry` knows.
    ///
    /// # Errors
    /// [`NamedTwice`].
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        state: S,
        registry: Registry<S>,
        settings: Settings,
    ) -> Result<Self, NamedTwice> {
        let twice = registry.twice.first().copied();
        let mut plans: Vec<_> = registry.plans.iter().map(|planned| planned.name).collect();
        plans.sort_unstable();
        let planned_twice = plans
            .windows(2)
            .find_map(|pair| (pair.first() == pair.last()).then(|| pair.first()));
        if let Some(name) = twice.or(planned_twice.flatten().copied()) {
            return Err(NamedTwice(name));
        }
        let leadership = Leadership::new(db.clone(), Arc::clone(&clock), &settings.worker);
        let ids = IdMaker::new(settings.seed);
        Ok(Self(Arc::new(Inner {
            db,
            clock,
            state,
            registry,
            settings,
            ids,
            leadership,
        })))
    }

    /// Works from now on, in tasks of its own.
    pub fn start(&self) -> Running {
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for queue in &self.0.registry.queues {
            tasks.spawn(self.clone().serve(queue.clone(), stopping.clone()));
        }
        for number in 0..self.0.registry.ticks.len() {
            tasks.spawn(self.clone().keep_ticking(number, stopping.clone()));
        }
        tasks.spawn(self.clone().lead(stopping));
        Running { stop, tasks }
    }

    /// Does everything that is due now, one after the other in the caller's task: plans, every tick once, and all jobs,
    /// also those that they put in. For tests, and for commands that must not leave work behind.
    ///
    /// # Errors
    /// What the database refuses; what jobs fail with is counted instead.
    pub async fn drain(&self) -> DbResult<Drained> {
        let mut drained = Drained::default();
        self.0.leadership.refresh().await?;
        self.enqueue_plans().await?;
        self.drain_jobs(&mut drained).await?;
        for tick in &self.0.registry.ticks {
            self.tick_once(tick).await;
        }
        self.drain_jobs(&mut drained).await?;
        Ok(drained)
    }

    async fn drain_jobs(&self, drained: &mut Drained) -> DbResult<()> {
        // Nobody stops a drain; the sender must live as long as it.
        let (_go, stopping) = watch::channel(false);
        loop {
            let before = drained.total();
            for queue in &self.0.registry.queues {
                for taken in self.take(queue, 16, drained).await? {
                    drained.count(self.work(queue, taken, stopping.clone()).await);
                }
            }
            if drained.total() == before {
                return Ok(());
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    async fn enqueue_plans(&self) -> DbResult<u32> {
        let now = self.now();
        let id = || self.0.ids.reserve(now, 1);
        schedule::enqueue_due(&self.0.db, &self.0.registry.plans, now, id).await
    }

    /// Takes up to `limit` jobs that are due; those that are over without being run are counted at once.
    async fn take(&self, queue: &Queue, limit: u32, drained: &mut Drained) -> DbResult<Vec<Taken>> {
        let now = self.now();
        let due = store::due_next(&mut self.0.db.read(), queue.name).await?;
        if due.is_none_or(|due_at| due_at > now.micros()) {
            return Ok(Vec::new());
        }
        let command = TakeDue {
            queue: queue.name,
            worker: self.0.settings.worker.clone(),
            now: now.micros(),
            lease_end: now.micros().saturating_add(micros(queue.lease)),
            limit,
        };
        let taken = self.0.db.write(db::Lane::Interactive, command).await?;
        drained.dead += taken.dead;
        drained.cancelled += taken.cancelled;
        Ok(taken.jobs)
    }

    /// Serves one queue until `stopping`.
    async fn serve(self, queue: Queue, mut stopping: watch::Receiver<bool>) {
        let mut hands = JoinSet::new();
        loop {
            let changed = self.0.db.changed(TOPIC);
            let busy = u32::try_from(hands.len()).unwrap_or(u32::MAX);
            let free = queue.hands.saturating_sub(busy);
            let mut full = free == 0;
            if !full {
                match self.take(&queue, free, &mut Drained::default()).await {
                    Ok(jobs) => {
                        full = u32::try_from(jobs.len()).is_ok_and(|taken| taken == free);
                        for taken in jobs {
                            let (this, queue, stopping) =
                                (self.clone(), queue.clone(), stopping.clone());
                            hands.spawn(async move {
                                this.work(&queue, taken, stopping).await;
                            });
                        }
                    }
                    Err(error) => tracing::warn!(queue = queue.name, %error, "no jobs were taken"),
                }
            }
            let nap = if full {
                Duration::MAX
            } else {
                self.nap(&queue).await
            };
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                Some(ended) = hands.join_next() => report(queue.name, ended),
                () = changed, if !full => {}
                () = tokio::time::sleep(nap.min(Duration::from_secs(3600))) => {}
            }
        }
        while let Some(ended) = hands.join_next().await {
            report(queue.name, ended);
        }
    }

    /// Until the next job is due, at most until the next look.
    async fn nap(&self, queue: &Queue) -> Duration {
        let due = store::due_next(&mut self.0.db.read(), queue.name)
            .await
            .ok()
            .flatten();
        due.map_or(Duration::MAX, |due_at| {
            Duration::from_micros(
                u64::try_from(due_at.saturating_sub(self.now().micros())).unwrap_or(0),
            )
        })
        .clamp(
            Duration::from_millis(20),
            self.0.settings.poll.max(Duration::from_millis(20)),
        )
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn report(queue: &'static str, ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(queue, %error, "a hand of a queue ended badly");
    }
}
