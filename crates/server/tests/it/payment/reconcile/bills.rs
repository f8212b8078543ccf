//! Bills that come late, broken, empty, or not at all.

use app::payment::reconcile;
use gateways::payment::bill::BadBill;
use testkit::{TestApp, both_backends};

use super::super::refused;
use super::{AMOUNT, NUMBER, OURS, Said, at, day, stage};

both_backends! {
    async fn a_bill_that_is_missing_by_two_is_an_urgent_ticket_which_its_coming_answers(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("张一").await;
        s.t.clock.set("2026-03-19 10:29");
        s.t.run_jobs().await;
        let none = reconcile::list(&s.finance().await, &reconcile::Search::default(), None, 9).await.unwrap();
        assert!(none.iter().all(|row| row.day != "2026-03-18"), "not before half past ten");
        s.say(day(), Said::NotReady);
        s.next_morning().await;
        let bill = s.bill(day()).await;
        assert_eq!((bill.step.as_str(), bill.problem.as_str(), bill.tries), ("waiting", "渠道还没有生成对账单", 1));
        assert!(bill.next_at.unwrap() > at("2026-03-19 10:31").micros());
        for (clock, said) in [("2026-03-19 11:00", Said::Silent), ("2026-03-19 12:00", Said::Refused)] {
            s.say(day(), said);
            s.t.clock.set(clock);
            s.t.run_jobs().await;
            assert!(s.tickets().await.is_empty());
        }
        assert!(s.bill(day()).await.problem.contains("NO_AUTH"));
        s.t.clock.set("2026-03-19 14:00");
        s.t.run_jobs().await;
        s.t.clock.set("2026-03-19 14:02");
        s.t.run_jobs().await;
        assert_eq!(s.tickets().await, [("bill_missing".to_owned(), "2026-03-18".to_owned())], "told once");
        let rows = app::payment::discrepancies(&s.finance().await, "open", None).await.unwrap();
        assert!(rows[0].detail.contains("NO_AUTH"), "{}", rows[0].detail);
        let table = s.table(day());
        s.say(day(), table.said());
        s.t.clock.set("2026-03-19 16:30");
        s.t.run_jobs().await;
        let bill = s.bill(day()).await;
        assert_eq!((bill.step.as_str(), bill.matched, bill.equation().rest()), ("open", 1, 0));
        assert!(s.tickets().await.is_empty(), "{}", pay.number);
    }

    async fn nothing_of_a_broken_bill_is_stored(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        s.paid("李二").await;
        let whole = s.table(day()).text();
        let cut = whole.lines().take(2).collect::<Vec<_>>().join("\r\n");
        let mut lies = s.table(day()).text();
        lies = lies.replace("`200.00,`0.00\r\n", "`300.00,`0.00\r\n");
        let broken = [
            Said::Table(cut), Said::Table(lies), Said::Table("<html>502</html>".into()),
            Said::Bytes(vec![0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]), Said::Bytes(vec![0xff; 4096]),
        ];
        s.t.clock.set("2026-03-19 10:31");
        for said in broken {
            s.say(day(), said.clone());
            s.t.run_jobs().await;
            let bill = s.bill(day()).await;
            assert_eq!((bill.step.as_str(), bill.take), ("waiting", None), "{said:?}");
            assert!(bill.problem.starts_with("渠道给的对账单不能读"), "{}", bill.problem);
            s.t.clock.advance(3_700);
        }
        assert!(s.detail(day()).await.takes.is_empty());
        s.say(day(), Said::Table(whole));
        s.t.run_jobs().await;
        assert_eq!(s.bill(day()).await.matched, 2);
        assert_eq!(BadBill::TooLarge.to_string(), "文件太大，或压缩比异常");
    }

    async fn an_empty_day_is_a_bill(t: TestApp) {
        let s = stage(&t).await;
        s.next_morning().await;
        let bill = s.bill(day()).await;
        assert_eq!((bill.step.as_str(), bill.lines, bill.label()), ("open", 0, "已对平"));
        reconcile::ask_close(&s.one.ctx().await, &bill.public_id).await.unwrap();
        reconcile::sign(&s.two.ctx().await, &bill.public_id, "").await.unwrap();
        assert_eq!(s.bill(day()).await.label(), "已关账");
    }

    async fn a_day_is_compared_at_once_for_whoever_asks_on_the_command_line(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        let early = reconcile::day_of(&s.t.system(), "wechat", day()).await;
        assert_eq!(refused(early), "day_not_over");
        s.t.clock.set("2026-03-19 10:31");
        let ctx = s.t.system();
        assert_eq!(refused(reconcile::day_of(&ctx, "cash", day()).await), "no_bills");
        let id = reconcile::day_of(&ctx, "wechat", day()).await.unwrap();
        assert_eq!(reconcile::day_of(&ctx, "wechat", day()).await.unwrap(), id, "made once");
        for time in 0..2 {
            reconcile::now(&ctx, id).await.unwrap();
            let bill = s.bill(day()).await;
            assert_eq!((bill.step.as_str(), bill.lines, bill.label()), ("open", 1, "已对平"), "{time}");
        }
    }

    async fn days_of_a_standstill_are_made_up_for(t: TestApp) {
        let s = stage(&t).await;
        s.next_morning().await;
        s.t.clock.set("2026-03-22 11:00");
        s.t.run_jobs().await;
        let rows = reconcile::list(&s.finance().await, &reconcile::Search::default(), None, 9).await.unwrap();
        let days: Vec<_> = rows.iter().map(|row| (row.day.as_str(), row.step.as_str())).collect();
        assert_eq!(days, [("2026-03-21", "open"), ("2026-03-20", "open"), ("2026-03-19", "open"), ("2026-03-18", "open")]);
    }

    async fn a_bill_that_the_channel_mends_replaces_the_one_before(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("张一").await;
        let mut table = s.table(day());
        table.row(&pay.number)[AMOUNT] = "100.00".into();
        let whole = table.clone();
        table.take(&pay.number);
        s.say(day(), table.said());
        s.next_morning().await;
        assert_eq!(s.found(day()).await, [("local_only".to_owned(), pay.number.clone())]);
        s.say(day(), whole.said());
        let bill = s.bill(day()).await;
        reconcile::fetch_again(&s.finance().await, &bill.public_id).await.unwrap();
        s.t.run_jobs().await;
        assert!(s.found(day()).await.is_empty());
        s.t.clock.advance(120);
        s.t.run_jobs().await;
        let takes = s.detail(day()).await.takes;
        let states: Vec<_> = takes.iter().map(|take| take.state.as_str()).collect();
        assert_eq!(states, ["current", "dropped"]);
    }

    async fn a_reading_that_was_cut_off_goes_on_where_it_was(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("张一").await;
        let mut table = s.table(day());
        for n in 0..1_200 {
            let mut row = table.row(&pay.number).clone();
            (row[NUMBER], row[OURS]) = (format!("42001{n:06}"), format!("CANTEEN{n:014}"));
            table.rows.push(row);
        }
        s.say(day(), table.said());
        s.t.clock.set("2026-03-19 10:31");
        reconcile::plan(&s.t.system()).await.unwrap();
        // The worker is gone after a few commits.
        let id = s.bill(day()).await.id;
        let ctx = s.t.system();
        let _ = tokio::time::timeout(std::time::Duration::from_millis(30), reconcile::carry_on(&ctx, id, None)).await;
        s.t.run_jobs().await;
        let bill = s.bill(day()).await;
        assert_eq!((bill.step.as_str(), bill.lines, bill.matched, bill.findings), ("open", 1_201, 1, 1_200));
        assert_eq!(bill.equation().rest(), 0);
        // So many differences don't make so many tickets.
        let tickets = s.tickets().await;
        assert_eq!(tickets.iter().filter(|(kind, _)| kind == "bill_many").count(), 1);
        assert!(s.findings(day()).await.iter().all(|row| row.discrepancy_id.is_some()));
    }
}
