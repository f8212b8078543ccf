//! 缴费 by WeChat Pay, Alipay and UnionPay, each against its own book: what each device is shown, and that money is found whatever
//! becomes of the notice.

use app::Actor;
use app::payment::{self, Payer, Started};
use domain::exam::settings::ExamSettings;
use domain::exam::steps::ReviewStep;
use domain::payment::OrderState;
use domain::staff::Role;
use http::HeaderValue;
use simulators::Trio;
use simulators::bank::{Channel, Mail};
use testkit::{TestApp, TestCandidate, TestExam, both_backends};

use super::owing;

const PHONE: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36";
const WECHAT: &str = "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0.49";

pub(super) struct Stage {
    pub(super) t: TestApp,
    pub(super) trio: Trio,
    pub(super) exam: TestExam,
}

async fn stage(t: &TestApp) -> Stage {
    stage_with(t, |_| {}).await
}

pub(super) async fn stage_with(t: &TestApp, set: impl FnOnce(&mut ExamSettings)) -> Stage {
    let (t, trio) = t.with_channels();
    let exam = t
        .recruitment(|settings| {
            settings.steps.review = ReviewStep::None;
            set(settings);
        })
        .await;
    Stage { t, trio, exam }
}

impl Stage {
    fn channel(&self, code: &str) -> std::sync::Arc<dyn Channel> {
        let mut all = self.trio.channels().into_iter();
        all.find(|channel| channel.code() == code)
            .expect("one of three")
    }

    pub(super) async fn state(&self, who: &TestCandidate, order: &str) -> OrderState {
        payment::find(&who.ctx(), order).await.unwrap().state
    }

    /// Begins a payment and follows it to the cashier; its number.
    pub(super) async fn begin(&self, who: &TestCandidate, order: &str, code: &str) -> String {
        let started = payment::pay(&who.ctx(), order, code, &Payer::default())
            .await
            .unwrap();
        let Started::Cashier(checkout) = started else {
            panic!("{started:?}")
        };
        assert!(simulators::visit(&*self.channel(code), &checkout));
        let history = payment::find(&who.ctx(), order).await.unwrap();
        history.latest().unwrap().merchant_no.clone()
    }

    /// Delivers what is due, as the channel does; whether all of it was acknowledged.
    pub(super) async fn deliver(&self, code: &str) -> bool {
        let channel = self.channel(code);
        let mut good = true;
        for letter in channel.bank().due() {
            let Some(request) = channel.write(&letter) else {
                continue;
            };
            let ctx = self.t.ctx(Actor::Gateway);
            let answer = payment::notice(&ctx, code, request.headers(), request.body()).await;
            let taken = answer.unwrap().expect("a channel");
            good &= taken.is_ok();
        }
        good
    }

    pub(super) async fn work(&self) {
        for _ in 0..50 {
            if payment::work(&self.t.system()).await.unwrap() == 0 {
                return;
            }
        }
    }

    /// What we hold of a channel is what it says that we hold.
    pub(super) async fn balances(&self) {
        let trial = payment::trial_balance(&self.t.app).await.unwrap();
        assert!(trial.unbalanced.is_empty());
        for channel in self.trio.channels() {
            let book = format!("channel:{}", channel.code());
            assert_eq!(
                trial.balance(&book),
                channel.bank().book().balance().get(),
                "{book}"
            );
        }
    }
}

const CODES: [&str; 3] = ["wechat", "alipay", "unionpay"];

/// What the first attribute of a name says.
fn attribute(html: &str, name: &str) -> String {
    let rest = html.split(&format!("{name}=\"")).nth(1);
    let value = rest.and_then(|rest| rest.split('"').next());
    value.expect(name).to_owned()
}

both_backends! {
    async fn each_device_is_led_its_way(t: TestApp) {
        let s = stage(&t).await;
        let (lin, _, order) = owing(&s.t, &s.exam, "林一舟").await;
        let pay = format!("/payments/{order}/pay");
        let mut desk = lin.browser();
        let page = desk.get(&pay).await.expect(200).shows("微信支付").shows("支付宝").shows("银联云闪付").shows("款项进入财政专户");
        // A code at a desk.
        for (code, name) in [("wechat", "微信支付"), ("alipay", "支付宝")] {
            let page = desk.submit(page.form(&pay).set("channel", code)).await.expect(200);
            page.is_at(&format!("/payments/{order}/checkout")).shows(name).shows("扫一扫").shows("100.00").shows("我已完成支付");
            assert!(desk.get(&format!("/payments/{order}/checkout")).await.html().contains("<svg"), "{name}");
            assert_eq!(desk.get(&format!("/payments/{order}/state")).await.expect(200).text(), "paying");
            // Another channel may follow: the one before is closed first. What nobody has scanned can't be closed at Alipay: a minute later it is
            // left to itself.
            s.t.clock.advance(61);
        }
        let page2 = desk.submit(page.form(&pay).set("channel", "unionpay")).await.expect(200);
        let page2 = page2.shows("正在前往银联云闪付");
        assert!(page2.html().contains("action=\"https://channels.example/unionpay/gateway/api/frontTransReq.do\""));
        assert!(page2.header("content-security-policy").unwrap().ends_with("form-action 'self' https:"));
        assert!(!desk.get(&pay).await.header("content-security-policy").unwrap().contains("https:"), "only that page");
        // Its cashier can't be closed before its time is over, and nobody knows before whether it is paid.
        let refused = desk.submit(page.form(&pay).set("channel", "wechat")).await;
        refused.shows("正在确认，请勿重复支付");

        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        let pay = format!("/payments/{order}/pay");
        let mut phone = wang.browser();
        phone.headers.insert("user-agent", HeaderValue::from_static(PHONE));
        let page = phone.get(&pay).await.expect(200);
        let page2 = phone.submit(page.form(&pay).set("channel", "alipay")).await.expect(200).shows("正在前往支付宝");
        assert!(page2.html().contains("alipay.trade.wap.pay"));
        // What nobody has opened can't be closed there either.
        phone.submit(page.form(&pay).set("channel", "wechat")).await.shows("正在确认，请勿重复支付");
        s.t.clock.advance(61);
        let page2 = phone.submit(page.form(&pay).set("channel", "wechat")).await.expect(200).shows("正在前往微信支付");
        assert!(page2.html().contains("https://channels.example/wechat/cashier/"));
        // Inside WeChat Alipay isn't opened.
        let mut inside = wang.browser();
        inside.headers.insert("user-agent", HeaderValue::from_static(WECHAT));
        inside.get(&format!("{pay}?round=over")).await.expect(200).lacks("手机上打开支付宝").lacks("手机上打开微信").shows("银联云闪付").shows("微信支付发起的付款还没有结果");
        assert!(s.trio.alipay.bank().book().trades.len() == 1, "a page payment begins with the browser");
    }

    async fn a_code_says_when_another_tab_has_begun_another_payment(t: TestApp) {
        let s = stage(&t).await;
        // What nobody has scanned is left to itself at Alipay, and closed at WeChat.
        for (name, before, after) in [("林一舟", "alipay", "wechat"), ("王二", "wechat", "alipay")] {
            let (who, _, order) = owing(&s.t, &s.exam, name).await;
            let pay = format!("/payments/{order}/pay");
            let mut desk = who.browser();
            let choice = desk.get(&pay).await.expect(200);
            let first = desk.submit(choice.form(&pay).set("channel", before)).await.expect(200).shows("扫一扫").html();
            let (watch, over) = (attribute(&first, "data-watch"), attribute(&first, "data-over"));
            assert_eq!(desk.get(&watch).await.expect(200).text(), "paying");
            desk.get(&over).await.expect(200).shows("扫一扫").lacks("已失效");
            s.t.clock.advance(61);
            let second = desk.submit(choice.form(&pay).set("channel", after)).await.expect(200).shows("扫一扫").html();
            assert_eq!(desk.get(&watch).await.expect(200).text(), "over", "{before}");
            let page = desk.get(&over).await.expect(200).shows("此二维码已失效").lacks("扫一扫");
            assert_eq!(page.link("继续支付"), pay);
            assert_eq!(desk.get(&attribute(&second, "data-watch")).await.expect(200).text(), "paying");
            if after == "wechat" {
                // He may go back to the first, which is open still, and comes to its code again.
                s.t.clock.advance(61);
                desk.submit(choice.form(&pay).set("channel", before)).await.expect(200).shows("扫一扫").lacks("已失效");
                assert_eq!(desk.get(&watch).await.expect(200).text(), "paying");
                s.t.clock.advance(61);
                desk.submit(choice.form(&pay).set("channel", after)).await.expect(200).shows("扫一扫");
                assert_eq!(desk.get(&watch).await.expect(200).text(), "over");
                // Paid by the other code, the tab goes on to the result.
                let number = payment::find(&who.ctx(), &order).await.unwrap().latest().unwrap().merchant_no.clone();
                assert!(s.channel(after).bank().pay(&number));
                assert!(s.deliver(after).await);
                assert_eq!(desk.get(&watch).await.expect(200).text(), "paid");
                desk.get(&over).await.expect(200).is_at(&format!("/payments/{order}/result"));
            }
        }
    }

    async fn inside_wechat_a_payer_is_asked_for_once_and_pays_there(t: TestApp) {
        let s = stage(&t).await;
        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        let pay = format!("/payments/{order}/pay");
        let known = format!("/payments/{order}/known");
        let mut inside = wang.browser();
        inside.headers.insert("user-agent", HeaderValue::from_static(WECHAT));
        let page = inside.get(&pay).await.expect(200).shows("正在向微信确认您的身份");
        let round = page.html().split("href=\"https://channels.example/wechat/connect").nth(1).expect("a way round").to_owned();
        let round = round.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        let query = round.split_once('?').unwrap().1.split('#').next().unwrap();
        let asked: std::collections::BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(asked["redirect_uri"], format!("{}{known}", testkit::BASE_URL));
        assert_eq!(asked["scope"], "snsapi_base", "nothing but his number, and nobody is asked to agree");
        // A code that somebody else was sent round for counts for nothing: who plants it would pay with his own account.
        for bad in ["", "x", "code=simulated", "code=simulated&state=forged"] {
            inside.get(&format!("{known}?{bad}")).await.expect(200).is_at(&pay).lacks("微信支付").shows("银联云闪付");
        }
        let (zhao, _, his) = owing(&s.t, &s.exam, "赵三").await;
        let mut other = zhao.browser();
        other.headers.insert("user-agent", HeaderValue::from_static(WECHAT));
        let state = &asked["state"];
        let page = other.get(&format!("/payments/{his}/known?code=simulated&state={state}")).await;
        page.expect(200).lacks("微信支付").shows("银联云闪付");
        other.get(&format!("{known}?code=simulated&state={state}")).await.expect(404);
        let page = inside.get(&format!("{known}?code=simulated&state={state}")).await;
        let page = page.expect(200).is_at(&pay).shows("微信支付").lacks("支付宝");
        let page = inside.submit(page.form(&pay).set("channel", "wechat")).await.expect(200).shows("请在弹出的窗口中完成支付");
        assert!(page.html().contains("prepay_id=wx"), "the app's own script is called");
        // His cookie is his: with another account in the same browser it says nothing.
        let cookie = inside.cookie("bk_payer").expect("kept").to_owned();
        other.set_cookie("bk_payer", &cookie);
        other.get(&format!("/payments/{his}/pay")).await.expect(200).shows("正在向微信确认您的身份");
        let history = payment::find(&wang.ctx(), &order).await.unwrap();
        let number = &history.latest().unwrap().merchant_no;
        assert!(s.channel("wechat").bank().pay(number));
        assert!(s.deliver("wechat").await);
        assert_eq!(s.state(&wang, &order).await, OrderState::Paid);
    }

    async fn a_notice_of_each_channel_pays_once_however_often_it_comes(t: TestApp) {
        let s = stage(&t).await;
        for (name, code) in ["林一舟", "王二", "赵三"].into_iter().zip(CODES) {
            let (who, _, order) = owing(&s.t, &s.exam, name).await;
            let number = s.begin(&who, &order, code).await;
            s.t.clock.advance(30);
            s.channel(code).bank().tell_mail(Mail::Repeated(2));
            assert!(s.channel(code).bank().pay(&number));
            assert!(s.deliver(code).await);
            assert_eq!(s.state(&who, &order).await, OrderState::Paid, "{code}");
            s.t.clock.advance(3);
            assert!(s.deliver(code).await, "again, and acknowledged");
            let history = payment::find(&who.ctx(), &order).await.unwrap();
            assert!(history.refunds.is_empty() && history.attempts.len() == 1);
        }
        s.balances().await;
    }

    async fn money_is_found_though_the_notice_is_lost(t: TestApp) {
        let s = stage(&t).await;
        for (name, code) in ["林一舟", "王二", "赵三"].into_iter().zip(CODES) {
            let (who, _, order) = owing(&s.t, &s.exam, name).await;
            let number = s.begin(&who, &order, code).await;
            s.t.clock.advance(30);
            s.channel(code).bank().tell_mail(Mail::Lost);
            assert!(s.channel(code).bank().pay(&number));
            assert!(s.deliver(code).await, "nothing comes");
            assert_eq!(s.state(&who, &order).await, OrderState::Paying);
            // UnionPay's own advice is to ask after five minutes.
            s.t.clock.advance(400);
            s.work().await;
            assert_eq!(s.state(&who, &order).await, OrderState::Paid, "{code}");
        }
        s.balances().await;
    }

    async fn a_refund_goes_back_by_the_channel_that_took_the_money(t: TestApp) {
        let s = stage(&t).await;
        let one = s.t.staff(&[Role::FinanceOfficer]).await.ctx().await;
        let two = s.t.staff(&[Role::FinanceOfficer]).await.ctx().await;
        for (name, code) in ["林一舟", "王二", "赵三"].into_iter().zip(CODES) {
            let (who, _, order) = owing(&s.t, &s.exam, name).await;
            let number = s.begin(&who, &order, code).await;
            s.t.clock.advance(30);
            assert!(s.channel(code).bank().pay(&number));
            assert!(s.deliver(code).await);
            // Who asks for a second cashier isn't led to one.
            let second = if code == "wechat" { "alipay" } else { "wechat" };
            let again = payment::pay(&who.ctx(), &order, second, &Payer::default()).await.unwrap();
            assert_eq!(again, Started::Paid);
            payment::request_refund(&one, &order, "agency").await.unwrap();
            let detail = payment::detail(&one, &order).await.unwrap();
            payment::decide_refund(&two, &detail.refunds[0].public_id, true, "").await.unwrap();
            s.work().await;
            // A refund that was taken is told of, or asked about.
            s.t.clock.advance(60);
            assert!(s.deliver(code).await);
            s.work().await;
            assert_eq!(s.state(&who, &order).await, OrderState::Refunded, "{code}");
            assert_eq!(s.channel(code).bank().book().refunded(&number), 10_000);
        }
        s.balances().await;
    }
}
