//! 网上缴费 against the channels' own books: every fault of a channel, and what people do with money.

mod again;
mod channels;
mod crossing;
mod fiscal;
mod free;
mod inflight;
mod kept;
mod mismatches;
mod news;
mod nontax;
mod offline;
mod orders;
mod pages;
mod reconcile;
mod refunds;
mod rounds;
mod undone;

use std::collections::BTreeMap;

use app::application::{self, Agreed, Form, Pick};
use app::payment::{self, Settled, Started};
use app::{Actor, Ctx, Error};
use axum::body::Bytes;
use domain::exam::question::Answer;
use domain::exam::settings::ExamSettings;
use domain::exam::steps::ReviewStep;
use domain::money::Fen;
use domain::payment::OrderState;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::staff::Role;
use domain::time::Timestamp;
use http::Request;
use simulators::Trio;
use simulators::bank::{About, Bank, Channel as _, Forgery, Letter, Order, Rates, RefundState};
use testkit::{TestApp, TestCandidate, TestExam};

/// The channel that most tests pay by.
pub(crate) const CHANNEL: &str = "wechat";

/// A product with a bank, an exam that takes 100.00 without a review, and somebody who owes it.
pub(crate) struct Stage {
    pub(crate) t: TestApp,
    pub(crate) trio: Trio,
    /// What WeChat Pay knows: the truth.
    pub(crate) bank: Bank,
    pub(crate) exam: TestExam,
    pub(crate) lin: TestCandidate,
    /// His application.
    pub(crate) application: String,
    /// His order.
    pub(crate) order: String,
}

pub(crate) async fn owing(
    t: &TestApp,
    exam: &TestExam,
    name: &str,
) -> (TestCandidate, String, String) {
    let who = t.ready(name).await;
    let ctx = who.ctx();
    let mut answers = BTreeMap::new();
    answers.insert("adjust".to_owned(), Answer::Text("是".into()));
    let form = Form {
        pick: Pick::Position(exam.position("数字资源管理").to_owned()),
        answers,
        agreed: Agreed {
            version: 1,
            at: ctx.at,
        },
    };
    let saved = application::submit(&ctx, &exam.public_id, &form)
        .await
        .expect("submitted");
    let bill = payment::payable(&ctx, &saved.public_id)
        .await
        .expect("a bill");
    let order = bill.order.expect("an order").public_id;
    (who, saved.public_id, order)
}

pub(crate) async fn stage(t: &TestApp) -> Stage {
    stage_with(t, |_| {}).await
}

/// The same with other settings.
pub(crate) async fn stage_with(t: &TestApp, tune: impl FnOnce(&mut ExamSettings)) -> Stage {
    staged(t.with_channels(), tune).await
}

/// The same over channels that are there already. Notices are lost unless a test delivers them.
pub(crate) async fn staged(
    (t, trio): (TestApp, Trio),
    tune: impl FnOnce(&mut ExamSettings),
) -> Stage {
    let exam = t
        .recruitment(|settings| {
            settings.steps.review = ReviewStep::None;
            tune(settings);
        })
        .await;
    let (lin, application, order) = owing(&t, &exam, "林一舟").await;
    Stage {
        t,
        bank: trio.wechat.bank().clone(),
        trio,
        exam,
        lin,
        application,
        order,
    }
}

impl Stage {
    pub(crate) fn ctx(&self) -> Ctx {
        self.lin.ctx()
    }

    /// 支付 leads to the cashier; the merchant number of the attempt.
    pub(crate) async fn begin(&self) -> String {
        let at_a_desk = payment::Payer::default();
        let started = payment::pay(&self.ctx(), &self.order, CHANNEL, &at_a_desk)
            .await
            .expect("begun");
        assert!(matches!(started, Started::Cashier(_)), "{started:?}");
        self.history()
            .await
            .attempts
            .last()
            .expect("an attempt")
            .merchant_no
            .clone()
    }

    pub(crate) async fn history(&self) -> payment::History {
        payment::find(&self.ctx(), &self.order)
            .await
            .expect("the order")
    }

    pub(crate) async fn state(&self) -> OrderState {
        self.history().await.state
    }

    /// The payment track of the application.
    pub(crate) async fn track(&self) -> String {
        application::own(&self.ctx(), &self.application)
            .await
            .expect("own")
            .row
            .payment
    }

    /// Delivers the notice of a payment; whether it was believed.
    pub(crate) async fn notice(&self, merchant_no: &str) -> bool {
        deliver(&self.t, &self.trio, merchant_no).await
    }

    /// Delivers a notice that the channel never sent; whether it was believed.
    pub(crate) async fn forged(&self, merchant_no: &str, how: Forgery) -> bool {
        let letter = self.trio.wechat.forge(merchant_no, how);
        send(&self.t, &letter.expect("a forgery")).await
    }

    /// Somebody pays at the channel, under a number that we never made; the channel tells us.
    pub(crate) async fn strange_notice(&self) -> bool {
        let number = "P20260101000000ZZZZZZZZZZZZZ";
        let known = self.bank.trade(number).is_some();
        if !known {
            let order = Order {
                merchant_no: number.into(),
                begun: String::new(),
                amount: 10_000,
                subject: "别的系统".into(),
                expires_at: self.t.now().plus_seconds(600).micros(),
                notify_url: format!("{}/gateway/{CHANNEL}/notice", testkit::BASE_URL),
                return_url: String::new(),
                way: "native".into(),
            };
            self.bank.open(order).expect("a trade");
            assert!(self.bank.pay(number));
        }
        self.notice(number).await
    }

    /// Whether refunds take their time from now on.
    pub(crate) fn slow_refunds(&self, slow: bool) {
        self.bank.set_rates(Rates {
            slow_refunds: if slow { 1_000 } else { 0 },
            ..Rates::default()
        });
    }

    /// Ends the refunds that the channel is at, so; it tells us.
    pub(crate) async fn refunds_end(&self, how: RefundState) {
        for (number, refund) in self.bank.book().refunds {
            if refund.state == RefundState::Processing {
                assert!(self.bank.finish_refund(&number, how));
            }
        }
        self.refunds_told().await;
    }

    /// Delivers what the channel tells of refunds.
    pub(crate) async fn refunds_told(&self) {
        for letter in self.bank.due() {
            if matches!(letter.about, About::Refund(_))
                && let Some(notice) = self.trio.wechat.write(&letter)
            {
                assert!(send(&self.t, &notice).await);
            }
        }
    }

    pub(crate) async fn settle(&self, evidence: &Evidence) -> Settled {
        payment::settle(&self.t.ctx(Actor::Gateway), evidence)
            .await
            .expect("settled")
    }

    /// Lets the timer work until nothing is due. What the channel tells of refunds comes then.
    pub(crate) async fn work(&self) {
        let ctx = self.t.system();
        for _ in 0..50 {
            if payment::work(&ctx).await.expect("a round") == 0 {
                break;
            }
        }
        self.refunds_told().await;
    }

    /// Our ledger says what the bank's book says, and its sides are equal.
    pub(crate) async fn balances(&self) {
        let trial = payment::trial_balance(&self.t.app)
            .await
            .expect("a balance");
        assert_eq!(trial.unbalanced, Vec::<i64>::new());
        for channel in self.trio.channels() {
            assert_eq!(
                trial.balance(&format!("channel:{}", channel.code())),
                channel.bank().book().balance().get(),
                "{trial:?}"
            );
        }
        let all: i64 = trial
            .books
            .iter()
            .map(|book| book.debit - book.credit)
            .sum();
        assert_eq!(all, 0);
    }

    pub(crate) fn paid(&self, merchant_no: &str, channel_no: &str, at: Timestamp) -> Evidence {
        let channel = self.t.app.channels().get(CHANNEL).expect("a channel");
        let merchant = channel.merchant();
        Evidence {
            source: Source::Notice,
            channel: CHANNEL.into(),
            merchant: merchant.into(),
            merchant_no: merchant_no.into(),
            news: News::Paid(PaidNews {
                channel_no: channel_no.into(),
                amount: Fen::new(10_000),
                currency: CNY.into(),
                paid_at: at,
            }),
        }
    }

    pub(crate) async fn open_discrepancies(&self) -> Vec<String> {
        let finance = self.t.staff(&[Role::FinanceOfficer]).await;
        let rows = payment::discrepancies(&finance.ctx().await, "open", None)
            .await
            .expect("a list");
        rows.into_iter().map(|row| row.kind).collect()
    }
}

/// The notice of a payment.
pub(crate) fn letter(trio: &Trio, merchant_no: &str) -> Request<Bytes> {
    let letter = Letter {
        id: 1,
        about: About::Payment(merchant_no.to_owned()),
        due: 0,
        tries: 0,
    };
    trio.wechat.write(&letter).expect("something to tell")
}

/// Delivers it; whether it was believed.
pub(crate) async fn deliver(t: &TestApp, trio: &Trio, merchant_no: &str) -> bool {
    send(t, &letter(trio, merchant_no)).await
}

/// Delivers a notice as it is; whether it was believed.
pub(crate) async fn send(t: &TestApp, notice: &Request<Bytes>) -> bool {
    let ctx = t.ctx(Actor::Gateway);
    let answer = payment::notice(&ctx, CHANNEL, notice.headers(), notice.body())
        .await
        .expect("no trouble");
    answer.expect("a channel").is_ok()
}

pub(crate) fn refused<T: std::fmt::Debug>(answer: app::Result<T>) -> &'static str {
    match answer {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}
