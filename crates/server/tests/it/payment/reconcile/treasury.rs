//! What was handed over to the treasury can't go back by its channel: lists for the fiscal office, paid back by its vouchers.

use app::Error;
use app::payment::{self, reconcile, treasury};
use db::{p, sql};
use domain::payment::{OrderState, RefundState as Back};
use domain::staff::Role;
use futures_util::FutureExt as _;
use simulators::bank::Channel as _;
use testkit::{TestApp, both_backends};

use super::super::refused;
use super::{Pay, Stage, day, stage};
use crate::held::Held;

impl Stage {
    /// The day is closed by two, and its money handed over.
    async fn handed_over(&self) {
        self.next_morning().await;
        let bill = self.bill(day()).await;
        reconcile::ask_close(&self.one.ctx().await, &bill.public_id)
            .await
            .unwrap();
        reconcile::sign(&self.two.ctx().await, &bill.public_id, "")
            .await
            .unwrap();
        let one = self.one.ctx().await;
        let row = reconcile::row(&one, bill.id).await.unwrap();
        let sum = reconcile::to_hand(&one, &row).await.unwrap();
        let typed = domain::money::Fen::new(sum).yuan();
        reconcile::hand_over(&one, &bill.public_id, &typed)
            .await
            .unwrap();
    }

    async fn of(&self, pay: &Pay) -> payment::History {
        payment::find(&pay.who.again().await.ctx(), &pay.order)
            .await
            .unwrap()
    }

    /// What a list has been entered as: voucher and day.
    async fn entered(&self, list: &str, voucher: &str) {
        treasury::enter(&self.one.ctx().await, list, voucher, "2026-03-19")
            .await
            .unwrap();
    }
}

both_backends! {
    async fn money_that_was_handed_over_is_paid_back_by_the_treasury_and_by_no_channel(t: TestApp) {
        let s = stage(&t).await;
        let (pay, other) = (s.paid("缴库").await, s.paid("李二").await);
        s.handed_over().await;
        let later = s.paid("次日").await;
        for one in [&pay, &other, &later] {
            s.sent_back(one).await;
        }
        s.t.clock.advance(60);
        s.deliver().await;
        s.work().await;
        // What came after goes back as ever.
        assert_eq!(s.of(&later).await.refunds[0].method, None);
        let history = s.of(&pay).await;
        assert_eq!((history.refunds[0].state.as_str(), history.refunds[0].by_treasury()), ("approved", true));
        assert_eq!((history.state, s.trio.wechat.bank().refunded(&pay.number)), (OrderState::Refunding, 0));
        let (one, two) = (s.one.ctx().await, s.two.ctx().await);
        let all = treasury::overview(&one).await.unwrap();
        assert_eq!((all.waiting, all.amount, all.lists.len()), (2, 20_000, 0));
        let list = treasury::make(&one).await.unwrap();
        assert_eq!(refused(treasury::make(&two).await), "nothing_waits");
        let row = treasury::list(&two, &list).await.unwrap();
        assert_eq!((row.rows, row.amount, row.state.as_str()), (2, 20_000, "listed"));
        // One wasn't paid: it is taken off, and is on the next.
        let lines = treasury::lines(&one, row.id, 0, 10).await.unwrap();
        let off = lines.iter().find(|line| line.name == "李二").unwrap().refund_id;
        assert!(matches!(treasury::take_off(&one, &list, off, "").await, Err(Error::Fields(_))));
        assert!(!treasury::take_off(&one, &list, off, "账户信息有误，财政退回").await.unwrap());
        let row = treasury::list(&two, &list).await.unwrap();
        assert_eq!((row.rows, row.amount), (1, 10_000));
        for (voucher, on) in [("", "2026-03-19"), ("TK-1", ""), ("TK-1", "2026-03-18"), ("TK-1", "2026-03-20"), ("退", "2026-03-19")] {
            let told = treasury::enter(&one, &list, voucher, on).await;
            assert!(matches!(told, Err(Error::Fields(_))), "{voucher} {on}: {told:?}");
        }
        assert!(matches!(treasury::decide(&two, &list, true, "").await, Err(Error::Conflict(_))));
        s.entered(&list, "TK-1").await;
        assert_eq!(refused(treasury::decide(&one, &list, true, "").await), "same_person");
        assert!(matches!(treasury::take_off(&one, &list, lines[0].refund_id, "已经登记了").await, Err(Error::Conflict(_))));
        assert!(matches!(treasury::decide(&two, &list, false, "").await, Err(Error::Fields(_))));
        treasury::decide(&two, &list, false, "凭证号与回单不符").await.unwrap();
        s.work().await;
        assert_eq!(s.of(&pay).await.refunds[0].state, "approved", "one person's word pays nothing back");
        s.entered(&list, "TK-2026-17").await;
        treasury::decide(&two, &list, true, "").await.unwrap();
        s.work().await;
        let history = s.of(&pay).await;
        let refund = &history.refunds[0];
        assert_eq!((refund.state.as_str(), refund.channel_no.as_str()), (Back::Succeeded.code(), "TK-2026-17"));
        assert_eq!((history.state, history.view.row.payment.as_str()), (OrderState::Refunded, "refunded"));
        assert_eq!(s.trio.wechat.bank().refunded(&pay.number), 0);
        assert_eq!(treasury::list(&one, &list).await.unwrap().state, "done");
        s.work().await;
        let trial = payment::trial_balance(&s.t.app).await.unwrap();
        assert_eq!(trial.balance("channel:wechat"), s.trio.wechat.bank().book().balance().get());
        assert_eq!((trial.balance("treasury"), trial.unbalanced.len()), (-10_000, 0));
        let span = reconcile::Span { from: day(), to: day().plus_days(2), channel: "treasury".into(), exam_id: 0 };
        let revenue = reconcile::revenue(&one, &span).await.unwrap();
        assert_eq!((revenue.total.paid, revenue.total.refunds, revenue.total.refunded), (0, 1, 10_000));
        assert_eq!(revenue.channels[0].name, "财政退库");
        assert_eq!(s.of(&other).await.refunds[0].state, "approved");
        assert_eq!(treasury::overview(&one).await.unwrap().waiting, 1);
        // Whoever is alone on a list and taken off leaves none.
        let list = treasury::make(&one).await.unwrap();
        assert!(treasury::take_off(&one, &list, off, "账户信息有误，财政退回").await.unwrap());
        assert!(matches!(treasury::list(&one, &list).await, Err(Error::NotFound)));
        crate::positions::sound(&s.t).await;
        // No bill misses what no channel did.
        s.t.clock.set("2026-03-20 10:31");
        s.t.run_jobs().await;
        let next = s.bill(day().plus_days(1)).await;
        assert_eq!((next.equation().rest(), next.findings), (0, 0), "{:?}", s.found(day().plus_days(1)).await);
    }

    async fn what_credits_nothing_is_not_handed_over(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.begun("差额").await;
        s.t.clock.advance(5);
        assert!(s.trio.wechat.bank().pay_wrongly(&pay.number, 9_000));
        s.deliver().await;
        s.next_morning().await;
        let bill = s.bill(day()).await;
        let (one, two) = (s.one.ctx().await, s.two.ctx().await);
        reconcile::ask_close(&one, &bill.public_id).await.unwrap();
        reconcile::sign(&two, &bill.public_id, "").await.unwrap();
        let file = reconcile::treasury_file(&one, &bill.public_id, app::copy::Format::Csv).await.unwrap();
        assert_eq!(file.rows, 0);
        // Two may still say that it counts, and then it would be on no file.
        assert_eq!(refused(reconcile::hand_over(&one, &bill.public_id, "0").await), "undecided");
        let ticket = payment::discrepancies(&one, "open", None).await.unwrap()[0].public_id.clone();
        payment::propose_release(&one, &ticket, "refund", "渠道后台核对无误").await.unwrap();
        payment::decide_release(&two, &ticket, true, "").await.unwrap();
        reconcile::hand_over(&one, &bill.public_id, "0").await.unwrap();
        // So its channel sends it back.
        s.work().await;
        assert_eq!((s.of(&pay).await.refunds[0].method.clone(), s.trio.wechat.bank().refunded(&pay.number)), (None, 9_000));
    }

    async fn the_pages_lead_from_the_refund_to_the_voucher(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("缴库").await;
        s.handed_over().await;
        let one = s.t.staff_named("钱来", &[Role::FinanceOfficer]).await;
        let two = s.t.staff_named("周核", &[Role::FinanceOfficer]).await;
        let (mut asker, mut decider) = (one.browser(), two.browser());
        let order = format!("/office/payments/{}", pay.order);
        let page = asker.get(&order).await.expect(200).shows("这笔款已缴库，不能原路退回");
        asker.submit(page.form(&format!("{order}/refund")).set("reason", "agency")).await.expect(200);
        let at = decider.get(&order).await.expect(200).link("审批…");
        let page = decider.get(&at).await.expect(200).shows("列入退库清单");
        decider.submit(page.form(&at).press("批准退款 100.00 元")).await.expect(200);
        s.work().await;
        let mut who = pay.who.again().await.browser();
        let own = format!("/payments/{}", pay.order);
        who.get(&own).await.expect(200).shows("报财政退库").shows("由财政部门退到您的账户");
        who.get("/messages").await.expect(200).shows("退款由财政部门退库");
        let home = "/office/payments/treasury";
        let page = asker.get(home).await.expect(200).shows("缴库").shows("100.00");
        let page = asker.submit(page.form(home)).await.expect(200).shows("清单已生成");
        let list = page.path().to_owned();
        let file = asker.submit(page.form(&format!("{list}/export")).set("format", "csv")).await.expect(200);
        assert!(file.html().contains("考试机构原因") && file.html().contains("周核"), "{}", file.html());
        who.get(&own).await.expect(200).shows("已报财政部门退库");
        asker.submit(page.form(&format!("{list}/off")).set("note", "")).await.expect(422).shows("请写明移出的原因");
        let form = page.form(&format!("{list}/paid"));
        asker.submit(form.clone().set("voucher_no", "").set("paid_on", "2026-03-19")).await.expect(422).shows("凭证号应为");
        asker.submit(form.set("voucher_no", "TK-17").set("paid_on", "2026-03-19")).await.expect(200).shows("须由另一位财务人员复核");
        decider.get("/office").await.expect(200).shows("退库清单待复核");
        let page = decider.get(&list).await.expect(200).shows("TK-17");
        decider.submit(page.form(&list).press("不予确认")).await.expect(422).shows("请写明原因");
        decider.submit(page.form(&list).press("确认已退库")).await.expect(200);
        s.work().await;
        decider.get(&list).await.expect(200).shows("已退库");
        decider.get(home).await.expect(200).shows("TK-17").shows("没有要退库的退款");
        decider.get(&order).await.expect(200).shows("国库退库").shows("退款成功");
        who.get(&own).await.expect(200).shows("由国库退库");
    }
}

/// SQLite has one writer; on PostgreSQL taking off waits for the list and then finds it entered.
#[test]
fn nothing_is_taken_off_a_list_that_is_being_entered_on_postgres() {
    testkit::run(TestApp::postgres, |t: TestApp| async move {
        let s = stage(&t).await;
        let pay = s.paid("缴库").await;
        s.handed_over().await;
        s.sent_back(&pay).await;
        let one = s.one.ctx().await;
        let list = treasury::make(&one).await.unwrap();
        let row = treasury::list(&one, &list).await.unwrap();
        let lines = treasury::lines(&one, row.id, 0, 10).await.unwrap();
        let entered = row.id;
        let other = Held::begin(&s.t, move |tx| {
            async move {
                tx.exec(
                    sql!("UPDATE treasury_list SET state = 'entered', version = version + 1 WHERE id = $1"),
                    p![entered],
                )
                .await?;
                Ok(())
            }
            .boxed()
        })
        .await;
        let off = treasury::take_off(&one, &list, lines[0].refund_id, "账户信息有误，财政退回");
        let off = other.while_waiting(off).await;
        assert!(matches!(off, Err(Error::Conflict(_))), "{off:?}");
        // It is as it was when it was entered.
        let row = treasury::list(&one, &list).await.unwrap();
        assert_eq!(
            (row.rows, row.amount, row.state.as_str()),
            (1, 10_000, "entered")
        );
        assert_eq!(treasury::lines(&one, row.id, 0, 10).await.unwrap().len(), 1);
    });
}

/// SQLite has one writer; on PostgreSQL two who settle the last two refunds at once don't see each other's, so the second waits for the list.
///
/// The control: without that wait ours is committed while the other's is still open, and halfway stops there. Then the other's commits, ours
/// finds it done and leaves it alone, and nobody looks at the list again: it stays `paid`.
#[test]
fn a_list_whose_last_two_refunds_are_settled_at_once_is_done_on_postgres() {
    testkit::run(TestApp::postgres, |t: TestApp| async move {
        let s = stage(&t).await;
        let pays = [s.paid("缴库").await, s.paid("李二").await];
        s.handed_over().await;
        for pay in &pays {
            s.sent_back(pay).await;
        }
        let (one, two) = (s.one.ctx().await, s.two.ctx().await);
        let list = treasury::make(&one).await.unwrap();
        s.entered(&list, "TK-1").await;
        treasury::decide(&two, &list, true, "").await.unwrap();
        let row = treasury::list(&one, &list).await.unwrap();
        let lines = treasury::lines(&one, row.id, 0, 10).await.unwrap();
        let (settled, refund) = (row.id, lines[1].refund_id);
        let other = Held::begin(&s.t, move |tx| {
            async move {
                tx.exec(
                    sql!("UPDATE treasury_list SET version = version + 1 WHERE id = $1"),
                    p![settled],
                )
                .await?;
                tx.exec(
                    sql!("UPDATE treasury_line SET done_at = 1 WHERE refund_id = $1"),
                    p![refund],
                )
                .await?;
                Ok(())
            }
            .boxed()
        })
        .await;
        let ctx = s.t.system();
        let first = async || {
            let lines = treasury::lines(&one, row.id, 0, 10).await.unwrap();
            lines[0].done_at.is_some()
        };
        other.before(payment::work(&ctx), first).await.unwrap();
        assert_eq!(treasury::list(&one, &list).await.unwrap().state, "done");
        assert_eq!(s.of(&pays[0]).await.state, OrderState::Refunded);
    });
}
