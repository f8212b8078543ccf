//! A sum that differs is money that was taken: booked, looked into, sent back by two people, and told right by its bill.

use app::payment::{self, reconcile};
use domain::money::Fen;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::hold::Release;
use domain::payment::{AttemptState, OrderState, Outcome, RefundState as Back};
use domain::time::Timestamp;
use simulators::bank::{Channel as _, Mail, Rates, RefundState};
use testkit::{TestApp, both_backends};

use super::super::refused;
use super::{Pay, Stage, day, stage};

impl Stage {
    /// Somebody who was led to the cashier and paid another sum there.
    async fn paid_wrongly(&self, name: &str, sum: i64) -> Pay {
        let pay = self.begun(name).await;
        self.t.clock.advance(5);
        assert!(self.trio.wechat.bank().pay_wrongly(&pay.number, sum));
        self.deliver().await;
        pay
    }

    async fn history(&self, pay: &Pay) -> payment::History {
        payment::find(&pay.who.ctx(), &pay.order).await.unwrap()
    }

    /// What the channel says of the payment, once more.
    async fn told_again(&self, pay: &Pay, source: Source) -> Outcome {
        let history = self.history(pay).await;
        let attempt = history
            .attempts
            .iter()
            .find(|one| one.merchant_no == pay.number)
            .unwrap();
        let evidence = Evidence {
            source,
            channel: "wechat".into(),
            merchant: attempt.merchant.clone(),
            merchant_no: pay.number.clone(),
            news: News::Paid(PaidNews {
                channel_no: attempt.channel_no.clone().unwrap(),
                amount: Fen::new(attempt.received.unwrap()),
                currency: CNY.into(),
                paid_at: Timestamp::from_micros(attempt.paid_at.unwrap()),
            }),
        };
        payment::settle(&self.t.ctx(app::Actor::Gateway), &evidence)
            .await
            .unwrap()
            .outcome
    }

    /// The two decide the one question that is open of an order.
    async fn decided(&self, pay: &Pay, release: Release) {
        let (one, two) = (self.one.ctx().await, self.two.ctx().await);
        let rows = payment::discrepancies(&one, "open", None).await.unwrap();
        let row = rows
            .iter()
            .find(|row| row.order_public_id.as_deref() == Some(pay.order.as_str()));
        let id = &row.expect("a ticket").public_id;
        payment::propose_release(&one, id, release.code(), "与渠道后台核对，收款属实")
            .await
            .unwrap();
        assert_eq!(
            refused(payment::decide_release(&one, id, true, "").await),
            "same_person"
        );
        payment::decide_release(&two, id, true, "").await.unwrap();
    }

    async fn sound(&self) {
        let trial = payment::trial_balance(&self.t.app).await.unwrap();
        assert_eq!(trial.unbalanced, Vec::<i64>::new());
        assert_eq!(
            trial.balance("channel:wechat"),
            self.trio.wechat.bank().book().balance().get(),
            "{trial:?}"
        );
        crate::positions::sound(&self.t).await;
    }
}

both_backends! {
    async fn a_wrong_sum_is_booked_held_sent_back_once_and_its_day_closes(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid_wrongly("差额", 9_000).await;
        let history = s.history(&pay).await;
        assert_eq!(history.state, OrderState::Hold);
        let attempt = &history.attempts[0];
        assert_eq!((attempt.state.as_str(), attempt.received), (AttemptState::Surplus.code(), Some(9_000)));
        assert_eq!((history.view.row.payment.as_str(), history.refunds.len()), ("due", 0));
        assert_eq!(s.tickets().await, [("hold".to_owned(), pay.number.clone())]);
        s.sound().await;
        // However often and from wherever it is told: it is one payment.
        for source in [Source::Notice, Source::Query, Source::Bill] {
            assert_eq!(s.told_again(&pay, source).await, Outcome::AlreadyApplied);
        }
        assert_eq!(s.tickets().await.len(), 1);
        let one = s.one.ctx().await;
        let ticket = payment::discrepancies(&one, "open", None).await.unwrap()[0].public_id.clone();
        let question = payment::question(&one, &ticket).await.unwrap();
        assert_eq!((question.possible, question.kept.len(), question.kept[0].amount), (vec![Release::Refund, Release::Void], 1, 9_000));
        // Two people can't make it go away: its channel has it.
        payment::propose_release(&one, &ticket, "void", "以为没有收到").await.unwrap();
        let two = s.two.ctx().await;
        assert_eq!(refused(payment::decide_release(&two, &ticket, true, "").await), "not_disproved");
        s.trio.wechat.bank().set_rates(Rates { calls: 1_000, ..Rates::default() });
        assert_eq!(refused(payment::decide_release(&two, &ticket, true, "").await), "not_disproved");
        s.trio.wechat.bank().set_rates(Rates::default());
        payment::decide_release(&two, &ticket, false, "渠道后台有这笔款").await.unwrap();
        s.decided(&pay, Release::Refund).await;
        let history = s.history(&pay).await;
        assert_eq!(history.state, OrderState::Voided);
        let refund = &history.refunds[0];
        assert_eq!((refund.state.as_str(), refund.reason.as_str(), refund.amount), ("approved", "mismatch", 9_000));
        assert!(refund.requested_by != 0 && refund.approved_by.is_some_and(|by| by != refund.requested_by));
        assert_eq!(s.told_again(&pay, Source::Notice).await, Outcome::AlreadyApplied);
        s.work().await;
        s.t.clock.advance(60);
        s.deliver().await;
        s.work().await;
        let history = s.history(&pay).await;
        assert_eq!((history.refunds.len(), history.refunds[0].state.as_str()), (1, Back::Succeeded.code()));
        assert_eq!(s.trio.wechat.bank().refunded(&pay.number), 9_000);
        assert!(s.tickets().await.is_empty());
        for source in [Source::Notice, Source::Query] {
            assert_eq!(s.told_again(&pay, source).await, Outcome::AlreadyApplied);
        }
        assert_eq!(s.history(&pay).await.state, OrderState::Voided);
        // He owes as before, and pays the right sum.
        let application = history.view.row.public_id.clone();
        let order = payment::raise_again(&pay.who.ctx(), &application).await.unwrap();
        payment::pay(&pay.who.ctx(), &order, "wechat", &payment::Payer::default()).await.unwrap();
        let next = payment::find(&pay.who.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.trio.wechat.bank().pay(&next));
        s.deliver().await;
        assert_eq!(payment::find(&pay.who.ctx(), &order).await.unwrap().state, OrderState::Paid);
        s.sound().await;

        // The channel's bill says the same, now and whenever it is compared.
        s.next_morning().await;
        for _ in 0..2 {
            let bill = s.bill(day()).await;
            assert_eq!((bill.step.as_str(), bill.findings, bill.equation().rest()), ("open", 0, 0), "{bill:?}");
            assert_eq!((bill.our_paid, bill.our_refunded), (19_000, 9_000));
            assert!(s.tickets().await.is_empty());
            reconcile::compare_again(&s.finance().await, &bill.public_id).await.unwrap();
            s.t.run_jobs().await;
        }
        let span = reconcile::Span { from: day(), to: day(), channel: String::new(), exam_id: 0 };
        let revenue = reconcile::revenue(&s.finance().await, &span).await.unwrap();
        assert_eq!((revenue.total.paid, revenue.total.refunded, revenue.total.net()), (19_000, 9_000, 10_000));
        let bill = s.bill(day()).await;
        reconcile::ask_close(&s.one.ctx().await, &bill.public_id).await.unwrap();
        reconcile::sign(&s.two.ctx().await, &bill.public_id, "").await.unwrap();
    }

    async fn a_second_payment_of_the_right_sum_counts_by_two_and_the_other_goes_back(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.begun("两笔").await;
        // The cashier of the first try ran out, as far as we know.
        s.t.clock.advance(31 * 60);
        payment::pay(&pay.who.ctx(), &pay.order, "wechat", &payment::Payer::default()).await.unwrap();
        let second = s.history(&pay).await.latest().unwrap().merchant_no.clone();
        assert_ne!(second, pay.number);
        s.t.clock.advance(5);
        assert!(s.trio.wechat.bank().pay_wrongly(&second, 9_000));
        s.deliver().await;
        assert_eq!(s.history(&pay).await.state, OrderState::Hold);
        let first = s.history(&pay).await.attempts[0].clone();
        let right = Evidence {
            source: Source::Notice,
            channel: "wechat".into(),
            merchant: first.merchant.clone(),
            merchant_no: first.merchant_no.clone(),
            news: News::Paid(PaidNews { channel_no: "4200007777".into(), amount: Fen::new(10_000), currency: CNY.into(), paid_at: s.t.now() }),
        };
        for _ in 0..2 {
            payment::settle(&s.t.ctx(app::Actor::Gateway), &right).await.unwrap();
        }
        let history = s.history(&pay).await;
        assert_eq!((history.state, history.refunds.len()), (OrderState::Hold, 0));
        assert!(history.attempts.iter().all(|one| one.state == AttemptState::Surplus.code()));
        assert_eq!(s.tickets().await.len(), 2);
        s.decided(&pay, Release::Paid).await;
        // One question, however many payments.
        assert!(s.tickets().await.is_empty());
        let history = s.history(&pay).await;
        assert_eq!((history.state, history.view.row.payment.as_str()), (OrderState::Paid, "paid"));
        assert_eq!(history.credited().unwrap().id, first.id);
        assert_eq!((history.refunds.len(), history.refunds[0].reason.as_str()), (1, "mismatch"));
        s.work().await;
        s.t.clock.advance(60);
        s.deliver().await;
        s.work().await;
        assert_eq!(s.trio.wechat.bank().refunded(&second), 9_000);
        let trial = payment::trial_balance(&s.t.app).await.unwrap();
        assert_eq!((trial.balance("fees"), trial.balance("surplus"), trial.balance("channel:wechat")), (-10_000, 0, 10_000));
        crate::positions::sound(&s.t).await;
    }

    async fn a_wrong_sum_beside_a_payment_that_counts_goes_back_and_leaves_it(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.begun("多付").await;
        s.t.clock.advance(31 * 60);
        payment::pay(&pay.who.ctx(), &pay.order, "wechat", &payment::Payer::default()).await.unwrap();
        let second = s.history(&pay).await.latest().unwrap().merchant_no.clone();
        assert!(s.trio.wechat.bank().pay(&second));
        s.deliver().await;
        assert_eq!(s.history(&pay).await.state, OrderState::Paid);
        let first = s.history(&pay).await.attempts[0].clone();
        let wrong = Evidence {
            source: Source::Query,
            channel: "wechat".into(),
            merchant: first.merchant.clone(),
            merchant_no: first.merchant_no.clone(),
            news: News::Paid(PaidNews { channel_no: "4200006666".into(), amount: Fen::new(1), currency: CNY.into(), paid_at: s.t.now() }),
        };
        payment::settle(&s.t.ctx(app::Actor::Gateway), &wrong).await.unwrap();
        assert_eq!((s.history(&pay).await.state, s.history(&pay).await.view.row.payment.as_str()), (OrderState::Hold, "paid"));
        s.decided(&pay, Release::Refund).await;
        let history = s.history(&pay).await;
        assert_eq!((history.state, history.refunds.len(), history.refunds[0].amount), (OrderState::Paid, 1, 1));
        assert_eq!(history.credited().unwrap().merchant_no, second);
        crate::positions::sound(&s.t).await;
    }

    async fn a_refund_of_it_that_fails_is_asked_for_anew_and_paid_once(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid_wrongly("退败", 12_345).await;
        s.trio.wechat.bank().set_rates(Rates { slow_refunds: 1_000, ..Rates::default() });
        s.decided(&pay, Release::Refund).await;
        s.work().await;
        let refund = s.history(&pay).await.refunds[0].clone();
        assert!(s.trio.wechat.bank().finish_refund(&refund.refund_no, RefundState::Failed));
        s.deliver().await;
        s.t.clock.advance(120);
        s.work().await;
        assert_eq!(s.history(&pay).await.refunds[0].state, Back::Failed.code());
        assert_eq!(s.tickets().await, [("refund_failed".to_owned(), refund.refund_no.clone())]);
        let (one, two) = (s.one.ctx().await, s.two.ctx().await);
        let detail = payment::detail(&one, &pay.order).await.unwrap();
        assert!(detail.again(&detail.refunds[0]));
        payment::request_again(&one, &refund.public_id).await.unwrap();
        assert_eq!(refused(payment::request_again(&two, &refund.public_id).await), "not_refundable");
        let again = s.history(&pay).await.refunds[1].clone();
        assert_eq!((again.amount, again.reason.as_str(), again.state.as_str()), (12_345, "mismatch", "requested"));
        assert_ne!(again.refund_no, refund.refund_no);
        assert_eq!(refused(payment::decide_refund(&one, &again.public_id, true, "").await), "same_person");
        payment::decide_refund(&two, &again.public_id, true, "").await.unwrap();
        s.trio.wechat.bank().set_rates(Rates::default());
        s.work().await;
        s.t.clock.advance(120);
        s.deliver().await;
        s.work().await;
        assert_eq!(s.history(&pay).await.refunds[1].state, Back::Succeeded.code());
        assert_eq!(s.trio.wechat.bank().refunded(&pay.number), 12_345);
        assert_eq!(refused(payment::request_again(&one, &refund.public_id).await), "not_refundable");
        s.sound().await;
    }

    async fn what_only_the_bill_tells_of_is_held_and_no_difference_for_ever(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.begun("账单").await;
        s.t.clock.advance(5);
        s.trio.wechat.bank().set_rates(Rates { calls: 1_000, ..Rates::default() });
        s.trio.wechat.bank().tell_mail(Mail::Lost);
        assert!(s.trio.wechat.bank().pay_wrongly(&pay.number, 9_999));
        let table = s.table(day());
        s.say(day(), table.said());
        s.next_morning().await;
        let history = s.history(&pay).await;
        assert_eq!((history.state, history.attempts[0].received), (OrderState::Hold, Some(9_999)));
        for _ in 0..2 {
            let bill = s.bill(day()).await;
            assert_eq!((bill.matched, bill.findings, bill.our_paid, bill.equation().rest()), (1, 0, 9_999, 0));
            assert_eq!(s.tickets().await, [("hold".to_owned(), pay.number.clone())]);
            reconcile::compare_again(&s.finance().await, &bill.public_id).await.unwrap();
            s.t.run_jobs().await;
        }
    }

    async fn a_closed_order_takes_no_other_sum_and_a_person_approves_that_it_goes_back(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.begun("作废").await;
        s.t.clock.advance(31 * 60);
        assert!(payment::void(&pay.who.ctx(), &pay.order).await.unwrap());
        let attempt = s.history(&pay).await.attempts[0].clone();
        let wrong = Evidence {
            source: Source::Notice,
            channel: "wechat".into(),
            merchant: attempt.merchant.clone(),
            merchant_no: attempt.merchant_no.clone(),
            news: News::Paid(PaidNews { channel_no: "4200005555".into(), amount: Fen::new(9_000), currency: CNY.into(), paid_at: s.t.now() }),
        };
        for _ in 0..2 {
            payment::settle(&s.t.ctx(app::Actor::Gateway), &wrong).await.unwrap();
        }
        let history = s.history(&pay).await;
        assert_eq!((history.state, history.refunds.len()), (OrderState::Voided, 1));
        assert_eq!((history.refunds[0].state.as_str(), history.refunds[0].requested_by), ("requested", 0));
        assert_eq!(payment::refunds_waiting(&s.one.ctx().await).await.unwrap().len(), 1);
        payment::decide_refund(&s.one.ctx().await, &history.refunds[0].public_id, true, "").await.unwrap();
        assert_eq!(s.history(&pay).await.refunds[0].state, "approved");
        crate::positions::sound(&s.t).await;
    }

    async fn the_pages_say_what_came_and_that_it_goes_back(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid_wrongly("差额", 9_000).await;
        let mut who = pay.who.browser();
        let at = format!("/payments/{}", pay.order);
        who.get(&at).await.expect(200).shows("收到 90.00 元").shows("应缴 100.00 元").shows("不会丢失").shows("金额不符，未入账").lacks("多付待退");
        who.get("/messages").await.expect(200).shows("收到的款项与应缴金额不符");
        let one = s.t.staff_named("钱来", &[domain::staff::Role::FinanceOfficer]).await;
        let two = s.t.staff_named("周核", &[domain::staff::Role::FinanceOfficer]).await;
        let (mut asker, mut decider) = (one.browser(), two.browser());
        let ticket = payment::discrepancies(&s.one.ctx().await, "open", None).await.unwrap()[0].public_id.clone();
        let question = format!("/office/payments/discrepancies/{ticket}");
        let page = asker.get(&question).await.expect(200).shows("没有入账的收款").shows("90.00").shows("退回收到的款");
        // What is usual is chosen already.
        let form = page.form(&format!("{question}/propose")).set("note", "渠道后台核对无误");
        asker.submit(form).await.expect(200).shows("须由另一位财务人员复核");
        let page = decider.get(&question).await.expect(200).shows("同意后 90.00 元原路退到付款人的账户");
        decider.submit(page.form(&format!("{question}/decide")).press("同意办理")).await.expect(200).shows("已结案");
        who.get(&at).await.expect(200).shows("已作废").shows("退款进度见下方").shows("退款 90.00 元（金额不符）");
        who.get("/messages").await.expect(200).shows("核查结果：收到的款将退回");
        let order = format!("/office/payments/{}", pay.order);
        asker.get(&order).await.expect(200).shows("实收 90.00").shows("金额不符，未入账").shows("多收待退");
    }
}
