//! What the simulated channels have in common: a ledger of their own ([`Book`]) that is the truth, the ways in which they misbehave
//! ([`Fate`], [`Mail`]), and notices on their way ([`Letter`]).
//!
//! Everything is drawn from one seed and one clock, so that a schedule can be run again. A channel's protocol stands on top
//! ([`Channel`]); it is reached over a socket ([`serve`](crate::serve)) or, in simulations, in the same process ([`Link`](crate::Link)).

mod book;
mod fate;
mod kept;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use domain::clock::Clock;
use domain::time::{Date, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

pub use book::{Book, Order, Refund, RefundOrder, RefundState, Refusal, Trade, TradeState};
pub use fate::{Call, Fate, Mail, Rates};

use fate::Dice;
use kept::Kept;

/// A notice on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// In the order of their making.
    pub id: u64,
    /// What it tells of.
    pub about: About,
    /// When it is delivered, in microseconds.
    pub due: i64,
    /// How often it was delivered and not acknowledged.
    pub tries: usize,
}

/// What a notice tells of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A payment, by the merchant's number.
    Payment(String),
    /// A refund, by the merchant's number.
    Refund(String),
}

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    book: Mutex<Book>,
    dice: Mutex<Dice>,
    letters: Mutex<BTreeMap<u64, Letter>>,
    /// Notices that didn't go out once and at once.
    odd: AtomicU64,
    /// Where the book is kept, so that a restart forgets nothing.
    kept: Option<Kept>,
}

/// The truth of one channel; clones share it.
#[derive(Clone)]
pub struct Bank(Arc<Inner>);

impl fmt::Debug for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let book = self.0.book.lock();
        f.debug_struct("Bank")
            .field("trades", &book.trades.len())
            .field("refunds", &book.refunds.len())
            .finish_non_exhaustive()
    }
}

const SECOND: i64 = 1_000_000;

/// What a payer did is seen by a query after so long at the latest, in microseconds.
const LAG: i64 = 15 * 60 * 1_000_000;

impl Bank {
    /// An empty bank.
    pub fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self::over(clock, seed, Book::default(), None)
    }

    /// A bank whose book is kept in a file: a line for each change.
    ///
    /// # Errors
    /// If the file can't be read or written.
    pub fn kept(clock: Arc<dyn Clock>, seed: u64, path: &Path) -> io::Result<Self> {
        let (kept, book) = Kept::open(path)?;
        Ok(Self::over(clock, seed, book, Some(kept)))
    }

    fn over(clock: Arc<dyn Clock>, seed: u64, book: Book, kept: Option<Kept>) -> Self {
        Self(Arc::new(Inner {
            clock,
            book: Mutex::new(book),
            dice: Mutex::new(Dice::new(seed)),
            letters: Mutex::new(BTreeMap::new()),
            odd: AtomicU64::new(0),
            kept,
        }))
    }

    /// The instant.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.clock)
    }

    /// A copy of the book.
    pub fn book(&self) -> Book {
        self.0.book.lock().clone()
    }

    /// Writes the whole book to a file, for a bank that is [kept](Self::kept) there from then on.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        kept::write(path, &self.book())
    }

    fn change<T>(&self, of: &About, change: impl FnOnce(&mut Book) -> T) -> T {
        let mut book = self.0.book.lock();
        let done = change(&mut book);
        if let Some(kept) = &self.0.kept
            && let Err(error) = kept.add(&book, of)
        {
            tracing::error!(%error, "a simulated channel's book can't be kept");
        }
        done
    }

    fn change_trade<T>(&self, merchant_no: &str, change: impl FnOnce(&mut Book) -> T) -> T {
        self.change(&About::Payment(merchant_no.to_owned()), change)
    }

    fn change_refund<T>(&self, refund_no: &str, change: impl FnOnce(&mut Book) -> T) -> T {
        self.change(&About::Refund(refund_no.to_owned()), change)
    }

    // What merchants do

    /// Takes an order. The same number with the same order is the same trade.
    ///
    /// # Errors
    /// Why it isn't taken.
    pub fn open(&self, order: Order) -> Result<Trade, Refusal> {
        let token = self.0.dice.lock().token(&order.merchant_no);
        let now = self.now();
        let number = order.merchant_no.clone();
        self.change_trade(&number, |book| book.open(order, token, now).cloned())
    }

    /// A trade as it is now.
    pub fn trade(&self, merchant_no: &str) -> Option<Trade> {
        self.0.book.lock().trade(merchant_no, self.now())
    }

    /// A trade as a query sees it: a payment may lag behind, for a quarter of an hour.
    pub fn trade_seen(&self, merchant_no: &str) -> Option<Trade> {
        let now = self.now();
        self.change_trade(merchant_no, |book| {
            let lags = match book.trades.get_mut(merchant_no) {
                Some(trade)
                    if trade.state == TradeState::Paid
                        && trade.lag > 0
                        && now.micros() < trade.paid_at + LAG =>
                {
                    trade.lag -= 1;
                    true
                }
                _ => false,
            };
            let mut trade = book.trade(merchant_no, now)?;
            if lags {
                trade.state = TradeState::Waiting;
            }
            Some(trade)
        })
    }

    /// The trade behind a cashier's address.
    pub fn by_token(&self, token: &str) -> Option<Trade> {
        let book = self.0.book.lock();
        let trade = book.trades.values().find(|trade| trade.token == token)?;
        book.trade(&trade.order.merchant_no, self.now())
    }

    /// Closes a trade that waits.
    ///
    /// # Errors
    /// [`Refusal::Paid`], [`Refusal::Missing`].
    pub fn close(&self, merchant_no: &str) -> Result<(), Refusal> {
        self.change_trade(merchant_no, |book| book.close(merchant_no))
    }

    /// Takes a refund. The same number is the same refund.
    ///
    /// # Errors
    /// Why it isn't taken.
    pub fn refund(&self, order: RefundOrder) -> Result<Refund, Refusal> {
        let now = self.now();
        let becomes = if self.0.dice.lock().refund_is_slow(&order.merchant_no) {
            RefundState::Processing
        } else {
            RefundState::Succeeded
        };
        let number = order.refund_no.clone();
        let known = self.refund_of(&number).is_some();
        let refund = self.change_refund(&number, |book| book.refund(order, becomes, now))?;
        if !known && refund.state == RefundState::Succeeded {
            self.send(&About::Refund(number));
        }
        Ok(refund)
    }

    /// A refund.
    pub fn refund_of(&self, refund_no: &str) -> Option<Refund> {
        self.0.book.lock().refunds.get(refund_no).cloned()
    }

    /// A paid trade by something that the channel knows it by.
    pub fn paid_like(&self, is_it: impl Fn(&Trade) -> bool) -> Option<Trade> {
        let book = self.0.book.lock();
        let mut paid = book.trades.values();
        paid.find(|trade| trade.state == TradeState::Paid && is_it(trade))
            .cloned()
    }

    /// What has gone back of a payment or is on its way, in 分.
    pub fn refunded(&self, merchant_no: &str) -> i64 {
        self.0.book.lock().refunded(merchant_no)
    }

    /// What belongs on a day's bill: payments by when they were paid, refunds by when they were taken.
    pub fn day(&self, day: Date) -> (Vec<Trade>, Vec<Refund>) {
        let within = |at: i64| (day.start().micros()..day.end().micros()).contains(&at);
        let book = self.0.book.lock();
        let trades = book.trades.values();
        let trades =
            trades.filter(|trade| trade.state == TradeState::Paid && within(trade.paid_at));
        let refunds = book
            .refunds
            .values()
            .filter(|refund| within(refund.begun_at));
        (trades.cloned().collect(), refunds.cloned().collect())
    }

    // What payers and the channel itself do

    /// The payer has scanned or logged in, and hasn't paid.
    pub fn see(&self, merchant_no: &str) {
        self.change_trade(merchant_no, |book| {
            if let Some(trade) = book.trades.get_mut(merchant_no) {
                trade.seen = true;
            }
        });
    }

    /// The payer pays; a notice goes out as [`Mail`] has it. `false` if no money is taken.
    pub fn pay(&self, merchant_no: &str) -> bool {
        self.pay_at(merchant_no, self.now())
    }

    /// The same with another sum than the one that was ordered, as no channel should.
    pub fn pay_wrongly(&self, merchant_no: &str, sum: i64) -> bool {
        self.change_trade(merchant_no, |book| {
            let trade = book.trades.get_mut(merchant_no);
            if let Some(trade) = trade.filter(|trade| trade.state == TradeState::Waiting) {
                trade.taken = sum;
            }
        });
        self.pay(merchant_no)
    }

    /// The same at another instant: the channel learnt late of it.
    pub fn pay_at(&self, merchant_no: &str, at: Timestamp) -> bool {
        let lag = self.0.dice.lock().lag(merchant_no);
        let paid = self.change_trade(merchant_no, |book| book.pay(merchant_no, at, lag));
        if paid {
            self.send(&About::Payment(merchant_no.to_owned()));
        }
        paid
    }

    /// Ends the refunds that are being processed: as the dice fall, or all well.
    pub fn settle_refunds(&self) {
        let mut waiting: Vec<RefundOrder> = {
            let book = self.0.book.lock();
            let waiting = book.refunds.values();
            let waiting = waiting.filter(|refund| refund.state == RefundState::Processing);
            waiting.map(|refund| refund.order.clone()).collect()
        };
        waiting.sort_by(|a, b| a.merchant_no.cmp(&b.merchant_no));
        for refund in waiting {
            let to = self.0.dice.lock().refund_ends(&refund.merchant_no);
            self.finish_refund(&refund.refund_no, to);
        }
    }

    /// Says what becomes of a refund that is being processed, and tells the merchant.
    pub fn finish_refund(&self, refund_no: &str, to: RefundState) -> bool {
        let now = self.now();
        let done = self.change_refund(refund_no, |book| book.finish(refund_no, to, now));
        if done {
            self.send(&About::Refund(refund_no.to_owned()));
        }
        done
    }

    // Misbehaviour

    /// How often what goes wrong from now on.
    pub fn set_rates(&self, rates: Rates) {
        self.0.dice.lock().set_rates(rates);
    }

    /// What becomes of the next call of a kind.
    pub fn tell(&self, call: Call, fate: Fate) {
        self.0.dice.lock().tell(call, fate);
    }

    /// What becomes of every call of a kind from now on, whatever the dice say.
    pub fn tell_always(&self, call: Call, fate: Fate) {
        self.0.dice.lock().tell_always(call, fate);
    }

    /// So many queries more see a payment unpaid.
    pub fn lag_behind(&self, merchant_no: &str, queries: u32) {
        self.change_trade(merchant_no, |book| {
            if let Some(trade) = book.trades.get_mut(merchant_no) {
                trade.lag = queries;
            }
        });
    }

    /// What becomes of the next notice.
    pub fn tell_mail(&self, mail: Mail) {
        self.0.dice.lock().tell_mail(mail);
    }

    /// Draws what becomes of a call about a payment, or about a refund of it.
    pub fn fate(&self, call: Call, number: &str) -> Fate {
        let of = self.refund_of(number);
        let about = of.as_ref().map_or(number, |of| &of.order.merchant_no);
        self.0.dice.lock().fate(call, about)
    }

    // Notices

    /// Puts a notice on its way, as the dice fall.
    pub fn send(&self, about: &About) {
        let now = self.now().micros();
        let paid = match about {
            About::Payment(number) => number.clone(),
            About::Refund(number) => self
                .refund_of(number)
                .map_or_else(|| number.clone(), |refund| refund.order.merchant_no),
        };
        let mail = self.0.dice.lock().mail(&paid);
        if mail != Mail::Prompt {
            self.0.odd.fetch_add(1, Ordering::Relaxed);
        }
        let times: Vec<i64> = match mail {
            Mail::Prompt => vec![now],
            Mail::Lost => Vec::new(),
            Mail::Late(seconds) => vec![now + seconds * SECOND],
            Mail::Repeated(more) => (0..=i64::from(more)).map(|n| now + n * SECOND).collect(),
        };
        for due in times {
            self.post(about.clone(), due);
        }
    }

    /// Puts a notice on its way for an instant.
    pub fn post(&self, about: About, due: i64) {
        let mut letters = self.0.letters.lock();
        let id = letters.last_key_value().map_or(1, |(id, _)| id + 1);
        let letter = Letter {
            id,
            about,
            due,
            tries: 0,
        };
        letters.insert(id, letter);
    }

    /// Takes the notices out that are due, in the order in which they are.
    pub fn due(&self) -> Vec<Letter> {
        let now = self.now().micros();
        let mut letters = self.0.letters.lock();
        let ids: Vec<u64> = letters
            .values()
            .filter(|letter| letter.due <= now)
            .map(|letter| letter.id)
            .collect();
        let mut due: Vec<Letter> = ids.iter().filter_map(|id| letters.remove(id)).collect();
        due.sort_by(|a, b| (a.due, &a.about, a.id).cmp(&(b.due, &b.about, b.id)));
        due
    }

    /// How many notices were lost, late or repeated so far.
    pub fn odd_notices(&self) -> u64 {
        self.0.odd.load(Ordering::Relaxed)
    }

    /// When the next notice is due, in microseconds.
    pub fn next_due(&self) -> Option<i64> {
        self.0
            .letters
            .lock()
            .values()
            .map(|letter| letter.due)
            .min()
    }

    /// A notice wasn't acknowledged: again after the channel's next pause, if it has one left.
    pub fn again(&self, letter: Letter, pauses: &[i64]) {
        let Some(pause) = pauses.get(letter.tries) else {
            return;
        };
        let again = Letter {
            due: self.now().micros() + pause * SECOND,
            tries: letter.tries + 1,
            ..letter
        };
        self.0.letters.lock().insert(again.id, again);
    }
}

/// A notice that the channel never sent about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgery {
    /// That it is paid, signed by nobody that we know.
    WrongKey,
    /// A right one, changed after it was signed.
    Altered,
    /// Rightly signed, of another merchant's payment under our number.
    OtherMerchant,
    /// A right one, signed long ago.
    Stale,
}

impl Forgery {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::WrongKey,
        Self::Altered,
        Self::OtherMerchant,
        Self::Stale,
    ];
}

/// A channel's protocol over its bank.
pub trait Channel: fmt::Debug + Send + Sync {
    /// Its code: `alipay`.
    fn code(&self) -> &'static str;
    /// Its name on the cashier's page.
    fn name(&self) -> &'static str;
    /// Its truth.
    fn bank(&self) -> &Bank;
    /// Answers a merchant's call (and the browser's, where a payment begins with one), strictly: what isn't signed rightly isn't carried
    /// out. Paths begin with `/`, behind the origin under which it is served.
    fn handle(&self, request: &http::Request<Bytes>) -> http::Response<Bytes>;
    /// Writes a notice as it is sent now; `None` if there is nothing to tell.
    fn write(&self, letter: &Letter) -> Option<http::Request<Bytes>>;
    /// Writes a notice that nobody should believe, about a payment that the channel knows; `None` where the channel's notices know no
    /// such forgery.
    fn forge(&self, merchant_no: &str, how: Forgery) -> Option<http::Request<Bytes>>;
    /// A forged notice as if the channel itself had signed it: what a merchant would read that looks at no signature. For control runs.
    fn signed_anew(&self, notice: &http::Request<Bytes>) -> Option<http::Request<Bytes>>;
    /// Whether the merchant's answer acknowledges a notice.
    fn accepts(&self, answer: &http::Response<Bytes>) -> bool;
    /// Seconds between the deliveries of a notice that isn't acknowledged.
    fn pauses(&self) -> &'static [i64];
}
