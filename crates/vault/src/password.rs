//! Password hashing: argon2id on threads of its own.
//!
//! A hash costs some 20 ms of a core and 19 MiB. A rush of logins must not slow the pages, so hashing has max(1, cores − 1)
//! threads at low priority behind a bounded queue; who finds it full is told to come again.

use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{Entropy, Secret};

/// Jobs that may wait per thread: about two seconds' worth.
const WAITING_PER_THREAD: usize = 64;
/// How much the threads yield to others (`nice`).
const NICE: i32 = 10;
/// A password longer than any field of ours takes isn't hashed.
const LONGEST: usize = 1024;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// 19 MiB, two passes, one lane (OWASP's first choice for argon2id).
    pub const fn standard() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
        }
    }

    /// Next to nothing. Tests only: a database hashed so is worth nothing once copied.
    pub const fn cheap_for_tests() -> Self {
        Self {
            memory_kib: 8,
            passes: 1,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Too many wait already.
    #[error("password hashing is busy")]
    Busy(Duration),
    /// A stored hash can't be read, or a thread is gone.
    #[error("password hashing failed: {0}")]
    Failed(&'static str),
}

enum Work {
    Hash(oneshot::Sender<Result<String, Error>>),
    Verify(String, oneshot::Sender<Result<bool, Error>>),
}

struct Job {
    password: Secret,
    work: Work,
}

struct Inner {
    queue: SyncSender<Job>,
    cost: Cost,
    /// What an unknown account's password is compared with, so that it costs the same time.
    nobody: String,
    /// How often argon2 was run.
    runs: Arc<AtomicU64>,
}

/// The threads that hash; cheap to clone. They end when the last handle is dropped.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("cost", &self.0.cost)
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// Starts the threads: one less than there are cores, at least one.
    ///
    /// # Errors
    /// If a thread can't be started.
    pub fn start(cost: Cost, entropy: Arc<dyn Entropy>) -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self::with_threads(
            cost,
            entropy,
            cores.saturating_sub(1).max(1),
            WAITING_PER_THREAD,
        )
    }

    /// Starts so many threads, with room for so many waiting jobs for each.
    ///
    /// # Errors
    /// If a thread can't be started.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "beside `start`, which is handed it for good"
    )]
    pub fn with_threads(
        cost: Cost,
        entropy: Arc<dyn Entropy>,
        threads: usize,
        waiting: usize,
    ) -> std::io::Result<Self> {
        let hasher = hasher(cost)?;
        let (queue, jobs) = sync_channel(threads.saturating_mul(waiting).max(1));
        let jobs = Arc::new(Mutex::new(jobs));
        let nobody = hash(&hasher, "nobody has this password", entropy.as_ref())
            .map_err(std::io::Error::other)?;
        let runs = Arc::new(AtomicU64::new(0));
        for number in 0..threads.max(1) {
            let (jobs, entropy, hasher) = (Arc::clone(&jobs), Arc::clone(&entropy), hasher.clone());
            let runs = Arc::clone(&runs);
            std::thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || run(&jobs, &hasher, entropy.as_ref(), &runs))?;
        }
        Ok(Self(Arc::new(Inner {
            queue,
            cost,
            nobody,
            runs,
        })))
    }

    /// Hashes a new password. The answer is a PHC string with its own salt and cost.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many wait.
    pub async fn hash(&self, password: Secret) -> Result<String, Error> {
        let (answer, answered) = oneshot::channel();
        self.send(Job {
            password,
            work: Work::Hash(answer),
        })?;
        answered
            .await
            .map_err(|_| Error::Failed("the thread is gone"))?
    }

    /// Whether `password` is the one that `hash` was made from.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many wait, [`Error::Failed`] for a malformed hash.
    pub async fn verify(&self, password: Secret, hash: &str) -> Result<bool, Error> {
        let (answer, answered) = oneshot::channel();
        self.send(Job {
            password,
            work: Work::Verify(hash.to_owned(), answer),
        })?;
        answered
            .await
            .map_err(|_| Error::Failed("the thread is gone"))?
    }

    /// Takes as long as [`Pool::verify`] and answers `false`: for accounts that don't exist.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many wait.
    pub async fn verify_nothing(&self, password: Secret) -> Result<bool, Error> {
        let nobody = self.0.nobody.clone();
        self.verify(password, &nobody).await?;
        Ok(false)
    }

    /// Whether a stored hash was made at another cost than today's.
    pub fn needs_rehash(&self, hash: &str) -> bool {
        let params = PasswordHash::new(hash)
            .ok()
            .and_then(|hash| Params::try_from(&hash).ok());
        !params.is_some_and(|params| {
            params.m_cost() == self.0.cost.memory_kib && params.t_cost() == self.0.cost.passes
        })
    }

    /// How often argon2 was run since the start: what a try costs can be counted, where the clock would only be guessed at.
    pub fn runs(&self) -> u64 {
        self.0.runs.load(Ordering::Relaxed)
    }

    fn send(&self, job: Job) -> Result<(), Error> {
        if job.password.expose().len() > LONGEST {
            return Err(Error::Failed("the password is too long"));
        }
        self.0.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => Error::Busy(Duration::from_secs(5)),
            TrySendError::Disconnected(_) => Error::Failed("the threads are gone"),
        })
    }
}

fn hasher(cost: Cost) -> std::io::Result<Argon2<'static>> {
    let params =
        Params::new(cost.memory_kib, cost.passes, 1, None).map_err(std::io::Error::other)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(hasher: &Argon2<'_>, password: &str, entropy: &dyn Entropy) -> Result<String, Error> {
    let mut salt = [0u8; 16];
    entropy.fill(&mut salt);
    hasher
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|_| Error::Failed("argon2"))
}

fn run(jobs: &Mutex<Receiver<Job>>, hasher: &Argon2<'_>, entropy: &dyn Entropy, runs: &AtomicU64) {
    // Only this thread is meant: on Linux a priority belongs to a thread. Where it is refused, hashing still works.
    let _ = rustix::process::setpriority_process(None, NICE);
    loop {
        let next = jobs.lock().recv();
        let Ok(Job { password, work }) = next else {
            return;
        };
        match work {
            // Who hung up while waiting costs nothing.
            Work::Hash(answer) if answer.is_closed() => {}
            Work::Verify(_, answer) if answer.is_closed() => {}
            Work::Hash(answer) => {
                runs.fetch_add(1, Ordering::Relaxed);
                let _ = answer.send(hash(hasher, password.expose(), entropy));
            }
            Work::Verify(stored, answer) => {
                let verdict = match PasswordHash::new(&stored) {
                    Ok(stored) => {
                        runs.fetch_add(1, Ordering::Relaxed);
                        Ok(hasher
                            .verify_password(password.expose().as_bytes(), &stored)
                            .is_ok())
                    }
                    Err(_) => Err(Error::Failed("a stored hash is malformed")),
                };
                let _ = answer.send(verdict);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SeededEntropy, SystemEntropy};

    fn pool() -> Pool {
        Pool::start(Cost::cheap_for_tests(), Arc::new(SeededEntropy::new(1))).unwrap()
    }

    #[tokio::test]
    async fn a_password_is_recognised_and_another_is_not() {
        let pool = pool();
        let hash = pool.hash(Secret::new("报考2026-horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(!hash.contains("horse"));
        assert!(
            pool.verify(Secret::new("报考2026-horse"), &hash)
                .await
                .unwrap()
        );
        assert!(
            !pool
                .verify(Secret::new("报考2026-Horse"), &hash)
                .await
                .unwrap()
        );
        assert!(
            !pool
                .verify_nothing(Secret::new("nobody has this password"))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn the_same_password_hashes_differently_each_time() {
        let pool = pool();
        let a = pool.hash(Secret::new("x")).await.unwrap();
        assert_ne!(a, pool.hash(Secret::new("x")).await.unwrap());
    }

    #[tokio::test]
    async fn the_standard_cost_is_19_mib_and_two_passes_and_a_cheaper_hash_is_renewed() {
        let cheap = pool().hash(Secret::new("x")).await.unwrap();
        let pool = Pool::start(Cost::standard(), Arc::new(SystemEntropy)).unwrap();
        let hash = pool.hash(Secret::new("x")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!pool.needs_rehash(&hash));
        assert!(pool.needs_rehash(&cheap));
        assert!(pool.needs_rehash("nonsense"));
        // A hash made at yesterday's cost is still recognised.
        assert!(pool.verify(Secret::new("x"), &cheap).await.unwrap());
    }

    #[tokio::test]
    async fn a_full_queue_answers_busy_at_once() {
        let pool = Pool::with_threads(Cost::standard(), Arc::new(SystemEntropy), 1, 2).unwrap();
        let tries = (0..8).map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { pool.hash(Secret::new("x")).await })
        });
        let mut busy = 0;
        for answer in tries.collect::<Vec<_>>() {
            match answer.await.unwrap() {
                Ok(_) => {}
                Err(Error::Busy(_)) => busy += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert!(busy >= 4, "{busy}");
    }

    #[tokio::test]
    async fn a_malformed_hash_is_an_error_not_a_no() {
        assert!(matches!(
            pool().verify(Secret::new("x"), "plain").await,
            Err(Error::Failed(_))
        ));
    }
}
