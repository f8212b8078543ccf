//! One schedule: events in virtual time, one after the other, each drawn from the schedule's number.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use app::payment;
use app::{Actor, Error};
use domain::clock::Clock;
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use gateways::payment::{Channels, Transport};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use simulators::Trio;
use simulators::bank::{Bank, Rates, RefundState, TradeState};
use testkit::{FakeClock, TestApp};

use crate::control::{self, Control};
use crate::desk::Desk;
use crate::oracle::{self, Harm};
use crate::payer::{Act, CODES, plan};
use crate::template::{Debtor, Template, closes};
use crate::wire::{self, Wire};

/// Where the channels seem to be.
const ORIGIN: &str = "https://channels.example";
/// The channels misbehave for so long after payment has closed.
const STORM_HOURS: i64 = 14;
/// And are looked at when so long has gone by.
const END_HOURS: i64 = 26;

/// What was under way when the product died comes to rest in this time.
const LAST_BREATH: Duration = Duration::from_millis(60);

/// What happened.
#[derive(Debug, Default, Clone)]
pub(crate) struct Told {
    pub(crate) orders: u64,
    pub(crate) attempts: u64,
    pub(crate) payments: u64,
    /// In 分.
    pub(crate) taken: i64,
    pub(crate) refunds: u64,
    pub(crate) bad_calls: u64,
    pub(crate) odd_notices: u64,
    pub(crate) forged: u64,
    pub(crate) crashes: u64,
    /// Payments of another sum.
    pub(crate) wrong: u64,
    /// Refunds that their channel didn't carry out.
    pub(crate) unsent: u64,
    /// Payments at the counter, and by a code of the fiscal office.
    pub(crate) slips: u64,
    /// Waivers that were granted.
    pub(crate) waivers: u64,
    /// Bills that weren't there, were cut off or lost on the way.
    pub(crate) bad_bills: u64,
}

impl Told {
    pub(crate) fn add(&mut self, more: &Self) {
        self.orders += more.orders;
        self.attempts += more.attempts;
        self.payments += more.payments;
        self.taken += more.taken;
        self.refunds += more.refunds;
        self.bad_calls += more.bad_calls;
        self.odd_notices += more.odd_notices;
        self.forged += more.forged;
        self.crashes += more.crashes;
        self.wrong += more.wrong;
        self.unsent += more.unsent;
        self.slips += more.slips;
        self.waivers += more.waivers;
        self.bad_bills += more.bad_bills;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The next thing that a payer does.
    Payer(usize),
    /// The product's timer.
    Tick,
    /// The channels end the refunds that they were at.
    Refunds,
    /// Finance asks for somebody's money to go back.
    Ask(usize),
    /// The two of finance do what waits for them.
    Finance,
    /// Everything works from now on.
    Calm,
    /// The bills of the day before are compared.
    Bills,
}

/// A payer on his way.
pub(crate) struct Going {
    pub(crate) debtor: Debtor,
    /// The order that he is at.
    pub(crate) order: String,
    acts: std::vec::IntoIter<(i64, Act)>,
    next: Option<Act>,
    /// The cashiers that he was led to: channel and merchant number.
    pub(crate) cashiers: Vec<(&'static str, String)>,
}

pub(crate) struct Schedule {
    pub(crate) t: TestApp,
    pub(crate) trio: Trio,
    wire: Arc<Wire>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) rng: StdRng,
    events: BinaryHeap<Reverse<(i64, u64, Event)>>,
    counter: u64,
    pub(crate) payers: Vec<Going>,
    pub(crate) told: Told,
    pub(crate) harm: Vec<Harm>,
    pub(crate) control: Control,
    /// What no channel tells of.
    pub(crate) desk: Desk,
    aloud: bool,
}

/// Runs one and judges it.
pub(crate) async fn run(
    template: &Template,
    seed: u64,
    control: Control,
    aloud: bool,
) -> (Told, Vec<Harm>) {
    let mut schedule = Schedule::begin(template, seed, control, aloud).await;
    schedule.go(template).await;
    schedule
        .harm
        .extend(oracle::judge(&schedule.t, &schedule.trio, &schedule.desk).await);
    if control == Control::None {
        oracle::bills(&schedule.t, &mut schedule.harm).await;
    }
    schedule.count().await;
    schedule.t.app.db().clone().close().await;
    schedule.wire.forget();
    (schedule.told, schedule.harm)
}

/// Delivers what is due, as channels do.
async fn deliver(t: &TestApp, trio: &Trio) -> bool {
    let mut good = true;
    for channel in trio.channels() {
        for letter in channel.bank().due() {
            let Some(request) = channel.write(&letter) else {
                continue;
            };
            let ctx = t.ctx(Actor::Gateway);
            let answer =
                payment::notice(&ctx, channel.code(), request.headers(), request.body()).await;
            match answer {
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) => {
                    good = false;
                    channel.bank().again(letter, channel.pauses());
                }
                Err(_) => channel.bank().again(letter, channel.pauses()),
            }
        }
    }
    good
}

impl Schedule {
    async fn begin(template: &Template, seed: u64, control: Control, aloud: bool) -> Self {
        let t = template.copy(seed).await;
        let mut rng = StdRng::seed_from_u64(seed);
        let clock: Arc<dyn Clock> = Arc::clone(&t.clock) as Arc<dyn Clock>;
        let mut storm = |failed: u32, abnormal: u32| Rates {
            calls: [0, 50, 150, 350][rng.random_range(0..4)],
            notices: [0, 100, 300, 700][rng.random_range(0..4)],
            lags: [0, 100, 300][rng.random_range(0..3)],
            slow_refunds: [0, 300, 900][rng.random_range(0..3)],
            failed_refunds: [0, failed][rng.random_range(0..2)],
            abnormal_refunds: [0, abnormal][rng.random_range(0..2)],
        };
        // Alipay refuses a refund at once or does it in the end; of the others only WeChat knows payers that can't be reached.
        let banks = [(0, 0, 0), (1, 150, 150), (2, 150, 0)].map(|(n, failed, abnormal)| {
            let bank = Bank::new(Arc::clone(&clock), seed.wrapping_mul(3).wrapping_add(n));
            bank.set_rates(storm(failed, abnormal));
            bank
        });
        let trio = Trio::new(ORIGIN, template.keys.clone(), banks).expect("channels");
        let wire = Arc::new(Wire::new(trio.link(), seed));
        let transport: Arc<dyn Transport> = Arc::clone(&wire) as Arc<dyn Transport>;
        let gateways = trio.gateways(&clock, &transport).expect("gateways");
        let gateways = control::wrap(control, &trio, gateways);
        let t = t.with(|setup| {
            setup.channels = Channels::new(gateways, true).expect("they are real");
        });
        {
            let (t, trio) = (t.clone(), trio.clone());
            wire.meanwhile(Box::new(move || {
                let (t, trio) = (t.clone(), trio.clone());
                async move {
                    deliver(&t, &trio).await;
                }
                .boxed()
            }));
        }
        wire.set_rates(wire::Rates {
            overtaken: [0, 200][rng.random_range(0..2)],
            crashes: [0, 0, 30][rng.random_range(0..3)],
            bills: [0, 300, 700][rng.random_range(0..3)],
        });
        let payers = template
            .people
            .debtors
            .iter()
            .map(|debtor| Going {
                debtor: Debtor {
                    who: debtor.who.at(&t),
                    ..debtor.clone()
                },
                order: debtor.order.clone(),
                acts: plan(&mut rng).into_iter(),
                next: None,
                cashiers: Vec::new(),
            })
            .collect();
        Self {
            clock: Arc::clone(&t.clock),
            t,
            trio,
            wire,
            rng,
            events: BinaryHeap::new(),
            counter: 0,
            payers,
            told: Told::default(),
            harm: Vec::new(),
            control,
            desk: Desk::default(),
            aloud,
        }
    }

    pub(crate) fn say(&self, what: impl FnOnce() -> String) {
        if self.aloud {
            println!("{} {}", self.clock.now().to_local_second(), what());
        }
    }

    fn at(&mut self, at: i64, event: Event) {
        self.counter += 1;
        self.events.push(Reverse((at, self.counter, event)));
    }

    fn after(&mut self, seconds: i64, event: Event) {
        let at = self.clock.now().micros() + seconds * 1_000_000;
        self.at(at, event);
    }

    fn next_act(&mut self, payer: usize) {
        let going = &mut self.payers[payer];
        if let Some((after, act)) = going.acts.next() {
            going.next = Some(act);
            self.after(after, Event::Payer(payer));
        }
    }

    async fn go(&mut self, template: &Template) {
        for payer in 0..self.payers.len() {
            self.next_act(payer);
            // Finance sends some of it back.
            if self.rng.random_bool(0.06) {
                let after = self.rng.random_range(3_600..12 * 3_600);
                self.after(after, Event::Ask(payer));
            }
        }
        self.after(3_000, Event::Finance);
        self.after(20, Event::Tick);
        self.after(600, Event::Refunds);
        let calm = closes().plus_seconds(STORM_HOURS * 3_600).micros();
        self.at(calm, Event::Calm);
        // 10:30 of the day after, again two hours later, and once more: to do it again is to do nothing.
        // A bill mends what a missing defence lets happen: the controls are judged without.
        let hours: &[i64] = if self.control == Control::None {
            &[19, 21, 23]
        } else {
            &[]
        };
        for hours in hours {
            let bills = closes().plus_seconds(hours * 3_600 + 1_800).micros();
            self.at(bills, Event::Bills);
        }
        let end = closes().plus_seconds(END_HOURS * 3_600).micros();
        loop {
            let channels = self.trio.channels();
            let letters = channels.iter();
            let letter = letters
                .filter_map(|channel| channel.bank().next_due())
                .min();
            let event = self.events.peek().map(|Reverse((at, _, _))| *at);
            let next = match (letter, event) {
                (Some(letter), Some(event)) => letter.min(event),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => break,
            };
            if next > end {
                break;
            }
            if next > self.clock.now().micros() {
                self.clock.set_to(Timestamp::from_micros(next));
            }
            if letter.is_some_and(|letter| letter <= next) {
                let (t, trio) = (self.t.clone(), self.trio.clone());
                self.alive(deliver(&t, &trio)).await;
                continue;
            }
            let Some(Reverse((_, _, event))) = self.events.pop() else {
                break;
            };
            self.happen(event, template).await;
        }
        // Who was told late what he owes has two days more.
        self.clock.set_to(Timestamp::from_micros(end));
        self.clock.advance_hours(50);
        for _ in 0..10 {
            self.clock.advance(600);
            self.finance(template).await;
            for channel in self.trio.channels() {
                channel.bank().settle_refunds();
            }
            self.tick().await;
            let (t, trio) = (self.t.clone(), self.trio.clone());
            deliver(&t, &trio).await;
        }
    }

    /// Does something, unless the product dies over it. What else it was at gets as far as it can: how far that is must not hang on how
    /// fast this machine is.
    pub(crate) async fn alive<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let crash = Arc::clone(&self.wire.crash);
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            () = crash.notified() => {}
            done = &mut work => return Some(done),
        }
        self.told.crashes += 1;
        self.say(|| "the product dies".to_owned());
        let over = tokio::time::timeout(LAST_BREATH, work).await;
        assert!(over.is_err(), "the dead don't finish");
        // Others of its calls may have died meanwhile: it is one death.
        let _ = self.wire.crash.notified().now_or_never();
        None
    }

    async fn tick(&mut self) {
        for _ in 0..8 {
            let ctx = self.t.system();
            match self.alive(payment::work(&ctx)).await {
                Some(Ok(0)) | None => return,
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    self.harm.push(Harm::Wrong(format!("the timer: {error}")));
                    return;
                }
            }
        }
    }

    async fn happen(&mut self, event: Event, template: &Template) {
        match event {
            Event::Payer(payer) => {
                if let Some(act) = self.payers[payer].next.take() {
                    self.act(payer, act).await;
                }
                self.next_act(payer);
            }
            Event::Tick => {
                self.tick().await;
                // The timer looks every few seconds; what is due then waits a little, more so when it is quiet.
                let quiet = self.clock.now() > closes().plus_seconds(1_800);
                let pause = if quiet {
                    self.rng.random_range(1_200..5_400)
                } else {
                    self.rng.random_range(60..700)
                };
                self.after(pause, Event::Tick);
            }
            Event::Refunds => {
                for channel in self.trio.channels() {
                    channel.bank().settle_refunds();
                }
                let pause = self.rng.random_range(600..7_200);
                self.after(pause, Event::Refunds);
            }
            Event::Calm => {
                for channel in self.trio.channels() {
                    channel.bank().set_rates(Rates::default());
                }
                self.wire.calm();
            }
            Event::Bills => self.reconcile().await,
            Event::Ask(payer) => {
                let ctx = template.people.finance[0].at(&self.t).ctx().await;
                let order = self.payers[payer].order.clone();
                let asked = payment::request_refund(&ctx, &order, "agency").await;
                self.meant(asked, "asking for a refund");
            }
            Event::Finance => {
                self.finance(template).await;
                let pause = self.rng.random_range(2_400..9_000);
                self.after(pause, Event::Finance);
            }
        }
    }

    /// 对账 of the day on which payment closed.
    async fn reconcile(&mut self) {
        let ctx = self.t.system();
        // The last time everything comes as it should.
        if self.clock.now() > closes().plus_seconds(23 * 3_600) {
            self.wire.set_rates(wire::Rates::default());
        }
        for code in CODES {
            let day = payment::reconcile::day_of(&ctx, code, closes().date()).await;
            let day = match day {
                Ok(day) => day,
                other => {
                    self.meant(other, "a day of bills");
                    continue;
                }
            };
            let done = payment::reconcile::now(&ctx, day).await;
            self.say(|| format!("bill of {code}: {done:?}"));
            self.meant(done, "a bill");
        }
    }

    /// What a person is refused is no harm; anything else is.
    pub(crate) fn meant<T>(&mut self, done: app::Result<T>, what: &str) -> bool {
        match done {
            Ok(_) => true,
            Err(Error::Refused(_) | Error::Conflict(_) | Error::Fields(_)) => false,
            Err(error) => {
                self.harm.push(Harm::Wrong(format!("{what}: {error}")));
                false
            }
        }
    }

    async fn count(&mut self) {
        self.told.bad_calls = self.wire.broken.load(std::sync::atomic::Ordering::Relaxed);
        for code in CODES {
            let bank = self.trio.channel(code).expect("one of three").bank();
            let book = bank.book();
            self.told.attempts += book.trades.len() as u64;
            self.told.refunds += book.refunds.len() as u64;
            let unsent = book.refunds.values();
            let unsent = unsent
                .filter(|one| matches!(one.state, RefundState::Failed | RefundState::Abnormal));
            self.told.unsent += unsent.count() as u64;
            self.told.odd_notices += bank.odd_notices();
            for trade in book.trades.values() {
                if trade.state == TradeState::Paid {
                    self.told.payments += 1;
                    self.told.taken += trade.sum();
                }
            }
        }
        self.told.orders = oracle::orders(&self.t).await;
        self.told.slips = self.desk.taken().count() as u64;
        self.told.bad_bills = self
            .wire
            .bad_bills
            .load(std::sync::atomic::Ordering::Relaxed);
    }
}
