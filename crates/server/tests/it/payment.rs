//! 网上缴费 against the sandbox's own book: every fault of a channel, and what people do with money.

use std::collections::BTreeMap;

use app::application::{self, Agreed, Form, Pick};
use app::payment::{self, Asked, Settled, Started};
use app::{Actor, Ctx, Error};
use domain::exam::question::Answer;
use domain::exam::steps::ReviewStep;
use domain::money::Fen;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::{AttemptState, OrderState, Outcome, RefundReason};
use domain::staff::Role;
use domain::time::Timestamp;
use gateways::payment::HeaderMap;
use gateways::payment::sandbox::wire::{PaymentStatus, RefundStatus};
use simulators::sandbox::{AnswerFault, Faults, Forgery, RefundFault, Sandbox};
use testkit::{MERCHANT, TestApp, TestCandidate, TestExam, both_backends};

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
    let (t, bank) = t.with_cashier().await;
    // Notices are delivered by hand: the product's address listens nowhere.
    bank.set_faults(Faults {
        lose_notices: true,
        ..Faults::default()
    });
    let exam = t
        .recruitment(|settings| settings.steps.review = ReviewStep::None)
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
        let started = payment::pay(&self.ctx(), &self.order, "sandbox")
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

fn refused<T: std::fmt::Debug>(answer: app::Result<T>) -> &'static str {
    match answer {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

both_backends! {
    async fn a_notice_pays_once_however_often_it_comes(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert_eq!(s.state().await, OrderState::Paying);
        assert!(s.bank.pay(&number));
        for _ in 0..3 {
            assert!(s.notice(&number, Forgery::None).await);
        }
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(s.track().await, "paid");
        assert_eq!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::Paid);
        s.work().await;
        assert!(s.history().await.refunds.is_empty());
        assert_eq!(s.open_discrepancies().await, Vec::<String>::new());
        s.balances().await;
    }

    async fn a_lost_notice_is_found_by_the_button_the_return_page_and_the_timer(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        // Nobody has paid yet: that is no failure.
        assert_eq!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::NotPaid);
        assert!(s.bank.pay(&number));
        // Within ten seconds the channel isn't asked again.
        assert_ne!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::Paid);
        s.t.clock.advance(11);
        assert_eq!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::Paid);

        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        payment::pay(&wang.ctx(), &order, "sandbox").await.unwrap();
        let number = payment::find(&wang.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        assert_eq!(payment::ask_returned(&wang.ctx(), &order).await.unwrap(), Asked::Paid);

        let (zhao, _, order) = owing(&s.t, &s.exam, "赵三").await;
        payment::pay(&zhao.ctx(), &order, "sandbox").await.unwrap();
        let number = payment::find(&zhao.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.work().await;
        assert_eq!(payment::find(&zhao.ctx(), &order).await.unwrap().state, OrderState::Paid);
        // The notice comes in the end, and changes nothing.
        assert!(deliver(&s.t, &s.bank, &number, Forgery::None).await);
        s.balances().await;
    }

    async fn a_query_that_lags_behind_is_asked_again(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        s.bank.set_faults(Faults { lose_notices: true, query_lag: 2, ..Faults::default() });
        assert!(s.bank.pay(&number));
        for seconds in [20, 40, 80] {
            assert_eq!(s.state().await, OrderState::Paying);
            s.t.clock.advance(seconds);
            s.work().await;
        }
        assert_eq!(s.state().await, OrderState::Paid);
        s.balances().await;
    }

    async fn a_forged_notice_changes_nothing(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        for forgery in [
            Forgery::WrongKey,
            Forgery::Unsigned,
            Forgery::AlteredAmount,
            Forgery::Stale,
            Forgery::Truncated,
        ] {
            assert!(!s.notice(&number, forgery).await, "{forgery:?}");
            assert_eq!(s.state().await, OrderState::Paying, "{forgery:?}");
        }
        assert_eq!(s.track().await, "due");
        assert_eq!(s.open_discrepancies().await, Vec::<String>::new());
        // The control: the same notice unforged is believed.
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number, Forgery::None).await);
        assert_eq!(s.state().await, OrderState::Paid);
    }

    async fn a_sum_or_merchant_that_differs_is_held_and_credits_nothing(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.notice(&number, Forgery::SignedOtherAmount).await);
        assert_eq!(s.state().await, OrderState::Hold);
        assert_eq!(s.track().await, "due");
        assert_eq!(s.open_discrepancies().await, ["hold"]);
        assert_eq!(refused(payment::pay(&s.ctx(), &s.order, "sandbox").await), "order_not_open");
        let trial = payment::trial_balance(&s.t.app).await.unwrap();
        assert!(trial.books.is_empty());

        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        payment::pay(&wang.ctx(), &order, "sandbox").await.unwrap();
        let number = payment::find(&wang.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.notice(&number, Forgery::OtherMerchant).await);
        assert_eq!(payment::find(&wang.ctx(), &order).await.unwrap().state, OrderState::Hold);
        // A number that we never made is a discrepancy and nothing else; a hundred times is one line.
        for _ in 0..3 {
            assert!(s.notice(&number, Forgery::UnknownNumber).await);
        }
        assert_eq!(s.open_discrepancies().await, ["unknown_order", "hold", "hold"]);
    }

    async fn what_was_paid_at_the_channel_cannot_be_voided(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(!payment::void(&s.ctx(), &s.order).await.unwrap());
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(s.track().await, "paid");
        s.balances().await;
    }

    async fn a_voided_order_is_closed_at_the_channel_and_another_can_be_raised(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(payment::void(&s.ctx(), &s.order).await.unwrap());
        assert_eq!(s.state().await, OrderState::Voided);
        assert_eq!(s.bank.book().trades[&number].status, PaymentStatus::Closed);
        assert!(!s.bank.pay(&number));
        assert_eq!(payment::unpaid(&s.ctx()).await.unwrap().len(), 0);
        assert_eq!(refused(payment::pay(&s.ctx(), &s.order, "sandbox").await), "order_not_open");

        let again = payment::raise_again(&s.ctx(), &s.application).await.unwrap();
        assert_ne!(again, s.order);
        assert_eq!(payment::raise_again(&s.ctx(), &s.application).await.unwrap(), again);
        assert!(matches!(payment::pay(&s.ctx(), &again, "sandbox").await.unwrap(), Started::Cashier(_)));
        let number = payment::find(&s.ctx(), &again).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number, Forgery::None).await);
        assert_eq!(s.track().await, "paid");
        // Paid, there is nothing to raise: the button leads to what is there.
        assert_eq!(payment::raise_again(&s.ctx(), &s.application).await.unwrap(), again);
        s.balances().await;
    }

    async fn in_doubt_nothing_is_voided_and_nothing_is_called_failed(t: TestApp) {
        let s = stage(&t).await;
        s.begin().await;
        for query in [AnswerFault::Error, AnswerFault::BadSignature, AnswerFault::Truncated] {
            s.bank.set_faults(Faults { lose_notices: true, query, ..Faults::default() });
            assert_eq!(refused(payment::void(&s.ctx(), &s.order).await), "confirming");
            s.t.clock.advance(11);
            assert_eq!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::Confirming);
            assert_eq!(s.state().await, OrderState::Paying);
        }
        assert_eq!(s.history().await.attempts[0].state, AttemptState::Unknown.code());
    }

    async fn a_create_answer_that_is_lost_is_asked_for_again_under_the_same_number(t: TestApp) {
        let s = stage(&t).await;
        s.bank.set_faults(Faults { lose_notices: true, create: AnswerFault::LostAfter, ..Faults::default() });
        assert_eq!(payment::pay(&s.ctx(), &s.order, "sandbox").await.unwrap(), Started::Confirming);
        s.bank.set_faults(Faults { lose_notices: true, ..Faults::default() });
        let first = s.begin().await;
        assert_eq!(s.begin().await, first);
        assert_eq!(s.history().await.attempts.len(), 1);
        assert_eq!(s.bank.book().trades.len(), 1);
    }

    async fn paid_twice_the_earlier_counts_and_the_other_goes_back_in_whatever_order_it_is_told(t: TestApp) {
        let s = stage(&t).await;
        for (name, early_first) in [("王二", true), ("赵三", false)] {
            let (who, _, order) = owing(&s.t, &s.exam, name).await;
            let start = s.t.now();
            payment::pay(&who.ctx(), &order, "sandbox").await.unwrap();
            // The cashier of the first try ran out, as far as we know; the payer had paid, and the channel told nobody.
            s.t.clock.advance(31 * 60);
            payment::pay(&who.ctx(), &order, "sandbox").await.unwrap();
            let attempts = payment::find(&who.ctx(), &order).await.unwrap().attempts;
            let (early, late) = (&attempts[0].merchant_no, &attempts[1].merchant_no);
            assert!(s.bank.pay_at(early, start.plus_seconds(300)));
            assert!(s.bank.pay(late));
            let order_of_news = if early_first { [early, late] } else { [late, early] };
            for number in order_of_news {
                assert!(deliver(&s.t, &s.bank, number, Forgery::None).await);
            }
            s.work().await;
            let history = payment::find(&who.ctx(), &order).await.unwrap();
            assert_eq!(history.state, OrderState::Paid);
            assert_eq!(history.credited().unwrap().merchant_no, *early);
            assert_eq!(history.attempts[1].state, AttemptState::Surplus.code());
            assert_eq!(history.refunds.len(), 1);
            assert_eq!(history.refunds[0].state, "succeeded");
            assert_eq!(history.refunds[0].reason, RefundReason::Duplicate.code());
            assert_eq!(history.refunds[0].attempt_id, history.attempts[1].id);
        }
        assert_eq!(s.bank.book().balance(), 20_000);
        s.balances().await;
    }

    async fn a_refund_whose_answer_is_lost_is_paid_once(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        // Told of a payment after the deadline: it goes back.
        let late = s.history().await.deadline().plus_seconds(1);
        let channel_no = s.bank.book().trades[&number].channel_no.clone().unwrap();
        let settled = s.settle(&s.paid(&number, &channel_no, late)).await;
        assert_eq!(settled.outcome, Outcome::SentBack(RefundReason::Late));
        s.bank.set_faults(Faults { lose_notices: true, refund: AnswerFault::LostAfter, ..Faults::default() });
        s.work().await;
        assert_eq!(s.history().await.refunds[0].state, "unknown");
        s.bank.set_faults(Faults { lose_notices: true, ..Faults::default() });
        s.t.clock.advance(120);
        s.work().await;
        assert_eq!(s.history().await.refunds[0].state, "succeeded");
        assert_eq!(s.bank.book().refunds.len(), 1);
        s.balances().await;
    }

    async fn a_refund_that_takes_time_or_fails_is_followed(t: TestApp) {
        let s = stage(&t).await;
        let back = async |name: &str, fault: RefundFault| {
            let (who, _, order) = owing(&s.t, &s.exam, name).await;
            payment::pay(&who.ctx(), &order, "sandbox").await.unwrap();
            let history = payment::find(&who.ctx(), &order).await.unwrap();
            let number = history.attempts[0].merchant_no.clone();
            assert!(s.bank.pay(&number));
            let channel_no = s.bank.book().trades[&number].channel_no.clone().unwrap();
            s.settle(&s.paid(&number, &channel_no, history.deadline())).await;
            s.bank.set_faults(Faults { lose_notices: true, refunds: fault, ..Faults::default() });
            s.work().await;
            (who, order)
        };
        let (who, order) = back("王二", RefundFault::Processing).await;
        let refund = payment::find(&who.ctx(), &order).await.unwrap().refunds[0].clone();
        assert_eq!(refund.state, "submitted");
        assert!(s.bank.finish_refund(&refund.refund_no, RefundStatus::Succeeded));
        s.t.clock.advance(120);
        s.work().await;
        assert_eq!(payment::find(&who.ctx(), &order).await.unwrap().refunds[0].state, "succeeded");

        let (who, order) = back("赵三", RefundFault::Failed).await;
        assert_eq!(payment::find(&who.ctx(), &order).await.unwrap().refunds[0].state, "failed");
        let (who, order) = back("钱四", RefundFault::Abnormal).await;
        assert_eq!(payment::find(&who.ctx(), &order).await.unwrap().refunds[0].state, "abnormal");
        assert_eq!(s.open_discrepancies().await, ["refund_failed", "refund_failed"]);
        s.balances().await;
    }

    async fn the_time_of_payment_decides_not_the_time_of_the_news(t: TestApp) {
        let s = stage(&t).await;
        let deadline = s.history().await.deadline();
        s.t.clock.set_to(deadline.plus_seconds(-300));
        let number = s.begin().await;
        s.bank.set_faults(Faults { lose_notices: true, query: AnswerFault::Error, ..Faults::default() });
        assert!(s.bank.pay_at(&number, deadline.plus_seconds(-1)));
        // In doubt, the order doesn't expire.
        s.t.clock.set_to(deadline.plus_seconds(600));
        s.work().await;
        assert_eq!(s.state().await, OrderState::Paying);
        s.bank.set_faults(Faults { lose_notices: true, ..Faults::default() });
        s.t.clock.advance(7200);
        s.work().await;
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(s.track().await, "paid");
        s.balances().await;
    }

    async fn an_unpaid_order_expires_with_its_application_and_money_paid_in_time_revives_both(t: TestApp) {
        let s = stage(&t).await;
        let deadline = s.history().await.deadline();
        s.t.clock.set_to(deadline.plus_seconds(-300));
        let number = s.begin().await;
        s.t.clock.set_to(deadline.plus_seconds(3600));
        s.work().await;
        s.work().await;
        assert_eq!(s.state().await, OrderState::Expired);
        let view = application::own(&s.ctx(), &s.application).await.unwrap();
        assert_eq!((view.row.life.as_str(), view.row.end_reason.as_str()), ("ended", "unpaid"));

        let settled = s.settle(&s.paid(&number, "SLATE", deadline.plus_seconds(-1))).await;
        assert_eq!(settled.outcome, Outcome::Credited { late: true });
        assert_eq!(s.state().await, OrderState::Paid);
        let view = application::own(&s.ctx(), &s.application).await.unwrap();
        assert_eq!((view.row.life.as_str(), view.row.payment.as_str()), ("live", "paid"));
    }

    async fn money_for_an_application_that_is_gone_goes_back(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        application::withdraw(&s.ctx(), &s.application).await.unwrap();
        assert_eq!(s.state().await, OrderState::Voided);
        assert!(s.bank.pay(&number));
        s.work().await;
        let history = s.history().await;
        assert_eq!(history.state, OrderState::Voided);
        assert_eq!(history.attempts[0].state, AttemptState::Surplus.code());
        assert_eq!(history.refunds[0].state, "succeeded");
        assert_eq!(s.bank.book().balance(), 0);
        s.balances().await;
    }

    async fn any_order_of_the_same_news_ends_in_the_same_state(t: TestApp) {
        let s = stage(&t).await;
        let at = s.t.now();
        let orders: [[usize; 5]; 6] =
            [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 0, 4, 2, 3], [2, 4, 0, 3, 1], [3, 1, 2, 0, 4], [0, 0, 0, 4, 1]];
        let mut ends = Vec::new();
        for (index, order_of_news) in orders.iter().enumerate() {
            let (who, _, order) = owing(&s.t, &s.exam, "考生").await;
            payment::pay(&who.ctx(), &order, "sandbox").await.unwrap();
            let number = payment::find(&who.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
            let paid = s.paid(&number, &format!("S{index}"), at);
            let told = |news| Evidence { news, source: Source::Query, ..paid.clone() };
            let news = [
                paid.clone(),
                told(News::Closed),
                told(News::NotPaid { last: false }),
                told(News::Unknown),
                told(News::NotPaid { last: true }),
            ];
            for piece in order_of_news {
                s.settle(&news[*piece]).await;
            }
            let history = payment::find(&who.ctx(), &order).await.unwrap();
            ends.push((history.state, history.attempts[0].state.clone(), history.refunds.len()));
        }
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
        assert_eq!(ends[0].0, OrderState::Paid);
        let trial = payment::trial_balance(&s.t.app).await.unwrap();
        assert_eq!(trial.balance("channel:sandbox"), 60_000);
        assert!(trial.unbalanced.is_empty());
    }

    async fn one_transaction_of_the_channel_pays_one_order(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        let at = s.t.now();
        s.settle(&s.paid(&number, "S1", at)).await;
        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        payment::pay(&wang.ctx(), &order, "sandbox").await.unwrap();
        let other = payment::find(&wang.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        let settled = s.settle(&s.paid(&other, "S1", at)).await;
        assert_eq!(settled.outcome, Outcome::AppliedElsewhere(number));
        assert_eq!(payment::find(&wang.ctx(), &order).await.unwrap().state, OrderState::Paying);
        assert_eq!(s.open_discrepancies().await, ["applied_elsewhere"]);
    }

    async fn a_refund_by_finance_takes_two_people(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number, Forgery::None).await);
        let one = s.t.staff(&[Role::FinanceOfficer]).await;
        let two = s.t.staff(&[Role::FinanceOfficer]).await;
        let (one, two) = (one.ctx().await, two.ctx().await);
        let officer = s.t.staff(&[Role::ExamOfficer]).await.ctx().await;
        assert!(matches!(payment::request_refund(&officer, &s.order, "agency").await, Err(Error::Forbidden)));
        payment::request_refund(&one, &s.order, "agency").await.unwrap();
        // Not more than was paid.
        assert_eq!(refused(payment::request_refund(&one, &s.order, "agency").await), "refund_amount");
        let refund = payment::detail(&one, &s.order).await.unwrap().refunds[0].public_id.clone();
        assert_eq!(refused(payment::decide_refund(&one, &refund, true).await), "same_person");
        s.work().await;
        assert_eq!(s.bank.book().refunds.len(), 0);
        payment::decide_refund(&two, &refund, true).await.unwrap();
        assert!(matches!(payment::decide_refund(&two, &refund, true).await, Err(Error::Conflict(_))));
        assert_eq!(s.track().await, "refunding");
        s.work().await;
        assert_eq!(s.state().await, OrderState::Refunded);
        assert_eq!(s.track().await, "refunded");
        assert_eq!(s.bank.book().balance(), 0);
        s.balances().await;
    }

    async fn the_pages_lead_from_the_bill_to_the_receipt(t: TestApp) {
        let s = stage(&t).await;
        let mut browser = s.lin.browser();
        browser.get("/payments").await.expect(200).shows("2026年市直事业单位公开招聘").shows("待缴费").shows("100.00").lacks("查询支付结果");
        browser.get("/payments/unpaid").await.expect(200).shows("未支付").shows("作废").lacks("查询支付结果");
        let page = browser.get(&format!("/payments/{}/pay", s.order)).await.expect(200);
        let page = page.shows("确认缴费").shows("林一舟").shows("模拟支付").lacks(&s.lin.person.number);
        let form = page.form(&format!("/payments/{}/pay", s.order));
        browser.submit(form.clone().set("channel", "none")).await.expect(422).shows("请选择支付方式");
        browser.follow = false;
        let away = browser.submit(form.clone()).await.expect(303).location().unwrap();
        assert!(away.contains("/cashier/"), "{away}");
        // The same button once more leads to the same cashier.
        assert_eq!(browser.submit(form).await.location().unwrap(), away);
        browser.follow = true;
        // While nobody knows how it ended, asking comes before paying again.
        for list in ["/payments", "/payments/unpaid"] {
            let page = browser.get(list).await.expect(200).shows("支付中");
            assert!(page.link("查询支付结果").ends_with("/wait"), "{list}");
        }
        let number = s.history().await.attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        // The return changes nothing by itself; its page asks.
        let page = browser.get(&format!("/payments/{}/return", s.order)).await.expect(200).shows("正在确认，请勿重复支付");
        assert_eq!(s.state().await, OrderState::Paying);
        let ask = page.form(&format!("/payments/{}/ask", s.order));
        let page = browser.submit(ask).await.expect(200).shows("缴费成功").shows("当前").shows("打印缴费凭证");
        assert!(page.path().ends_with("/result"));
        let pdf = browser.get(&format!("/payments/{}/receipt", s.order)).await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));
        browser.get("/payments/unpaid").await.expect(200).shows("没有未支付的单据");
        browser.get("/payments").await.expect(200).shows("已支付");
        let no = s.history().await.number();
        browser.get(&format!("/payments/history?number={}", no.replace(' ', ""))).await.expect(200).shows(&no);
        browser.get("/payments/history?from=2026-03-01&to=2026-03-31").await.expect(200).shows(&no);
        browser.get("/payments/history?from=2026-03-17").await.expect(200).shows("没有符合条件");
        browser.get("/payments/history?from=bad").await.expect(200).shows("请填写日期");
        browser.get(&format!("/payments/{}", s.order)).await.expect(200).shows("支付记录").shows(&number);
    }

    async fn a_bill_is_voided_behind_a_page_that_asks_and_paid_anew(t: TestApp) {
        let s = stage(&t).await;
        let mut browser = s.lin.browser();
        let path = format!("/payments/{}/void", s.order);
        let page = browser.get(&path).await.expect(200).shows("作废不等于取消报名");
        let page2 = browser.submit(page.form(&path)).await.expect(200);
        page2.is_at("/payments/unpaid").shows("已作废").shows("没有未支付的单据");
        let raise = format!("/payments/raise/{}", s.application);
        let page = browser.get("/payments").await.expect(200);
        let page = browser.submit(page.form(&raise)).await.expect(200).shows("确认缴费");
        assert!(page.path().ends_with("/pay"));
        browser.get("/payments/unpaid").await.expect(200).shows("100.00");
    }

    async fn nobody_sees_or_pays_anothers_bill(t: TestApp) {
        let s = stage(&t).await;
        let wang = s.t.candidate("王二").await;
        let mut browser = wang.browser();
        for page in ["", "/pay", "/wait", "/return", "/result", "/void", "/receipt"] {
            browser.get(&format!("/payments/{}{page}", s.order)).await.expect(404);
        }
        for page in ["pay", "ask", "void"] {
            browser.post(&format!("/payments/{}/{page}", s.order), &[("channel", "sandbox"), ("n", "0")]).await;
        }
        browser.post(&format!("/payments/raise/{}", s.application), &[]).await.expect(404);
        assert!(s.history().await.attempts.is_empty());
        assert_eq!(s.state().await, OrderState::Unpaid);
    }

    async fn finance_sees_the_orders_and_what_does_not_match(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.notice(&number, Forgery::SignedOtherAmount).await);
        let finance = s.t.staff(&[Role::FinanceOfficer]).await;
        let mut browser = finance.browser();
        browser.get("/office/payments").await.expect(200).shows("林一舟").shows("核查中").shows("异常单");
        browser.get(&format!("/office/payments?number={number}")).await.expect(200).shows("林一舟");
        browser.get("/office/payments?name=无此人").await.expect(200).shows("没有缴费单");
        browser.get("/office/payments?state=paid").await.expect(200).shows("没有缴费单");
        browser.get(&format!("/office/payments/{}", s.order)).await.expect(200).shows(&number).shows("信息不符");
        let page = browser.get("/office/payments/discrepancies").await.expect(200).shows("金额不符");
        let form = page.forms().into_iter().find(|form| form.path().contains("/discrepancies/")).unwrap();
        browser.submit(form.clone()).await.expect(422).shows("请写明核查结果");
        browser.submit(form.set("note", "与渠道核对，系测试数据")).await.expect(200).shows("没有异常单");
        browser.get("/office/payments/discrepancies?state=resolved").await.expect(200).shows("系测试数据");
        let reviewer = s.t.staff(&[Role::FirstReviewer]).await;
        reviewer.browser().get("/office/payments").await.expect(403);
    }

    async fn a_notice_is_answered_as_the_channel_wants_it(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        let post = async |forgery| {
            let letter = s.bank.letter(&number, forgery).unwrap();
            let mut browser = s.t.browser();
            let mut request = browser.request(http::Method::POST, "/gateway/sandbox/notice", letter.body.into());
            for (name, value) in letter.headers {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
            browser.send(request).await
        };
        post(Forgery::WrongKey).await.expect(401);
        assert_eq!(s.state().await, OrderState::Paying);
        let answer = post(Forgery::None).await.expect(200);
        assert_eq!(answer.html(), "success");
        assert_eq!(s.state().await, OrderState::Paid);
    }
}
