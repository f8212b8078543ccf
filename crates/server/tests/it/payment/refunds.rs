//! Money that goes back: paid twice, too late, for nothing, or by the word of two people.

use app::{Error, application, payment};
use domain::payment::{AttemptState, OrderState, Outcome, RefundReason};
use domain::staff::Role;
use simulators::bank::{Call, Fate, Mail, RefundState};
use testkit::{TestApp, both_backends};

use super::{CHANNEL, deliver, owing, refused, stage};

both_backends! {
    async fn the_second_person_reads_what_goes_back_before_he_decides(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let one = s.t.staff_named("钱来", &[Role::FinanceOfficer]).await;
        let two = s.t.staff_named("周核", &[Role::FinanceOfficer]).await;
        payment::request_refund(&one.ctx().await, &s.order, "agency").await.unwrap();
        let order = format!("/office/payments/{}", s.order);
        let mut asker = one.browser();
        assert!(asker.get(&order).await.expect(200).links("审批").is_empty());
        let mut decider = two.browser();
        let page = decider.get(&order).await.expect(200);
        let at = page.link("审批…");
        assert!(page.forms().iter().all(|form| !form.path().contains("/refunds/")), "one click decides nothing");
        let page = decider.get(&at).await.expect(200).shows("100.00 元").shows("林一舟").shows("考试机构原因").shows("钱来");
        let page = page.shows("原路退到付款人的账户").shows("不能撤回").shows("这项报名随之终止");
        let refuse = page.form(&at).press("不批准");
        decider.submit(refuse.clone()).await.expect(422).shows("不批准的，请写明原因");
        assert_eq!(s.history().await.refunds[0].state, "requested");
        decider.submit(refuse.set("note", "这笔费用不该退")).await.expect(200).is_at(&order).shows("退款没有批准").shows("这笔费用不该退");
        assert_eq!(s.history().await.refunds[0].label(), "未批准");
        // Asked for again, it is approved.
        payment::request_refund(&one.ctx().await, &s.order, "agency").await.unwrap();
        let at = decider.get(&order).await.expect(200).link("审批…");
        asker.get(&at).await.expect(200).shows("须由另一位财务人员审批");
        let page = decider.get(&at).await.expect(200);
        decider.submit(page.form(&at).press("批准退款 100.00 元")).await.expect(200).is_at(&order).shows("退款已批准");
        decider.get(&at).await.expect(200).shows("这笔退款已批准，马上提交渠道");
        s.work().await;
        assert_eq!(s.state().await, OrderState::Refunded);
    }

    async fn what_the_centre_gives_back_ends_the_registration_and_everybody_reads_so(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let (one, two) = (s.t.staff(&[Role::FinanceOfficer]).await, s.t.staff(&[Role::FinanceOfficer]).await);
        let order = format!("/office/payments/{}", s.order);
        let (mut asker, mut decider) = (one.browser(), two.browser());
        let page = asker.get(&order).await.expect(200).shows("这项报名随之终止");
        asker.submit(page.form(&format!("{order}/refund")).set("reason", "agency")).await.expect(200);
        let at = decider.get(&order).await.expect(200).link("审批…");
        // Only where it does: who is out already isn't put out by it.
        crate::invariants::run(&s.t, &["UPDATE application SET life = 'ended', end_reason = 'disqualified'"]).await;
        decider.get(&at).await.expect(200).lacks("随之终止").shows("不再算已缴费");
        crate::invariants::run(&s.t, &["UPDATE application SET life = 'live', end_reason = ''"]).await;
        let page = decider.get(&at).await.expect(200).shows("这项报名随之终止");
        decider.submit(page.form(&at).press("批准退款 100.00 元")).await.expect(200);
        let mut lin = s.lin.browser();
        lin.get("/messages").await.expect(200).shows("退款已开始").shows("退完后，这项报名终止");
        s.work().await;
        let row = application::own(&s.ctx(), &s.application).await.unwrap().row;
        assert_eq!((row.life.as_str(), row.end_reason.as_str(), row.payment.as_str()), ("ended", "refunded", "refunded"));
        lin.get("/applications").await.expect(200).shows("已退费，报名终止").shows("随退费终止").lacks("您已取消这项报名");
        let told = app::message::inbox(&s.ctx(), None).await.unwrap();
        assert_eq!(told.iter().filter(|row| row.title.starts_with("报名已终止：")).count(), 1, "{told:?}");
        crate::positions::sound(&s.t).await;
    }

    async fn paid_twice_the_earlier_counts_and_the_other_goes_back_in_whatever_order_it_is_told(t: TestApp) {
        let s = stage(&t).await;
        for (name, early_first) in [("王二", true), ("赵三", false)] {
            let (who, _, order) = owing(&s.t, &s.exam, name).await;
            let start = s.t.now();
            payment::pay(&who.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
            // The cashier of the first try ran out, as far as we know; the payer had paid, and the channel told nobody.
            s.t.clock.advance(31 * 60);
            payment::pay(&who.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
            let attempts = payment::find(&who.ctx(), &order).await.unwrap().attempts;
            let (early, late) = (&attempts[0].merchant_no, &attempts[1].merchant_no);
            assert!(s.bank.pay_at(early, start.plus_seconds(300)));
            assert!(s.bank.pay(late));
            let order_of_news = if early_first { [early, late] } else { [late, early] };
            for number in order_of_news {
                assert!(deliver(&s.t, &s.trio, number).await);
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
        assert_eq!(s.bank.book().balance().get(), 20_000);
        s.balances().await;
    }

    async fn a_refund_whose_answer_is_lost_is_paid_once(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        // Told of a payment after the deadline: it goes back.
        let late = s.history().await.deadline().plus_seconds(1);
        let channel_no = s.bank.book().trades[&number].channel_no.clone();
        let settled = s.settle(&s.paid(&number, &channel_no, late)).await;
        assert_eq!(settled.outcome, Outcome::SentBack(RefundReason::Late));
        s.bank.tell(Call::Refund, Fate::LostAfter);
        s.bank.tell_mail(Mail::Lost);
        s.work().await;
        assert_eq!(s.history().await.refunds[0].state, "unknown");
        s.t.clock.advance(120);
        s.work().await;
        assert_eq!(s.history().await.refunds[0].state, "succeeded");
        assert_eq!(s.bank.book().refunds.len(), 1);
        s.balances().await;
    }

    async fn a_refund_that_takes_time_or_fails_is_followed(t: TestApp) {
        let s = stage(&t).await;
        s.slow_refunds(true);
        let back = async |name: &str, ends: Option<RefundState>| {
            let (who, _, order) = owing(&s.t, &s.exam, name).await;
            payment::pay(&who.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
            let history = payment::find(&who.ctx(), &order).await.unwrap();
            let number = history.attempts[0].merchant_no.clone();
            assert!(s.bank.pay(&number));
            let channel_no = s.bank.book().trades[&number].channel_no.clone();
            s.settle(&s.paid(&number, &channel_no, history.deadline())).await;
            s.work().await;
            if let Some(how) = ends {
                s.refunds_end(how).await;
            }
            (who, order)
        };
        let (who, order) = back("王二", None).await;
        let refund = payment::find(&who.ctx(), &order).await.unwrap().refunds[0].clone();
        assert_eq!(refund.state, "submitted");
        s.bank.tell_mail(Mail::Lost);
        assert!(s.bank.finish_refund(&refund.refund_no, RefundState::Succeeded));
        s.t.clock.advance(120);
        s.work().await;
        assert_eq!(payment::find(&who.ctx(), &order).await.unwrap().refunds[0].state, "succeeded");

        let (who, order) = back("赵三", Some(RefundState::Failed)).await;
        assert_eq!(payment::find(&who.ctx(), &order).await.unwrap().refunds[0].state, "failed");
        let (who, order) = back("钱四", Some(RefundState::Abnormal)).await;
        assert_eq!(payment::find(&who.ctx(), &order).await.unwrap().refunds[0].state, "abnormal");
        assert_eq!(s.open_discrepancies().await, ["refund_failed", "refund_failed"]);
        s.balances().await;
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
        assert_eq!(s.bank.book().balance().get(), 0);
        s.balances().await;
    }

    async fn a_refund_by_finance_takes_two_people(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let one = s.t.staff(&[Role::FinanceOfficer]).await;
        let two = s.t.staff(&[Role::FinanceOfficer]).await;
        let (mut asker, mut decider) = (one.browser(), two.browser());
        let (one, two) = (one.ctx().await, two.ctx().await);
        let officer = s.t.staff(&[Role::ExamOfficer]).await.ctx().await;
        assert!(matches!(payment::request_refund(&officer, &s.order, "agency").await, Err(Error::Forbidden)));
        payment::request_refund(&one, &s.order, "agency").await.unwrap();
        // Not more than was paid.
        assert_eq!(refused(payment::request_refund(&one, &s.order, "agency").await), "refund_amount");
        // The other is told on his home page and led to the order; who asked isn't.
        asker.get("/office").await.expect(200).lacks("退款待第二人批准");
        asker.get("/office/payments").await.expect(200).lacks("等您批准的退款");
        let home = decider.get("/office").await.expect(200).shows("退款待第二人批准");
        let list = decider.get(&home.link("1 笔")).await.expect(200).shows("等您批准的退款").shows("林一舟");
        assert!(list.own_links().contains(&format!("/office/payments/{}", s.order)));
        let refund = payment::detail(&one, &s.order).await.unwrap().refunds[0].public_id.clone();
        assert_eq!(refused(payment::decide_refund(&one, &refund, true, "").await), "same_person");
        s.work().await;
        assert_eq!(s.bank.book().refunds.len(), 0);
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        decider.get("/office/payments").await.expect(200).lacks("等您批准的退款");
        assert!(matches!(payment::decide_refund(&two, &refund, true, "").await, Err(Error::Conflict(_))));
        assert_eq!(s.track().await, "refunding");
        s.work().await;
        assert_eq!(s.state().await, OrderState::Refunded);
        assert_eq!(s.track().await, "refunded");
        assert_eq!(s.bank.book().balance().get(), 0);
        s.balances().await;
    }
}
