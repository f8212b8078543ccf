//! Windows that are extended while people are on their way: what was begun under the old times goes on under the new ones.

use app::application;
use app::exam::part::{Draft as _, WindowsDraft};
use app::payment::{self, Started};
use app::{Ctx, Error};
use domain::payment::OrderState;
use domain::staff::Role;
use domain::time::Timestamp;
use testkit::{TestApp, TestExam, both_backends};

use crate::application::{form, submitted};
use crate::arrangement::find;
use crate::payment::{owing, stage};

const POSITION: &str = "数字资源管理";

fn at(local: &str) -> Timestamp {
    Timestamp::parse_local(local).unwrap()
}

/// Staff move the ends of windows, with a reason.
async fn extend(t: &TestApp, exam: &TestExam, ends: &[(&str, &str)]) {
    let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
    let now = find(t, exam).await;
    let mut draft = WindowsDraft::of(&now);
    for (field, end) in ends {
        draft.0.insert((*field).to_owned(), (*end).to_owned());
    }
    let without = crate::exam::extend(&officer, &now, &draft).await;
    assert!(matches!(without, Err(Error::Fields(_))), "without a reason");
    draft
        .0
        .insert("reason".into(), "系统故障，顺延报名时间".into());
    crate::exam::extend(&officer, &now, &draft)
        .await
        .expect("extended");
}

async fn withdraw(ctx: &Ctx, id: &str) -> Option<&'static str> {
    match application::withdraw(ctx, id).await {
        Ok(()) => None,
        Err(Error::Refused(refusal)) => Some(refusal.code),
        Err(other) => panic!("{other:?}"),
    }
}

both_backends! {
    async fn an_application_stays_under_its_own_settings_and_gets_the_longer_time(t: TestApp) {
        let (exam, control) = (t.recruitment(|_| {}).await, t.recruitment(|_| {}).await);
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let (mine, hers) = (submitted(&lin, &exam, POSITION).await, submitted(&su, &exam, POSITION).await);
        let elsewhere = submitted(&lin, &control, POSITION).await;
        extend(&t, &exam, &[
            ("registration_close", "2026-03-24 17:00"),
            ("review_close", "2026-03-25 17:00"),
            ("payment_close", "2026-03-27 17:00"),
        ]).await;
        assert_eq!(find(&t, &exam).await.row.settings_version, 2);
        // Over by the times that both applied under; open by the new ones, in the one exam only.
        t.clock.set("2026-03-22 10:00");
        assert_eq!(withdraw(&lin.ctx(), &elsewhere).await, Some("registration_closed"));
        assert_eq!(application::own(&lin.ctx(), &mine).await.unwrap().row.settings_version, 1);
        assert_eq!(withdraw(&lin.ctx(), &mine).await, None);
        assert_eq!(application::own(&lin.ctx(), &mine).await.unwrap().row.end_reason, "withdrawn");
        // Whoever saves again applies under what is in force now.
        let ctx = su.ctx();
        let mut changed = form(&ctx, exam.position(POSITION));
        changed.answers.insert("adjust".into(), domain::exam::question::Answer::Text("否".into()));
        application::submit(&ctx, &exam.public_id, &changed).await.expect("within the longer time");
        assert_eq!(application::own(&ctx, &hers).await.unwrap().row.settings_version, 2);
        t.clock.set("2026-03-24 17:00");
        assert_eq!(withdraw(&su.ctx(), &hers).await, Some("registration_closed"));
    }

    async fn a_longer_payment_window_gives_bills_more_time(t: TestApp) {
        let s = stage(&t).await;
        let (wang, _, waiting) = owing(&s.t, &s.exam, "王二").await;
        let (old, new) = (s.history().await.deadline(), at("2026-03-27 17:00"));
        assert_eq!(old, at("2026-03-23 17:00"));
        extend(&s.t, &s.exam, &[("payment_close", "2026-03-27 17:00")]).await;
        // 支付 moves the end of the bill at once.
        s.begin().await;
        assert_eq!(s.history().await.deadline(), new);
        // A bill that nobody touched is moved by the timer instead of being closed.
        let bill = async || payment::find(&wang.ctx(), &waiting).await.unwrap();
        assert_eq!(bill().await.deadline(), old);
        s.t.clock.set_to(old.plus_seconds(3600));
        s.work().await;
        assert_eq!((bill().await.state, bill().await.deadline()), (OrderState::Unpaid, new));
        assert!(matches!(payment::pay(&wang.ctx(), &waiting, crate::payment::CHANNEL, &payment::Payer::default()).await.unwrap(), Started::Cashier(_)));
        let number = bill().await.attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.work().await;
        assert_eq!(bill().await.state, OrderState::Paid);
        // The new end is an end.
        s.t.clock.set_to(new.plus_seconds(3600));
        s.work().await;
        s.work().await;
        assert_eq!(s.state().await, OrderState::Expired);
        s.balances().await;
    }
}
