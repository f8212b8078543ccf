//! Alipay's side: checks our signatures, keeps its own trades, signs its answers and notices (payments §2).

mod bill;
mod notice;

use std::sync::Arc;

use bytes::Bytes;
use domain::money::Fen;
use domain::time::{Date, Timestamp};
use gateways::payment::alipay::sign::{self, Params};
use gateways::payment::keys::{SigningKey, VerifyingKey};
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::bank::{
    About, Bank, Call, Channel, Forgery, Letter, Order, Refund, RefundOrder, RefundState, Refusal,
    Trade, TradeState,
};
use crate::{fated, under};

/// Who the merchant is, and whose keys are whose.
#[derive(Debug)]
pub struct AlipayBank {
    /// Where it is served: `http://127.0.0.1:8090/alipay`, without a slash at the end.
    pub origin: String,
    /// The merchant's application.
    pub app_id: String,
    /// The merchant's account.
    pub seller_id: String,
    /// What verifies the merchant's calls.
    pub merchant_key: VerifyingKey,
    /// What signs answers and notices.
    pub key: SigningKey,
    /// A key that nobody trusts.
    pub wrong_key: SigningKey,
    /// In the certificate mode: the merchant's number, the root's, and ours.
    pub certificates: Option<[String; 3]>,
    /// The truth.
    pub bank: Bank,
}

/// The channel.
#[derive(Debug, Clone)]
pub struct Alipay(Arc<AlipayBank>);

/// A business error: its code and what people read.
type No = (&'static str, &'static str);

impl Alipay {
    /// The channel over its bank.
    pub fn new(bank: AlipayBank) -> Self {
        Self(Arc::new(bank))
    }

    /// The parameters of a call that the merchant signed.
    fn verified(&self, request: &Request<Bytes>) -> Result<Params, No> {
        let mut raw = request.uri().query().unwrap_or_default().to_owned();
        if request.method() == Method::POST {
            // The address repeats what the body says of its encoding.
            raw = String::from_utf8_lossy(request.body()).into_owned();
        }
        let params = sign::form(raw.as_bytes()).ok_or(("isv.invalid-parameter", "参数重复"))?;
        let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
        let text = sign::request_text(&params);
        if get("sign_type") != "RSA2" || !self.0.merchant_key.holds(text.as_bytes(), get("sign")) {
            return Err(("isv.invalid-signature", "验签出错"));
        }
        if get("app_id") != self.0.app_id {
            return Err(("isv.invalid-app-id", "无效的AppID参数"));
        }
        if get("charset") != "utf-8" || get("version") != "1.0" || get("format") != "JSON" {
            return Err(("isv.missing-parameter", "公共参数不正确"));
        }
        let sent = Timestamp::parse_local(get("timestamp"));
        let fresh = sent.is_some_and(|at| self.0.bank.now().seconds_since(at).abs() < 15 * 60);
        if !fresh {
            return Err(("isv.invalid-timestamp", "timestamp 超时"));
        }
        if let Some([app, root, _]) = &self.0.certificates
            && (get("app_cert_sn") != app || get("alipay_root_cert_sn") != root)
        {
            return Err(("isv.invalid-app-cert-sn", "证书序列号不正确"));
        }
        Ok(params)
    }

    /// An answer, signed with the right key or a wrong one.
    fn signed(&self, method: &str, value: &Value, rightly: bool) -> Response<Bytes> {
        let text = value.to_string();
        let key = if rightly {
            &self.0.key
        } else {
            &self.0.wrong_key
        };
        let sign = key.sign(text.as_bytes());
        let name = format!("{}_response", method.replace('.', "_"));
        let number = match &self.0.certificates {
            Some([_, _, own]) => format!(",\"alipay_cert_sn\":\"{own}\""),
            None => String::new(),
        };
        let body = format!("{{\"{name}\":{text}{number},\"sign\":\"{sign}\"}}");
        let mut answer = Response::new(Bytes::from(body));
        answer.headers_mut().insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json;charset=utf-8"),
        );
        answer
    }

    fn call(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let params = match self.verified(request) {
            Ok(params) => params,
            Err((code, message)) => {
                return self.signed("error", &refusal(("", code), message), true);
            }
        };
        let method = params.get("method").cloned().unwrap_or_default();
        let content: Value = params
            .get("biz_content")
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or(Value::Null);
        let kind = match method.as_str() {
            "alipay.trade.query" => Call::Query,
            "alipay.trade.close" => Call::Close,
            "alipay.trade.refund" => Call::Refund,
            "alipay.trade.fastpay.refund.query" => Call::QueryRefund,
            "alipay.data.dataservice.bill.downloadurl.query" => Call::Bill,
            _ => Call::Create,
        };
        let number = content.get("out_trade_no").and_then(Value::as_str);
        fated(
            self.0.bank.fate(kind, number.unwrap_or_default()),
            |rightly| {
                let done = match method.as_str() {
                    "alipay.trade.precreate" => self.precreate(&params, &content),
                    "alipay.trade.query" => self.query(&content),
                    "alipay.trade.close" => self.close(&content),
                    "alipay.trade.refund" => self.refund(&content),
                    "alipay.trade.fastpay.refund.query" => Ok(self.query_refund(&content)),
                    "alipay.data.dataservice.bill.downloadurl.query" => self.bill_place(&content),
                    _ => Err(("isv.invalid-method", "不存在的方法名")),
                };
                let value = match done {
                    Ok(mut value) => {
                        if let Some(object) = value.as_object_mut() {
                            object.insert("code".to_owned(), "10000".into());
                            object.insert("msg".to_owned(), "Success".into());
                        }
                        value
                    }
                    Err((code, message)) => refusal(("40004", code), message),
                };
                self.signed(&method, &value, rightly)
            },
        )
    }

    /// An order from the content of a call.
    fn order(params: &Params, content: &Value, way: &str) -> Result<Order, No> {
        const BAD: No = ("ACQ.INVALID_PARAMETER", "参数无效");
        let get = |name: &str| {
            content
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let amount = Fen::parse_yuan(get("total_amount")).map_err(|_| BAD)?;
        let expires = Timestamp::parse_local(get("time_expire")).ok_or(BAD)?;
        if get("out_trade_no").is_empty() || get("subject").is_empty() {
            return Err(BAD);
        }
        Ok(Order {
            merchant_no: get("out_trade_no").to_owned(),
            begun: String::new(),
            amount: amount.get(),
            subject: get("subject").to_owned(),
            expires_at: expires.micros(),
            notify_url: params.get("notify_url").cloned().unwrap_or_default(),
            return_url: params.get("return_url").cloned().unwrap_or_default(),
            way: way.to_owned(),
        })
    }

    fn open(&self, order: Order) -> Result<Trade, No> {
        self.0.bank.open(order).map_err(|refusal| match refusal {
            Refusal::Differs => ("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"),
            Refusal::Paid => ("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
            Refusal::Closed => ("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
            _ => ("ACQ.INVALID_PARAMETER", "参数无效"),
        })
    }

    fn precreate(&self, params: &Params, content: &Value) -> Result<Value, No> {
        let trade = self.open(Self::order(params, content, "precreate")?)?;
        Ok(json!({
            "out_trade_no": trade.order.merchant_no,
            "qr_code": format!("{}/cashier/{}", self.0.origin, trade.token),
        }))
    }

    /// The browser comes with a page payment: it is led to the cashier.
    fn page(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let opened = self.verified(request).and_then(|params| {
            let content = params
                .get("biz_content")
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or(Value::Null);
            let product = content.get("product_code").and_then(Value::as_str);
            let way = match (params.get("method").map(String::as_str), product) {
                (Some("alipay.trade.page.pay"), Some("FAST_INSTANT_TRADE_PAY")) => "page",
                (Some("alipay.trade.wap.pay"), Some("QUICK_WAP_WAY")) => "wap",
                _ => return Err(("isv.invalid-method", "不存在的方法名")),
            };
            self.open(Self::order(&params, &content, way)?)
        });
        let mut answer = Response::new(Bytes::new());
        match opened {
            Ok(trade) => {
                *answer.status_mut() = StatusCode::FOUND;
                let to = format!("{}/cashier/{}", self.0.origin, trade.token);
                if let Ok(to) = header::HeaderValue::from_str(&to) {
                    answer.headers_mut().insert(header::LOCATION, to);
                }
            }
            Err((code, message)) => {
                *answer.status_mut() = StatusCode::BAD_REQUEST;
                *answer.body_mut() = Bytes::from(format!("{code} {message}"));
            }
        }
        answer
    }

    fn query(&self, content: &Value) -> Result<Value, No> {
        let number = content.get("out_trade_no").and_then(Value::as_str);
        let trade = number.and_then(|number| self.0.bank.trade_seen(number));
        let trade = trade.filter(|trade| trade.seen);
        let trade = trade.ok_or(("ACQ.TRADE_NOT_EXIST", "交易不存在"))?;
        Ok(told(&trade, self.0.bank.refunded(&trade.order.merchant_no)))
    }

    fn close(&self, content: &Value) -> Result<Value, No> {
        let number = content
            .get("out_trade_no")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let seen = self.0.bank.trade(number).is_some_and(|trade| trade.seen);
        if !seen {
            return Err(("ACQ.TRADE_NOT_EXIST", "交易不存在"));
        }
        match self.0.bank.close(number) {
            Ok(()) => Ok(json!({ "out_trade_no": number })),
            Err(_) => Err(("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")),
        }
    }

    fn refund(&self, content: &Value) -> Result<Value, No> {
        const BAD: No = ("ACQ.INVALID_PARAMETER", "参数无效");
        let get = |name: &str| {
            content
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let order = RefundOrder {
            refund_no: get("out_request_no").to_owned(),
            begun: String::new(),
            merchant_no: get("out_trade_no").to_owned(),
            amount: Fen::parse_yuan(get("refund_amount"))
                .map_err(|_| BAD)?
                .get(),
            notify_url: String::new(),
        };
        if order.refund_no.is_empty() {
            return Err(BAD);
        }
        let known = self.0.bank.refund_of(&order.refund_no).is_some();
        let refund = self.0.bank.refund(order).map_err(|refusal| match refusal {
            Refusal::Missing => ("ACQ.TRADE_NOT_EXIST", "交易不存在"),
            Refusal::TooMuch => ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
            Refusal::Differs => ("ACQ.DISCORDANT_REPEAT_REQUEST", "请求号重复而金额不同"),
            _ => BAD,
        })?;
        // The money moved with this very call, not with an earlier one under the same number, and not later.
        let moved = !known && refund.state == RefundState::Succeeded;
        Ok(json!({
            "out_trade_no": refund.order.merchant_no,
            "refund_fee": Fen::new(self.0.bank.refunded(&refund.order.merchant_no)).yuan(),
            "fund_change": if moved { "Y" } else { "N" },
            "gmt_refund_pay": second(refund.done_at),
        }))
    }

    fn query_refund(&self, content: &Value) -> Value {
        let get = |name: &str| {
            content
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let refund = self.0.bank.refund_of(get("out_request_no"));
        match refund.filter(|refund| refund.state == RefundState::Succeeded) {
            Some(refund) => json!({
                "out_trade_no": refund.order.merchant_no,
                "out_request_no": refund.order.refund_no,
                "refund_amount": Fen::new(refund.order.amount).yuan(),
                "refund_status": "REFUND_SUCCESS",
                "gmt_refund_pay": second(refund.done_at),
            }),
            // Not received, or not done: nothing but the head.
            None => json!({}),
        }
    }

    fn bill_place(&self, content: &Value) -> Result<Value, No> {
        let get = |name: &str| {
            content
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let day = Date::parse_typed(get("bill_date"));
        let ready = day.is_some_and(|day| self.0.bank.now() >= day.end().plus_seconds(9 * 3600));
        let some = day.is_some_and(|day| {
            let (trades, refunds) = self.0.bank.day(day);
            !trades.is_empty() || !refunds.is_empty()
        });
        match day {
            Some(day) if get("bill_type") == "trade" && ready && some => {
                Ok(json!({ "bill_download_url": format!("{}/bill/{day}", self.0.origin) }))
            }
            _ => Err(("isp.bill_not_exist", "账单不存在")),
        }
    }
}

/// A business error as Alipay writes it.
fn refusal((code, sub_code): (&str, &str), message: &str) -> Value {
    json!({
        "code": if code.is_empty() { "40002" } else { code },
        "msg": "Business Failed",
        "sub_code": sub_code,
        "sub_msg": message,
    })
}

/// `2026-03-18 09:42:05`; empty for never.
fn second(at: i64) -> String {
    if at == 0 {
        return String::new();
    }
    Timestamp::from_micros(at).to_local_second()
}

/// A trade as Alipay tells it: one of which everything went back is closed.
fn told(trade: &Trade, refunded: i64) -> Value {
    let status = match trade.state {
        TradeState::Waiting => "WAIT_BUYER_PAY",
        TradeState::Closed => "TRADE_CLOSED",
        TradeState::Paid if refunded >= trade.sum() => "TRADE_CLOSED",
        TradeState::Paid => "TRADE_SUCCESS",
    };
    let mut value = json!({
        "out_trade_no": trade.order.merchant_no,
        "trade_no": trade_no(trade),
        "trade_status": status,
        "total_amount": Fen::new(trade.sum()).yuan(),
    });
    if let (TradeState::Paid, Some(object)) = (trade.state, value.as_object_mut()) {
        object.insert("send_pay_date".to_owned(), second(trade.paid_at).into());
    }
    value
}

/// The channel's number; a trade that waits has one as well, which we needn't know.
fn trade_no(trade: &Trade) -> String {
    if trade.channel_no.is_empty() {
        format!("W{}", trade.token)
    } else {
        trade.channel_no.clone()
    }
}

impl Channel for Alipay {
    fn code(&self) -> &'static str {
        "alipay"
    }

    fn name(&self) -> &'static str {
        "支付宝"
    }

    fn bank(&self) -> &Bank {
        &self.0.bank
    }

    fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        let path = under(&self.0.origin, path);
        match (request.method(), path) {
            (&Method::POST, "/gateway.do") => self.call(request),
            (&Method::GET, "/gateway.do") => self.page(request),
            (&Method::GET, bill) if bill.starts_with("/bill/") => {
                let day = bill.strip_prefix("/bill/").and_then(Date::parse_typed);
                self.bill(day)
            }
            _ => {
                let mut answer = Response::new(Bytes::new());
                *answer.status_mut() = StatusCode::NOT_FOUND;
                answer
            }
        }
    }

    fn write(&self, letter: &Letter) -> Option<Request<Bytes>> {
        match &letter.about {
            About::Payment(number) => self.notice(number, letter.id),
            // A partial refund repeats the trade's own notice; there is none of the refund.
            About::Refund(number) => {
                let refund: Refund = self.0.bank.refund_of(number)?;
                self.notice(&refund.order.merchant_no, letter.id)
            }
        }
    }

    fn forge(&self, merchant_no: &str, how: Forgery) -> Option<Request<Bytes>> {
        self.forged(merchant_no, how)
    }

    fn signed_anew(&self, notice: &Request<Bytes>) -> Option<Request<Bytes>> {
        self.signed_rightly(notice)
    }

    fn accepts(&self, answer: &Response<Bytes>) -> bool {
        answer.status() == StatusCode::OK && answer.body().as_ref() == b"success"
    }

    fn pauses(&self) -> &'static [i64] {
        &[240, 600, 600, 3_600, 7_200, 21_600, 54_000]
    }
}
