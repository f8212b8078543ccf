//! The sandbox channel's server: takes signed orders, shows a cashier page, sends signed notices, refunds, and misbehaves on
//! request. What it holds in its [`Book`] is the truth that tests compare ours with.
//!
//! [`serve`] starts it on a listener, in a process of its own or inside `baokao serve` for a demonstration. Its control API
//! (`/control/…`) and the handle [`Sandbox`] do the same: pay without a browser, set faults, forge notices, dump the book.

mod api;
mod book;
mod cashier;
mod control;
mod faults;
mod notify;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use domain::clock::Clock;
use domain::time::Timestamp;
use parking_lot::Mutex;
use tokio::net::TcpListener;

pub use book::{Book, Trade, TradeRefund};
pub use control::router as control_routes;
pub use faults::{AnswerFault, Faults, Forgery, RefundFault};
pub use notify::Letter;

/// What a sandbox is made from.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Where browsers find it: `http://127.0.0.1:8090`.
    pub base_url: String,
    /// The one merchant that it serves.
    pub merchant: String,
    /// The merchant's name on the cashier page.
    pub merchant_name: String,
    /// The shared secret.
    pub secret: String,
    /// The clock; tests turn it.
    pub clock: Arc<dyn Clock>,
    /// Pauses between the deliveries of a notice that wasn't acknowledged.
    pub retries: Vec<Duration>,
    /// Where the book is kept, so that a restart forgets nothing; `None` keeps it in memory.
    pub book: Option<PathBuf>,
}

impl fmt::Debug for SandboxConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxConfig")
            .field("base_url", &self.base_url)
            .field("merchant", &self.merchant)
            .finish_non_exhaustive()
    }
}

impl SandboxConfig {
    /// A sandbox with the usual pauses and its book in memory.
    pub fn new(
        base_url: impl Into<String>,
        merchant: impl Into<String>,
        secret: impl Into<String>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            merchant: merchant.into(),
            merchant_name: "人事考试中心".to_owned(),
            secret: secret.into(),
            clock,
            retries: [15, 15, 30, 180, 600, 1200, 1800]
                .map(Duration::from_secs)
                .to_vec(),
            book: None,
        }
    }
}

/// A running sandbox; cheap to clone.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: SandboxConfig,
    book: Mutex<Book>,
    faults: Mutex<Faults>,
    client: reqwest::Client,
}

impl Sandbox {
    /// A sandbox that isn't listening yet.
    ///
    /// # Errors
    /// If the HTTP client can't be made or a stored book can't be read.
    pub fn new(config: SandboxConfig) -> io::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(io::Error::other)?;
        let book = match &config.book {
            Some(path) => Book::load(path)?,
            None => Book::default(),
        };
        Ok(Self(Arc::new(Inner {
            config,
            book: Mutex::new(book),
            faults: Mutex::new(Faults::default()),
            client,
        })))
    }

    /// Everything it answers.
    pub fn router(&self) -> Router {
        api::router()
            .merge(cashier::router())
            .merge(control::router())
            .layer(axum::extract::DefaultBodyLimit::max(64 * 1024))
            .with_state(self.clone())
    }

    fn now(&self) -> Timestamp {
        self.0.config.clock.now()
    }

    fn config(&self) -> &SandboxConfig {
        &self.0.config
    }

    /// The book as it is.
    pub fn book(&self) -> Book {
        self.0.book.lock().clone()
    }

    /// How it misbehaves from now on.
    pub fn set_faults(&self, faults: Faults) {
        *self.0.faults.lock() = faults;
    }

    /// How it misbehaves.
    pub fn faults(&self) -> Faults {
        self.0.faults.lock().clone()
    }

    /// Changes the book and keeps it.
    fn change<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        let mut book = self.0.book.lock();
        let answer = change(&mut book);
        if let Some(path) = &self.0.config.book
            && let Err(error) = book.store(path)
        {
            tracing::warn!(%error, "the sandbox's book can't be kept");
        }
        answer
    }
}

/// Serves a sandbox until `stopped` is ready.
///
/// # Errors
/// If the listener fails.
pub async fn serve<F>(listener: TcpListener, sandbox: Sandbox, stopped: F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    axum::serve(listener, sandbox.router())
        .with_graceful_shutdown(stopped)
        .await
}
