//! What the queue promises, on both databases, by a clock that the test turns.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use db::{Command, Db, DbError, Lane, Migration, Migrations, Options, Tx};
use domain::clock::Clock;
use domain::time::Timestamp;
use jobs::{
    Drained, Job, JobError, JobResult, JobState, NewJob, Plan, Queue, Registry, Run, Runner,
    Settings,
};
use serde::{Deserialize, Serialize};

const MIGRATIONS: Migrations = Migrations(&[Migration {
    number: 1,
    name: "0001_jobs",
    sqlite: jobs::SCHEMA_SQLITE,
    postgres: jobs::SCHEMA_POSTGRES,
}]);

/// Runs the body as two tests, `sqlite` and `postgres`.
macro_rules! both {
    (async fn $name:ident($case:ident: Case) $body:block) => {
        mod $name {
            use super::*;
            async fn body($case: Case) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let dir = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", dir.path().join("t.db").display());
                body(Case::open(url).await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                body(Case::open(db::testing::fresh_database()).await).await;
            }
        }
    };
}

#[derive(Debug)]
struct FakeClock(AtomicI64);

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// What the bodies of these tests share.
#[derive(Debug, Clone, Default)]
struct World {
    ran: Arc<Mutex<HashMap<String, u32>>>,
    healthy: Arc<AtomicU32>,
    seen_cancel: Arc<AtomicU32>,
}

impl World {
    fn ran(&self, word: &str) -> u32 {
        self.ran.lock().unwrap().get(word).copied().unwrap_or(0)
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Say {
    word: String,
}

impl Job for Say {
    type State = World;
    const NAME: &'static str = "test.say";
    const QUEUE: &'static str = "quick";

    async fn run(&self, world: &World, run: &Run) -> JobResult {
        *world
            .ran
            .lock()
            .unwrap()
            .entry(self.word.clone())
            .or_default() += 1;
        run.progress(1, 1, "said").await
    }
}

/// Fails in the way that its word tells.
#[derive(Debug, Serialize, Deserialize)]
struct Fragile {
    how: String,
}

impl Job for Fragile {
    type State = World;
    const NAME: &'static str = "test.fragile";
    const QUEUE: &'static str = "quick";
    const MAX_FAILURES: u32 = 3;

    async fn run(&self, world: &World, _: &Run) -> JobResult {
        *world
            .ran
            .lock()
            .unwrap()
            .entry(self.how.clone())
            .or_default() += 1;
        if world.healthy.load(Ordering::SeqCst) == 1 {
            return Ok(());
        }
        match self.how.as_str() {
            "panic" => panic!("a bug"),
            "never" => Err(JobError::fail("it never will")),
            "later" => Err(JobError::retry_after(Duration::from_secs(3600), "not yet")),
            _ => Err(JobError::retry("the channel is away")),
        }
    }
}

/// Goes on until it is called off.
#[derive(Debug, Serialize, Deserialize)]
struct Endless {}

impl Job for Endless {
    type State = World;
    const NAME: &'static str = "test.endless";
    const QUEUE: &'static str = "slow";

    async fn run(&self, world: &World, run: &Run) -> JobResult {
        *world
            .ran
            .lock()
            .unwrap()
            .entry("endless".to_owned())
            .or_default() += 1;
        run.cancelled().await;
        world.seen_cancel.fetch_add(1, Ordering::SeqCst);
        Err(JobError::Cancelled)
    }
}

struct Case {
    db: Db,
    clock: Arc<FakeClock>,
    world: World,
    next_id: AtomicI64,
}

impl Case {
    async fn open(url: String) -> Self {
        let options = Options::new(url);
        let long = Duration::from_secs(20);
        let options = Options {
            read_limit: long,
            scan_limit: long,
            command_limit: long,
            ..options
        };
        db::migrate(&options, &MIGRATIONS, 1).await.unwrap();
        let db = Db::open(options).await.unwrap();
        let start = Timestamp::parse_local("2026-03-18 09:00").unwrap();
        Self {
            db,
            clock: Arc::new(FakeClock(AtomicI64::new(start.micros()))),
            world: World::default(),
            next_id: AtomicI64::new(1),
        }
    }

    fn turn(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    fn registry(&self) -> Registry<World> {
        Registry::new()
            .queue(Queue::new("quick", 4))
            .queue(Queue::new("slow", 1).lease(Duration::from_millis(300)))
            .job::<Say>()
            .job::<Fragile>()
            .job::<Endless>()
    }

    fn runner_of(&self, worker: &str, registry: Registry<World>) -> Runner<World> {
        let settings = Settings {
            poll: Duration::from_millis(50),
            grace: Duration::from_millis(50),
            ..Settings::new(worker, 7)
        };
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Runner::new(
            self.db.clone(),
            clock,
            self.world.clone(),
            registry,
            settings,
        )
        .unwrap()
    }

    fn runner(&self) -> Runner<World> {
        self.runner_of("one", self.registry())
    }

    async fn drain(&self) -> Drained {
        self.runner().drain().await.unwrap()
    }

    fn new_job<J: Job>(&self, job: &J) -> NewJob {
        NewJob::of(
            self.next_id.fetch_add(1, Ordering::SeqCst),
            job,
            self.clock.now(),
        )
        .unwrap()
    }

    async fn put(&self, job: NewJob) -> i64 {
        let now = self.clock.now();
        self.db
            .write(
                Lane::Interactive,
                Put {
                    job,
                    now,
                    refuse: false,
                },
            )
            .await
            .unwrap()
    }

    async fn say(&self, word: &str) -> i64 {
        self.put(self.new_job(&Say {
            word: word.to_owned(),
        }))
        .await
    }

    async fn fragile(&self, how: &str) -> i64 {
        self.put(self.new_job(&Fragile {
            how: how.to_owned(),
        }))
        .await
    }

    async fn state(&self, id: i64) -> JobState {
        jobs::status(&mut self.db.read(), id)
            .await
            .unwrap()
            .unwrap()
            .state
    }

    /// Waits for what a running runner does.
    async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let patience = tokio::time::Instant::now() + Duration::from_secs(30);
        while !holds().await {
            assert!(
                tokio::time::Instant::now() < patience,
                "waited in vain: {what}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

struct Put {
    job: NewJob,
    now: Timestamp,
    refuse: bool,
}

impl Command for Put {
    const NAME: &'static str = "test.put";
    type Out = i64;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<i64, DbError> {
        let id = jobs::enqueue_untyped(tx, &self.job, self.now).await?;
        if self.refuse {
            Err(DbError::NotFound)
        } else {
            Ok(id)
        }
    }
}

struct CallOff(i64, Timestamp);

impl Command for CallOff {
    const NAME: &'static str = "test.call_off";
    type Out = bool;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<bool, DbError> {
        jobs::cancel(tx, self.0, self.1).await
    }
}

struct Revive(i64, Timestamp);

impl Command for Revive {
    const NAME: &'static str = "test.revive";
    type Out = bool;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<bool, DbError> {
        jobs::revive(tx, self.0, self.1).await
    }
}

both! {
async fn a_job_is_done_once_if_its_transaction_commits_and_never_otherwise(case: Case) {
    let id = case.say("hello").await;
    let rolled_back = Put {
        job: case.new_job(&Say { word: "ghost".to_owned() }),
        now: case.clock.now(),
        refuse: true,
    };
    case.db.write(Lane::Interactive, rolled_back).await.unwrap_err();
    assert_eq!(case.drain().await, Drained { done: 1, ..Drained::default() });
    assert_eq!(case.drain().await, Drained::default());
    assert_eq!((case.world.ran("hello"), case.world.ran("ghost")), (1, 0));
    let status = jobs::status(&mut case.db.read(), id).await.unwrap().unwrap();
    assert!(status.state.is_over());
    assert_eq!((status.done, status.total, status.note.as_str()), (1, 1, "said"));
    assert_eq!(jobs::status(&mut case.db.read(), 999).await.unwrap(), None);
}
}

both! {
async fn a_job_waits_for_its_hour(case: Case) {
    let mut job = case.new_job(&Say { word: "later".to_owned() });
    job.run_at = case.clock.now().plus_seconds(60);
    case.put(job).await;
    assert_eq!(case.drain().await.done, 0);
    case.turn(Duration::from_secs(60));
    assert_eq!(case.drain().await.done, 1);
}
}

both! {
async fn of_one_key_one_job_waits_and_runs_at_the_earlier_time(case: Case) {
    let mut first = case.new_job(&Say { word: "once".to_owned() }).once("key");
    first.run_at = case.clock.now().plus_seconds(60);
    let id = case.put(first).await;
    let second = case.new_job(&Say { word: "once".to_owned() }).once("key");
    assert_eq!(case.put(second).await, id, "the one that waits does the work");
    assert_eq!(case.drain().await.done, 1);
    case.turn(Duration::from_secs(3600));
    assert_eq!(case.drain().await.done, 0);
    // The key is free again.
    case.put(case.new_job(&Say { word: "once".to_owned() }).once("key")).await;
    assert_eq!(case.drain().await.done, 1);
}
}

both! {
async fn a_failed_job_is_tried_again_and_ends_as_a_dead_letter_that_can_be_revived(case: Case) {
    let id = case.fragile("channel").await;
    assert_eq!(case.drain().await, Drained { retried: 1, ..Drained::default() });
    // Not before its pause is over.
    assert_eq!(case.drain().await, Drained::default());
    case.turn(Duration::from_secs(3));
    assert_eq!(case.drain().await.retried, 1);
    case.turn(Duration::from_secs(6));
    assert_eq!(case.drain().await.dead, 1);
    assert_eq!(case.world.ran("channel"), 3);
    let dead = jobs::dead_letters(&mut case.db.scan(db::Crowd::Staff), i64::MAX, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].id, dead[0].failures), (id, 3));
    assert_eq!(dead[0].last_error, "the channel is away");
    case.world.healthy.store(1, Ordering::SeqCst);
    let revive = Revive(id, case.clock.now());
    assert!(case.db.write(Lane::Interactive, revive).await.unwrap());
    assert_eq!(case.drain().await.done, 1);
    let again = Revive(id, case.clock.now());
    assert!(!case.db.write(Lane::Interactive, again).await.unwrap(), "it is not dead any more");
}
}

both! {
async fn a_panic_is_a_failure_and_giving_up_is_final(case: Case) {
    let panicked = case.fragile("panic").await;
    let never = case.fragile("never").await;
    let later = case.fragile("later").await;
    let drained = case.drain().await;
    assert_eq!((drained.retried, drained.dead), (2, 1));
    assert_eq!(case.state(panicked).await, JobState::Ready);
    assert_eq!(case.state(never).await, JobState::Dead);
    // An hour as it asked for, not the two seconds of a first failure.
    case.turn(Duration::from_secs(3));
    assert_eq!(case.drain().await.retried, 1);
    assert_eq!((case.world.ran("panic"), case.world.ran("later")), (2, 1));
    assert_eq!(case.state(later).await, JobState::Ready);
}
}

both! {
async fn a_job_of_a_newer_program_waits_for_it(case: Case) {
    let mut job = case.new_job(&Say { word: "new".to_owned() });
    job.name = "test.of_the_future";
    let id = case.put(job).await;
    assert_eq!(case.drain().await.retried, 1);
    assert_eq!(case.state(id).await, JobState::Ready);
}
}

both! {
async fn a_worker_that_dies_loses_its_job_and_a_killer_job_is_buried(case: Case) {
    // `Endless` in its own task, whose process "dies": the task is aborted without a word to the database.
    let mut job = case.new_job(&Endless {});
    job.max_failures = 2;
    let id = case.put(job).await;
    for run in 1..=2 {
        let runner = case.runner();
        let dying = tokio::spawn(async move { runner.drain().await });
        case.until("the job runs", async || case.world.ran("endless") == run).await;
        dying.abort();
        assert!(dying.await.unwrap_err().is_cancelled());
        assert_eq!(case.state(id).await, JobState::Running);
        case.turn(Duration::from_secs(60));
    }
    assert_eq!(case.drain().await, Drained { dead: 1, ..Drained::default() });
    assert_eq!(case.world.ran("endless"), 2);
}
}

both! {
async fn a_job_that_waits_is_called_off_at_once_and_one_that_runs_is_asked(case: Case) {
    let waiting = case.say("never said").await;
    let call_off = CallOff(waiting, case.clock.now());
    assert!(case.db.write(Lane::Interactive, call_off).await.unwrap());
    assert_eq!(case.drain().await, Drained::default());
    assert_eq!(case.state(waiting).await, JobState::Cancelled);

    let endless = case.put(case.new_job(&Endless {})).await;
    let running = case.runner().start();
    case.until("it runs", async || case.world.ran("endless") == 1).await;
    let call_off = CallOff(endless, case.clock.now());
    assert!(case.db.write(Lane::Interactive, call_off).await.unwrap());
    case.until("it stops", async || case.state(endless).await == JobState::Cancelled).await;
    assert_eq!(case.world.seen_cancel.load(Ordering::SeqCst), 1);
    running.stop().await;
    let over = CallOff(endless, case.clock.now());
    assert!(!case.db.write(Lane::Interactive, over).await.unwrap());
}
}

both! {
async fn a_runner_that_stops_gives_its_jobs_back(case: Case) {
    let id = case.put(case.new_job(&Endless {})).await;
    let running = case.runner().start();
    case.until("it runs", async || case.world.ran("endless") == 1).await;
    running.stop().await;
    let status = jobs::status(&mut case.db.read(), id).await.unwrap().unwrap();
    assert_eq!((status.state, status.failures), (JobState::Ready, 0));
}
}

both! {
async fn two_runners_share_the_work_and_do_nothing_twice(case: Case) {
    for number in 0..60 {
        case.say(&format!("word {number}")).await;
    }
    let one = case.runner_of("one", case.registry()).start();
    let two = case.runner_of("two", case.registry()).start();
    case.until("all is said", async || case.world.ran.lock().unwrap().len() == 60).await;
    one.stop().await;
    two.stop().await;
    assert!(case.world.ran.lock().unwrap().values().all(|&times| times == 1));
}
}

both! {
async fn a_commit_wakes_the_runner_and_an_idle_one_commits_nothing_but_its_lead(case: Case) {
    let runner = case.runner();
    let running = runner.start();
    case.until("it leads", async || case.db.stats().commits > 0).await;
    let id = case.say("soon").await;
    case.until("it is done", async || case.state(id).await == JobState::Done).await;
    let before = case.db.stats().commits;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // One renewal of the lead may fall into this time, whatever the machine does meanwhile; polls would be six.
    assert!(case.db.stats().commits - before <= 1);
    running.stop().await;
}
}

both! {
async fn a_plan_enqueues_once_for_each_time_and_makes_up_for_missed_ones_once(case: Case) {
    let registry = || case.registry().plan(Plan::daily(3, 0), || Say { word: "night".to_owned() });
    let runner = case.runner_of("one", registry());
    assert_eq!(runner.drain().await.unwrap().done, 0, "its first time is still to come");
    case.turn(Duration::from_secs(24 * 3600));
    assert_eq!(runner.drain().await.unwrap().done, 1);
    assert_eq!(runner.drain().await.unwrap().done, 0);
    case.turn(Duration::from_secs(5 * 24 * 3600));
    assert_eq!(runner.drain().await.unwrap().done, 1, "five nights missed, made up for once");
    assert_eq!(case.world.ran("night"), 2);
}
}

both! {
async fn one_process_leads_until_it_resigns_or_dies(case: Case) {
    let counted = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
    let runner = |number: usize, worker: &str| {
        let counted = Arc::clone(&counted);
        let registry = case.registry().tick("count", Duration::from_secs(1), None, move |_, _| {
            counted[number].fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        });
        case.runner_of(worker, registry)
    };
    let (one, two) = (runner(0, "one"), runner(1, "two"));
    let ticks = || (counted[0].load(Ordering::SeqCst), counted[1].load(Ordering::SeqCst));
    one.drain().await.unwrap();
    two.drain().await.unwrap();
    assert_eq!(ticks(), (1, 0));
    // `one` says nothing for too long.
    case.turn(Duration::from_secs(16));
    two.drain().await.unwrap();
    one.drain().await.unwrap();
    assert_eq!(ticks(), (1, 1));
}
}

both! {
async fn a_former_leader_cannot_write_as_one(case: Case) {
    let kept: Arc<Mutex<Option<jobs::Lease>>> = Arc::default();
    let keeper = Arc::clone(&kept);
    let registry = case.registry().tick("keep", Duration::from_secs(1), None, move |_, lease| {
        *keeper.lock().unwrap() = Some(lease);
        async { Ok(()) }
    });
    case.runner_of("one", registry).drain().await.unwrap();
    let lease = kept.lock().unwrap().clone().unwrap();
    case.db.write(Lane::Interactive, AsLeader(lease.clone())).await.unwrap();
    case.turn(Duration::from_secs(16));
    case.runner_of("two", case.registry()).drain().await.unwrap();
    let late = case.db.write(Lane::Interactive, AsLeader(lease)).await;
    assert!(matches!(late, Err(DbError::NotFound)));
}
}

struct AsLeader(jobs::Lease);

impl Command for AsLeader {
    const NAME: &'static str = "test.as_leader";
    type Out = ();
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> Result<(), DbError> {
        self.0.hold(tx).await
    }
}

both! {
async fn a_tick_runs_at_once_when_its_topic_was_woken(case: Case) {
    let ticked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&ticked);
    let hour = Duration::from_secs(3600);
    let registry = case.registry().tick("woken", hour, Some(jobs::TOPIC), move |_, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    let running = case.runner_of("one", registry).start();
    case.until("it leads", async || case.db.stats().commits > 0).await;
    case.until("it ticks", async || {
        case.say("hello").await;
        ticked.load(Ordering::SeqCst) > 0
    }).await;
    running.stop().await;
}
}

both! {
async fn finished_jobs_are_forgotten_in_time_and_dead_letters_later(case: Case) {
    let done = case.say("done").await;
    let dead = case.fragile("never").await;
    case.drain().await;
    let find = async |id| jobs::status(&mut case.db.read(), id).await.unwrap();
    case.turn(Duration::from_secs(4 * 24 * 3600));
    assert_eq!(case.runner().forget_finished().await.unwrap(), 1);
    assert!(find(done).await.is_none() && find(dead).await.is_some());
    case.turn(Duration::from_secs(90 * 24 * 3600));
    assert_eq!(case.runner().forget_finished().await.unwrap(), 1);
    assert!(find(dead).await.is_none());
}
}

#[tokio::test]
async fn two_jobs_of_one_name_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let case = Case::open(format!("sqlite:{}", dir.path().join("t.db").display())).await;
    let registry = case.registry().job::<Say>();
    let clock: Arc<dyn Clock> = Arc::clone(&case.clock) as Arc<dyn Clock>;
    let settings = Settings::new("one", 1);
    let made = Runner::new(case.db.clone(), clock, case.world, registry, settings);
    assert!(made.unwrap_err().to_string().contains("test.say"));
}
