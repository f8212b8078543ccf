//! Two ways at once for the same money to go back: by a document and by its channel, by the timer and by a notice.

use app::Error;
use app::payment::{self, offline};
use db::{p, sql};
use domain::payment::OrderState;
use futures_util::FutureExt as _;
use simulators::bank::{Call, Channel as _, Fate, RefundState};
use testkit::{TestApp, both_backends};

use super::again::{Case, document, ends};
use super::{owing, refused};
use crate::held::Held;
use crate::positions::{POSITION, cancelled};

/// Somebody says that a refund was paid back by hand; the entry, still to be confirmed.
async fn entered(c: &Case, refund: &str, number: &str) -> String {
    let (one, _) = c.pair().await;
    offline::enter_back(&one, refund, &document(number), None)
        .await
        .unwrap();
    let order = payment::detail(&one, &c.order).await.unwrap().order.id;
    let mut all = offline::entries(&one, order).await.unwrap();
    all.pop().unwrap().public_id
}

both_backends! {
    async fn what_was_entered_as_paid_back_is_not_sent_again_meanwhile(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(0, 1_000));
        c.twice().await;
        let (refund, number, _) = c.refund(0).await;
        let entry = entered(&c, &refund, "T-1").await;
        let (one, two) = c.pair().await;
        assert_eq!(refused(payment::send_again(&one, &refund).await), "payback_waits");
        // Not what was entered: it may be sent again.
        offline::decide(&two, &entry, false, "回单上是另一个人").await.unwrap();
        payment::send_again(&one, &refund).await.unwrap();
        assert_eq!(c.refund(0).await.2, "submitted");
        assert_eq!(refused(offline::enter_back(&one, &refund, &document("T-2"), None).await), "not_to_pay_back");
        assert!(c.bank().finish_refund(&number, RefundState::Succeeded));
        c.passes(30).await;
        assert_eq!((c.refund(0).await.2.as_str(), c.bank().book().balance().get()), ("succeeded", 0));
        c.sound().await;
    }

    async fn nothing_is_asked_back_anew_while_a_payback_waits(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(1_000, 0));
        c.sent_back().await;
        let (refund, _, state) = c.refund(0).await;
        assert_eq!(state, "failed");
        let entry = entered(&c, &refund, "T-1").await;
        let (one, two) = c.pair().await;
        assert_eq!(refused(payment::request_refund(&one, &c.order, "agency").await), "payback_waits");
        offline::decide(&two, &entry, true, "").await.unwrap();
        assert_eq!(c.s.state(&c.who, &c.order).await, OrderState::Refunded);
        assert_eq!(c.bank().book().balance().get(), 10_000);
        c.sound().await;
    }

    async fn a_cancelled_position_waits_for_the_word_about_a_payback(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(1_000, 0));
        c.sent_back().await;
        let (refund, _, _) = c.refund(0).await;
        let entry = entered(&c, &refund, "T-1").await;
        c.bank().set_rates(simulators::bank::Rates::default());
        cancelled(&c.s.t, &c.s.exam, POSITION).await;
        c.passes(30).await;
        // The system asks, a person decides: nothing goes out by itself.
        assert_eq!((c.refund(1).await.2.as_str(), c.bank().book().balance().get()), ("requested", 10_000));
        let (one, two) = c.pair().await;
        assert_eq!(refused(payment::decide_refund(&one, &c.refund(1).await.0, true, "").await), "payback_waits");
        offline::decide(&two, &entry, true, "").await.unwrap();
        c.passes(30).await;
        assert_eq!((c.refund(0).await.2.as_str(), c.refund(1).await.2.as_str()), ("succeeded", "failed"));
        assert_eq!(c.s.state(&c.who, &c.order).await, OrderState::Refunded);
        assert_eq!((c.bank().book().balance().get(), c.book("channel:offline").await), (10_000, -10_000));
        c.sound().await;
    }

    async fn or_it_goes_back_by_the_channel_if_the_payback_is_not_confirmed(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(1_000, 0));
        c.sent_back().await;
        let (refund, _, _) = c.refund(0).await;
        let entry = entered(&c, &refund, "T-1").await;
        c.bank().set_rates(simulators::bank::Rates::default());
        cancelled(&c.s.t, &c.s.exam, POSITION).await;
        let (one, two) = c.pair().await;
        offline::decide(&two, &entry, false, "没有付出").await.unwrap();
        payment::decide_refund(&one, &c.refund(1).await.0, true, "").await.unwrap();
        c.passes(30).await;
        assert_eq!((c.refund(1).await.2.as_str(), c.bank().book().balance().get()), ("succeeded", 0));
        assert_eq!(c.s.state(&c.who, &c.order).await, OrderState::Refunded);
        c.sound().await;
    }

    async fn who_paid_at_the_counter_is_told_not_to_pay_again(t: TestApp) {
        let c = Case::new(&t).await;
        let pay = format!("/payments/{}/pay", c.order);
        let mut browser = c.who.browser();
        browser.get(&pay).await.expect(200).lacks("以免付两次");
        let (one, _) = c.pair().await;
        offline::enter(&one, &c.order, &document("S-1"), None).await.unwrap();
        let order = payment::detail(&one, &c.order).await.unwrap().order.id;
        let entry = offline::entries(&one, order).await.unwrap().pop().unwrap().public_id;
        let page = browser.get(&pay).await.expect(200).shows("工作人员已登记您线下缴的 100.00 元").shows("以免付两次");
        // He does all the same: who confirms reads that before he presses anything.
        let at = format!("/office/payments/{}/offline/{entry}", c.order);
        let mut decider = c.two.browser();
        decider.get(&at).await.expect(200).shows("确认 100.00 元");
        browser.submit(page.form(&pay).set("channel", "wechat")).await;
        browser.get(&pay).await.expect(200);
        let number = payment::find(&c.who.ctx(), &c.order).await.unwrap().latest().unwrap().merchant_no.clone();
        c.bank().see(&number);
        assert!(c.bank().pay(&number));
        c.s.deliver("wechat").await;
        let page = decider.get(&at).await.expect(200).shows("现在是").shows("已支付").shows("收的钱须退还考生").lacks("确认 100.00 元");
        decider.submit(page.form(&at).press("不予确认").set("note", "考生已网上支付，窗口退回现金")).await.expect(200);
    }

    async fn what_was_begun_and_not_paid_is_said_before_another_try(t: TestApp) {
        let c = Case::new(&t).await;
        let pay = format!("/payments/{}/pay", c.order);
        let mut browser = c.who.browser();
        let number = c.s.begin(&c.who, &c.order, "alipay").await;
        let page = browser.get(&pay).await.expect(200).shows("支付宝发起的付款还没有结果").shows("不要两边都付");
        drop(page);
        // It can't be given up while somebody may still pay: that is said on the order's page, which leads on.
        c.s.trio.alipay.bank().tell_always(Call::Query, Fate::Unreachable);
        let void = format!("/payments/{}/void", c.order);
        let page = browser.get(&void).await.expect(200);
        let at = format!("/payments/{}", c.order);
        browser.submit(page.form(&void)).await.expect(200).is_at(&at).shows("没有作废");
        drop(number);
    }

    async fn without_a_waiver_nothing_is_asked_back_as_one(t: TestApp) {
        let c = Case::new(&t).await;
        let number = c.s.begin(&c.who, &c.order, "wechat").await;
        assert!(c.bank().pay(&number));
        c.s.deliver("wechat").await;
        let (one, _) = c.pair().await;
        let asked = payment::request_refund(&one, &c.order, "waived").await;
        assert!(matches!(&asked, Err(Error::Fields(errors)) if errors.get("reason").is_some()), "{asked:?}");
        assert!(payment::find(&c.who.ctx(), &c.order).await.unwrap().refunds.is_empty());
    }

    async fn the_same_number_under_another_kind_of_document_is_pointed_out(t: TestApp) {
        let c = Case::new(&t).await;
        let (_, _, other) = owing(&c.s.t, &c.s.exam, "李二").await;
        let (one, two) = c.pair().await;
        c.by_document("GH-17", None).await;
        let typed = offline::Form { method: "pos".into(), document_no: "gh-17".into(), ..document("") };
        offline::enter(&one, &other, &typed, None).await.unwrap();
        let order = payment::detail(&two, &other).await.unwrap().order.id;
        let entry = offline::entries(&two, order).await.unwrap().pop().unwrap().public_id;
        let mut decider = c.two.browser();
        let at = format!("/office/payments/{other}/offline/{entry}");
        decider.get(&at).await.expect(200).shows("GH-17").shows("同号的另一笔登记").shows("银行转账");
    }
}

/// SQLite has one writer; on PostgreSQL a statement waits for the row and then finds another version.
#[test]
fn news_that_another_overtook_changes_nothing_on_postgres() {
    testkit::run(TestApp::postgres, |t: TestApp| async move {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(0, 0));
        let number = c.s.begin(&c.who, &c.order, "wechat").await;
        assert!(c.bank().pay(&number));
        c.s.deliver("wechat").await;
        let (one, two) = c.pair().await;
        payment::request_refund(&one, &c.order, "agency")
            .await
            .unwrap();
        let asked = c.refund(0).await;
        payment::decide_refund(&two, &asked.0, true, "")
            .await
            .unwrap();
        c.s.t.clock.advance(5);
        c.s.work().await;
        assert_eq!(c.refund(0).await.2, "submitted");
        c.bank().settle_refunds();
        // The timer moves it while the notice arrives.
        let timer = Held::begin(&c.s.t, move |tx| {
            let number = asked.1.clone();
            async move {
                tx.exec(
                    sql!("UPDATE refund SET version = version + 1 WHERE refund_no = $1"),
                    p![number.as_str()],
                )
                .await?;
                Ok(())
            }
            .boxed()
        })
        .await;
        timer.while_waiting(c.s.deliver("wechat")).await;
        // Nothing is half done: neither the refund nor the books.
        assert_eq!(c.refund(0).await.2, "submitted");
        assert_eq!(c.book("channel:wechat").await, 10_000);
        c.passes(30).await;
        assert_eq!(
            (c.refund(0).await.2.as_str(), c.book("channel:wechat").await),
            ("succeeded", 0)
        );
        assert_eq!(c.open().await, Vec::<String>::new());
        c.sound().await;
    });
}
