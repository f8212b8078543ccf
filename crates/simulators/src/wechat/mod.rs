//! WeChat Pay's side: checks our signatures, keeps its own payments, signs its answers, seals its notices (payments §3).

mod bill;
mod notice;

use std::sync::Arc;

use bytes::Bytes;
use domain::time::{Date, Timestamp};
use gateways::payment::keys::{SigningKey, VerifyingKey};
use gateways::payment::wechat::sign::{self, ApiKey};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::bank::{
    About, Bank, Call, Channel, Forgery, Letter, Order, Refund, RefundOrder, RefundState, Refusal,
    Trade, TradeState,
};
use crate::{fated, under};

/// Who the merchant is, and whose keys are whose.
#[derive(Debug)]
pub struct WechatBank {
    /// Where it is served, without a slash at the end.
    pub origin: String,
    /// 商户号.
    pub mchid: String,
    /// 公众账号 ID.
    pub appid: String,
    /// The merchant's certificate number.
    pub merchant_serial: String,
    /// What verifies the merchant's calls.
    pub merchant_key: VerifyingKey,
    /// Shared with the merchant.
    pub api_key: ApiKey,
    /// What signs answers and notices, with its number; the last one is used ([`Wechat::rotate`]).
    pub keys: Mutex<Vec<(String, SigningKey)>>,
    /// A key that nobody trusts.
    pub wrong_key: SigningKey,
    /// The truth.
    pub bank: Bank,
}

/// The channel.
#[derive(Debug, Clone)]
pub struct Wechat(Arc<WechatBank>);

/// A refusal: status, code, message.
type No = (StatusCode, &'static str, &'static str);

/// What a payer inside the app is known by.
pub const OPENID: &str = "o-simulated-payer";

const BAD: No = (StatusCode::BAD_REQUEST, "PARAM_ERROR", "参数错误");
const MISSING: No = (StatusCode::NOT_FOUND, "ORDER_NOT_EXIST", "订单不存在");

impl Wechat {
    /// The channel over its bank.
    pub fn new(bank: WechatBank) -> Self {
        Self(Arc::new(bank))
    }

    /// From now on another key signs: the merchant knows it already, or not yet.
    pub fn rotate(&self, serial: impl Into<String>, key: SigningKey) {
        self.0.keys.lock().push((serial.into(), key));
    }

    /// A path under the origin, as merchants sign it.
    fn target<'a>(&self, request: &'a Request<Bytes>) -> &'a str {
        let target = request
            .uri()
            .path_and_query()
            .map_or("/", |target| target.as_str());
        under(&self.0.origin, target)
    }

    fn verified(&self, request: &Request<Bytes>) -> Result<(), No> {
        const NO: No = (StatusCode::UNAUTHORIZED, "SIGN_ERROR", "签名错误");
        let given = request.headers().get(header::AUTHORIZATION);
        let given = given
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("WECHATPAY2-SHA256-RSA2048 "))
            .ok_or(NO)?;
        let part = |name: &str| {
            given
                .split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix("=\""))
                .and_then(|value| value.strip_suffix('"'))
        };
        let at = part("timestamp")
            .and_then(|at| at.parse::<i64>().ok())
            .ok_or(NO)?;
        let (Some(nonce), Some(signature)) = (part("nonce_str"), part("signature")) else {
            return Err(NO);
        };
        let body = std::str::from_utf8(request.body()).map_err(|_| NO)?;
        let text = sign::request_text(
            request.method().as_str(),
            self.target(request),
            at,
            nonce,
            body,
        );
        let good = part("mchid") == Some(&*self.0.mchid)
            && part("serial_no") == Some(&*self.0.merchant_serial)
            && self.0.bank.now().seconds().abs_diff(at) < 300
            && self.0.merchant_key.holds(text.as_bytes(), signature);
        if good { Ok(()) } else { Err(NO) }
    }

    /// The headers of a signature over a body.
    fn headers(&self, body: &str, rightly: bool) -> HeaderMap {
        self.headers_at(body, self.0.bank.now(), rightly)
    }

    fn headers_at(&self, body: &str, at: Timestamp, rightly: bool) -> HeaderMap {
        let at = at.seconds().to_string();
        // Need not be secret, only another each time.
        let nonce = format!("{:032x}", self.0.bank.now().micros());
        let text = sign::answer_text(&at, &nonce, body);
        let keys = self.0.keys.lock();
        let (serial, key) = match keys.last() {
            Some((serial, key)) => (serial.clone(), key),
            None => (String::new(), &self.0.wrong_key),
        };
        let key = if rightly { key } else { &self.0.wrong_key };
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("wechatpay-timestamp", at),
            ("wechatpay-nonce", nonce),
            ("wechatpay-signature", key.sign(text.as_bytes())),
            ("wechatpay-serial", serial),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        headers
    }

    fn answer(&self, said: Result<Option<Value>, No>, rightly: bool) -> Response<Bytes> {
        let (status, body) = match said {
            Ok(Some(value)) => (StatusCode::OK, value.to_string()),
            Ok(None) => (StatusCode::NO_CONTENT, String::new()),
            Err((status, code, message)) => (
                status,
                json!({ "code": code, "message": message }).to_string(),
            ),
        };
        let mut answer = Response::new(Bytes::from(body.clone()));
        *answer.status_mut() = status;
        answer.headers_mut().extend(self.headers(&body, rightly));
        answer.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        answer
    }

    fn call(&self, request: &Request<Bytes>, target: &str) -> Response<Bytes> {
        if let Err(no) = self.verified(request) {
            return self.answer(Err(no), true);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let content: Value = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
        let post = request.method() == Method::POST;
        let kind = match parts.as_slice() {
            ["v3", "pay", "transactions", "out-trade-no", _, "close"] => Call::Close,
            ["v3", "pay", "transactions", "out-trade-no", _] => Call::Query,
            ["v3", "refund", "domestic", "refunds"] => Call::Refund,
            ["v3", "refund", "domestic", "refunds", _] => Call::QueryRefund,
            ["v3", "bill", ..] => Call::Bill,
            _ => Call::Create,
        };
        let told = content.get("out_trade_no").and_then(Value::as_str);
        let number = match parts.as_slice() {
            [.., number, "close"] => number,
            [.., "out-trade-no" | "refunds", number] => number,
            _ => told.unwrap_or_default(),
        };
        fated(self.0.bank.fate(kind, number), |rightly| {
            let said = match parts.as_slice() {
                [
                    "v3",
                    "pay",
                    "transactions",
                    product @ ("native" | "h5" | "jsapi"),
                ] if post => self.create(product, &content).map(Some),
                ["v3", "pay", "transactions", "out-trade-no", number] if !post => {
                    self.query(number, query).map(Some)
                }
                ["v3", "pay", "transactions", "out-trade-no", number, "close"] if post => {
                    self.close(number, &content).map(|()| None)
                }
                ["v3", "refund", "domestic", "refunds"] if post => self.refund(&content).map(Some),
                ["v3", "refund", "domestic", "refunds", number] if !post => self
                    .0
                    .bank
                    .refund_of(number)
                    .map(|refund| Some(refunded(&refund)))
                    .ok_or((StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", "退款单不存在")),
                ["v3", "bill", "tradebill"] if !post => self.bill_place(query).map(Some),
                _ => Err(BAD),
            };
            self.answer(said, rightly)
        })
    }

    fn create(&self, product: &str, content: &Value) -> Result<Value, No> {
        let text = |name: &str| {
            content
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let amount = content.get("amount").ok_or(BAD)?;
        let expires = text("time_expire").strip_suffix("+08:00").ok_or(BAD)?;
        let good = text("mchid") == self.0.mchid
            && text("appid") == self.0.appid
            && (6..=32).contains(&text("out_trade_no").len())
            && !text("description").is_empty()
            && text("notify_url").starts_with("http")
            && !text("notify_url").contains('?')
            && amount.get("currency").and_then(Value::as_str) == Some("CNY");
        let whole = match product {
            "h5" => content
                .pointer("/scene_info/payer_client_ip")
                .and_then(Value::as_str)
                .is_some_and(|ip| !ip.is_empty()),
            "jsapi" => content.pointer("/payer/openid").and_then(Value::as_str) == Some(OPENID),
            _ => true,
        };
        if !good || !whole {
            return Err(BAD);
        }
        let order = Order {
            merchant_no: text("out_trade_no").to_owned(),
            begun: String::new(),
            amount: amount.get("total").and_then(Value::as_i64).ok_or(BAD)?,
            subject: text("description").to_owned(),
            expires_at: Timestamp::parse_local(expires).ok_or(BAD)?.micros(),
            notify_url: text("notify_url").to_owned(),
            return_url: String::new(),
            way: product.to_owned(),
        };
        let trade = self.0.bank.open(order).map_err(|refusal| match refusal {
            Refusal::Paid => (StatusCode::BAD_REQUEST, "ORDERPAID", "订单已支付"),
            Refusal::Closed => (StatusCode::BAD_REQUEST, "ORDER_CLOSED", "订单已关闭"),
            Refusal::Differs => (StatusCode::BAD_REQUEST, "INVALID_REQUEST", "商户订单号重复"),
            _ => BAD,
        })?;
        let cashier = format!("{}/cashier/{}", self.0.origin, trade.token);
        Ok(match product {
            "native" => json!({ "code_url": cashier }),
            "h5" => json!({ "h5_url": cashier }),
            _ => json!({ "prepay_id": format!("wx{}", trade.token) }),
        })
    }

    fn query(&self, number: &str, query: &str) -> Result<Value, No> {
        if query != format!("mchid={}", self.0.mchid) {
            return Err(BAD);
        }
        let trade = self.0.bank.trade_seen(number).ok_or(MISSING)?;
        Ok(self.told(&trade))
    }

    /// A payment as queries and notices tell it.
    fn told(&self, trade: &Trade) -> Value {
        let refunded = self.0.bank.refunded(&trade.order.merchant_no);
        let state = match trade.state {
            TradeState::Waiting => "NOTPAY",
            TradeState::Closed => "CLOSED",
            TradeState::Paid if refunded > 0 => "REFUND",
            TradeState::Paid => "SUCCESS",
        };
        let mut value = json!({
            "mchid": self.0.mchid,
            "appid": self.0.appid,
            "out_trade_no": trade.order.merchant_no,
            "trade_state": state,
            "trade_state_desc": state,
        });
        if let (TradeState::Paid, Some(object)) = (trade.state, value.as_object_mut()) {
            object.insert("transaction_id".to_owned(), trade.channel_no.clone().into());
            object.insert("success_time".to_owned(), rfc3339(trade.paid_at).into());
            let amount = json!({
                "total": trade.sum(), "payer_total": trade.sum(),
                "currency": "CNY", "payer_currency": "CNY",
            });
            object.insert("amount".to_owned(), amount);
        }
        value
    }

    fn close(&self, number: &str, content: &Value) -> Result<(), No> {
        if content.get("mchid").and_then(Value::as_str) != Some(&self.0.mchid) {
            return Err(BAD);
        }
        self.0.bank.close(number).map_err(|refusal| match refusal {
            Refusal::Paid => (StatusCode::BAD_REQUEST, "ORDERPAID", "订单已支付"),
            _ => MISSING,
        })
    }

    fn refund(&self, content: &Value) -> Result<Value, No> {
        let text = |name: &str| {
            content
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let sum = |name: &str| content.pointer(name).and_then(Value::as_i64).ok_or(BAD);
        let number = text("out_trade_no");
        let trade = self.0.bank.trade(number).ok_or((
            StatusCode::NOT_FOUND,
            "RESOURCE_NOT_EXISTS",
            "订单不存在",
        ))?;
        if sum("/amount/total")? != trade.sum() || text("out_refund_no").is_empty() {
            return Err(BAD);
        }
        let order = RefundOrder {
            refund_no: text("out_refund_no").to_owned(),
            begun: String::new(),
            merchant_no: number.to_owned(),
            amount: sum("/amount/refund")?,
            notify_url: text("notify_url").to_owned(),
        };
        let refund = self.0.bank.refund(order).map_err(|refusal| match refusal {
            Refusal::Missing => (StatusCode::BAD_REQUEST, "INVALID_REQUEST", "订单未支付"),
            Refusal::TooMuch => (
                StatusCode::BAD_REQUEST,
                "INVALID_REQUEST",
                "退款金额大于可退金额",
            ),
            _ => (
                StatusCode::BAD_REQUEST,
                "INVALID_REQUEST",
                "退款单号重复而内容不同",
            ),
        })?;
        // What is done is told later all the same, as the real one does: the answer says that it was taken.
        let mut value = refunded(&refund);
        if let Some(object) = value.as_object_mut() {
            object.insert("status".to_owned(), "PROCESSING".into());
            object.remove("success_time");
        }
        Ok(value)
    }

    fn bill_place(&self, query: &str) -> Result<Value, No> {
        let get = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let day = get("bill_date").and_then(Date::parse_typed).ok_or(BAD)?;
        if self.0.bank.now() < day.end().plus_seconds(9 * 3600) {
            return Err((StatusCode::BAD_REQUEST, "STATEMENT_CREATING", "账单生成中"));
        }
        let (trades, refunds) = self.0.bank.day(day);
        if trades.is_empty() && refunds.is_empty() {
            return Err((
                StatusCode::BAD_REQUEST,
                "NO_STATEMENT_EXIST",
                "账单文件不存在",
            ));
        }
        Ok(json!({
            "hash_type": "SHA1",
            "hash_value": bill::hash(&self.table(day)),
            "download_url": format!("{}/v3/billdownload/file?token={day}", self.0.origin),
        }))
    }
}

/// `2026-03-18T09:42:05+08:00`.
fn rfc3339(at: i64) -> String {
    let local = Timestamp::from_micros(at).to_local_second();
    format!("{}+08:00", local.replace(' ', "T"))
}

/// A refund as answers, queries and notices tell it.
fn refunded(refund: &Refund) -> Value {
    let status = match refund.state {
        RefundState::Processing => "PROCESSING",
        RefundState::Succeeded => "SUCCESS",
        RefundState::Failed => "CLOSED",
        RefundState::Abnormal => "ABNORMAL",
    };
    let mut value = json!({
        "refund_id": refund.channel_no,
        "out_refund_no": refund.order.refund_no,
        "out_trade_no": refund.order.merchant_no,
        "status": status,
        "amount": { "refund": refund.order.amount, "currency": "CNY" },
    });
    if let (RefundState::Succeeded, Some(object)) = (refund.state, value.as_object_mut()) {
        object.insert("success_time".to_owned(), rfc3339(refund.done_at).into());
    }
    value
}

impl Channel for Wechat {
    fn code(&self) -> &'static str {
        "wechat"
    }

    fn name(&self) -> &'static str {
        "微信支付"
    }

    fn bank(&self) -> &Bank {
        &self.0.bank
    }

    fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let target = self.target(request);
        if let Some(query) = target.strip_prefix("/connect/oauth2/authorize?") {
            return authorize(query);
        }
        if target.starts_with("/sns/oauth2/access_token?") {
            let body = json!({ "access_token": "t", "expires_in": 7200, "openid": OPENID });
            return Response::new(Bytes::from(body.to_string()));
        }
        if let Some(day) = target.strip_prefix("/v3/billdownload/file?token=") {
            return match self.verified(request) {
                Ok(()) => self.bill(day),
                Err(no) => self.answer(Err(no), true),
            };
        }
        self.call(request, target)
    }

    fn write(&self, letter: &Letter) -> Option<Request<Bytes>> {
        match &letter.about {
            About::Payment(number) => self.paid(number, letter.id),
            About::Refund(number) => self.sent_back(number, letter.id),
        }
    }

    fn forge(&self, merchant_no: &str, how: Forgery) -> Option<Request<Bytes>> {
        self.forged(merchant_no, how)
    }

    fn signed_anew(&self, notice: &Request<Bytes>) -> Option<Request<Bytes>> {
        let mut notice = notice.clone();
        let body = std::str::from_utf8(notice.body()).ok()?.to_owned();
        notice.headers_mut().extend(self.headers(&body, true));
        Some(notice)
    }

    fn accepts(&self, answer: &Response<Bytes>) -> bool {
        matches!(answer.status(), StatusCode::OK | StatusCode::NO_CONTENT)
    }

    fn pauses(&self) -> &'static [i64] {
        &[
            15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800,
            21_600, 21_600,
        ]
    }
}

/// WeChat asks nobody and sends the browser back with a code.
fn authorize(query: &str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    let get = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let back = get("redirect_uri");
    let joint = if back.contains('?') { '&' } else { '?' };
    let to = format!("{back}{joint}code=simulated&state={}", get("state"));
    match HeaderValue::from_str(&to) {
        Ok(to) => {
            *answer.status_mut() = StatusCode::FOUND;
            answer.headers_mut().insert(header::LOCATION, to);
        }
        Err(_) => *answer.status_mut() = StatusCode::BAD_REQUEST,
    }
    answer
}
