//! The candidate's and the finance officer's pages.

use domain::payment::OrderState;
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{CHANNEL, stage};

both_backends! {
    async fn the_pages_lead_from_the_bill_to_the_receipt(t: TestApp) {
        let s = stage(&t).await;
        let mut browser = s.lin.browser();
        browser.get("/payments").await.expect(200).shows("2026年市直事业单位公开招聘").shows("待缴费").shows("100.00").lacks("查询支付结果");
        browser.get("/payments/unpaid").await.expect(200).shows("未支付").shows("作废").lacks("查询支付结果");
        let page = browser.get(&format!("/payments/{}/pay", s.order)).await.expect(200);
        let page = page.shows("确认缴费").shows("林一舟").shows("微信支付").lacks(&s.lin.person.number);
        let form = page.form(&format!("/payments/{}/pay", s.order)).set("channel", CHANNEL);
        browser.submit(form.clone().set("channel", "none")).await.expect(422).shows("请选择支付方式");
        browser.follow = false;
        let away = browser.submit(form.clone()).await.expect(303).location().unwrap();
        assert_eq!(away, format!("/payments/{}/checkout", s.order));
        let code = browser.get(&away).await.expect(200).shows("扫一扫").html();
        // The same button once more leads to the same cashier.
        assert_eq!(browser.submit(form).await.location().unwrap(), away);
        let picture = |html: &str| html.split("<svg").find(|part| part.len() > 2_000).map(str::to_owned).expect("a code");
        assert_eq!(picture(&browser.get(&away).await.html()), picture(&code));
        assert_eq!(s.bank.book().trades.len(), 1);
        browser.follow = true;
        // While nobody knows how it ended, asking comes before paying again.
        for list in ["/payments", "/payments/unpaid"] {
            let page = browser.get(list).await.expect(200).shows("支付中");
            assert!(page.link("查询支付结果").ends_with("/wait"), "{list}");
        }
        let number = s.history().await.attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        // The return changes nothing by itself; its page asks.
        let page = browser.get(&format!("/payments/{}/return", s.order)).await.expect(200).shows("正在确认，请勿重复支付");
        assert_eq!(s.state().await, OrderState::Paying);
        let ask = page.form(&format!("/payments/{}/ask", s.order));
        let page = browser.submit(ask).await.expect(200).shows("缴费成功").shows("当前").shows("打印缴费凭据");
        assert!(page.path().ends_with("/result"));
        let pdf = browser.get(&format!("/payments/{}/receipt", s.order)).await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));
        browser.get("/payments/unpaid").await.expect(200).shows("没有未支付的单据");
        browser.get("/payments").await.expect(200).shows("已支付");
        let no = s.history().await.number();
        browser.get(&format!("/payments/history?number={}", no.replace(' ', ""))).await.expect(200).shows(&no);
        browser.get("/payments/history?from=2026-03-01&to=2026-03-31").await.expect(200).shows(&no);
        browser.get("/payments/history?from=2026-03-17").await.expect(200).shows("没有符合条件");
        browser.get("/payments/history?from=bad").await.expect(200).shows("请填写日期");
        browser.get(&format!("/payments/{}", s.order)).await.expect(200).shows("支付记录").shows(&number);
    }

    async fn a_bill_is_voided_behind_a_page_that_asks_and_paid_anew(t: TestApp) {
        let s = stage(&t).await;
        let mut browser = s.lin.browser();
        let path = format!("/payments/{}/void", s.order);
        let page = browser.get(&path).await.expect(200).shows("作废不等于取消报名");
        let page2 = browser.submit(page.form(&path)).await.expect(200);
        page2.is_at("/payments/unpaid").shows("已作废").shows("没有未支付的单据");
        let raise = format!("/payments/raise/{}", s.application);
        let page = browser.get("/payments").await.expect(200);
        let page = browser.submit(page.form(&raise)).await.expect(200).shows("确认缴费");
        assert!(page.path().ends_with("/pay"));
        browser.get("/payments/unpaid").await.expect(200).shows("100.00");
    }

    async fn nobody_sees_or_pays_anothers_bill(t: TestApp) {
        let s = stage(&t).await;
        let wang = s.t.candidate("王二").await;
        let mut browser = wang.browser();
        for page in ["", "/pay", "/wait", "/return", "/result", "/void", "/receipt"] {
            browser.get(&format!("/payments/{}{page}", s.order)).await.expect(404);
        }
        for page in ["pay", "ask", "void"] {
            browser.post(&format!("/payments/{}/{page}", s.order), &[("channel", CHANNEL), ("n", "0")]).await;
        }
        browser.post(&format!("/payments/raise/{}", s.application), &[]).await.expect(404);
        assert!(s.history().await.attempts.is_empty());
        assert_eq!(s.state().await, OrderState::Unpaid);
    }

    async fn finance_sees_the_orders_and_what_does_not_match(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay_wrongly(&number, 10_001));
        assert!(s.notice(&number).await);
        let finance = s.t.staff(&[Role::FinanceOfficer]).await;
        let mut browser = finance.browser();
        browser.get("/office/payments").await.expect(200).shows("林一舟").shows("核查中").shows("异常单");
        browser.get(&format!("/office/payments?number={number}")).await.expect(200).shows("林一舟");
        browser.get("/office/payments?name=无此人").await.expect(200).shows("没有缴费单");
        browser.get("/office/payments?state=paid").await.expect(200).shows("没有缴费单");
        browser.get(&format!("/office/payments/{}", s.order)).await.expect(200).shows(&number).shows("信息不符");
        let page = browser.get("/office/payments/discrepancies").await.expect(200).shows("金额不符");
        let form = page.forms().into_iter().find(|form| form.path().contains("/discrepancies/") && !form.path().ends_with("/export") && !form.path().ends_with("/own")).unwrap();
        browser.submit(form.clone()).await.expect(422).shows("请写明核查结果");
        browser.submit(form.set("note", "与渠道核对，系测试数据")).await.expect(200).shows("没有异常单");
        browser.get("/office/payments/discrepancies?state=resolved").await.expect(200).shows("系测试数据");
        let reviewer = s.t.staff(&[Role::FirstReviewer]).await;
        reviewer.browser().get("/office/payments").await.expect(403);
    }

    async fn finance_finds_an_order_by_the_number_that_the_channel_gave_its_payment(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let channel_no = s.history().await.attempts[0].channel_no.clone().expect("the channel's number");
        assert_ne!(channel_no, number);
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        for found in [channel_no.clone(), format!("+{channel_no}+"), number] {
            browser.get(&format!("/office/payments?number={found}")).await.expect(200).shows("渠道交易号").shows("林一舟");
        }
        browser.get(&format!("/office/payments?number={channel_no}0")).await.expect(200).shows("没有缴费单");
    }
}
