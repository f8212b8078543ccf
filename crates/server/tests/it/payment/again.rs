//! Refunds that their channel doesn't carry out: sent again, raised anew, paid back by hand; what the books and the bill of the day say of each.

use app::payment::{self, ChannelSays, offline, reconcile};
use app::{Ctx, Error};
use db::{Crowd, p, sql};
use domain::payment::OrderState;
use domain::staff::Role;
use domain::time::Timestamp;
use simulators::bank::{Bank, Call, Channel as _, Fate, Mail, Rates, RefundState};
use testkit::{TestApp, TestCandidate, TestStaff, both_backends};

use super::channels::{self, Stage};
use super::{owing, refused};

pub(super) struct Case {
    pub(super) s: Stage,
    pub(super) who: TestCandidate,
    pub(super) order: String,
    pub(super) one: TestStaff,
    pub(super) two: TestStaff,
}

pub(super) fn ends(failed: u32, abnormal: u32) -> Rates {
    Rates {
        slow_refunds: 1_000,
        failed_refunds: failed,
        abnormal_refunds: abnormal,
        ..Rates::default()
    }
}

pub(super) fn document(number: &str) -> offline::Form {
    offline::Form {
        method: "transfer".into(),
        document_no: number.into(),
        amount: "100".into(),
        // Before anybody pays by a channel.
        paid_at: "2026-03-16 08:30".into(),
        remark: String::new(),
    }
}

impl Case {
    pub(super) async fn new(t: &TestApp) -> Self {
        let s = channels::stage_with(t, |settings| settings.fees.offline.taken = true).await;
        let (who, _, order) = owing(&s.t, &s.exam, "林一舟").await;
        let one = s.t.staff(&[Role::FinanceOfficer]).await;
        let two = s.t.staff(&[Role::FinanceOfficer]).await;
        Self {
            s,
            who,
            order,
            one,
            two,
        }
    }

    pub(super) fn bank(&self) -> &Bank {
        self.s.trio.wechat.bank()
    }

    pub(super) async fn pair(&self) -> (Ctx, Ctx) {
        (self.one.ctx().await, self.two.ctx().await)
    }

    /// Pays at the desk and by WeChat: what WeChat has must go back, and nothing of it is the order's.
    pub(super) async fn twice(&self) {
        let number = self.s.begin(&self.who, &self.order, "wechat").await;
        self.by_document("S-1", None).await;
        assert!(self.bank().pay(&number));
        self.s.deliver("wechat").await;
        self.passes(30).await;
    }

    /// Pays by WeChat, and finance sends it back.
    pub(super) async fn sent_back(&self) {
        let number = self.s.begin(&self.who, &self.order, "wechat").await;
        assert!(self.bank().pay(&number));
        self.s.deliver("wechat").await;
        let (one, two) = self.pair().await;
        payment::request_refund(&one, &self.order, "agency")
            .await
            .unwrap();
        let refund = self.refund(0).await.0;
        payment::decide_refund(&two, &refund, true, "")
            .await
            .unwrap();
        self.passes(30).await;
    }

    /// Somebody enters a document, of a payment or of a refund, and another confirms it.
    pub(super) async fn by_document(&self, number: &str, refund: Option<&str>) {
        let (one, two) = self.pair().await;
        match refund {
            None => offline::enter(&one, &self.order, &document(number), None)
                .await
                .unwrap(),
            Some(refund) => offline::enter_back(&one, refund, &document(number), None)
                .await
                .unwrap(),
        }
        let detail = payment::detail(&one, &self.order).await.unwrap();
        let entries = offline::entries(&one, detail.order.id).await.unwrap();
        offline::decide(&two, &entries.last().unwrap().public_id, true, "")
            .await
            .unwrap();
    }

    pub(super) async fn passes(&self, seconds: i64) {
        self.s.t.clock.advance(seconds);
        self.s.work().await;
        self.bank().settle_refunds();
        self.s.deliver("wechat").await;
        self.s.t.clock.advance(seconds);
        self.s.work().await;
    }

    /// A refund: public id, number, state.
    pub(super) async fn refund(&self, at: usize) -> (String, String, String) {
        let history = payment::find(&self.who.ctx(), &self.order).await.unwrap();
        let row = &history.refunds[at];
        (
            row.public_id.clone(),
            row.refund_no.clone(),
            row.state.clone(),
        )
    }

    pub(super) async fn open(&self) -> Vec<String> {
        let one = self.one.ctx().await;
        let rows = payment::discrepancies(&one, "open", None).await.unwrap();
        rows.into_iter().map(|row| row.kind).collect()
    }

    pub(super) async fn book(&self, name: &str) -> i64 {
        payment::trial_balance(&self.s.t.app)
            .await
            .unwrap()
            .balance(name)
    }

    /// The bill of the day: what of it is open, by class.
    async fn bill(&self) -> Vec<String> {
        let day = Timestamp::parse_local("2026-03-16 12:00").unwrap().date();
        self.s.t.clock.set("2026-03-17 11:00");
        let ctx = self.s.t.system();
        let id = reconcile::day_of(&ctx, "wechat", day).await.unwrap();
        reconcile::now(&ctx, id).await.unwrap();
        let scan = self.s.t.app.db().scan(Crowd::System);
        let rows: Vec<(String,)> = scan
            .rows(
                sql!("SELECT class FROM bill_finding WHERE state = 'open' ORDER BY class"),
                p![],
            )
            .await
            .unwrap();
        rows.into_iter().map(|(class,)| class).collect()
    }

    pub(super) async fn sound(&self) {
        self.s.balances().await;
        crate::positions::sound(&self.s.t).await;
    }
}

both_backends! {
    async fn what_the_channel_could_not_do_is_sent_again_under_its_number(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(0, 1_000));
        c.sent_back().await;
        let (refund, number, state) = c.refund(0).await;
        assert_eq!((state.as_str(), c.open().await), ("abnormal", vec!["refund_failed".to_owned()]));
        let (one, _) = c.pair().await;
        assert_eq!(refused(payment::request_again(&one, &refund).await), "not_refundable");
        // To no avail: it is the same matter.
        payment::send_again(&one, &refund).await.unwrap();
        assert_eq!(c.refund(0).await.2, "submitted");
        c.passes(30).await;
        assert_eq!((c.refund(0).await.2.as_str(), c.open().await.len()), ("abnormal", 1));
        // The channel's people found the payer; its notice is lost.
        c.bank().tell_mail(Mail::Lost);
        assert!(c.bank().finish_refund(&number, RefundState::Succeeded));
        payment::send_again(&one, &refund).await.unwrap();
        c.passes(30).await;
        assert_eq!(c.refund(0).await.2, "succeeded");
        assert_eq!(c.s.state(&c.who, &c.order).await, OrderState::Refunded);
        assert_eq!((c.bank().book().refunds.len(), c.open().await.len()), (1, 0));
        assert_eq!(refused(payment::send_again(&one, &refund).await), "not_abnormal");
        c.sound().await;
    }

    async fn what_the_channel_refused_goes_back_by_a_refund_of_its_own(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(1_000, 0));
        c.twice().await;
        let (refund, number, state) = c.refund(0).await;
        assert_eq!((state.as_str(), c.open().await), ("failed", vec!["refund_failed".to_owned()]));
        assert_eq!(c.bank().book().balance().get(), 10_000);
        c.bank().set_rates(Rates::default());
        let (one, two) = (c.one.clone(), c.two.clone());
        let order = format!("/office/payments/{}", c.order);
        let (mut asker, mut decider) = (one.browser(), two.browser());
        let page = asker.get(&order).await.expect(200);
        let at = page.link("办理…");
        let page = asker.get(&at).await.expect(200).shows("钱还在渠道").shows("登记线下退回…");
        asker.submit(page.form(&format!("{at}/again")).press("重新退款 100.00 元")).await.expect(200).is_at(&order).shows("等待另一位财务人员批准");
        // Once.
        let (one, _) = c.pair().await;
        assert_eq!(refused(payment::request_again(&one, &refund).await), "not_refundable");
        asker.get(&at).await.expect(200).lacks("重新退款 100.00 元").lacks("登记线下退回…");
        assert!(matches!(offline::enter_back(&one, &refund, &document("T-1"), None).await, Err(Error::Refused(_))));
        let at = decider.get(&order).await.expect(200).link("审批…");
        let page = decider.get(&at).await.expect(200);
        decider.submit(page.form(&at).press("批准退款 100.00 元")).await.expect(200);
        c.passes(30).await;
        let (_, second, state) = c.refund(1).await;
        assert_ne!(number, second);
        assert_eq!((state.as_str(), c.bank().book().balance().get()), ("succeeded", 0));
        assert_eq!(c.s.state(&c.who, &c.order).await, OrderState::Paid);
        c.sound().await;
    }

    async fn what_credits_an_order_is_asked_back_there(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(1_000, 0));
        c.sent_back().await;
        let (refund, _, _) = c.refund(0).await;
        assert_eq!(c.s.state(&c.who, &c.order).await, OrderState::Paid);
        let (one, _) = c.pair().await;
        assert_eq!(refused(payment::request_again(&one, &refund).await), "not_refundable");
        // Or it is paid back by hand: then the application isn't paid any more.
        c.by_document("T-1", Some(&refund)).await;
        assert_eq!(c.refund(0).await.2, "succeeded");
        let history = payment::find(&c.who.ctx(), &c.order).await.unwrap();
        assert_eq!((history.state, history.refunds.len()), (OrderState::Refunded, 1));
        // WeChat has its money as before, the centre's own account paid.
        assert_eq!((c.book("channel:wechat").await, c.book("channel:offline").await), (10_000, -10_000));
        // WeChat lists what it refused; that is told, and nothing to be done about.
        assert_eq!(c.bill().await, ["refund_pending"]);
        c.sound().await;
    }

    async fn what_goes_back_twice_is_asked_back(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(0, 1_000));
        c.twice().await;
        let (refund, number, state) = c.refund(0).await;
        assert_eq!(state, "abnormal");
        c.by_document("T-1", Some(&refund)).await;
        assert_eq!((c.refund(0).await.2.as_str(), c.open().await.len()), ("succeeded", 0));
        assert_eq!(c.bank().book().balance().get(), 10_000);
        c.sound().await;
        // The channel comes to the payer all the same, and says so three times.
        c.bank().tell_mail(Mail::Repeated(2));
        assert!(c.bank().finish_refund(&number, RefundState::Succeeded));
        for _ in 0..4 {
            c.s.deliver("wechat").await;
            c.s.t.clock.advance(5);
        }
        assert_eq!(c.open().await, ["refund_twice"]);
        assert_eq!((c.book("claims").await, c.bank().book().balance().get()), (10_000, 0));
        assert_eq!(c.bill().await, ["refund_state"]);
        c.sound().await;
    }

    async fn a_channel_is_asked_before_its_refund_is_paid_back_by_hand(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(0, 1_000));
        c.twice().await;
        let (refund, number, state) = c.refund(0).await;
        assert_eq!(state, "abnormal");
        let (one, _) = c.pair().await;
        // Who doesn't answer may have sent it.
        c.bank().tell_always(Call::QueryRefund, Fate::ServerError);
        assert_eq!(refused(offline::enter_back(&one, &refund, &document("T-1"), None).await), "channel_sends");
        assert_eq!(payment::ask_channel(&one, &refund).await.unwrap(), ChannelSays::NoAnswer);
        assert_eq!((c.refund(0).await.2.as_str(), c.open().await.len()), ("abnormal", 1));
        // Its people reach the payer, and the notice of it is lost.
        c.bank().tell_always(Call::QueryRefund, Fate::Fair);
        c.bank().tell_mail(Mail::Lost);
        assert!(c.bank().finish_refund(&number, RefundState::Succeeded));
        assert_eq!(refused(offline::enter_back(&one, &refund, &document("T-1"), None).await), "channel_sends");
        assert_eq!((c.refund(0).await.2.as_str(), c.open().await.len()), ("succeeded", 0));
        assert_eq!((c.book("claims").await, c.bank().book().balance().get()), (0, 0));
        assert_eq!(refused(offline::enter_back(&one, &refund, &document("T-1"), None).await), "not_to_pay_back");
        assert_eq!(refused(payment::ask_channel(&one, &refund).await), "not_sent");
        c.sound().await;
    }

    async fn what_the_channel_sent_meanwhile_is_not_confirmed(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(0, 1_000));
        c.twice().await;
        let (refund, number, _) = c.refund(0).await;
        let (one, two) = c.pair().await;
        offline::enter_back(&one, &refund, &document("T-1"), None).await.unwrap();
        c.bank().tell_mail(Mail::Lost);
        assert!(c.bank().finish_refund(&number, RefundState::Succeeded));
        let order = payment::detail(&one, &c.order).await.unwrap().order.id;
        let entry = offline::entries(&one, order).await.unwrap().pop().unwrap().public_id;
        let mut decider = c.two.browser();
        let at = format!("/office/payments/{}/offline/{entry}", c.order);
        let page = decider.get(&at).await.expect(200);
        decider.submit(page.form(&at).press("确认 100.00 元")).await.expect(422).shows("已记为退款成功").shows("不予确认");
        assert_eq!(c.refund(0).await.2, "succeeded");
        // The document stays until somebody says what it is worth.
        assert_eq!(offline::waiting(&two).await.unwrap().len(), 1);
        offline::decide(&two, &entry, false, "渠道已退，没有付出").await.unwrap();
        assert_eq!((c.book("claims").await, c.book("channel:offline").await), (0, 10_000));
        c.sound().await;
    }

    async fn finance_asks_a_channel_what_became_of_a_refund(t: TestApp) {
        let c = Case::new(&t).await;
        c.bank().set_rates(ends(0, 1_000));
        c.sent_back().await;
        let (_, number, _) = c.refund(0).await;
        let mut browser = c.one.browser();
        let order = format!("/office/payments/{}", c.order);
        let at = browser.get(&order).await.expect(200).link("办理…");
        let page = browser.get(&at).await.expect(200);
        let ask = format!("{at}/ask");
        browser.submit(page.form(&ask).press("查询渠道的结果")).await.expect(200).is_at(&at).shows("这笔款没有退给付款人");
        c.bank().tell_always(Call::QueryRefund, Fate::Unreachable);
        browser.submit(page.form(&ask).press("查询渠道的结果")).await.expect(200).is_at(&at).shows("渠道没有答复");
        c.bank().tell_always(Call::QueryRefund, Fate::Fair);
        c.bank().tell_mail(Mail::Lost);
        assert!(c.bank().finish_refund(&number, RefundState::Succeeded));
        browser.submit(page.form(&ask).press("查询渠道的结果")).await.expect(200).is_at(&at).shows("已记为退款成功");
        assert_eq!(c.s.state(&c.who, &c.order).await, OrderState::Refunded);
        c.sound().await;
    }
}
