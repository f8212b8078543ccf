//! News of a payment: notices, the button, the timer; in any order, late, forged, or of something else.

use app::payment::{self, Asked};
use domain::payment::evidence::{Evidence, News, Source};
use domain::payment::{OrderState, Outcome};
use simulators::bank::{Channel as _, Forgery};
use testkit::{TestApp, both_backends};

use super::{CHANNEL, deliver, letter, owing, refused, send, stage};

both_backends! {
    async fn a_notice_pays_once_however_often_it_comes(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert_eq!(s.state().await, OrderState::Paying);
        assert!(s.bank.pay(&number));
        for _ in 0..3 {
            assert!(s.notice(&number).await);
        }
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(s.track().await, "paid");
        assert_eq!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::Paid);
        s.work().await;
        assert!(s.history().await.refunds.is_empty());
        assert_eq!(s.open_discrepancies().await, Vec::<String>::new());
        s.balances().await;
    }

    async fn who_paid_is_told_once_what_for_and_what_comes_next(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        for _ in 0..3 {
            assert!(s.notice(&number).await);
        }
        s.work().await;
        let all = app::message::inbox(&s.ctx(), None).await.unwrap();
        let told: Vec<_> = all.iter().filter(|row| row.kind == "payment").collect();
        let [told] = told.as_slice() else {
            panic!("told once: {told:?}");
        };
        assert_eq!((told.title.as_str(), told.link.clone()), ("缴费成功：2026年市直事业单位公开招聘", format!("/payments/{}", s.order)));
        for what in ["数字资源管理", "100.00 元", s.history().await.number().as_str(), "起可以打印", "我的报名信息"] {
            assert!(told.body.contains(what), "{what}: {}", told.body);
        }
        s.lin.browser().get("/messages").await.expect(200).shows("缴费成功");
    }

    async fn a_lost_notice_is_found_by_the_button_the_return_page_and_the_timer(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        // Nobody has paid yet: that is no failure.
        assert_eq!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::NotPaid);
        assert!(s.bank.pay(&number));
        // Within ten seconds the channel isn't asked again.
        assert_ne!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::Paid);
        s.t.clock.advance(11);
        assert_eq!(payment::ask(&s.ctx(), &s.order).await.unwrap(), Asked::Paid);

        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        payment::pay(&wang.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
        let number = payment::find(&wang.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        assert_eq!(payment::ask_returned(&wang.ctx(), &order).await.unwrap(), Asked::Paid);

        let (zhao, _, order) = owing(&s.t, &s.exam, "赵三").await;
        payment::pay(&zhao.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
        let number = payment::find(&zhao.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.work().await;
        assert_eq!(payment::find(&zhao.ctx(), &order).await.unwrap().state, OrderState::Paid);
        // The notice comes in the end, and changes nothing.
        assert!(deliver(&s.t, &s.trio, &number).await);
        s.balances().await;
    }

    async fn a_query_that_lags_behind_is_asked_again(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        s.bank.lag_behind(&number, 2);
        for seconds in [20, 40, 80] {
            assert_eq!(s.state().await, OrderState::Paying);
            s.t.clock.advance(seconds);
            s.work().await;
        }
        assert_eq!(s.state().await, OrderState::Paid);
        s.balances().await;
    }

    async fn a_forged_notice_changes_nothing(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        for forgery in [Forgery::WrongKey, Forgery::Altered, Forgery::Stale] {
            assert!(!s.forged(&number, forgery).await, "{forgery:?}");
            assert_eq!(s.state().await, OrderState::Paying, "{forgery:?}");
        }
        // Money is there, and what tells of it is unsigned, or cut off.
        assert!(s.bank.pay(&number));
        for name in ["wechatpay-signature", "wechatpay-serial", "wechatpay-timestamp", "wechatpay-nonce"] {
            let mut unsigned = letter(&s.trio, &number);
            unsigned.headers_mut().remove(name);
            assert!(!send(&s.t, &unsigned).await, "{name}");
        }
        let mut cut = letter(&s.trio, &number);
        *cut.body_mut() = cut.body().slice(..cut.body().len() / 2);
        assert!(!send(&s.t, &cut).await);
        assert_eq!(s.state().await, OrderState::Paying);
        assert_eq!(s.track().await, "due");
        assert_eq!(s.open_discrepancies().await, Vec::<String>::new());
        // The control: the same notice unforged is believed.
        assert!(s.notice(&number).await);
        assert_eq!(s.state().await, OrderState::Paid);
    }

    async fn a_sum_that_differs_is_held_and_anothers_payment_freezes_nothing(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay_wrongly(&number, 10_001));
        assert!(s.notice(&number).await);
        assert_eq!(s.state().await, OrderState::Hold);
        assert_eq!(s.track().await, "due");
        assert_eq!(s.open_discrepancies().await, ["hold"]);
        assert_eq!(refused(payment::pay(&s.ctx(), &s.order, CHANNEL, &payment::Payer::default()).await), "order_not_open");
        // It credits nothing, and isn't lost either.
        let trial = payment::trial_balance(&s.t.app).await.unwrap();
        assert_eq!((trial.balance("channel:wechat"), trial.balance("surplus"), trial.balance("fees")), (10_001, -10_001, 0));

        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        payment::pay(&wang.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
        let number = payment::find(&wang.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.forged(&number, Forgery::OtherMerchant).await);
        // It is rightly signed and none of our money: whoever sends it can't freeze somebody's order.
        assert_eq!(payment::find(&wang.ctx(), &order).await.unwrap().state, OrderState::Paying);
        // A number that we never made is a discrepancy and nothing else; a hundred times is one line.
        for _ in 0..3 {
            assert!(s.strange_notice().await);
        }
        assert_eq!(s.open_discrepancies().await, ["unknown_order", "other_merchant", "hold"]);
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        assert_eq!(payment::find(&wang.ctx(), &order).await.unwrap().state, OrderState::Paid);
    }

    async fn any_order_of_the_same_news_ends_in_the_same_state(t: TestApp) {
        let s = stage(&t).await;
        let at = s.t.now();
        let orders: [[usize; 5]; 6] =
            [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 0, 4, 2, 3], [2, 4, 0, 3, 1], [3, 1, 2, 0, 4], [0, 0, 0, 4, 1]];
        let mut ends = Vec::new();
        for (index, order_of_news) in orders.iter().enumerate() {
            let (who, _, order) = owing(&s.t, &s.exam, "考生").await;
            payment::pay(&who.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
            let number = payment::find(&who.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
            let paid = s.paid(&number, &format!("S{index}"), at);
            let told = |news| Evidence { news, source: Source::Query, ..paid.clone() };
            let news = [
                paid.clone(),
                told(News::Closed),
                told(News::NotPaid { last: false }),
                told(News::Unknown),
                told(News::NotPaid { last: true }),
            ];
            for piece in order_of_news {
                s.settle(&news[*piece]).await;
            }
            let history = payment::find(&who.ctx(), &order).await.unwrap();
            ends.push((history.state, history.attempts[0].state.clone(), history.refunds.len()));
        }
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
        assert_eq!(ends[0].0, OrderState::Paid);
        let trial = payment::trial_balance(&s.t.app).await.unwrap();
        assert_eq!(trial.balance("channel:wechat"), 60_000);
        assert!(trial.unbalanced.is_empty());
    }

    async fn one_transaction_of_the_channel_pays_one_order(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        let at = s.t.now();
        s.settle(&s.paid(&number, "S1", at)).await;
        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        payment::pay(&wang.ctx(), &order, CHANNEL, &payment::Payer::default()).await.unwrap();
        let other = payment::find(&wang.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        let settled = s.settle(&s.paid(&other, "S1", at)).await;
        assert_eq!(settled.outcome, Outcome::AppliedElsewhere(number));
        assert_eq!(payment::find(&wang.ctx(), &order).await.unwrap().state, OrderState::Paying);
        assert_eq!(s.open_discrepancies().await, ["applied_elsewhere"]);
    }

    async fn a_notice_is_answered_as_the_channel_wants_it(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        let post = async |notice: http::Request<axum::body::Bytes>| {
            let mut browser = s.t.browser();
            let (head, body) = notice.into_parts();
            let mut request = browser.request(http::Method::POST, "/gateway/wechat/notice", body.into());
            request.headers_mut().extend(head.headers);
            browser.send(request).await
        };
        post(s.trio.wechat.forge(&number, Forgery::WrongKey).unwrap()).await.expect(401).shows("FAIL");
        assert_eq!(s.state().await, OrderState::Paying);
        let answer = post(letter(&s.trio, &number)).await.expect(200);
        assert_eq!(answer.html(), "{\"code\":\"SUCCESS\",\"message\":\"成功\"}");
        assert_eq!(s.state().await, OrderState::Paid);
    }
}
