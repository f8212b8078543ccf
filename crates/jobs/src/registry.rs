//! What a process can do: the kinds of jobs it knows, its queues, its periodic work.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use db::DbResult;
use domain::time::Timestamp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::{Job, JobError, JobResult, Lease, NewJob, Plan, Run};

/// How long a worker has a job before others may take it, unless it says that it is still at it (it does, at a third).
const LEASE: Duration = Duration::from_secs(60);

/// A queue: how many of its jobs this process does at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub(crate) name: &'static str,
    pub(crate) hands: u32,
    pub(crate) lease: Duration,
}

impl Queue {
    /// A queue of which this process does up to `hands` jobs at a time.
    pub fn new(name: &'static str, hands: u32) -> Self {
        Self {
            name,
            hands: hands.max(1),
            lease: LEASE,
        }
    }

    /// With another lease than a minute.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }
}

type Body<S> =
    Box<dyn for<'a> Fn(&'a S, &'a Run, &'a str) -> BoxFuture<'a, JobResult> + Send + Sync>;
type TickBody<S> = Box<dyn Fn(S, Lease) -> BoxFuture<'static, JobResult> + Send + Sync>;
type MakeJob = Box<dyn Fn(i64, Timestamp) -> DbResult<NewJob> + Send + Sync>;

/// Short work that the leader does every so often, in its own memory: no rows, no retries but the next time.
pub(crate) struct Tick<S> {
    pub(crate) name: &'static str,
    pub(crate) every: Duration,
    pub(crate) topic: Option<&'static str>,
    pub(crate) body: TickBody<S>,
}

/// A job that the leader enqueues at its times.
pub(crate) struct Planned {
    pub(crate) name: &'static str,
    pub(crate) plan: Plan,
    pub(crate) make: MakeJob,
}

/// What a process can do. A process that enqueues only needs none.
pub struct Registry<S> {
    pub(crate) bodies: HashMap<&'static str, Body<S>>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) ticks: Vec<Tick<S>>,
    pub(crate) plans: Vec<Planned>,
    pub(crate) twice: Vec<&'static str>,
}

impl<S> std::fmt::Debug for Registry<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("jobs", &self.bodies.len())
            .field("queues", &self.queues)
            .field("ticks", &self.ticks.len())
            .field("plans", &self.plans.len())
            .finish_non_exhaustive()
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Registry<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> Registry<S> {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self {
            bodies: HashMap::new(),
            queues: Vec::new(),
            ticks: Vec::new(),
            plans: Vec::new(),
            twice: Vec::new(),
        }
    }

    /// Declares a queue. A queue that only a job names has one hand.
    #[must_use]
    pub fn queue(mut self, queue: Queue) -> Self {
        self.queues.retain(|known| known.name != queue.name);
        self.queues.push(queue);
        self
    }

    /// Adds a kind of job. Two kinds with one name are refused by [`crate::Runner::new`].
    #[must_use]
    pub fn job<J: Job<State = S>>(mut self) -> Self {
        let body: Body<S> = Box::new(|state, run, payload| {
            async move {
                let job: J = serde_json::from_str(payload)
                    .map_err(|error| JobError::Fail(format!("payload can't be read: {error}")))?;
                job.run(state, run).await
            }
            .boxed()
        });
        if self.bodies.insert(J::NAME, body).is_some() {
            self.twice.push(J::NAME);
        }
        if !self.queues.iter().any(|queue| queue.name == J::QUEUE) {
            self.queues.push(Queue::new(J::QUEUE, 1));
        }
        self
    }

    /// Adds short periodic work: done by the leader only, never twice at a time, every `every`, and at once when a
    /// commit of this process woke `topic`. What it must not do in two processes it guards with [`Lease::hold`].
    #[must_use]
    pub fn tick<F, Fut>(
        mut self,
        name: &'static str,
        every: Duration,
        topic: Option<&'static str>,
        body: F,
    ) -> Self
    where
        F: Fn(S, Lease) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = JobResult> + Send + 'static,
    {
        let body: TickBody<S> = Box::new(move |state, lease| body(state, lease).boxed());
        self.ticks.push(Tick {
            name,
            every,
            topic,
            body,
        });
        self
    }

    /// Enqueues `make()` at the times of `plan`, unless the last one still waits or runs. Times that passed while nobody
    /// ran are made up for once.
    #[must_use]
    pub fn plan<J: Job<State = S>>(
        mut self,
        plan: Plan,
        make: impl Fn() -> J + Send + Sync + 'static,
    ) -> Self {
        let make: MakeJob =
            Box::new(move |id, at| Ok(NewJob::of(id, &make(), at)?.once(crate::schedule::KEY)));
        self.plans.push(Planned {
            name: J::NAME,
            plan,
            make,
        });
        self.job_once::<J>()
    }

    fn job_once<J: Job<State = S>>(self) -> Self {
        if self.bodies.contains_key(J::NAME) {
            self
        } else {
            self.job::<J>()
        }
    }
}
