//! 取消岗位: who applied is over with his fee on its way back, or chooses another position within 改报.

use app::exam::decision::{self, Single, carry};
use app::{Error, application, payment};
use domain::application::progress::Next;
use domain::staff::Role;
use simulators::bank::Channel as _;
use testkit::{TestApp, both_backends, submitted};

use super::*;
use crate::payment::{deliver, owing, stage};

both_backends! {
    async fn without_reapply_everybody_is_over_and_every_fee_goes_back(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let (su, su_app, su_order) = owing(&s.t, &s.exam, "苏晓").await;
        let id = cancelled(&s.t, &s.exam, POSITION).await;
        assert_eq!(standing(&su, &su_app).await, ["ended", "position_cancelled", "none", "due"]);
        assert_eq!(payment::find(&su.ctx(), &su_order).await.unwrap().state, domain::payment::OrderState::Voided);
        s.work().await;
        assert_eq!(standing(&s.lin, &s.application).await, ["ended", "position_cancelled", "none", "refunded"]);
        assert_eq!(s.bank.book().balance().get(), 0);
        s.balances().await;
        for who in [&s.lin, &su] {
            assert!(titles(who).await.contains(&"报考岗位已取消".to_owned()), "{:?}", titles(who).await);
        }
        // Nobody applies for it any more, and it doesn't come back.
        let late = s.t.ready("王五").await;
        assert_eq!(refusal(moves(&late, &s.exam, POSITION).await), "position_cancelled");
        let desk = Desk::of(&s.t).await;
        let single = Single { outcome: "cut".into(), headcount: "1".into(), reason: REASON.into() };
        let exam = found(&s.t, &s.exam).await;
        let again = decision::draft_single(&desk.one.ctx().await, &exam, s.exam.position(POSITION), &single).await;
        assert_eq!(refusal(again), "position_cancelled");
        let done = decision::find(&desk.one.ctx().await, &exam, &id).await.unwrap();
        assert_eq!((done.row.state.as_str(), done.moved()), ("done", (2, 0)));
        s.t.browser().get("/news").await.expect(200).shows("取消部分岗位的公告");
        sound(&s.t).await;
    }

    async fn in_the_reapply_window_he_chooses_another_position_with_a_fresh_review_and_the_fee_he_paid(t: TestApp) {
        let (t, trio) = t.with_channels();
        let exam = t.recruitment(|settings| {
            settings.steps.review = domain::exam::steps::ReviewStep::None;
            with_reapply(settings);
        }).await;
        let (lin, lin_app, order) = owing(&t, &exam, "林一舟").await;
        payment::pay(&lin.ctx(), &order, crate::payment::CHANNEL, &payment::Payer::default()).await.unwrap();
        let number = payment::find(&lin.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(trio.wechat.bank().pay(&number));
        assert!(deliver(&t, &trio, &number).await);
        let (su, su_app, _) = owing(&t, &exam, "苏晓").await;
        t.clock.set("2026-03-22 09:00");
        cancelled(&t, &exam, POSITION).await;
        assert_eq!(standing(&lin, &lin_app).await, ["live", "", "none", "paid"]);
        assert_eq!(standing(&su, &su_app).await, ["live", "", "none", "none"]);
        assert_eq!(view(&lin, &lin_app).await.next, Next::Reapply { open: false, ahead: true });
        assert!(titles(&lin).await.contains(&"报考岗位已取消，请改报".to_owned()));
        assert_eq!(refusal(moves(&lin, &exam, OTHER).await), "reapply_closed");
        sound(&t).await;

        t.clock.set("2026-03-24 09:00");
        t.run_jobs().await;
        assert_eq!(view(&lin, &lin_app).await.next, Next::Reapply { open: true, ahead: true });
        // Not back onto the cancelled one.
        assert_eq!(refusal(moves(&lin, &exam, POSITION).await), "registration_closed");
        assert_eq!(moves(&lin, &exam, OTHER).await.unwrap(), Some(Event::Move));
        assert_eq!(standing(&lin, &lin_app).await, ["live", "", "none", "paid"]);
        assert_ne!(view(&lin, &lin_app).await.next, Next::Reapply { open: true, ahead: true });
        // Once moved he is in a position that stands: nobody ends him when the window closes.
        t.clock.set("2026-03-26 08:01");
        t.run_jobs().await;
        assert_eq!(standing(&lin, &lin_app).await, ["live", "", "none", "paid"]);
        assert_eq!(standing(&su, &su_app).await, ["ended", "position_cancelled", "none", "none"]);
        sound(&t).await;
    }

    async fn who_was_approved_is_reviewed_afresh(t: TestApp) {
        let exam = t.recruitment(with_reapply).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let reviewer = t.staff(&[Role::FirstReviewer]).await;
        crate::review::approve(&reviewer.ctx().await, &id).await;
        assert_eq!(standing(&lin, &id).await[2], "approved");
        t.clock.set("2026-03-24 09:00");
        cancelled(&t, &exam, POSITION).await;
        assert_eq!(standing(&lin, &id).await, ["live", "", "none", "none"]);
        // While it stands on a cancelled position nobody reviews it.
        let ctx = reviewer.ctx().await;
        assert!(matches!(crate::review::decided(&ctx, &id).await, Err(Error::Refused(_))));
        assert_eq!(moves(&lin, &exam, OTHER).await.unwrap(), Some(Event::Move));
        assert_eq!(standing(&lin, &id).await, ["live", "", "pending", "none"]);
        crate::review::approve(&ctx, &id).await;
        assert_eq!(standing(&lin, &id).await, ["live", "", "approved", "due"]);
        let history = application::own_events(&lin.ctx(), &view(&lin, &id).await).await.unwrap();
        let events: Vec<_> = history.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(events, ["submit", "approve", "cancel_position", "move", "approve"]);
        sound(&t).await;
    }

    async fn who_does_not_choose_in_time_is_over_with_all_his_money(t: TestApp) {
        let mut s = stage(&t).await;
        s.exam = s.t.recruitment(|settings| {
            settings.steps.review = domain::exam::steps::ReviewStep::None;
            with_reapply(settings);
        }).await;
        let (lin, id, order) = owing(&s.t, &s.exam, "赵六").await;
        (s.lin, s.application, s.order) = (lin, id, order);
        let number = s.begin().await;
        assert!(s.bank.pay(&number) && s.notice(&number).await);
        s.t.clock.set("2026-03-24 09:00");
        cancelled(&s.t, &s.exam, POSITION).await;
        s.t.run_jobs().await;
        assert_eq!(standing(&s.lin, &s.application).await, ["live", "", "none", "paid"]);
        s.t.clock.set("2026-03-26 08:00");
        s.t.run_jobs().await;
        s.work().await;
        assert_eq!(standing(&s.lin, &s.application).await, ["ended", "position_cancelled", "none", "refunded"]);
        assert_eq!(refusal(moves(&s.lin, &s.exam, OTHER).await), "registration_closed");
        s.balances().await;
        sound(&s.t).await;
    }

    async fn a_crash_in_mid_way_tells_nobody_twice_and_forgets_nobody(t: TestApp) {
        let exam = t.recruitment(with_reapply).await;
        let mut people = Vec::new();
        for name in ["张三", "李四", "王五", "赵六", "钱七"] {
            let who = t.ready(name).await;
            let id = submitted(&who, &exam, POSITION).await;
            people.push((who, id));
        }
        let desk = Desk::of(&t).await;
        let id = asked(&desk.one.ctx().await, &t, &exam, POSITION).await;
        let now = found(&t, &exam).await;
        decision::decide(&desk.two.ctx().await, &now, &id, true, "").await.unwrap();
        let row = decision::find(&desk.one.ctx().await, &now, &id).await.unwrap().row;
        let ctx = t.system();
        // Positions, amendment, then two chunks of two, and the process dies; so does its job.
        for _ in 0..4 {
            assert!(carry::carry_some(&ctx, row.id, 2).await.unwrap().is_some());
        }
        let told = |people: &[Vec<String>]| people.iter().filter(|titles| titles.iter().any(|title| title.contains("请改报"))).count();
        let mut all = Vec::new();
        for (who, _) in &people { all.push(titles(who).await); }
        assert_eq!(told(&all), 4);
        crate::invariants::run(&t, &["UPDATE job SET state = 'dead', finished_at = 1 WHERE name = 'exam.carry_out'"]).await;
        t.clock.advance(120);
        t.run_jobs().await;
        t.run_jobs().await;
        for (who, id) in &people {
            let times = titles(who).await.iter().filter(|title| title.contains("请改报")).count();
            assert_eq!(times, 1);
            assert_eq!(standing(who, id).await, ["live", "", "none", "none"]);
        }
        let done = decision::find(&desk.one.ctx().await, &now, &id).await.unwrap();
        assert_eq!((done.row.state.as_str(), done.moved()), ("done", (0, 5)));
        sound(&t).await;
        // The control: without the trace of who was told, a job that lost its place tells everybody again.
        let again = ["UPDATE position_decision SET state = 'running'", "UPDATE position_decision_item SET state = 'flipped', reached = 0"];
        crate::invariants::run(&t, &again).await;
        while carry::carry_some(&ctx, row.id, 2).await.unwrap().is_some() {}
        let times = async |who: &TestCandidate| titles(who).await.iter().filter(|title| title.contains("请改报")).count();
        assert_eq!(times(&people[0].0).await, 1);
        crate::invariants::run(&t, &again).await;
        crate::invariants::run(&t, &["UPDATE application_event SET event = 'edit' WHERE event = 'cancel_position'"]).await;
        while carry::carry_some(&ctx, row.id, 2).await.unwrap().is_some() {}
        assert_eq!(times(&people[0].0).await, 2);
    }

    async fn one_who_cannot_be_moved_holds_up_nobody_and_is_come_back_to(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let mut people = Vec::new();
        for name in ["张三", "李四", "王五"] {
            let who = t.ready(name).await;
            let id = submitted(&who, &exam, POSITION).await;
            people.push((who, id));
        }
        let (_, broken) = &people[1];
        let version = |version: i64| format!("UPDATE application SET settings_version = {version} WHERE public_id = '{broken}'");
        let before = crate::invariants::text_of(&t, &format!("SELECT CAST(settings_version AS TEXT) FROM application WHERE public_id = '{broken}'")).await;
        crate::invariants::run(&t, &[&version(99)]).await;
        let id = cancelled(&t, &exam, POSITION).await;
        let exam_now = found(&t, &exam).await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let done = decision::find(&officer, &exam_now, &id).await.unwrap();
        assert_eq!((done.row.state.as_str(), done.moved()), ("done", (2, 0)));
        crate::invariants::run(&t, &[&version(before.parse().unwrap())]).await;
        assert_eq!(standing(&people[1].0, broken).await[0], "live");
        t.clock.advance(120);
        t.run_jobs().await;
        for (who, id) in &people {
            assert_eq!(standing(who, id).await[..2], ["ended", "position_cancelled"]);
        }
        sound(&t).await;
    }

    async fn a_request_of_finance_that_nobody_approved_does_not_stand_in_the_way(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number) && s.notice(&number).await);
        let finance = s.t.staff(&[Role::FinanceOfficer]).await;
        let order = s.history().await;
        payment::request_refund(&finance.ctx().await, &order.order.public_id, "agency").await.unwrap();
        cancelled(&s.t, &s.exam, POSITION).await;
        s.work().await;
        assert_eq!(standing(&s.lin, &s.application).await, ["ended", "position_cancelled", "none", "refunded"]);
        assert_eq!(s.bank.book().balance().get(), 0);
        s.balances().await;
        sound(&s.t).await;
    }

    async fn a_message_goes_by_sms_where_the_exam_says_so(t: TestApp) {
        let t = t.with(|setup| setup.policy.sms = true);
        for (wanted, says) in [(0, false), (1, true)] {
            let exam = t.recruitment(|settings| {
                with_reapply(settings);
                settings.notices.position_sms = says;
            }).await;
            let who = t.ready("林一舟").await;
            submitted(&who, &exam, POSITION).await;
            crate::invariants::run(&t, &["UPDATE account SET mobile_verified_at = 1"]).await;
            cancelled(&t, &exam, POSITION).await;
            t.clock.advance(60);
            t.run_jobs().await;
            let sent = t.sms.sent().into_iter().filter(|sms| sms.template == "position_changed").count();
            assert_eq!(sent, wanted);
        }
    }
}
