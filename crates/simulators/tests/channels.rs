//! The three channels' gateways against their simulated other sides, in one process: what is signed is believed, what isn't is not, and
//! doubt stays doubt.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use domain::clock::Clock;
use domain::money::Fen;
use domain::payment::evidence::{News, Source};
use domain::time::{Date, Timestamp};
use gateways::payment::bill::{BadBill, BillKind, BillLine};
use gateways::payment::{
    BadNotice, BillAnswer, Checkout, CreateAnswer, Device, Named, NewPayment, NewRefund, Payer,
    PaymentGateway, RefundNews, Told, Transport, Way,
};
use http::{Request, Response};
use simulators::bank::{About, Bank, Call, Channel, Fate, RefundState};
use simulators::{Keys, Trio};

const ORIGIN: &str = "http://127.0.0.1:9";
const NOTIFY: &str = "http://127.0.0.1:1/gateway/notice";

#[derive(Debug)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

impl Hand {
    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }
}

fn start() -> Timestamp {
    Timestamp::parse_local("2026-03-18 09:40:00").unwrap()
}

/// Keys are dear: one set for all tests of the process.
fn keys() -> Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::generate(start()).expect("keys"))
        .clone()
}

/// One channel, from both sides.
struct Case {
    gateway: Arc<dyn PaymentGateway>,
    channel: Arc<dyn Channel>,
    clock: Arc<Hand>,
}

fn cases() -> Vec<Case> {
    let clock = Arc::new(Hand(AtomicI64::new(start().micros())));
    let ours: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let banks = [1, 2, 3].map(|seed| Bank::new(Arc::clone(&ours), seed));
    let trio = Trio::new(ORIGIN, keys(), banks).unwrap();
    let link: Arc<dyn Transport> = Arc::new(trio.link());
    let gateways = trio.gateways(&ours, &link).unwrap();
    gateways
        .into_iter()
        .zip(trio.channels())
        .map(|(gateway, channel)| {
            assert_eq!(gateway.info().code, channel.code());
            Case {
                gateway,
                channel,
                clock: Arc::clone(&clock),
            }
        })
        .collect()
}

/// Each on its own, whatever became of the others' clock.
macro_rules! each {
    ($case:ident => $body:block) => {
        for index in 0..3 {
            let $case = cases().swap_remove(index);
            $body
        }
    };
}

impl Case {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn payment(&self, n: u32, device: Device) -> NewPayment {
        NewPayment {
            merchant_no: format!("P20260318094000{n:013}"),
            begun_at: self.now(),
            amount: Fen::new(12_000 + i64::from(n)),
            subject: "考试报名费 JF 260318 0000 0412".to_owned(),
            expires_at: self.now().plus_seconds(1_800),
            notify_url: NOTIFY.to_owned(),
            return_url: "http://127.0.0.1:1/payments/a/return".to_owned(),
            payer: Payer {
                device,
                ip: "203.0.113.7".to_owned(),
            },
        }
    }

    /// Begins a payment, as far as the payer's browser or phone takes it.
    async fn begun(&self, n: u32, device: Device) -> NewPayment {
        let payment = self.payment(n, device);
        let answer = self.gateway.create(&payment).await;
        let CreateAnswer::Checkout(checkout) = answer else {
            panic!("{answer:?}")
        };
        self.visit(&checkout);
        payment
    }

    /// The payer follows his way to the cashier.
    fn visit(&self, checkout: &Checkout) {
        assert!(simulators::visit(&*self.channel, checkout), "{checkout:?}");
    }

    fn bank(&self) -> &Bank {
        self.channel.bank()
    }

    async fn query(&self, payment: &NewPayment) -> News {
        let evidence = self.gateway.query(&named(payment), Source::Query).await;
        assert_eq!(evidence.merchant, self.gateway.merchant());
        assert_eq!(evidence.merchant_no, payment.merchant_no);
        evidence.news
    }

    async fn paid(&self, n: u32) -> (NewPayment, Named) {
        let payment = self.begun(n, Device::Desk).await;
        assert!(self.bank().pay(&payment.merchant_no));
        let News::Paid(paid) = self.query(&payment).await else {
            panic!("paid")
        };
        let of = Named {
            channel_no: Some(paid.channel_no),
            ..named(&payment)
        };
        (payment, of)
    }

    fn refund(&self, n: u32, payment: &NewPayment, of: &Named, amount: i64) -> NewRefund {
        NewRefund {
            refund_no: format!("R20260318094000{n:013}"),
            begun_at: self.now(),
            of: of.clone(),
            amount: Fen::new(amount),
            total: payment.amount,
            reason: "岗位取消".to_owned(),
            notify_url: NOTIFY.to_owned(),
        }
    }

    /// The notices that are due, as they come in.
    fn letters(&self) -> Vec<Request<Bytes>> {
        let due = self.bank().due();
        due.iter()
            .filter_map(|letter| self.channel.write(letter))
            .collect()
    }

    fn told(&self, letter: &Request<Bytes>) -> Result<Told, BadNotice> {
        self.gateway
            .notice(letter.headers(), letter.body())
            .map(|notice| notice.told)
    }

    async fn bill(&self, day: Date) -> Result<Vec<BillLine>, BadBill> {
        let answer = self.gateway.bill(day).await;
        let BillAnswer::File(file) = answer else {
            panic!("{answer:?}")
        };
        self.gateway.bills().unwrap().lines(file)?.collect()
    }
}

fn named(payment: &NewPayment) -> Named {
    Named {
        merchant_no: payment.merchant_no.clone(),
        begun_at: payment.begun_at,
        channel_no: None,
    }
}

#[tokio::test]
async fn a_payment_is_begun_by_each_device_paid_told_and_found() {
    each!(case => {
        let devices = [Device::Desk, Device::Phone, Device::WeChat { openid: Some("o-simulated-payer".into()) }];
        for (n, device) in devices.into_iter().enumerate() {
            let Some(way) = case.gateway.way(&device) else {
                assert_eq!((case.channel.code(), n), ("alipay", 2), "only Alipay isn't opened by WeChat");
                continue;
            };
            let payment = case.payment(u32::try_from(n).unwrap(), device.clone());
            let CreateAnswer::Checkout(checkout) = case.gateway.create(&payment).await else { panic!("{device:?}") };
            assert_eq!(checkout.way(), way);
            case.visit(&checkout);
            assert_eq!(case.query(&payment).await, News::NotPaid { last: false });
            assert!(case.letters().is_empty());
            case.clock.advance(20);
            assert!(case.bank().pay(&payment.merchant_no));
            let News::Paid(paid) = case.query(&payment).await else { panic!("paid") };
            assert_eq!((paid.amount, paid.currency.as_str()), (payment.amount, "CNY"));
            assert_eq!(paid.paid_at, case.now());
            let letters = case.letters();
            assert_eq!(letters.len(), 1);
            match case.told(&letters[0]).unwrap() {
                Told::Payment(evidence) => {
                    assert_eq!(evidence.news, News::Paid(paid));
                    assert_eq!((evidence.merchant.as_str(), evidence.merchant_no), (case.gateway.merchant(), payment.merchant_no.clone()));
                }
                Told::AskPayment(number) => assert_eq!((number, case.channel.code()), (payment.merchant_no.clone(), "unionpay")),
                other => panic!("{other:?}"),
            }
            let said = case.gateway.acknowledgement();
            assert!(case.channel.accepts(&Response::new(Bytes::from_static(said.body.as_bytes()))));
            let mut refused = Response::new(Bytes::from_static(case.gateway.refusal().body.as_bytes()));
            *refused.status_mut() = http::StatusCode::UNAUTHORIZED;
            assert!(!case.channel.accepts(&refused));
        }
    });
}

#[tokio::test]
async fn the_same_number_is_the_same_payment() {
    each!(case => {
        let payment = case.begun(1, Device::Desk).await;
        let again = case.gateway.create(&payment).await;
        let CreateAnswer::Checkout(checkout) = again else { panic!("{again:?}") };
        case.visit(&checkout);
        assert_eq!(case.bank().book().trades.len(), 1);
    });
}

#[tokio::test]
async fn what_is_closed_takes_no_money_and_what_is_paid_is_not_closed() {
    each!(case => {
        let payment = case.begun(1, Device::Desk).await;
        case.bank().see(&payment.merchant_no);
        let closed = case.gateway.close(&named(&payment)).await.news;
        if case.channel.code() == "unionpay" {
            // It can't be closed; its time ends.
            assert_eq!(closed, News::NotPaid { last: false });
            case.clock.advance(1_801);
        } else {
            assert_eq!(closed, News::Closed);
        }
        assert!(!case.bank().pay(&payment.merchant_no));
        assert!(!matches!(case.query(&payment).await, News::Paid(_) | News::Unknown));
        let (other, _) = case.paid(2).await;
        assert!(matches!(case.gateway.close(&named(&other)).await.news, News::Paid(_)));
    });
}

#[tokio::test]
async fn a_refund_goes_back_once_however_often_it_is_sent() {
    each!(case => {
        let (payment, of) = case.paid(1).await;
        drop(case.letters());
        let refund = case.refund(1, &payment, &of, 5_000);
        assert_eq!(case.gateway.query_refund(&refund).await, RefundNews::Missing);
        let first = case.gateway.refund(&refund).await;
        assert!(matches!(first, RefundNews::Succeeded { .. } | RefundNews::Processing), "{first:?}");
        let again = case.gateway.refund(&refund).await;
        // UnionPay says that it had it before, which tells nothing of what became of it.
        let doubt = case.channel.code() == "unionpay" && again == RefundNews::Unknown;
        assert!(doubt || matches!(again, RefundNews::Succeeded { .. } | RefundNews::Processing), "{again:?}");
        let found = case.gateway.query_refund(&refund).await;
        assert!(matches!(&found, RefundNews::Succeeded { at, .. } if *at == case.now()), "{found:?}");
        assert_eq!(case.bank().book().refunded(&payment.merchant_no), 5_000);
        // Another sum under the number, and more than is left, aren't taken.
        let other = NewRefund { amount: Fen::new(6_000), ..refund.clone() };
        assert!(matches!(case.gateway.refund(&other).await, RefundNews::Failed(_) | RefundNews::Unknown));
        assert_eq!(case.bank().book().refunded(&payment.merchant_no), 5_000);
        let too_much = case.refund(2, &payment, &of, 7_002);
        assert!(matches!(case.gateway.refund(&too_much).await, RefundNews::Failed(_)));
        // Money that came stays a fact.
        assert!(matches!(case.query(&payment).await, News::Paid(_)));
        let rest = case.refund(3, &payment, &of, 7_001);
        case.gateway.refund(&rest).await;
        assert!(matches!(case.query(&payment).await, News::Paid(_)), "all of it went back");
    });
}

#[tokio::test]
async fn a_refund_that_takes_time_is_followed_to_its_end() {
    each!(case => {
        let rates = simulators::bank::Rates { slow_refunds: 1_000, ..Default::default() };
        case.bank().set_rates(rates);
        for (n, end) in [(1, RefundState::Succeeded), (2, RefundState::Failed)] {
            let (payment, of) = case.paid(n).await;
            drop(case.letters());
            let refund = case.refund(n, &payment, &of, 12_000);
            let taken = case.gateway.refund(&refund).await;
            assert_eq!(taken, RefundNews::Processing, "{}", case.channel.code());
            case.clock.advance(60);
            assert!(case.bank().finish_refund(&refund.refund_no, end));
            let news = case.gateway.query_refund(&refund).await;
            match (end, case.channel.code()) {
                (RefundState::Succeeded, _) => assert!(matches!(news, RefundNews::Succeeded { .. }), "{news:?}"),
                // Alipay tells of what went through only.
                (_, "alipay") => assert_eq!(news, RefundNews::Missing),
                _ => assert!(matches!(news, RefundNews::Failed(_)), "{news:?}"),
            }
            for letter in case.letters() {
                match case.told(&letter).unwrap() {
                    Told::Refund { refund_no, news } => {
                        assert_eq!((refund_no, case.channel.code()), (refund.refund_no.clone(), "wechat"));
                        assert_eq!(matches!(news, RefundNews::Succeeded { .. }), end == RefundState::Succeeded);
                    }
                    Told::AskRefund(number) => assert_eq!(number, refund.refund_no),
                    // Alipay repeats the trade's own notice.
                    Told::Payment(evidence) => assert!(matches!(evidence.news, News::Paid(_))),
                    other => panic!("{other:?}"),
                }
            }
        }
    });
}

#[tokio::test]
async fn doubt_is_never_a_no() {
    each!(case => {
        for (n, fate) in (10u32..).zip(Fate::BAD) {
            let (payment, of) = case.paid(n).await;
            case.bank().tell(Call::Query, fate);
            assert_eq!(case.query(&payment).await, News::Unknown, "{fate:?}");
            assert!(matches!(case.query(&payment).await, News::Paid(_)), "and is asked again");
            let open = case.begun(100 + n, Device::Desk).await;
            case.bank().see(&open.merchant_no);
            let call = if case.channel.code() == "unionpay" { Call::Query } else { Call::Close };
            case.bank().tell(call, fate);
            let closed = case.gateway.close(&named(&open)).await.news;
            // An answer without a body can't be cut.
            let whole = case.channel.code() == "wechat" && fate == Fate::Truncated;
            assert_eq!(closed, if whole { News::Closed } else { News::Unknown }, "{fate:?}");
            let refund = case.refund(n, &payment, &of, 12_000);
            case.bank().tell(Call::Refund, fate);
            assert_eq!(case.gateway.refund(&refund).await, RefundNews::Unknown, "{fate:?}");
            let found = case.gateway.query_refund(&refund).await;
            let there = matches!(found, RefundNews::Succeeded { .. });
            assert_eq!(there, fate.is_carried_out(), "{fate:?}: {found:?}");
            case.bank().tell(Call::QueryRefund, fate);
            if case.channel.code() != "unionpay" {
                assert_eq!(case.gateway.query_refund(&refund).await, RefundNews::Unknown, "{fate:?}");
            }
            // The breaker had its answers in between.
            let fresh = case.payment(200 + n, Device::Desk);
            case.bank().tell(Call::Create, fate);
            match (case.gateway.way(&Device::Desk).unwrap(), case.gateway.create(&fresh).await) {
                (Way::Form, CreateAnswer::Checkout(_)) => {}
                (_, CreateAnswer::Away) => assert_eq!(fate, Fate::Unreachable),
                (_, CreateAnswer::Unknown) => assert_ne!(fate, Fate::Unreachable),
                (_, other) => panic!("{fate:?}: {other:?}"),
            }
        }
    });
}

#[tokio::test]
async fn a_channel_that_is_down_is_left_alone() {
    each!(case => {
        if case.gateway.way(&Device::Desk) == Some(Way::Form) {
            continue;
        }
        for _ in 0..5 {
            case.bank().tell(Call::Query, Fate::LostBefore);
            let payment = case.payment(1, Device::Desk);
            assert_eq!(case.query(&payment).await, News::Unknown);
        }
        assert_eq!(case.gateway.create(&case.payment(2, Device::Desk)).await, CreateAnswer::Away);
        assert!(case.bank().book().trades.is_empty(), "nothing was sent");
        case.clock.advance(10);
        assert!(matches!(case.gateway.create(&case.payment(2, Device::Desk)).await, CreateAnswer::Checkout(_)));
    });
}

#[tokio::test]
async fn a_notice_that_the_channel_did_not_sign_is_not_believed() {
    each!(case => {
        let (payment, _) = case.paid(1).await;
        let letter = case.letters().pop().unwrap();
        assert!(case.told(&letter).is_ok());
        // Any byte that is changed, anywhere in the body.
        for at in (0..letter.body().len()).step_by(7) {
            let mut body = letter.body().to_vec();
            body[at] ^= 1;
            let told = case.gateway.notice(letter.headers(), &body);
            // Two spellings of one text in the encoding of forms, or a bit of Base64 that says nothing, change nothing.
            if let Ok(told) = told {
                assert_eq!(Ok(told.told), case.told(&letter), "byte {at}");
            }
        }
        for half in [0, letter.body().len() / 2, letter.body().len() - 1] {
            assert!(case.gateway.notice(letter.headers(), &letter.body()[..half]).is_err());
        }
        // Of another channel, and of nobody.
        for other in cases() {
            if other.channel.code() != case.channel.code() {
                assert!(other.gateway.notice(letter.headers(), letter.body()).is_err());
            }
        }
        assert_eq!(payment.merchant_no.len(), 28);
    });
}

#[tokio::test]
async fn wechat_notices_grow_old_and_probes_are_refused() {
    let case = cases().swap_remove(0);
    case.paid(1).await;
    let letter = case.letters().pop().unwrap();
    case.clock.advance(299);
    assert!(case.told(&letter).is_ok());
    case.clock.advance(1);
    assert_eq!(case.told(&letter), Err(BadNotice::Stale));
    let mut probe = letter.clone();
    let signature = probe.headers()["wechatpay-signature"]
        .to_str()
        .unwrap()
        .to_owned();
    let marked = format!("WECHATPAY/SIGNTEST/{signature}").parse().unwrap();
    probe.headers_mut().insert("wechatpay-signature", marked);
    assert_eq!(case.told(&probe), Err(BadNotice::Signature));
    for name in [
        "wechatpay-timestamp",
        "wechatpay-nonce",
        "wechatpay-signature",
        "wechatpay-serial",
    ] {
        let mut bare = letter.clone();
        bare.headers_mut().remove(name);
        assert_eq!(case.told(&bare), Err(BadNotice::Signature), "{name}");
    }
}

#[tokio::test]
async fn a_days_bill_says_what_the_channels_book_says() {
    each!(case => {
        let day = case.now().date();
        let (mut payments, mut refunds) = (Vec::new(), Vec::new());
        for n in 1..=20 {
            let (payment, of) = case.paid(n).await;
            if n % 5 == 0 {
                let refund = case.refund(n, &payment, &of, 4_000);
                case.gateway.refund(&refund).await;
                refunds.push((refund.refund_no, 4_000));
            }
            payments.push((payment.merchant_no, payment.amount.get()));
            case.clock.advance(30);
        }
        assert!(matches!(case.gateway.bill(day).await, BillAnswer::NotReady));
        case.clock.advance(26 * 3_600);
        let lines = case.bill(day).await.unwrap();
        let of = |kind: BillKind| lines.iter().filter(move |line| line.kind == kind);
        let mut told: Vec<_> = of(BillKind::Payment).map(|line| (line.merchant_no.clone(), line.amount.get())).collect();
        told.sort();
        assert_eq!(told, payments);
        let mut told: Vec<_> = of(BillKind::Refund).map(|line| (line.refund_no.clone(), line.amount.get())).collect();
        told.sort();
        assert_eq!(told, refunds);
        assert!(lines.iter().all(|line| line.merchant == case.gateway.merchant() && line.at.date() == day));
        // The channel's numbers are those that queries tell.
        let book = case.bank().book();
        for line in of(BillKind::Payment) {
            let News::Paid(paid) = case.gateway.query(&Named { merchant_no: line.merchant_no.clone(), begun_at: begun(&book.trades[&line.merchant_no].order.begun, line.at), channel_no: None }, Source::Query).await.news else { panic!("paid") };
            assert_eq!(paid.channel_no, line.channel_no);
            assert_eq!(paid.paid_at, line.at);
        }
        // An empty day.
        assert!(matches!(case.gateway.bill(day.plus_days(-3)).await, BillAnswer::Empty));
    });
}

/// When a payment was begun, from what the channel keeps of it.
fn begun(text: &str, otherwise: Timestamp) -> Timestamp {
    if text.is_empty() {
        return otherwise;
    }
    let part = |from: usize| &text[from..from + 2];
    let spelt = format!(
        "{}-{}-{} {}:{}:{}",
        &text[..4],
        part(4),
        part(6),
        part(8),
        part(10),
        part(12)
    );
    Timestamp::parse_local(&spelt).unwrap()
}

#[tokio::test]
async fn a_bill_that_is_cut_or_altered_is_refused_whole() {
    use std::io::{Read as _, Seek as _, Write as _};
    each!(case => {
        let day = case.now().date();
        for n in 1..=5 {
            case.paid(n).await;
        }
        case.clock.advance(26 * 3_600);
        let BillAnswer::File(mut file) = case.gateway.bill(day).await else { panic!("a bill") };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let read = |bytes: &[u8]| -> Result<Vec<BillLine>, BadBill> {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            file.rewind().unwrap();
            case.gateway.bills().unwrap().lines(file)?.collect()
        };
        assert_eq!(read(&bytes).unwrap().len(), 5);
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 12] {
            assert!(read(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(read(b"PK\x03\x04 not a zip").is_err());
        assert!(read("一个文本文件\n".as_bytes()).is_err());
    });
}

#[tokio::test]
async fn faults_of_a_bill_are_told_as_unknown() {
    each!(case => {
        let day = case.now().date();
        case.paid(1).await;
        case.clock.advance(26 * 3_600);
        for fate in [Fate::LostBefore, Fate::LostAfter, Fate::ServerError, Fate::Truncated, Fate::BadSignature] {
            case.bank().tell(Call::Bill, fate);
            let answer = case.gateway.bill(day).await;
            assert!(matches!(answer, BillAnswer::Unknown), "{}: {fate:?}: {answer:?}", case.channel.code());
        }
        assert_eq!(case.bill(day).await.unwrap().len(), 1);
    });
}

#[test]
fn letters_come_as_they_were_sent() {
    let case = cases().swap_remove(0);
    let bank = case.bank();
    let about = || About::Payment("P".to_owned());
    bank.tell_mail(simulators::bank::Mail::Lost);
    bank.send(&about());
    bank.tell_mail(simulators::bank::Mail::Late(60));
    bank.send(&about());
    bank.tell_mail(simulators::bank::Mail::Repeated(2));
    bank.send(&about());
    assert_eq!(bank.due().len(), 1);
    case.clock.advance(2);
    assert_eq!(bank.due().len(), 2);
    case.clock.advance(60);
    let late = bank.due();
    assert_eq!(late.len(), 1);
    // Not acknowledged: again after each pause, until they are over.
    let pauses = case.channel.pauses();
    let mut letter = late[0].clone();
    for pause in pauses {
        bank.again(letter.clone(), pauses);
        assert!(bank.due().is_empty());
        case.clock.advance(*pause);
        letter = bank.due().pop().expect("again");
    }
    bank.again(letter, pauses);
    case.clock.advance(1_000_000);
    assert!(bank.due().is_empty());
}
