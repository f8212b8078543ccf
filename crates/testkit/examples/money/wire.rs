//! The way between the product and its channels: while a call is on it, notices come in between, and the product dies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateways::payment::{Lost, Transport};
use http::{Request, Response};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};
use simulators::Link;
use tokio::sync::Notify;

/// Something that happens while a call is under way.
pub(crate) type Meanwhile = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// How often what happens on the way, in thousandths.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rates {
    /// Notices are delivered before the answer arrives.
    pub(crate) overtaken: u32,
    /// The product dies before the call goes out, or before its answer is read.
    pub(crate) crashes: u32,
    /// A bill isn't there yet, is lost on the way, or cut off.
    pub(crate) bills: u32,
}

/// The wire.
pub(crate) struct Wire {
    link: Link,
    rates: Mutex<Rates>,
    seed: u64,
    drawn: Mutex<BTreeMap<String, u64>>,
    meanwhile: Mutex<Option<Arc<Meanwhile>>>,
    busy: Mutex<bool>,
    /// Told when the product dies.
    pub(crate) crash: Arc<Notify>,
    /// How many calls came to nothing, or to a server's error.
    pub(crate) broken: AtomicU64,
    /// How many bills came to nothing.
    pub(crate) bad_bills: AtomicU64,
}

/// The number of the payment or refund that a call is about.
fn number_in(request: &Request<Bytes>) -> String {
    let text = format!(
        "{} {}",
        request.uri(),
        String::from_utf8_lossy(request.body())
    );
    let begins = |at: &usize| matches!(text.get(*at..at + 5), Some("P2026" | "R2026"));
    let at = (0..text.len()).find(begins).unwrap_or(text.len());
    let rest = text.get(at..).unwrap_or_default();
    rest.chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl Wire {
    pub(crate) fn new(link: Link, seed: u64) -> Self {
        Self {
            link,
            rates: Mutex::new(Rates::default()),
            seed,
            drawn: Mutex::new(BTreeMap::new()),
            meanwhile: Mutex::new(None),
            busy: Mutex::new(false),
            crash: Arc::new(Notify::new()),
            broken: AtomicU64::new(0),
            bad_bills: AtomicU64::new(0),
        }
    }

    pub(crate) fn set_rates(&self, rates: Rates) {
        *self.rates.lock() = rates;
    }

    /// Calls come through from now on; bills don't yet.
    pub(crate) fn calm(&self) {
        let mut rates = self.rates.lock();
        *rates = Rates {
            bills: rates.bills,
            ..Rates::default()
        };
    }

    /// What happens while calls are under way.
    pub(crate) fn meanwhile(&self, what: Meanwhile) {
        *self.meanwhile.lock() = Some(Arc::new(what));
    }

    /// Lets go of what it knows of the product, which knows it: nothing of a schedule is kept once it is over.
    pub(crate) fn forget(&self) {
        *self.meanwhile.lock() = None;
    }

    fn hits(&self, about: &str, thousandths: u32) -> bool {
        thousandths > 0 && self.draw(about).random_range(0..1_000) < thousandths
    }

    /// Drawn from the number that the call is about and how often it was drawn for, so that the order of calls doesn't matter.
    fn draw(&self, about: &str) -> StdRng {
        let times = {
            let mut drawn = self.drawn.lock();
            let times = drawn.entry(about.to_owned()).or_default();
            *times += 1;
            *times
        };
        let mut digest = Sha256::new();
        digest.update(self.seed.to_le_bytes());
        digest.update(times.to_le_bytes());
        digest.update(about.as_bytes());
        StdRng::from_seed(digest.finalize().into())
    }

    async fn die(&self) -> ! {
        self.crash.notify_one();
        std::future::pending().await
    }

    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let rates = *self.rates.lock();
        let about = number_in(&request);
        if self.hits(&about, rates.crashes) {
            self.die().await;
        }
        let answer = self.link.send(request).await;
        if !matches!(&answer, Ok(answer) if !answer.status().is_server_error()) {
            self.broken.fetch_add(1, Ordering::Relaxed);
        }
        if self.hits(&about, rates.overtaken) && !std::mem::replace(&mut *self.busy.lock(), true) {
            let meanwhile = self.meanwhile.lock().clone();
            if let Some(meanwhile) = meanwhile {
                meanwhile().await;
            }
            *self.busy.lock() = false;
        }
        if self.hits(&about, rates.crashes) {
            self.die().await;
        }
        answer
    }
}

impl Transport for Wire {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Lost>> {
        self.carry(request).boxed()
    }

    fn fetch<'a>(
        &'a self,
        request: Request<Bytes>,
        longest: u64,
        piece: &'a mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> BoxFuture<'a, Result<u16, Lost>> {
        let about = format!("bill {}", request.uri().path());
        if !self.hits(&about, self.rates.lock().bills) {
            return self.link.fetch(request, longest, piece);
        }
        self.bad_bills.fetch_add(1, Ordering::Relaxed);
        match self.draw(&about).random_range(0..4) {
            0 => std::future::ready(Err(Lost::Unsent)).boxed(),
            1 => std::future::ready(Err(Lost::Unanswered)).boxed(),
            2 => std::future::ready(Ok(503)).boxed(),
            // It ends in the middle, and nothing says so.
            _ => async move {
                let mut whole = Vec::new();
                let mut keep = |part: &[u8]| {
                    whole.extend_from_slice(part);
                    Ok(())
                };
                let status = self.link.fetch(request, longest, &mut keep).await?;
                piece(whole.get(..whole.len() / 2).unwrap_or_default())
                    .map_err(|_| Lost::Unanswered)?;
                Ok(status)
            }
            .boxed(),
        }
    }
}
