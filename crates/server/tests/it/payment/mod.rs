//! 网上缴费 against the sandbox's own book: every fault of a channel, and what people do with money.

mod channels;
mod fiscal;
mod free;
mod inflight;
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
use domain::exam::question::Answer;
use domain::exam::settings::ExamSettings;
use domain::exam::steps::ReviewStep;
use domain::money::Fen;
use domain::payment::OrderState;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::staff::Role;
use domain::time::Timestamp;
use gateways::payment::HeaderMap;
use simulators::sandbox::{Faults, Forgery, Sandbox};
use testkit::{MERCHANT, TestApp, TestCandidate, TestExam};

/// A product with a bank, an exam that takes 100.00 without a review, and somebody who owes it.
pub(crate) struct Stage {
    pub(crate) t: TestApp,
    pub(crate) bank: Sandbox,
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
    let (t, bank) = t.with_cashier().await;
    // Notices are delivered by hand: the product's address listens nowhere.
    bank.set_faults(Faults {
        lose_notices: true,
        ..Faults::default()
    });
    let exam = t
        .recruitment(|settings| {
            settings.steps.review = ReviewStep::None;
            tune(settings);
        })
        .await;
    let (lin, application, order) = owing(&t, &exam, "林一舟").await;
    Stage {
        t,
        bank,
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
        let started = payment::pay(&self.ctx(), &self.order, "sandbox", &at_a_desk)
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

    /// Delivers a notice; whether it was believed.
    pub(crate) async fn notice(&self, merchant_no: &str, forgery: Forgery) -> bool {
        deliver(&self.t, &self.bank, merchant_no, forgery).await
    }

    pub(crate) async fn settle(&self, evidence: &Evidence) -> Settled {
        payment::settle(&self.t.ctx(Actor::Gateway), evidence)
            .await
            .expect("settled")
    }

    /// Lets the timer work until nothing is due.
    pub(crate) async fn work(&self) {
        let ctx = self.t.system();
        for _ in 0..50 {
            if payment::work(&ctx).await.expect("a round") == 0 {
                return;
            }
        }
    }

    /// Our ledger says what the bank's book says, and its sides are equal.
    pub(crate) async fn balances(&self) {
        let trial = payment::trial_balance(&self.t.app)
            .await
            .expect("a balance");
        assert_eq!(trial.unbalanced, Vec::<i64>::new());
        assert_eq!(
            trial.balance("channel:sandbox"),
            self.bank.book().balance(),
            "{trial:?}"
        );
        let all: i64 = trial
            .books
            .iter()
            .map(|book| book.debit - book.credit)
            .sum();
        assert_eq!(all, 0);
    }

    pub(crate) fn paid(&self, merchant_no: &str, channel_no: &str, at: Timestamp) -> Evidence {
        Evidence {
            source: Source::Notice,
            channel: "sandbox".into(),
            merchant: MERCHANT.into(),
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

pub(crate) async fn deliver(
    t: &TestApp,
    bank: &Sandbox,
    merchant_no: &str,
    forgery: Forgery,
) -> bool {
    let letter = bank.letter(merchant_no, forgery).expect("a trade");
    let mut headers = HeaderMap::new();
    for (name, value) in &letter.headers {
        headers.insert(*name, value.parse().expect("a header"));
    }
    let ctx = t.ctx(Actor::Gateway);
    let answer = payment::notice(&ctx, "sandbox", &headers, &letter.body)
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
