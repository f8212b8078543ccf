//! Granted or refused before anything is paid.

use app::waiver::{self, Form, Granted};
use app::{Error, application, payment};
use domain::exam::Phase;
use domain::exam::steps::ReviewStep;
use domain::payment::{OrderState, RefundReason};
use domain::staff::Role;
use simulators::bank::{Call, Fate};
use testkit::{TestApp, both_backends, moved};

use super::*;
use crate::payment::{CHANNEL, owing, refused, stage, stage_with};

both_backends! {
    async fn who_is_let_off_the_whole_fee_owes_nothing_and_goes_on(t: TestApp) {
        let s = stage(&t).await;
        let id = asked(&s.lin, &s.application, FULL).await;
        assert_eq!((state(&s.lin, &s.application).await, s.track().await.as_str()), ("pending", "due"));
        let (_, one) = finance(&s).await;
        assert_eq!(waiver::grant(&one, &id, "已核对低保系统").await.unwrap(), Granted::Now);
        assert_eq!((state(&s.lin, &s.application).await, s.track().await.as_str()), ("granted", "waived"));
        assert_eq!(s.state().await, OrderState::Voided);
        // The fee stays as it was set: it is waived, not nought.
        let view = application::own(&s.ctx(), &s.application).await.unwrap();
        assert_eq!(view.row.fee, 10_000);
        assert!(payment::payable(&s.ctx(), &s.application).await.unwrap().order.is_none());
        assert_eq!(refused(payment::raise_again(&s.ctx(), &s.application).await), "not_due");
        assert!(titles(&s.ctx()).await.iter().any(|title| title.starts_with("减免申请已通过")));
        // Told once, decided once, and not asked for again.
        assert!(matches!(waiver::grant(&one, &id, "").await, Err(Error::Refused(_) | Error::Conflict(_))));
        assert!(matches!(waiver::reject(&one, &id, "材料不全").await, Err(Error::Conflict(_))));
        let again = waiver::ask(&s.ctx(), &s.application, &form(FULL), &[("a.png", PNG)]).await;
        assert_eq!(refused(again), "waiver_closed");
        sound(&s).await;
    }

    async fn a_part_that_is_waived_replaces_the_order_by_a_lower_one(t: TestApp) {
        let s = stage_with(&t, half).await;
        // He began to pay the whole: that is asked about and closed at the channel before the sum changes.
        let number = s.begin().await;
        let id = asked(&s.lin, &s.application, HALF).await;
        let (_, one) = finance(&s).await;
        assert_eq!(waiver::grant(&one, &id, "").await.unwrap(), Granted::Now);
        assert_eq!(s.state().await, OrderState::Voided);
        assert_eq!(s.history().await.attempts[0].state, "closed");
        let bill = payment::payable(&s.ctx(), &s.application).await.unwrap();
        let lower = bill.order.clone().unwrap();
        assert_eq!((lower.amount, bill.view.row.fee, lower.state.as_str()), (5_000, 5_000, "unpaid"));
        assert_ne!(lower.public_id, s.order);
        // Its page says what was taken off.
        let lines = payment::find(&s.ctx(), &lower.public_id).await.unwrap().lines;
        let sums: Vec<i64> = lines.iter().map(|line| line.amount.get()).collect();
        assert_eq!(sums, [10_000, -5_000]);
        assert!(lines[1].label.contains(HALF));
        assert_eq!(payment::find(&s.ctx(), &s.order).await.unwrap().lines.len(), 1);
        // Money that comes for the old number all the same goes back, and the lower one is paid.
        assert!(!s.bank.pay(&number));
        payment::pay(&s.ctx(), &lower.public_id, CHANNEL, &payment::Payer::default()).await.unwrap();
        let number = payment::find(&s.ctx(), &lower.public_id).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.work().await;
        assert_eq!(s.track().await, "paid");
        assert_eq!(s.bank.book().balance().get(), 5_000);
        sound(&s).await;
    }

    async fn nothing_is_granted_while_nobody_knows_whether_he_has_paid(t: TestApp) {
        let s = stage_with(&t, half).await;
        let number = s.begin().await;
        let id = asked(&s.lin, &s.application, HALF).await;
        let (_, one) = finance(&s).await;
        s.bank.tell_always(Call::Query, Fate::ServerError);
        assert_eq!(refused(waiver::grant(&one, &id, "").await), "confirming");
        assert_eq!((state(&s.lin, &s.application).await, s.history().await.order.amount), ("pending", 10_000));
        // He had paid: the channel says so, and what is granted is a refund for another to approve.
        s.bank.tell_always(Call::Query, Fate::Fair);
        assert!(s.bank.pay(&number));
        assert_eq!(waiver::grant(&one, &id, "").await.unwrap(), Granted::Proposed);
        assert_eq!((s.track().await.as_str(), state(&s.lin, &s.application).await), ("paid", "proposed"));
        assert_eq!(s.history().await.refunds[0].amount, 5_000);
        sound(&s).await;
    }

    async fn money_that_comes_after_the_fee_was_waived_goes_back(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        let id = asked(&s.lin, &s.application, FULL).await;
        let (_, one) = finance(&s).await;
        waiver::grant(&one, &id, "").await.unwrap();
        // The channel had closed it, and took money all the same.
        s.settle(&s.paid(&number, "SLATE", s.t.now())).await;
        let refunds = s.history().await.refunds;
        assert_eq!((refunds[0].reason.as_str(), refunds[0].state.as_str()), (RefundReason::Waived.code(), "approved"));
        assert_eq!(s.track().await, "waived");
    }

    async fn who_is_let_off_before_the_review_has_paid_once_it_is_done(t: TestApp) {
        let exam = t.recruitment(|settings| { half(settings); settings.steps.review = ReviewStep::BeforePayment; }).await;
        let one = t.staff(&[Role::FinanceOfficer]).await.ctx().await;
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        for (name, category, payment, sum) in [("林一舟", FULL, "waived", None), ("苏晓", HALF, "due", Some(5_000))] {
            let who = t.ready(name).await;
            let application = testkit::submitted(&who, &exam, crate::positions::POSITION).await;
            let id = asked(&who, &application, category).await;
            assert_eq!(waiver::grant(&one, &id, "").await.unwrap(), Granted::Now);
            assert_eq!(application::own(&who.ctx(), &application).await.unwrap().row.payment, "none");
            crate::review::approve(&reviewer, &application).await;
            let bill = payment::payable(&who.ctx(), &application).await.unwrap();
            assert_eq!(bill.view.row.payment, payment, "{category}");
            assert_eq!(bill.order.map(|order| order.amount), sum, "{category}");
        }
    }

    async fn a_refusal_says_why_and_is_mended_until_the_time_is_over(t: TestApp) {
        let s = stage_with(&t, |settings| moved(settings, Phase::Waiver, "2026-03-16 08:00", "2026-03-18 17:00")).await;
        let id = asked(&s.lin, &s.application, FULL).await;
        let (_, one) = finance(&s).await;
        assert!(matches!(waiver::reject(&one, &id, "不").await, Err(Error::Fields(_))));
        waiver::reject(&one, &id, "低保证看不清，请重新拍照").await.unwrap();
        let first = own(&s.lin, &s.application).await;
        assert_eq!((first.state.code(), first.row.note.as_str()), ("rejected", "低保证看不清，请重新拍照"));
        assert!(titles(&s.ctx()).await.iter().any(|title| title.starts_with("减免申请未通过")));
        assert_eq!(s.state().await, OrderState::Unpaid);
        // Nobody reuses somebody else's file, or one that isn't there.
        let keep = |id: &str| Form { keep: vec![id.to_owned()], ..form(FULL) };
        assert!(matches!(waiver::ask(&s.ctx(), &s.application, &keep("nothing"), &[]).await, Err(Error::Fields(_))));
        waiver::ask(&s.ctx(), &s.application, &keep(&first.files[0].public_id), &[("补充.png", PNG)]).await.unwrap();
        let second = own(&s.lin, &s.application).await;
        assert_eq!((second.state.code(), second.files.len()), ("pending", 2));
        assert_eq!(second.files[0].object_id, first.files[0].object_id);
        let again = waiver::ask(&s.ctx(), &s.application, &form(FULL), &[("a.png", PNG)]).await;
        assert_eq!(refused(again), "waiver_open");
        // Taken back and asked for once more, until the window closes.
        waiver::withdraw(&s.ctx(), &s.application).await.unwrap();
        assert!(matches!(waiver::withdraw(&s.ctx(), &s.application).await, Err(Error::Conflict(_))));
        assert!(matches!(waiver::grant(&one, &second.row.public_id, "").await, Err(Error::Conflict(_))));
        s.t.clock.set("2026-03-18 17:00");
        let late = waiver::ask(&s.ctx(), &s.application, &form(FULL), &[("a.png", PNG)]).await;
        assert_eq!(refused(late), "waiver_closed");
        s.t.clock.set("2026-03-18 16:59");
        asked(&s.lin, &s.application, FULL).await;
        sound(&s).await;
    }

    async fn what_nobody_has_decided_holds_the_debt_and_a_late_refusal_leaves_two_days(t: TestApp) {
        let s = stage(&t).await;
        let (su, su_app, su_order) = owing(&s.t, &s.exam, "苏晓").await;
        let id = asked(&s.lin, &s.application, FULL).await;
        // The payment closes on the 23rd at 17:00. Who hasn't asked for anything is over.
        s.t.clock.set("2026-03-24 17:00");
        s.t.run_jobs().await;
        let ended = application::own(&su.ctx(), &su_app).await.unwrap();
        assert_eq!(ended.row.end_reason, "unpaid");
        assert_eq!(payment::find(&su.ctx(), &su_order).await.unwrap().state, OrderState::Expired);
        let view = application::own(&s.ctx(), &s.application).await.unwrap();
        assert_eq!((view.row.life.as_str(), view.row.payment.as_str()), ("live", "due"));
        let (_, one) = finance(&s).await;
        waiver::reject(&one, &id, "不属于减免的范围").await.unwrap();
        s.t.run_jobs().await;
        // He pays on the next day, long after the window closed.
        s.t.clock.set("2026-03-25 17:00");
        s.t.run_jobs().await;
        let bill = payment::payable(&s.ctx(), &s.application).await.unwrap();
        assert!(bill.open);
        let order = bill.order.unwrap().public_id;
        payment::pay(&s.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
        let number = payment::find(&s.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.work().await;
        assert_eq!(s.track().await, "paid");
        sound(&s).await;
    }

    async fn the_two_days_end_too(t: TestApp) {
        let s = stage(&t).await;
        let id = asked(&s.lin, &s.application, FULL).await;
        s.t.clock.set("2026-03-24 17:00");
        s.t.run_jobs().await;
        let (_, one) = finance(&s).await;
        waiver::reject(&one, &id, "不属于减免的范围").await.unwrap();
        // Voided by himself, it may be raised again within them.
        let order = payment::payable(&s.ctx(), &s.application).await.unwrap().order.unwrap().public_id;
        payment::void(&s.ctx(), &order).await.unwrap();
        let again = payment::raise_again(&s.ctx(), &s.application).await.unwrap();
        s.t.clock.set("2026-03-26 17:02");
        let late = payment::pay(&s.ctx(), &again, CHANNEL, &payment::Payer::default()).await;
        assert_eq!(refused(late), "payment_closed");
        for _ in 0..3 {
            s.t.run_jobs().await;
            s.t.clock.advance(3600);
        }
        assert_eq!(application::own(&s.ctx(), &s.application).await.unwrap().row.end_reason, "unpaid");
        sound(&s).await;
    }

    async fn only_finance_decides_and_only_the_owner_asks(t: TestApp) {
        let s = stage(&t).await;
        let id = asked(&s.lin, &s.application, FULL).await;
        let officer = s.t.staff(&[Role::ExamOfficer]).await.ctx().await;
        assert!(matches!(waiver::grant(&officer, &id, "").await, Err(Error::Forbidden)));
        assert!(matches!(waiver::reject(&officer, &id, "不属于范围").await, Err(Error::Forbidden)));
        assert!(matches!(waiver::detail(&officer, &id).await, Err(Error::Forbidden)));
        let wang = s.t.ready("王二").await;
        let theirs = waiver::ask(&wang.ctx(), &s.application, &form(FULL), &[("a.png", PNG)]).await;
        assert!(matches!(theirs, Err(Error::NotFound)));
        assert!(matches!(waiver::withdraw(&wang.ctx(), &s.application).await, Err(Error::NotFound)));
        assert!(matches!(waiver::desk(&wang.ctx(), &s.application).await, Err(Error::NotFound)));
        let file = own(&s.lin, &s.application).await.files[0].public_id.clone();
        assert!(matches!(waiver::own_evidence(&wang.ctx(), &s.application, &file).await, Err(Error::NotFound)));
        assert_eq!(waiver::own_evidence(&s.ctx(), &s.application, &file).await.unwrap().bytes, PNG);
    }
}
