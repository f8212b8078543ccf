//! Days whose books move after their bill was compared, asked about or closed; days that nobody made; identities that change.

use app::Error;
use app::payment::{self, reconcile};
use db::{Command, Lane, Tx, p, sql};
use domain::payment::OrderState;
use domain::time::Date;
use gateways::payment::Channels;
use simulators::bank::{Call, Channel as _, Fate, Rates, RefundState};
use testkit::{TestApp, both_backends};

use super::super::refused;
use super::{APPID, Pay, Said, Stage, day, stage};

impl Stage {
    async fn closed(&self) -> String {
        let id = self.bill(day()).await.public_id;
        reconcile::ask_close(&self.one.ctx().await, &id)
            .await
            .unwrap();
        reconcile::sign(&self.two.ctx().await, &id, "")
            .await
            .unwrap();
        id
    }

    /// Somebody paid on the day; the channel's bill lacks it, nobody was told.
    async fn unheard(&self, name: &str) -> Pay {
        let pay = self.begun(name).await;
        self.t.clock.advance(5);
        self.trio
            .wechat
            .bank()
            .tell_always(Call::Query, Fate::Unreachable);
        assert!(self.trio.wechat.bank().pay(&pay.number));
        let mut table = self.table(day());
        table.take(&pay.number);
        self.say(day(), table.said());
        pay
    }

    async fn revenue(&self) -> (i64, i64) {
        let span = reconcile::Span {
            from: day(),
            to: day(),
            channel: "wechat".into(),
            exam_id: 0,
        };
        let all = reconcile::revenue(&self.finance().await, &span)
            .await
            .unwrap();
        (all.total.paid, all.total.refunded)
    }

    async fn state(&self, pay: &Pay) -> OrderState {
        payment::find(&pay.who.again().await.ctx(), &pay.order)
            .await
            .unwrap()
            .state
    }
}

/// Our payments of the day were made under another appid of the same account, or of another account.
struct Under(&'static str);

impl Command for Under {
    const NAME: &'static str = "test.under";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> app::Result<()> {
        tx.exec(
            sql!("UPDATE payment_attempt SET merchant = $1 WHERE paid_at IS NOT NULL"),
            p![self.0],
        )
        .await?;
        Ok(())
    }
}

both_backends! {
    async fn a_day_whose_books_moved_is_compared_again_before_anybody_closes_it(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        let late = s.unheard("李二").await;
        s.t.clock.set("2026-03-19 10:31");
        s.t.run_jobs().await;
        assert_eq!((s.found(day()).await, s.revenue().await), (vec![], (10_000, 0)));
        // The notice comes the next noon: it is the day's money all the same.
        s.t.clock.set("2026-03-19 12:00");
        s.deliver().await;
        let id = s.bill(day()).await.public_id;
        let ctx = s.one.ctx().await;
        assert_eq!(refused(reconcile::ask_close(&ctx, &id).await), "not_closable");
        s.t.clock.advance(120);
        s.t.run_jobs().await;
        assert_eq!(s.found(day()).await, [("local_only".to_owned(), late.number.clone())]);
        assert_eq!((s.bill(day()).await.stale_at, s.revenue().await), (None, (20_000, 0)));
    }

    async fn what_was_asked_to_be_closed_is_not_signed_on_old_sums(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        s.unheard("李二").await;
        s.t.clock.set("2026-03-19 10:31");
        s.t.run_jobs().await;
        let id = s.bill(day()).await.public_id;
        reconcile::ask_close(&s.one.ctx().await, &id).await.unwrap();
        s.deliver().await;
        let signed = reconcile::sign(&s.two.ctx().await, &id, "").await;
        assert!(matches!(signed, Err(Error::Conflict(_))), "{signed:?}");
        s.t.clock.advance(120);
        s.t.run_jobs().await;
        let bill = s.bill(day()).await;
        assert_eq!((bill.step.as_str(), bill.stale_at, bill.note.contains("又有变化")), ("open", None, true));
        assert_eq!(s.revenue().await, (20_000, 0));
    }

    async fn what_comes_for_a_closed_day_is_told_and_counted(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        let late = s.unheard("李二").await;
        s.t.clock.set("2026-03-19 10:31");
        s.t.run_jobs().await;
        let id = s.closed().await;
        s.deliver().await;
        assert_eq!(s.tickets().await, [("paid_after_close".to_owned(), late.number.clone())]);
        assert_eq!((s.state(&late).await, s.revenue().await), (OrderState::Paid, (20_000, 0)));
        let row = &payment::discrepancies(&s.finance().await, "open", None).await.unwrap()[0];
        assert!(row.detail.contains("还没有缴库") && row.urgent == 1, "{}", row.detail);
        // So the file has it.
        let one = s.one.ctx().await;
        let file = reconcile::treasury_file(&one, &id, app::copy::Format::Csv).await.unwrap();
        assert_eq!(file.rows, 2);
        reconcile::hand_over(&one, &id, "200").await.unwrap();
        assert_eq!(s.bill(day()).await.handed_amount, Some(20_000));
    }

    async fn what_is_on_its_way_back_is_not_handed_over(t: TestApp) {
        let s = stage(&t).await;
        let (pay, _) = (s.paid("退款").await, s.paid("李二").await);
        s.trio.wechat.bank().set_rates(Rates { slow_refunds: 1_000, ..Rates::default() });
        s.next_morning().await;
        let id = s.closed().await;
        let number = s.sent_back(&pay).await;
        let one = s.one.ctx().await;
        assert_eq!(refused(reconcile::hand_over(&one, &id, "200").await), "refunds_moving");
        assert_eq!(s.bill(day()).await.handed_at, None);
        s.trio.wechat.bank().finish_refund(&number, RefundState::Succeeded);
        s.deliver().await;
        // The file of before says 200: that isn't what is here.
        let stale = reconcile::hand_over(&one, &id, "200").await;
        assert!(matches!(&stale, Err(Error::Fields(errors)) if errors.get("amount").is_some_and(|text| text.contains("100.00"))), "{stale:?}");
        reconcile::hand_over(&one, &id, "100").await.unwrap();
        assert_eq!(s.bill(day()).await.handed_amount, Some(10_000));
    }

    async fn another_appid_of_the_same_account_is_the_same_money(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("张一").await;
        let account = s.t.app.channels().get("wechat").unwrap().merchant().split(':').next().unwrap().to_owned();
        let old: &'static str = Box::leak(format!("{account}:wx0ld").into_boxed_str());
        s.t.app.db().write(Lane::Interactive, Under(old)).await.unwrap();
        // Its lines name the old one too.
        let mut table = s.table(day());
        table.row(&pay.number)[APPID] = "wx0ld".into();
        s.say(day(), table.said());
        s.next_morning().await;
        assert_eq!((s.found(day()).await, s.bill(day()).await.equation().rest()), (vec![], 0));
        assert_eq!(s.revenue().await, (10_000, 0));
        let id = s.closed().await;
        let file = reconcile::treasury_file(&s.one.ctx().await, &id, app::copy::Format::Csv).await.unwrap();
        assert_eq!(file.rows, 1);
    }

    async fn money_of_another_account_is_never_a_match(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("张一").await;
        s.t.app.db().write(Lane::Interactive, Under("1999999999:wxother")).await.unwrap();
        s.next_morning().await;
        assert_eq!(s.found(day()).await, [("merchant".to_owned(), pay.number.clone())]);
        assert_eq!(s.bill(day()).await.equation().rest(), 0);
    }

    async fn a_day_that_was_left_out_is_made(t: TestApp) {
        let s = stage(&t).await;
        s.next_morning().await;
        // A standstill; the first thing that happens is that the operator asks for the last day.
        s.t.clock.set("2026-03-23 11:00");
        let ctx = s.t.system();
        reconcile::day_of(&ctx, "wechat", day().plus_days(4)).await.unwrap();
        s.t.run_jobs().await;
        let rows = reconcile::list(&s.finance().await, &reconcile::Search::default(), None, 50).await.unwrap();
        let days: Vec<String> = rows.into_iter().map(|row| row.day).collect();
        let all: Vec<String> = (0..5).rev().map(|n| day().plus_days(n).to_string()).collect();
        assert_eq!(days, all);
        // And its channel is asked, though nobody did.
        s.t.clock.advance(31 * 60);
        s.t.run_jobs().await;
        assert_eq!(s.bill(day().plus_days(4)).await.step, "open");
    }

    async fn the_days_of_a_channel_that_was_switched_off_are_missed(t: TestApp) {
        let s = stage(&t).await;
        s.next_morning().await;
        let _ = s.paid("次日").await;
        let off = s.t.with(|setup| setup.channels = Channels::new(Vec::new(), true).unwrap());
        off.clock.set("2026-03-20 14:01");
        off.run_jobs().await;
        let next: Date = day().plus_days(1);
        assert_eq!(s.bill(next).await.step, "waiting");
        assert!(s.tickets().await.contains(&("bill_missing".to_owned(), next.to_string())), "{:?}", s.tickets().await);
    }

    async fn the_bill_of_another_day_is_not_taken(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        s.paid("李二").await;
        s.say(day().plus_days(1), Said::Refused);
        s.t.clock.set("2026-03-20 10:31");
        s.t.run_jobs().await;
        let bytes = s.table(day()).text().into_bytes();
        let next = s.bill(day().plus_days(1)).await;
        let sent = reconcile::upload(&s.one.ctx().await, &next.public_id, ("账单.csv", bytes), "渠道后台下载").await;
        assert!(matches!(&sent, Err(Error::Fields(errors)) if errors.get("file").is_some_and(|text| text.contains("请核对日期"))), "{sent:?}");
    }
}
