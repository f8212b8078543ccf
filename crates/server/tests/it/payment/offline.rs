//! 线下缴费: what two people say came by a document, and what they say went back.

use app::payment::offline::{self, EntryRow, Form};
use app::payment::reconcile::{self, Span};
use app::{Ctx, Error, payment};
use domain::exam::settings::ExamSettings;
use domain::payment::OrderState;
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{CHANNEL, Stage, owing, refused, stage, stage_with};

fn open(settings: &mut ExamSettings) {
    settings.fees.offline.taken = true;
    settings.fees.offline.how = "南屿市学府路 8 号一楼窗口".into();
}

fn document(number: &str) -> Form {
    Form {
        method: "cash".into(),
        document_no: number.into(),
        amount: "100".into(),
        paid_at: "2026-03-16 09:00".into(),
        remark: String::new(),
    }
}

async fn pair(s: &Stage) -> (Ctx, Ctx) {
    let one = s.t.staff(&[Role::FinanceOfficer]).await;
    let two = s.t.staff(&[Role::FinanceOfficer]).await;
    (one.ctx().await, two.ctx().await)
}

async fn last(s: &Stage, ctx: &Ctx) -> EntryRow {
    let detail = payment::detail(ctx, &s.order).await.unwrap();
    let all = offline::entries(ctx, detail.order.id).await.unwrap();
    all.last().unwrap().clone()
}

fn field<T: std::fmt::Debug>(answer: app::Result<T>, key: &str) -> String {
    match answer {
        Err(Error::Fields(errors)) => errors.get(key).expect("the field").to_owned(),
        other => panic!("no fields: {other:?}"),
    }
}

both_backends! {
    async fn a_document_that_two_people_vouch_for_pays_the_order(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        s.t.clock.set("2026-03-16 12:00");
        let wrong = Form { amount: "99".into(), ..document("S-1") };
        assert!(field(offline::enter(&one, &s.order, &wrong, None).await, "amount").contains("100.00"));
        let early = Form { paid_at: "2026-03-15 09:00".into(), ..document("S-1") };
        assert!(field(offline::enter(&one, &s.order, &early, None).await, "paid_at").contains("不能早于"));
        let ahead = Form { paid_at: "2026-03-16 12:01".into(), ..document("S-1") };
        assert!(field(offline::enter(&one, &s.order, &ahead, None).await, "paid_at").contains("不能晚于"));
        let number = Form { document_no: "收据一号".into(), ..document("S-1") };
        assert!(field(offline::enter(&one, &s.order, &number, None).await, "document_no").contains("2 至 40"));
        let scan: &[u8] = b"GIF89a";
        assert!(field(offline::enter(&one, &s.order, &document("S-1"), Some(("a.gif", scan))).await, "voucher").contains("JPG"));
        let none: &[u8] = b"";
        assert!(field(offline::enter(&one, &s.order, &document("S-1"), Some(("a.pdf", none))).await, "voucher").contains("是空的"));
        offline::enter(&one, &s.order, &document("S-1"), Some(("收据.pdf", b"%PDF-1.4"))).await.unwrap();
        assert_eq!(s.state().await, OrderState::Unpaid);
        // One word at a time, and one document counts once.
        assert!(matches!(offline::enter(&two, &s.order, &document("S-2"), None).await, Err(Error::Conflict(_))));
        let (_, _, other) = owing(&s.t, &s.exam, "苏晓").await;
        s.t.clock.set("2026-03-16 12:30");
        assert!(field(offline::enter(&one, &other, &document("S-1"), None).await, "document_no").contains("已经登记过"));
        let entry = last(&s, &one).await;
        assert_eq!(offline::voucher(&two, &entry.public_id).await.unwrap().bytes, b"%PDF-1.4");
        assert_eq!(refused(offline::decide(&one, &entry.public_id, true, "").await), "same_person");
        assert_eq!((offline::waiting(&one).await.unwrap().len(), offline::waiting(&two).await.unwrap().len()), (0, 1));
        offline::decide(&two, &entry.public_id, true, "").await.unwrap();
        assert!(matches!(offline::decide(&two, &entry.public_id, true, "").await, Err(Error::Conflict(_))));
        let history = s.history().await;
        assert_eq!((history.state, s.track().await.as_str()), (OrderState::Paid, "paid"));
        let credited = history.credited().unwrap();
        assert_eq!((credited.channel.as_str(), credited.channel_no.as_deref()), ("offline", Some("cash:S-1")));
        // Paid when the receipt says, not when somebody typed it.
        assert_eq!(credited.paid_at, domain::time::Timestamp::parse_local("2026-03-16 09:00").map(|at| at.micros()));
        assert!(payment::receipt(&s.ctx(), &s.order).await.unwrap().bytes.starts_with(b"%PDF"));
        s.work().await;
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn who_paid_at_the_counter_is_told_by_sms_too(t: TestApp) {
        let t = t.with(|setup| setup.policy.sms = true);
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        let (su, _, hers) = owing(&s.t, &s.exam, "苏晓").await;
        crate::invariants::run(&s.t, &["UPDATE account SET mobile_verified_at = 1"]).await;
        offline::enter(&one, &s.order, &document("S-1"), None).await.unwrap();
        offline::decide(&two, &last(&s, &one).await.public_id, true, "").await.unwrap();
        // Who pays at a channel looks at its page.
        payment::pay(&su.ctx(), &hers, CHANNEL, &payment::Payer::default()).await.unwrap();
        let number = payment::find(&su.ctx(), &hers).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number) && s.notice(&number).await);
        app::message::send_due(&s.t.system()).await.unwrap();
        let sent = s.t.sms.sent().into_iter().filter(|sms| sms.template == "payment_paid").count();
        assert_eq!(sent, 1);
        for ctx in [s.ctx(), su.ctx()] {
            let told = app::message::inbox(&ctx, None).await.unwrap();
            assert_eq!(told.iter().filter(|row| row.title.starts_with("缴费成功：")).count(), 1, "{told:?}");
        }
    }

    async fn money_at_a_channel_meanwhile_goes_back(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        let number = s.begin().await;
        let earlier = Form { paid_at: "2026-03-16 08:30".into(), ..document("S-1") };
        offline::enter(&one, &s.order, &earlier, None).await.unwrap();
        offline::decide(&two, &last(&s, &one).await.public_id, true, "").await.unwrap();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(30);
        s.work().await;
        let history = s.history().await;
        assert_eq!((history.state, history.credited().unwrap().channel.as_str()), (OrderState::Paid, "offline"));
        assert_eq!((history.refunds.len(), s.bank.book().balance().get()), (1, 0));
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn what_was_paid_or_replaced_meanwhile_is_not_confirmed(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        offline::enter(&one, &s.order, &document("S-1"), None).await.unwrap();
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let entry = last(&s, &one).await.public_id;
        assert_eq!(refused(offline::decide(&two, &entry, true, "").await), "not_owed");
        assert!(field(offline::decide(&two, &entry, false, "不").await, "note").contains("请写明原因"));
        offline::decide(&two, &entry, false, "考生已网上支付，窗口退回现金").await.unwrap();
        assert_eq!(last(&s, &one).await.state, "refused");
        assert_eq!(refused(offline::enter(&one, &s.order, &document("S-2"), None).await), "not_owed");
        crate::positions::sound(&s.t).await;
    }

    async fn cash_that_is_not_taken_is_followed_until_somebody_writes_that_it_went_back(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = (s.t.staff_named("钱来", &[Role::FinanceOfficer]).await, s.t.staff_named("周核", &[Role::FinanceOfficer]).await);
        let (mut clerk, mut other) = (one.browser(), two.browser());
        let (one, two) = (one.ctx().await, two.ctx().await);
        offline::enter(&one, &s.order, &document("S-1"), None).await.unwrap();
        other.get("/office/payments/offline").await.expect(200).shows("林一舟").lacks("须退还考生");
        let number = s.begin().await;
        assert!(s.bank.pay(&number) && s.notice(&number).await);
        // He paid online meanwhile: whoever looks reads that the cash goes back.
        other.get("/office/payments/offline").await.expect(200).shows("须退还考生");
        let at = format!("/office/payments/{}/offline/{}", s.order, last(&s, &one).await.public_id);
        clerk.get(&at).await.expect(200).shows("收的钱须退还考生");
        let page = other.get(&at).await.expect(200).shows("收的钱须退还考生").lacks("确认 100.00 元");
        let order = format!("/office/payments/{}", s.order);
        other.submit(page.form(&at).press("不予确认").set("note", "考生已网上支付")).await.expect(200).is_at(&order).shows("须退还考生");
        let ticket = payment::discrepancies(&one, "open", None).await.unwrap();
        let [ticket] = ticket.as_slice() else { panic!("{ticket:?}") };
        assert_eq!((ticket.kind.as_str(), ticket.amount, ticket.owner.as_deref()), ("offline_return", 10_000, Some("钱来")));
        assert!(ticket.detail.contains("凭证号 S-1") && ticket.detail.contains("考生已网上支付"), "{}", ticket.detail);
        // It is another question than what becomes of the order, and stands on the clerk's desk.
        assert!(payment::question(&one, &ticket.public_id).await.unwrap().possible.is_empty());
        let page = clerk.get(&at).await.expect(200).shows("窗口收的 100.00 元没有入账，须退还考生").shows("由 钱来 负责");
        let to = page.link("写明退还情况");
        // Who has it in hand doesn't say alone that it went back.
        clerk.get(&to).await.expect(200).shows("收款和结案不能是同一个人").lacks("已办好，结案");
        assert_eq!(refused(payment::resolve(&one, &ticket.public_id, "退了").await), "same_person");
        let page = other.get(&to).await.expect(200).shows("凭证号").shows("线下收款须退还考生");
        let form = page.form(&to);
        other.submit(form.clone()).await.expect(422).shows("请写明核查结果");
        other.submit(form.set("note", "钱来当面退还现金，考生签收")).await.expect(200);
        clerk.get(&at).await.expect(200).shows("收款已办结").shows("钱来当面退还现金，考生签收").lacks("须退还考生");
        clerk.get(&order).await.expect(200).shows("收款已办结");
        assert!(payment::discrepancies(&one, "open", None).await.unwrap().is_empty());
        // What is refused while the order still owes it may be entered rightly as well.
        let (_, _, hers) = owing(&s.t, &s.exam, "苏晓").await;
        offline::enter(&one, &hers, &document("S-3"), None).await.unwrap();
        let entry = offline::waiting(&two).await.unwrap().remove(0);
        assert!(!entry.is_late());
        offline::decide(&two, &entry.public_id, false, "收据号码抄错了").await.unwrap();
        assert_eq!(s.open_discrepancies().await, ["offline_refused"]);
        clerk.get(&format!("/office/payments/{hers}")).await.expect(200).shows("收款待处理").lacks("须退还考生");
        assert_eq!(payment::trial_balance(&s.t.app).await.unwrap().balance("channel:offline"), 0);
        crate::positions::sound(&s.t).await;
    }

    async fn it_goes_back_by_hand_and_two_people_say_so(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        offline::enter(&one, &s.order, &document("S-1"), None).await.unwrap();
        offline::decide(&two, &last(&s, &one).await.public_id, true, "").await.unwrap();
        payment::request_refund(&one, &s.order, "agency").await.unwrap();
        let refund = s.history().await.refunds[0].public_id.clone();
        // Not before it is approved.
        assert_eq!(refused(offline::enter_back(&one, &refund, &document("T-1"), None).await), "not_to_pay_back");
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        s.work().await;
        s.t.clock.advance_hours(8);
        s.work().await;
        let history = s.history().await;
        assert_eq!((history.refunds[0].state.as_str(), history.refunds[0].queries), ("approved", 0));
        let (_, progress) = payment::told(&s.ctx(), &history).await.unwrap();
        assert!(progress[0].by_hand);
        let today = Form { paid_at: "2026-03-16 09:00".into(), method: "transfer".into(), ..document("T-1") };
        offline::enter_back(&one, &refund, &today, None).await.unwrap();
        let entry = last(&s, &one).await.public_id;
        assert_eq!(refused(offline::decide(&one, &entry, true, "").await), "same_person");
        offline::decide(&two, &entry, true, "").await.unwrap();
        let history = s.history().await;
        assert_eq!((history.state, history.refunds[0].state.as_str()), (OrderState::Refunded, "succeeded"));
        assert_eq!(history.refunds[0].channel_no, "transfer:T-1");
        assert_eq!(s.track().await, "refunded");
        assert_eq!(payment::trial_balance(&s.t.app).await.unwrap().balance("channel:offline"), 0);
        // 收入 has both under the day on which they were booked, without a bill.
        let today = s.t.now().date();
        let span = Span { from: today, to: today, channel: String::new(), exam_id: s.exam.id };
        let revenue = reconcile::revenue(&one, &span).await.unwrap();
        assert_eq!((revenue.total.payments, revenue.total.paid, revenue.total.refunds, revenue.total.refunded), (1, 10_000, 1, 10_000));
        let names = [&revenue.channels[0].name, &revenue.days[0].name];
        assert_eq!(names, ["线下缴费", &today.to_string()]);
        let file = reconcile::export_revenue(&one, &span, app::copy::Format::Csv).await.unwrap();
        assert_eq!(file.rows, 1);
        let elsewhere = Span { channel: "nontax".into(), ..span };
        assert_eq!(reconcile::revenue(&one, &elsewhere).await.unwrap().days, []);
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn only_where_the_exam_takes_it(t: TestApp) {
        let s = stage(&t).await;
        let (one, _) = pair(&s).await;
        assert_eq!(refused(offline::enter(&one, &s.order, &document("S-1"), None).await), "offline_closed");
        let pay = format!("/payments/{}/pay", s.order);
        s.lin.browser().get(&pay).await.expect(200).lacks("线下缴费");
        let officer = s.t.staff(&[Role::ExamOfficer]).await.ctx().await;
        assert!(matches!(offline::enter(&officer, &s.order, &document("S-1"), None).await, Err(Error::Forbidden)));
    }

    async fn the_pages_lead_from_the_document_to_the_paid_order(t: TestApp) {
        let s = stage_with(&t, open).await;
        s.lin.browser().get(&format!("/payments/{}/pay", s.order)).await.expect(200).shows("也可以线下缴费").shows("学府路 8 号");
        let one = s.t.staff_named("钱来", &[Role::FinanceOfficer]).await;
        let two = s.t.staff_named("周核", &[Role::FinanceOfficer]).await;
        let order = format!("/office/payments/{}", s.order);
        let (mut asker, mut decider) = (one.browser(), two.browser());
        let page = asker.get(&order).await.expect(200);
        let at = page.link("登记线下缴费…");
        let page = asker.get(&at).await.expect(200).shows("应为 100.00 元");
        let form = page.form(&at).set("method", "transfer").set("document_no", "HD20260316001").set("amount", "100").set("paid_at", "2026-03-16T08:30");
        asker.submit(form.clone().set("amount", "1")).await.expect(422).shows("应为 100.00 元");
        let form = form.file("voucher", "回单.png", "image/png", b"\x89PNG\r\n\x1a\nslip");
        asker.submit(form).await.expect(200).is_at(&order).shows("等待另一位财务人员复核").shows("HD20260316001");
        let page = asker.get(&order).await.expect(200).lacks("登记线下缴费…");
        let entry = page.link("HD20260316001");
        asker.get(&entry).await.expect(200).shows("须由另一位财务人员复核");
        decider.get("/office").await.expect(200).shows("线下缴费待复核");
        let list = decider.get("/office/payments/offline").await.expect(200).shows("林一舟").shows("银行转账");
        assert!(list.own_links().contains(&entry));
        asker.get("/office/payments/offline").await.expect(200).shows("没有等您复核");
        let page = decider.get(&entry).await.expect(200).shows("钱来");
        decider.get(&page.link("查看")).await.expect(200);
        decider.submit(page.form(&entry).press("不予确认")).await.expect(422).shows("请写明原因");
        decider.submit(page.form(&entry).press("确认 100.00 元")).await.expect(200).is_at(&order).shows("线下登记已确认").shows("线下缴费支付成功");
        s.lin.browser().get(&format!("/payments/{}", s.order)).await.expect(200).shows("已支付").shows("线下缴费");
        // And back.
        let page = asker.get(&order).await.expect(200);
        asker.submit(page.form(&format!("{order}/refund")).set("reason", "agency")).await.expect(200);
        let page = decider.get(&order).await.expect(200);
        let refund = page.link("审批…");
        let page = decider.get(&refund).await.expect(200);
        decider.submit(page.form(&refund).press("批准退款 100.00 元")).await.expect(200);
        s.work().await;
        s.lin.browser().get(&format!("/payments/{}", s.order)).await.expect(200).shows("由财务人员转到您提供的收款账户");
        let back = asker.get(&order).await.expect(200).link("登记线下退回…");
        let page = asker.get(&back).await.expect(200).shows("登记线下退回");
        let form = page.form(&back).set("method", "transfer").set("document_no", "HD20260316002").set("amount", "100").set("paid_at", "2026-03-16T09:00");
        asker.submit(form).await.expect(200).is_at(&order);
        let entry = decider.get(&order).await.expect(200).link("HD20260316002");
        let page = decider.get(&entry).await.expect(200);
        decider.submit(page.form(&entry).press("确认 100.00 元")).await.expect(200).shows("已退款");
        s.lin.browser().get(&format!("/payments/{}", s.order)).await.expect(200).shows("已退款").shows("到账");
    }
}
