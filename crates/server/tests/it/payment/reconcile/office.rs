//! Closing a day by two, and bills that somebody uploads.

use app::Error;
use app::payment::{self, reconcile};
use domain::payment::OrderState;
use domain::staff::Role;
use simulators::bank::{Channel as _, Mail, Rates};
use testkit::{TestApp, both_backends};

use super::super::refused;
use super::{AMOUNT, FEE, NUMBER, OURS, Pay, Said, day, stage};

both_backends! {
    async fn a_day_is_closed_by_two_once_every_question_has_an_owner(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("张一").await;
        s.paid("李二").await;
        let mut table = s.table(day());
        table.row(&pay.number)[FEE] = "9.00".into();
        s.say(day(), table.said());
        s.next_morning().await;
        let bill = s.bill(day()).await;
        let (one, two) = (s.one.ctx().await, s.two.ctx().await);
        assert_eq!(refused(reconcile::ask_close(&one, &bill.public_id).await), "not_closable");
        let rows = payment::discrepancies(&one, "open", None).await.unwrap();
        payment::own_discrepancy(&one, &rows[0].public_id).await.unwrap();
        reconcile::ask_close(&one, &bill.public_id).await.unwrap();
        assert_eq!(refused(reconcile::sign(&one, &bill.public_id, "").await), "same_person");
        // Given back with a reason, asked again, signed by the other.
        assert!(matches!(reconcile::give_back(&two, &bill.public_id, "").await, Err(Error::Fields(_))));
        reconcile::give_back(&two, &bill.public_id, "请先核实手续费").await.unwrap();
        reconcile::ask_close(&two, &bill.public_id).await.unwrap();
        reconcile::sign(&one, &bill.public_id, "已核对").await.unwrap();
        let closed = s.bill(day()).await;
        assert_eq!((closed.label(), closed.closed_by.is_some()), ("已关账", true));
        // Nothing moves it any more.
        assert_eq!(refused(reconcile::fetch_again(&one, &bill.public_id).await), "day_closed");
        assert_eq!(refused(reconcile::compare_again(&one, &bill.public_id).await), "day_closed");
        let up = reconcile::upload(&one, &bill.public_id, ("x.csv", vec![1]), "渠道补发的账单").await;
        assert_eq!(refused(up), "day_closed");
        reconcile::now(&s.t.system(), bill.id).await.unwrap();
        assert_eq!(s.bill(day()).await.run, closed.run);
    }

    async fn an_uploaded_bill_counts_once_another_person_confirms_it(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        let lost = s.begun("掉单").await;
        // The channel is dumb: neither its notices nor its answers come through.
        s.trio.wechat.bank().set_rates(Rates { calls: 1_000, ..Rates::default() });
        s.trio.wechat.bank().tell_mail(Mail::Lost);
        assert!(s.trio.wechat.bank().pay(&lost.number));
        s.say(day(), Said::Refused);
        s.next_morning().await;
        let bill = s.bill(day()).await;
        let (one, two) = (s.one.ctx().await, s.two.ctx().await);
        let why = "渠道接口没有权限，从商户平台下载";
        let text = s.table(day()).text();
        for bad in [Vec::new(), b"not a bill".to_vec(), text.as_bytes()[..300].to_vec()] {
            let told = reconcile::upload(&one, &bill.public_id, ("bill.csv", bad), why).await;
            assert!(matches!(told, Err(Error::Fields(_))), "{told:?}");
        }
        let told = reconcile::upload(&one, &bill.public_id, ("bill.csv", text.clone().into_bytes()), "").await;
        assert!(matches!(told, Err(Error::Fields(_))), "{told:?}");
        reconcile::upload(&one, &bill.public_id, ("bill.csv", text.clone().into_bytes()), why).await.unwrap();
        s.t.run_jobs().await;
        let take = s.detail(day()).await.takes[0].clone();
        assert_eq!((take.state.as_str(), take.lines, take.paid), ("staged", 2, 20_000));
        let state = || async { payment::find(&lost.who.ctx(), &lost.order).await.unwrap().state };
        assert_eq!(state().await, OrderState::Paying, "one person's file pays nothing");
        let again = reconcile::upload(&one, &bill.public_id, ("bill.csv", text.clone().into_bytes()), why).await;
        assert_eq!(refused(again), "one_at_a_time");
        assert_eq!(refused(reconcile::confirm(&one, &bill.public_id, &take.public_id).await), "same_person");
        reconcile::confirm(&two, &bill.public_id, &take.public_id).await.unwrap();
        s.t.run_jobs().await;
        assert_eq!(state().await, OrderState::Paid);
        let now = s.bill(day()).await;
        assert_eq!((now.step.as_str(), now.matched, now.equation().rest()), ("open", 2, 0));
        // The same once more isn't needed; another can be given up.
        let same = reconcile::upload(&one, &bill.public_id, ("bill.csv", text.into_bytes()), why).await;
        assert!(matches!(same, Err(Error::Fields(_))), "{same:?}");
        s.t.run_jobs().await;
        let mut less = s.table(day());
        less.take(&lost.number);
        reconcile::upload(&one, &bill.public_id, ("bill.csv", less.text().into_bytes()), why).await.unwrap();
        s.t.run_jobs().await;
        let take = s.detail(day()).await.takes[0].clone();
        reconcile::discard(&one, &bill.public_id, &take.public_id).await.unwrap();
        assert_eq!(s.bill(day()).await.matched, 2);
    }
}

both_backends! {
    async fn finance_sees_the_day_and_closes_it_on_the_pages(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("张一").await;
        s.paid("李二").await;
        let mut table = s.table(day());
        table.row(&pay.number)[FEE] = "9.00".into();
        s.say(day(), table.said());
        s.next_morning().await;
        let bill = s.bill(day()).await;
        // Sessions of the day before are over.
        let finance = || async { s.t.staff(&[Role::FinanceOfficer]).await.browser() };
        let (mut one, mut two) = (finance().await, finance().await);
        let at = format!("/office/bills/{}", bill.public_id);
        one.get("/office/bills").await.expect(200).shows("2026-03-18").shows("微信支付").shows("有差异");
        one.get("/office/bills?state=closed").await.expect(200).shows("还没有对账");
        one.get("/office/bills?channel=wechat&state=open").await.expect(200).shows("有差异");
        let page = one.get(&at).await.expect(200).shows("手续费异常").shows("还不能关账").shows("200.00").lacks("提请关账…");
        drop(page);
        one.get(&format!("{at}/findings?class=fee")).await.expect(200).shows(&pay.number).shows("待核查");
        one.get(&format!("{at}/findings?class=foreign")).await.expect(200).shows("没有差异");
        one.get(&format!("{at}/lines")).await.expect(200).shows(&pay.number).shows("一致").shows("手续费异常");
        for list in ["/office/bills".to_owned(), format!("{at}/findings"), format!("{at}/lines")] {
            let page = one.get(&list).await.expect(200);
            let export = format!("{list}/export");
            one.submit(page.form(&export).set("format", "csv")).await.expect(200);
        }
        let page = one.get("/office/payments/discrepancies").await.expect(200).shows("手续费异常").shows("还没有人");
        let ticket = payment::discrepancies(&s.one.ctx().await, "open", None).await.unwrap()[0].public_id.clone();
        let own = format!("/office/payments/discrepancies/{ticket}/own");
        let page = one.submit(page.form(&own)).await.expect(200);
        let leave = format!("/office/payments/discrepancies/{ticket}/release");
        let page = one.submit(page.form(&leave)).await.expect(200).shows("还没有人");
        one.submit(page.form(&own)).await.expect(200);
        one.get(&at).await.expect(200).shows("提请关账…");
        let close = format!("{at}/close");
        let page = one.get(&close).await.expect(200).shows("另一位财务人员签字");
        one.submit(page.form(&close).set("decision", "ask")).await.expect(200).shows("待签字");
        one.get(&close).await.expect(200).lacks("签字关账");
        two.get("/office").await.expect(200).shows("对账待签字或确认");
        one.get("/office").await.expect(200).lacks("对账待签字或确认");
        let page = two.get(&close).await.expect(200).shows("签字关账");
        two.submit(page.form(&close).set("decision", "return")).await.expect(422).shows("请写明原因");
        let page = two.get(&close).await.expect(200);
        two.submit(page.form(&close).set("decision", "sign")).await.expect(200).shows("已关账");
        // The money of a closed day goes to the treasury, once.
        two.get("/office").await.expect(200).shows("已关账，待登记缴库");
        two.get("/office/bills?state=hand").await.expect(200).shows("2026-03-18").lacks("没有待缴库");
        let page = two.get(&at).await.expect(200).shows("登记已缴库");
        let file = two.submit(page.form(&format!("{at}/treasury/export")).set("format", "csv")).await.expect(200);
        let text = file.html();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains("张一") && text.contains(&pay.number) && text.contains("9.00"), "{text}");
        let hand = format!("{at}/treasury");
        let told = page.text();
        let sum = told.split("现在应缴 ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
        two.submit(page.form(&hand).set("amount", "1")).await.expect(422).shows(&format!("应缴 {sum} 元"));
        two.submit(page.form(&hand).set("amount", &sum)).await.expect(200).shows(&format!("登记已缴库 {sum} 元"));
        two.submit(page.form(&hand).set("amount", &sum)).await.expect(409);
        two.get("/office").await.expect(200).lacks("待登记缴库");
        two.get("/office/bills?state=hand").await.expect(200).shows("没有待缴库的收款");
        two.get("/office/bills?state=closed").await.expect(200).shows("2026-03-18");
        // An uploaded one, for the next day.
        s.say(day().plus_days(1), Said::Refused);
        s.t.clock.set("2026-03-20 10:31");
        s.t.run_jobs().await;
        let next = s.bill(day().plus_days(1)).await;
        let (mut one, mut two) = (finance().await, finance().await);
        let at = format!("/office/bills/{}", next.public_id);
        one.get(&at).await.expect(200).shows("NO_AUTH");
        let upload = format!("{at}/upload");
        let page = one.get(&upload).await.expect(200).shows("微信支付商户平台");
        one.submit(page.form(&upload).set("reason", "接口没有权限，手工下载").file("file", "bill.csv", "text/csv", b"nothing")).await.expect(422).shows("没有收下这份文件");
        let page = one.get(&upload).await.expect(200);
        let text = s.table(day().plus_days(1)).text();
        one.submit(page.form(&upload).set("reason", "接口没有权限，手工下载").file("file", "bill.csv", "text/csv", text.as_bytes())).await.expect(200);
        s.t.run_jobs().await;
        one.get(&at).await.expect(200).shows("等待确认").lacks("核对无误");
        let take = s.detail(day().plus_days(1)).await.takes[0].public_id.clone();
        let page = two.get(&at).await.expect(200).shows("核对无误");
        two.submit(page.form(&format!("{at}/takes/{take}/confirm"))).await.expect(200);
        s.t.run_jobs().await;
        let page = two.get(&at).await.expect(200).shows("提请关账…");
        two.submit(page.form(&format!("{at}/compare"))).await.expect(200);
        s.t.run_jobs().await;
        let page = two.get(&at).await.expect(200);
        two.submit(page.form(&format!("{at}/fetch"))).await.expect(200);
        s.t.run_jobs().await;
    }
}

both_backends! {
    async fn an_order_that_is_looked_into_is_released_by_two(t: TestApp) {
        let s = stage(&t).await;
        let pay = s.paid("张一").await;
        let unpaid = s.begun("李二").await;
        let mut table = s.table(day());
        table.row(&pay.number)[AMOUNT] = "100.01".into();
        // A sum that was never asked for, under a number that nobody paid.
        let mut other = table.row(&pay.number).clone();
        (other[NUMBER], other[OURS]) = ("4200007777".into(), unpaid.number.clone());
        other[AMOUNT] = "1.00".into();
        table.rows.push(other);
        s.say(day(), table.said());
        s.next_morning().await;
        let state = |pay: &Pay| { let (ctx, order) = (pay.who.ctx(), pay.order.clone()); async move { payment::find(&ctx, &order).await.unwrap().state } };
        assert_eq!((state(&pay).await, state(&unpaid).await), (OrderState::Hold, OrderState::Hold));
        let (one, two) = (s.one.ctx().await, s.two.ctx().await);
        let rows = payment::discrepancies(&one, "open", None).await.unwrap();
        let of = |number: &str| rows.iter().find(|row| row.merchant_no == number).unwrap().public_id.clone();
        let (paid, never) = (of(&pay.number), of(&unpaid.number));
        let why = "与商户平台核对，实收 100.00 元";
        let wrong = payment::propose_release(&one, &paid, "void", why).await;
        assert!(matches!(wrong, Err(Error::Fields(_))), "there is money: {wrong:?}");
        payment::propose_release(&one, &paid, "paid", why).await.unwrap();
        assert!(matches!(payment::propose_release(&two, &paid, "paid", why).await, Err(Error::Conflict(_))));
        assert!(matches!(payment::resolve(&two, &paid, "绕过复核").await, Err(Error::Conflict(_))));
        assert_eq!(refused(payment::decide_release(&one, &paid, true, "").await), "same_person");
        payment::decide_release(&two, &paid, false, "请附商户平台截图的编号").await.unwrap();
        payment::propose_release(&one, &paid, "paid", why).await.unwrap();
        payment::decide_release(&two, &paid, true, "").await.unwrap();
        assert_eq!(state(&pay).await, OrderState::Paid);
        assert_eq!(payment::question(&one, &paid).await.unwrap().row.state, "resolved");
        // The other has no money, and its try at the channel is over.
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let at = format!("/office/payments/discrepancies/{never}");
        let page = browser.get(&at).await.expect(200).shows("作废这张缴费单");
        let to = format!("{at}/propose");
        browser.submit(page.form(&to).set("release", "void")).await.expect(422).shows("请写明核查的依据");
        let page = browser.get(&at).await.expect(200);
        browser.submit(page.form(&to).set("release", "void").set("note", "渠道没有收款，账单行已由渠道更正")).await.expect(200).shows("等待另一位");
        let mut another = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let page = another.get(&at).await.expect(200).shows("同意办理");
        let to = format!("{at}/decide");
        another.submit(page.form(&to).set("decision", "refuse")).await.expect(422).shows("请写明原因");
        let page = another.get(&at).await.expect(200);
        another.submit(page.form(&to).set("decision", "agree")).await.expect(200).shows("已结案");
        assert_eq!(state(&unpaid).await, OrderState::Voided);
        // What its channel never had is off the books.
        let trial = payment::trial_balance(&s.t.app).await.unwrap();
        assert_eq!((trial.balance("channel:wechat"), trial.balance("surplus")), (10_000, 0));
    }

    async fn what_came_and_went_is_summed_by_day_and_exam(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        let back = s.paid("李二").await;
        s.sent_back(&back).await;
        s.t.clock.advance(60);
        s.deliver().await;
        s.work().await;
        s.next_morning().await;
        let span = reconcile::Span { from: day().plus_days(-3), to: day(), channel: String::new(), exam_id: 0 };
        let ctx = s.finance().await;
        let revenue = reconcile::revenue(&ctx, &span).await.unwrap();
        assert_eq!(revenue.days.len(), 1);
        let total = &revenue.total;
        assert_eq!((total.payments, total.paid, total.refunds, total.refunded, total.net()), (2, 20_000, 1, 10_000, 10_000));
        assert_eq!((revenue.exams.len(), revenue.exams[0].paid, revenue.fee), (1, 20_000, Some(0)));
        // Compared again, it is the same.
        let bill = s.bill(day()).await;
        reconcile::compare_again(&ctx, &bill.public_id).await.unwrap();
        s.t.run_jobs().await;
        assert_eq!(reconcile::revenue(&ctx, &span).await.unwrap().total, revenue.total);
        let of = reconcile::Span { exam_id: s.exam.id, ..span.clone() };
        assert_eq!(reconcile::revenue(&ctx, &of).await.unwrap().fee, None);
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let page = browser.get("/office/revenue").await.expect(200).shows("2026-03-18").shows("200.00").shows("100.00");
        browser.submit(page.form("/office/revenue/export").set("format", "csv")).await.expect(200);
        browser.get("/office/revenue?from=2020-01-01&to=2020-02-01").await.expect(200).shows("这段时间没有收入").lacks("没有对完");
    }

    async fn the_revenue_says_which_days_are_not_in_it(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        s.say(day(), Said::NotReady);
        s.next_morning().await;
        let span = reconcile::Span { from: day(), to: day(), channel: String::new(), exam_id: 0 };
        let ctx = s.finance().await;
        let revenue = reconcile::revenue(&ctx, &span).await.unwrap();
        let bill = s.bill(day()).await;
        assert_eq!((revenue.open.len(), revenue.total.paid), (1, 0));
        assert_eq!((revenue.open[0].public_id.as_str(), revenue.open[0].day.as_str()), (bill.public_id.as_str(), "2026-03-18"));
        // Beside the channels there is nothing to be compared.
        let beside = reconcile::Span { channel: "offline".into(), ..span.clone() };
        assert_eq!(reconcile::revenue(&ctx, &beside).await.unwrap().open, []);
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let page = browser.get("/office/revenue").await.expect(200).shows("还有 1 份对账单没有对完").shows("这段时间没有收入");
        let html = page.html();
        assert!(html.contains(&format!("/office/bills/{}\"", bill.public_id)) && html.contains("2026-03-18"), "{html}");
        // Once it is compared, nothing is missing.
        let table = s.table(day());
        s.say(day(), table.said());
        s.t.clock.set("2026-03-19 12:00");
        s.t.run_jobs().await;
        let revenue = reconcile::revenue(&ctx, &span).await.unwrap();
        assert_eq!((revenue.open.len(), revenue.total.paid), (0, 10_000));
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        browser.get("/office/revenue").await.expect(200).shows("100.00").lacks("没有对完");
    }

    async fn an_empty_bill_is_told_from_none(t: TestApp) {
        let s = stage(&t).await;
        s.say(day(), Said::Refused);
        s.next_morning().await;
        let up = format!("/office/bills/{}/upload", s.bill(day()).await.public_id);
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let form = browser.get(&up).await.expect(200).form(&up).set("reason", "渠道接口没有权限，从商户平台下载");
        browser.submit(form.clone()).await.expect(422).shows("没有选择文件");
        browser.submit(form.file("file", "bill.csv", "text/csv", b"")).await.expect(422).shows("文件是空的");
    }

    async fn revenue_of_more_than_a_year_is_refused_in_words(t: TestApp) {
        let s = stage(&t).await;
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let page = browser.get("/office/revenue?from=2024-03-01&to=2026-03-18").await.expect(200);
        let html = page.shows("一次最多看一年").lacks("这段时间没有收入").html();
        assert!(html.contains("2024-03-01") && html.contains("2026-03-18"), "what was typed stays: {html}");
        let span = reconcile::Span { from: day().plus_days(-367), to: day(), channel: String::new(), exam_id: 0 };
        let ctx = s.finance().await;
        let Err(Error::Fields(errors)) = reconcile::revenue(&ctx, &span).await else {
            panic!("too long");
        };
        assert!(errors.get("from").is_some());
        let taken = reconcile::export_revenue(&ctx, &span, app::copy::Format::Csv).await;
        assert!(matches!(taken, Err(Error::Fields(_))));
        let year = reconcile::Span { from: day().plus_days(-366), ..span };
        assert_eq!(reconcile::revenue(&ctx, &year).await.unwrap().days, []);
    }

    async fn the_operator_recovers_one_order(t: TestApp) {
        let s = stage(&t).await;
        let lost = s.begun("掉单").await;
        s.trio.wechat.bank().tell_mail(Mail::Lost);
        assert!(s.trio.wechat.bank().pay(&lost.number));
        let ctx = s.t.system();
        let tried = payment::recover(&ctx, &lost.number).await.unwrap();
        assert_eq!((tried.len(), tried[0].outcome), (1, Some("credited")));
        let order = payment::order_of(&ctx, &lost.number).await.unwrap();
        let again = payment::recover(&ctx, &order.order_no).await.unwrap();
        assert_eq!(again[0].outcome, Some("already_applied"));
        assert!(matches!(payment::recover(&ctx, "26999999999999").await, Err(Error::NotFound)));
    }
}
