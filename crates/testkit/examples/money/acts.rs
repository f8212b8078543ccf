//! What payers do, done.

use app::payment::nontax;
use app::payment::{self, Device, Payer, Started};
use app::{Actor, waiver};
use domain::clock::Clock as _;
use rand::RngExt as _;
use simulators::bank::Forgery;
use simulators::visit;

use crate::control::Control;
use crate::payer::Act;
use crate::schedule::Schedule;

/// What goes for a proof.
const PROOF: &[u8] = b"\x89PNG\r\n\x1a\nproof";

impl Schedule {
    pub(crate) async fn act(&mut self, payer: usize, act: Act) {
        let ctx = self.payers[payer].debtor.who.ctx();
        if matches!(act, Act::Begin(..) | Act::Counter | Act::AskCode) {
            self.owes(payer).await;
        }
        let order = self.payers[payer].order.clone();
        self.say(|| format!("payer {payer} {act:?}"));
        match act {
            Act::Begin(code, phone) => self.start(payer, code, phone).await,
            Act::Pay(back) => {
                let cashiers = &self.payers[payer].cashiers;
                let at = cashiers.len().checked_sub(back + 1);
                if let Some((code, number)) = at.and_then(|at| cashiers.get(at)) {
                    let bank = self.trio.channel(code).expect("one of three").bank();
                    // A channel that takes another sum than the one that was asked for is a channel's error.
                    let wrong = match self.control {
                        Control::Amount => payer.is_multiple_of(4).then_some(1),
                        _ if self.rng.random_bool(0.03) => {
                            Some([1, 4_999, 9_999, 10_001, 20_000][self.rng.random_range(0..5)])
                        }
                        _ => None,
                    };
                    let paid = match wrong {
                        Some(sum) => bank.pay_wrongly(number, sum),
                        None => bank.pay(number),
                    };
                    self.told.wrong += u64::from(paid && wrong.is_some());
                    self.say(|| format!("  {code} takes {number}: {paid}"));
                }
            }
            Act::Return => {
                if let Some(done) = self.alive(payment::ask_returned(&ctx, &order)).await {
                    self.meant(done, "returning");
                }
            }
            Act::Ask => {
                if let Some(done) = self.alive(payment::ask(&ctx, &order)).await {
                    self.meant(done, "asking");
                }
            }
            Act::Void => {
                if let Some(done) = self.alive(payment::void(&ctx, &order)).await {
                    self.say(|| format!("  {done:?}"));
                    self.meant(done, "voiding");
                }
            }
            Act::Raise => {
                let application = self.payers[payer].debtor.application.clone();
                match payment::raise_again(&ctx, &application).await {
                    Ok(order) => self.payers[payer].order = order,
                    other => {
                        self.meant(other, "raising");
                    }
                }
            }
            Act::Forge => self.forge(payer).await,
            Act::Waive(category) => self.waive(payer, category).await,
            Act::Counter => self.counter(payer).await,
            Act::AskCode => {
                let asked = nontax::ask(&ctx, &order).await;
                self.meant(asked, "asking for a code");
            }
            Act::PayCode => self.pay_code(payer).await,
        }
    }

    async fn start(&mut self, payer: usize, code: &'static str, phone: bool) {
        let who = Payer {
            device: if phone { Device::Phone } else { Device::Desk },
            ip: "203.0.113.7".to_owned(),
        };
        let ctx = self.payers[payer].debtor.who.ctx();
        let order = self.payers[payer].order.clone();
        let Some(done) = self.alive(payment::pay(&ctx, &order, code, &who)).await else {
            return;
        };
        self.say(|| match &done {
            Ok(Started::Cashier(_)) => "  is led to the cashier".to_owned(),
            other => format!("  {other:?}"),
        });
        if let Ok(Started::Cashier(checkout)) = &done {
            let history = payment::find(&ctx, &order).await.expect("his order");
            let number = history
                .attempts
                .iter()
                .rfind(|attempt| attempt.channel == code)
                .expect("an attempt")
                .merchant_no
                .clone();
            let channel = self.trio.channel(code).expect("one of three");
            if visit(channel, checkout) {
                channel.bank().see(&number);
                self.payers[payer].cashiers.push((code, number));
            }
        }
        self.meant(done, "paying");
    }

    async fn forge(&mut self, payer: usize) {
        let how = Forgery::ALL[self.rng.random_range(0..Forgery::ALL.len())];
        let Some((code, number)) = self.payers[payer].cashiers.last().cloned() else {
            return;
        };
        let channel = self.trio.channel(code).expect("one of three");
        let Some(request) = channel.forge(&number, how) else {
            return;
        };
        self.told.forged += 1;
        let ctx = self.t.ctx(Actor::Gateway);
        let (headers, body) = (request.headers().clone(), request.body().clone());
        let answer = self
            .alive(payment::notice(&ctx, code, &headers, &body))
            .await;
        // Another merchant's notice is true, and none of ours: it may be acknowledged, and counts for nothing.
        if matches!(answer, Some(Ok(Some(Ok(_))))) && how != Forgery::OtherMerchant {
            self.say(|| format!("  {how:?} was believed"));
        }
    }

    /// The order that he owes now: another one, if a part of it was waived.
    async fn owes(&mut self, payer: usize) {
        let ctx = self.payers[payer].debtor.who.ctx();
        let application = self.payers[payer].debtor.application.clone();
        let bill = payment::payable(&ctx, &application).await;
        if let Some(order) = bill.ok().and_then(|bill| bill.order) {
            self.payers[payer].order = order.public_id;
        }
    }

    async fn waive(&mut self, payer: usize, category: &str) {
        let ctx = self.payers[payer].debtor.who.ctx();
        let application = self.payers[payer].debtor.application.clone();
        let form = waiver::Form {
            category: category.to_owned(),
            statement: "家庭有困难，证明附后".to_owned(),
            keep: Vec::new(),
        };
        let asked = waiver::ask(&ctx, &application, &form, &[("证明.png", PROOF)]).await;
        self.say(|| format!("  {asked:?}"));
        self.meant(asked, "asking for a waiver");
    }

    /// Pays at the counter what his order says.
    async fn counter(&mut self, payer: usize) {
        let ctx = self.payers[payer].debtor.who.ctx();
        let order = self.payers[payer].order.clone();
        let history = payment::find(&ctx, &order).await.expect("his order");
        let amount = history.order.amount;
        let at = self.clock.now();
        self.desk.pay(&order, amount, at);
    }

    /// Pays by the code that he was given, if he was given one.
    async fn pay_code(&mut self, payer: usize) {
        let ctx = self.payers[payer].debtor.who.ctx();
        let order = self.payers[payer].order.clone();
        let history = payment::find(&ctx, &order).await.expect("his order");
        let row = nontax::of_order(&ctx, &order).await.expect("his order");
        let Some(code) = row.and_then(|row| row.code) else {
            return;
        };
        let at = self.clock.now();
        self.desk.pay_code(&code, history.order.amount, at);
    }
}
