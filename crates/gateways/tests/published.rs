//! Signatures that the channels publish as examples: ours over the same bytes are the same, and theirs hold.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeMap;

use domain::time::Timestamp;
use gateways::payment::HeaderMap;
use gateways::payment::alipay::sign as alipay;
use gateways::payment::keys::{SigningKey, VerifyingKey};
use gateways::payment::unionpay::sign as unionpay;
use gateways::payment::wechat::sign as wechat;
use http::HeaderValue;
use serde::Deserialize;

const KEY: &str = include_str!("../fixtures/published/wechat.key.pem");
const PUBLIC: &str = include_str!("../fixtures/published/wechat.public.pem");
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";
const AT: i64 = 1_554_208_460;

/// WeChat Pay's document on signing requests, the JSAPI order.
#[test]
fn wechats_example_of_a_request_is_signed_as_it_says() {
    let body = r#"{"appid":"wxd678efh567hg6787","mchid":"1900007291","description":"Image形象店-深圳腾大-QQ公仔","out_trade_no":"1217752501201407033233368018","notify_url":"https://www.weixin.qq.com/wxpay/pay.php","amount":{"total":100,"currency":"CNY"},"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}"#;
    let text = wechat::request_text("POST", "/v3/pay/transactions/jsapi", AT, NONCE, body);
    assert_eq!(
        SigningKey::parse(KEY).unwrap().sign(text.as_bytes()),
        "jnks4dlrPw3ZX+ozVvSK39oa0t7OMBsg83BHAwd8BRdUFiVaQNTLTvci+wURgP1OQBbKYhFGvt7iqYpDSTQkp7Uq1sltaQKyncCyrA1g88m5bsKERQfPyT0ahSwKTYJ1CAn9QiJuSJRq1QsQs07eehbU/k9BCS51jTyc1Jpsi2H77HF9f/BnjXAOP3/sPObg6V5Ee4EzwLox684hhuMuIwHo7D8KFk3LIHOKDcNI4It1aCXydFWNpNK+SG86VUDe5kwoDpw4Ulqfu9z8OFDGbDs9TCxEv8iqQzbpxOlEVoOe2kalSYM5kApQb3nZcxdUtoE0liJGW3RGUNE0t4v01A=="
    );
}

/// WeChat Pay's document on opening the app's payment.
#[test]
fn wechats_example_of_an_apps_call_is_signed_as_it_says() {
    let package = "prepay_id=wx201410272009395522657a690389285100";
    let text = wechat::app_text("wx2421b1c4370ec43b", AT, NONCE, package);
    assert_eq!(
        SigningKey::parse(KEY).unwrap().sign(text.as_bytes()),
        "mI35pfNEQV6777ke/1T+LJLQDNTm7yeoUJH+j/adPGhmCCi0PbgkvYQTRcXH0uibcLVtvFLdGLpmoYO9FV6lBBsTAjuhh5YOvQi0e2g3e0yytitiNET9FEuqM0pjnKfRW4K6LIZDdbWJv9KhZUx3DrJa5TL7OJ7VdADVivxVySIlPVKjGwuCXzuXSJes0UcILgWQUMyha5/3nYofuHtS7r+KYyMuxD+oJ9VM1Qdxk4UIG59CP5Y3wtYIFybyF3bdu1caHTRRX+DLyMXyYA/IrTmiW01c4RPjpHBX5Dk1sZyY1zVsWNsvMHr2e1NTWtBxKJ+qk5N61J7caYoepHFaxw=="
    );
}

/// An answer that WeChat Pay's own server signed.
#[test]
fn an_answer_of_wechats_own_server_is_believed_and_another_is_not() {
    let body = br#"{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"}"#;
    let headers = |signature: &'static str| {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("wechatpay-timestamp", "1722850421"),
            ("wechatpay-nonce", "d824f2e086d3c1df967785d13fcd22ef"),
            ("wechatpay-serial", "PUB_KEY_ID_0"),
            ("wechatpay-signature", signature),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers
    };
    let signature = "mfI1CPqvBrgcXfgXMFjdNIhBf27ACE2YyeWsWV9ZI7T7RU0vHvbQpu9Z32ogzc+k8ZC5n3kz7h70eWKjgqNdKQF0eRp8mVKlmfzMLBVHbssB9jEZEDXThOX1XFqX7s7ymia1hoHQxQagPGzkdWxtlZPZ4ZPvr1RiqkgAu6Is8MZgXXrRoBKqjmSdrP1N7uxzJ/cjfSiis9FiLjuADoqmQ1P7p2N876YPAol7Rn0+GswwAwxldbdLrmVSjfytfSBJFqTMHn4itojgxSWWN1byuckQt8hSTEv/Lg97QoeGniYP17T80pJeQyL3b+295FPHSO2AtvCgyIbKMZ0BALilAA==";
    let trust = wechat::Trust::new().with_key("PUB_KEY_ID_0", VerifyingKey::parse(PUBLIC).unwrap());
    let then = Timestamp::from_micros(1_722_850_430 * 1_000_000);
    assert!(trust.check(&headers(signature), body, then).is_ok());
    let altered = br#"{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz2"}"#;
    assert!(trust.check(&headers(signature), altered, then).is_err());
}

/// A published example as it is kept.
#[derive(Deserialize)]
struct Example {
    #[serde(default)]
    key: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// The value of an answer, or the text that is signed.
    #[serde(default, alias = "text")]
    value: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    digest: String,
    #[serde(alias = "signature", default)]
    sign: String,
}

#[derive(Deserialize)]
struct Alipay {
    request: Example,
    answer: Example,
    notice: Example,
}

fn alipays() -> Alipay {
    serde_json::from_str(include_str!("../fixtures/published/alipay.json")).unwrap()
}

/// A request in certificate mode, of a client library's tests over Alipay's sandbox.
#[test]
fn alipays_example_of_a_request_is_signed_as_it_says() {
    let key = SigningKey::parse(include_str!("../fixtures/published/alipay.key.pem")).unwrap();
    let request = alipays().request;
    let text = alipay::request_text(&request.fields);
    assert_eq!(key.sign(text.as_bytes()), request.sign);
}

/// An answer of Alipay's own gateway, and a notice of its sandbox.
#[test]
fn what_alipay_itself_signed_is_believed_and_another_sum_is_not() {
    let Alipay { answer, notice, .. } = alipays();
    let trust = alipay::Trust::PublicKey(VerifyingKey::parse(&answer.key).unwrap());
    let body = |value: &str| {
        let sign = &answer.sign;
        format!("{{\"alipay_trade_pay_response\":{value},\"sign\":\"{sign}\"}}")
    };
    let honest = body(&answer.value);
    let read = alipay::answer(&honest, "alipay.trade.pay", &trust);
    assert_eq!(read, Some(answer.value.as_str()));
    let altered = body(&answer.value.replace("\"0.01\"", "\"0.02\""));
    assert_eq!(alipay::answer(&altered, "alipay.trade.pay", &trust), None);

    let key = VerifyingKey::parse(&notice.key).unwrap();
    let mut fields = notice.fields;
    assert!(key.holds(alipay::notice_text(&fields).as_bytes(), &notice.sign));
    fields.insert("total_amount".to_owned(), "0.02".to_owned());
    assert!(!key.holds(alipay::notice_text(&fields).as_bytes(), &notice.sign));
}

#[derive(Deserialize)]
struct Unionpay {
    root: String,
    middle: String,
    leaf_2017: String,
    leaf_2020: String,
    notice: Example,
    notice_2017: Example,
    refund: Example,
    request: Example,
}

fn unionpays() -> Unionpay {
    serde_json::from_str(include_str!("../fixtures/published/unionpay.json")).unwrap()
}

/// Certificates travel with CRLF between their lines and none at the end: that is what is signed.
fn travelling(pem: &str) -> String {
    pem.trim().replace('\n', "\r\n")
}

/// UnionPay's public test merchant signs an example of a client library's tests.
#[test]
fn unionpays_example_of_a_request_is_signed_as_it_says() {
    let request = unionpays().request;
    // Values may hold what separates them.
    let fields = unionpay::answer(&request.value).unwrap();
    assert_eq!(fields["sysReserved"], "{aaa=a&bbb=b}");
    let digest = unionpay::digest(&fields);
    assert_eq!(digest, request.digest);
    let key = SigningKey::parse(&request.key).unwrap();
    assert_eq!(key.sign(digest.as_bytes()), request.sign);
}

/// Notices and an answer that UnionPay's test gateway signed, with the certificates of their years.
#[test]
fn what_unionpay_itself_signed_is_believed_and_another_sum_is_not() {
    let all = unionpays();
    let at = |local: &str| Timestamp::parse_local(local).unwrap();
    let trust = |company: &str| unionpay::Trust::parse(&all.root, &all.middle, company).unwrap();
    let (of_2020, of_2017) = (trust(unionpay::COMPANY), trust("00040000:SIGN"));
    for example in [&all.notice, &all.refund] {
        let mut fields = example.fields.clone();
        fields.insert("signPubKeyCert".to_owned(), travelling(&all.leaf_2020));
        fields.insert("signature".to_owned(), example.sign.clone());
        assert!(of_2020.holds(&fields, at("2024-01-05 17:00")));
        assert!(
            !of_2020.holds(&fields, at("2026-01-05 17:00")),
            "it has ended"
        );
        assert!(
            !of_2017.holds(&fields, at("2024-01-05 17:00")),
            "another company"
        );
        let mut altered = fields.clone();
        altered.insert("txnAmt".to_owned(), "2".to_owned());
        assert!(!of_2020.holds(&altered, at("2024-01-05 17:00")));
        let mut unlike = fields;
        unlike.insert("signPubKeyCert".to_owned(), all.leaf_2020.clone());
        assert!(
            !of_2020.holds(&unlike, at("2024-01-05 17:00")),
            "other ends of lines"
        );
    }
    let fields = unionpay::form(all.notice_2017.body.as_bytes()).unwrap();
    assert_eq!(fields["signPubKeyCert"], travelling(&all.leaf_2017));
    assert!(of_2017.holds(&fields, at("2018-07-25 18:30")));
}
