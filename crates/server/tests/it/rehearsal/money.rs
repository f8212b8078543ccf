//! No money and no SMS: a rehearsal is paid by 演练支付 only, and nothing else is; its candidates' messages stay here.

use app::Error;
use app::payment::{self, Asked, Started};
use domain::exam::steps::ReviewStep;
use domain::payment::OrderState;
use domain::staff::Role;
use simulators::Trio;
use testkit::{TestApp, TestCandidate, TestExam, both_backends, submitted};

use crate::invariants::rows::text_of;

const TITLE: &str = "试一遍收费";

/// Somebody of a rehearsal who owes.
async fn owing(t: &TestApp) -> (TestExam, TestCandidate, String) {
    let exam = t
        .rehearsal(TITLE, |settings| settings.steps.review = ReviewStep::None)
        .await;
    let him = t.rehearsing(&exam, (1, 0, 0)).await.remove(0);
    let application = submitted(&him, &exam, "演练岗位甲").await;
    let bill = payment::payable(&him.ctx(), &application).await.unwrap();
    (exam, him, bill.order.unwrap().public_id)
}

/// No channel knows of anything.
fn unheard(trio: &Trio) -> bool {
    let channels = trio.channels();
    channels
        .iter()
        .all(|one| one.bank().book().trades.is_empty())
}

both_backends! {
    async fn a_rehearsal_is_paid_at_our_own_page_and_refunded_there(t: TestApp) {
        let (t, trio) = t.with_channels();
        let (_, him, order) = owing(&t).await;
        let mut browser = him.browser();
        let path = format!("/payments/{order}/pay");
        let page = browser.get(&path).await.expect(200).shows("演练支付").lacks("微信支付").shows("不会发生真实扣款");
        let page = browser.submit(page.form(&path)).await.expect(200).shows("演练考试的收银台");
        let form = page.form(&format!("/payments/{order}/rehearse"));
        let page = browser.submit(form.set("does", "pay")).await.expect(200);
        drop(page);
        assert_eq!(payment::ask_returned(&him.ctx(), &order).await.unwrap(), Asked::Paid);
        let history = payment::find(&him.ctx(), &order).await.unwrap();
        assert_eq!(history.state, OrderState::Paid);
        assert_eq!(history.latest().unwrap().channel, payment::rehearsal::CODE);
        assert!(unheard(&trio), "no channel ever heard of it");
        let told = app::message::inbox(&him.ctx(), None).await.unwrap();
        assert_eq!(told.iter().filter(|row| row.title.starts_with("缴费成功：")).count(), 1, "{told:?}");
        let (one, two) = (t.staff(&[Role::FinanceOfficer]).await, t.staff(&[Role::FinanceOfficer]).await);
        payment::request_refund(&one.ctx().await, &order, "agency").await.unwrap();
        let refund = payment::detail(&two.ctx().await, &order).await.unwrap().refunds.remove(0).public_id;
        payment::decide_refund(&two.ctx().await, &refund, true, "").await.unwrap();
        payment::work(&t.system()).await.unwrap();
        let history = payment::find(&him.ctx(), &order).await.unwrap();
        assert_eq!(history.state, OrderState::Refunded, "{:?}", history.refunds);
    }

    async fn giving_up_at_the_cashier_leaves_the_order_open(t: TestApp) {
        let (_, him, order) = owing(&t).await;
        let started = payment::pay(&him.ctx(), &order, payment::rehearsal::CODE, &payment::Payer::default()).await.unwrap();
        assert!(matches!(started, Started::Cashier(_)), "{started:?}");
        payment::rehearsal::finish(&him.ctx(), &order, false).await.unwrap();
        assert_eq!(payment::ask_returned(&him.ctx(), &order).await.unwrap(), Asked::NotPaid);
        // And is paid by another try.
        payment::pay(&him.ctx(), &order, payment::rehearsal::CODE, &payment::Payer::default()).await.unwrap();
        payment::rehearsal::finish(&him.ctx(), &order, true).await.unwrap();
        assert_eq!(payment::ask_returned(&him.ctx(), &order).await.unwrap(), Asked::Paid);
    }

    async fn no_rehearsal_reaches_a_channel_and_no_real_order_is_paid_by_a_rehearsals(t: TestApp) {
        let (t, trio) = t.with_channels();
        let (_, him, order) = owing(&t).await;
        let refused = payment::pay(&him.ctx(), &order, crate::payment::CHANNEL, &payment::Payer::default()).await;
        assert!(matches!(&refused, Err(Error::Fields(e)) if e.get("channel").is_some()), "{refused:?}");
        let real = t.recruitment(|settings| settings.steps.review = ReviewStep::None).await;
        let (lin, _, owed) = crate::payment::owing(&t, &real, "林一舟").await;
        let refused = payment::pay(&lin.ctx(), &owed, payment::rehearsal::CODE, &payment::Payer::default()).await;
        assert!(matches!(&refused, Err(Error::Fields(e)) if e.get("channel").is_some()), "{refused:?}");
        assert_eq!(text_of(&t, "SELECT CAST(COUNT(*) AS TEXT) FROM payment_attempt").await, "0");
        lin.browser().get(&format!("/payments/{owed}/pay")).await.expect(200).lacks("演练");
        lin.browser().get(&format!("/payments/{owed}/rehearse")).await.expect(404);
        assert!(matches!(payment::rehearsal::finish(&lin.ctx(), &owed, true).await, Err(Error::NotFound)));
        assert!(unheard(&trio));
        // A forged notice is believed by nobody.
        let notice = payment::notice(&t.ctx(app::Actor::Anonymous), payment::rehearsal::CODE, &Default::default(), b"paid").await.unwrap();
        assert!(matches!(notice, Some(Err(_))), "{notice:?}");
    }

    async fn those_who_pay_by_themselves_pay_once_they_owe(t: TestApp) {
        let exam = t.rehearsal(TITLE, |_| {}).await;
        let all = t.rehearsing(&exam, (2, 100, 100)).await;
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let second = t.staff(&[Role::SecondReviewer]).await.ctx().await;
        for one in &all {
            let id = app::application::mine(&one.ctx()).await.unwrap().remove(0).row.public_id;
            for ctx in [&reviewer, &second] {
                let bench = app::review::bench(ctx, &id).await.unwrap();
                if !matches!(bench.review(), domain::review::Review::Pending | domain::review::Review::FirstApproved) {
                    continue;
                }
                let shown = app::review::Shown { public_id: id.clone(), hash: bench.hash(), review: bench.review() };
                app::review::claim(ctx, &id).await.unwrap();
                let _ = app::review::decide(ctx, &shown, &app::review::Decision::Approve).await;
            }
        }
        t.clock.advance_hours(1);
        t.run_jobs().await;
        for one in &all {
            let view = app::application::mine(&one.ctx()).await.unwrap().remove(0);
            assert_eq!((view.row.review.as_str(), view.row.payment.as_str()), ("approved", "paid"));
        }
    }

    async fn its_messages_stay_in_the_inbox_and_no_sms_leaves(t: TestApp) {
        let t = t.with(|setup| setup.policy.sms = true);
        let exam = t.rehearsal(TITLE, |settings| settings.steps.review = ReviewStep::None).await;
        let him = t.rehearsing(&exam, (1, 100, 100)).await.remove(0);
        let application = app::application::mine(&him.ctx()).await.unwrap().remove(0).row.public_id;
        let order = payment::payable(&him.ctx(), &application).await.unwrap().order.unwrap().public_id;
        let (one, two) = (t.staff(&[Role::FinanceOfficer]).await, t.staff(&[Role::FinanceOfficer]).await);
        payment::request_refund(&one.ctx().await, &order, "agency").await.unwrap();
        let refund = payment::detail(&two.ctx().await, &order).await.unwrap().refunds.remove(0).public_id;
        payment::decide_refund(&two.ctx().await, &refund, true, "").await.unwrap();
        payment::work(&t.system()).await.unwrap();
        app::message::send_due(&t.system()).await.unwrap();
        assert!(!app::message::inbox(&him.ctx(), None).await.unwrap().is_empty());
        assert_eq!(t.sms.sent().len(), 0, "{:?}", t.sms.sent());
        let left = text_of(&t, "SELECT CAST(COUNT(*) AS TEXT) FROM outbox_message WHERE state = 'dropped' AND error = 'rehearsal'").await;
        assert_ne!(left, "0");
        // Not even by trying again.
        let ctx = t.staff(&[Role::ExamOfficer, Role::SysAdmin]).await.ctx().await;
        let _ = app::message::office::retry(&ctx, None).await;
        t.clock.advance_hours(2);
        t.run_jobs().await;
        assert_eq!(t.sms.sent().len(), 0);
        // A code to a person's mobile, asked for by such an account, isn't sent either.
        let _ = app::account::change_mobile_start(&him.ctx(), "13912345678", app::Secret::new(him.password.clone())).await;
        t.run_jobs().await;
        assert_eq!(t.sms.sent().len(), 0);
        let page = t.staff(&[Role::ExamOfficer]).await.browser().get("/office/messages").await.expect(200);
        page.shows("演练不发");
    }
}
