//! UnionPay's side: checks our signatures, keeps its own transactions, signs with a certificate of its own chain (payments §4).

mod bill;
mod chain;
mod notice;

use std::sync::Arc;

use bytes::Bytes;
use domain::time::{Date, Timestamp};
use gateways::payment::keys::VerifyingKey;
use gateways::payment::unionpay::sign::{self, Fields};
use http::{Method, Request, Response, StatusCode, header};

use crate::bank::{
    About, Bank, Call, Channel, Forgery, Letter, Order, Refund, RefundOrder, RefundState, Refusal,
    Trade, TradeState,
};
use crate::{fated, under};

pub(crate) use chain::private_key;
pub use chain::{COMPANY, Chain};

/// Who the merchant is, and whose keys are whose.
#[derive(Debug)]
pub struct UnionpayBank {
    /// Where it is served, without a slash at the end.
    pub origin: String,
    /// 商户代码.
    pub mer_id: String,
    /// The merchant's certificate number.
    pub merchant_cert_id: String,
    /// What verifies the merchant's calls.
    pub merchant_key: VerifyingKey,
    /// What signs answers and notices.
    pub chain: Chain,
    /// A chain that nobody trusts.
    pub wrong_chain: Chain,
    /// The truth.
    pub bank: Bank,
}

/// The channel.
#[derive(Debug, Clone)]
pub struct Unionpay(Arc<UnionpayBank>);

/// A refusal: code and message.
type No = (&'static str, &'static str);

/// `20260318094205`, in Beijing.
fn compact(at: i64) -> String {
    Timestamp::from_micros(at)
        .to_local_second()
        .chars()
        .filter(char::is_ascii_digit)
        .collect()
}

/// From such a text.
fn instant(text: &str) -> Option<Timestamp> {
    let part = |from: usize, to: usize| text.get(from..to);
    if text.len() != 14 {
        return None;
    }
    Timestamp::parse_local(&format!(
        "{}-{}-{} {}:{}:{}",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    ))
}

fn get<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map(String::as_str).unwrap_or_default()
}

/// The number under which a transaction is queried and refunded.
fn query_id(paid_at: i64, channel_no: &str) -> String {
    let tail = channel_no
        .get(channel_no.len().saturating_sub(7)..)
        .unwrap_or("0");
    format!("{}{tail:0>7}", compact(paid_at))
}

impl Unionpay {
    /// The channel over its bank.
    pub fn new(bank: UnionpayBank) -> Self {
        Self(Arc::new(bank))
    }

    fn verified(&self, request: &Request<Bytes>) -> Result<Fields, No> {
        let fields = sign::form(request.body()).ok_or(("10", "报文格式错误"))?;
        let good = get(&fields, "signMethod") == "01"
            && get(&fields, "certId") == self.0.merchant_cert_id
            && self
                .0
                .merchant_key
                .holds(sign::digest(&fields).as_bytes(), get(&fields, "signature"));
        if !good {
            return Err(("11", "验证签名失败"));
        }
        let known = get(&fields, "version") == "5.1.0"
            && get(&fields, "encoding") == "UTF-8"
            && get(&fields, "accessType") == "0"
            && get(&fields, "merId") == self.0.mer_id;
        if known {
            Ok(fields)
        } else {
            Err(("10", "报文格式错误"))
        }
    }

    /// An answer: these fields and what was sent, signed by the right chain or a wrong one.
    fn answer(&self, sent: &Fields, said: Fields, rightly: bool) -> Response<Bytes> {
        let mut fields = said;
        for name in [
            "version",
            "encoding",
            "txnType",
            "txnSubType",
            "bizType",
            "accessType",
            "merId",
            "orderId",
            "txnTime",
        ] {
            if let Some(value) = sent.get(name) {
                fields
                    .entry(name.to_owned())
                    .or_insert_with(|| value.clone());
            }
        }
        let parts: Vec<String> = self
            .signed(fields, rightly)
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut answer = Response::new(Bytes::from(parts.join("&")));
        answer.headers_mut().insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("text/html;charset=UTF-8"),
        );
        answer
    }

    fn signed(&self, mut fields: Fields, rightly: bool) -> Fields {
        let chain = if rightly {
            &self.0.chain
        } else {
            &self.0.wrong_chain
        };
        fields.insert("signMethod".to_owned(), "01".to_owned());
        fields.insert("signPubKeyCert".to_owned(), chain.certificate.clone());
        let signature = chain.key.sign(sign::digest(&fields).as_bytes());
        fields.insert("signature".to_owned(), signature);
        fields
    }

    fn call(&self, request: &Request<Bytes>, kind: Call) -> Response<Bytes> {
        let sent = match self.verified(request) {
            Ok(sent) => sent,
            Err(no) => return self.answer(&Fields::new(), refused(no), true),
        };
        let fate = self.0.bank.fate(kind, get(&sent, "orderId"));
        fated(fate, |rightly| {
            let said = match kind {
                Call::Query => self.query(&sent),
                Call::Refund => self.refund(&sent),
                _ => self.bill(&sent),
            };
            self.answer(&sent, said.unwrap_or_else(refused), rightly)
        })
    }

    /// The browser comes with a payment: it is led to the cashier.
    fn front(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::new());
        match self.verified(request).and_then(|sent| self.open(&sent)) {
            Ok(trade) => {
                *answer.status_mut() = StatusCode::SEE_OTHER;
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

    fn open(&self, sent: &Fields) -> Result<Trade, No> {
        const BAD: No = ("10", "报文格式错误");
        let begun = instant(get(sent, "txnTime")).ok_or(BAD)?;
        let good = get(sent, "txnType") == "01"
            && get(sent, "txnSubType") == "01"
            && get(sent, "bizType") == "000201"
            && get(sent, "currencyCode") == "156"
            && matches!(get(sent, "channelType"), "07" | "08")
            && (8..=40).contains(&get(sent, "orderId").len())
            && get(sent, "orderId")
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric())
            && self.0.bank.now().seconds_since(begun).abs() < 3_600;
        if !good {
            return Err(BAD);
        }
        let order = Order {
            merchant_no: get(sent, "orderId").to_owned(),
            begun: get(sent, "txnTime").to_owned(),
            amount: get(sent, "txnAmt").parse().map_err(|_| BAD)?,
            subject: get(sent, "orderDesc").to_owned(),
            expires_at: instant(get(sent, "payTimeout")).ok_or(BAD)?.micros(),
            notify_url: get(sent, "backUrl").to_owned(),
            return_url: get(sent, "frontUrl").to_owned(),
            way: "front".to_owned(),
        };
        self.0.bank.open(order).map_err(|refusal| match refusal {
            Refusal::Differs | Refusal::Paid => ("12", "重复交易"),
            _ => BAD,
        })
    }

    fn query(&self, sent: &Fields) -> Result<Fields, No> {
        const MISSING: No = ("34", "查无此交易");
        if get(sent, "txnType") != "00" {
            return Err(("10", "报文格式错误"));
        }
        let (number, begun) = (get(sent, "orderId"), get(sent, "txnTime"));
        let refund = self.0.bank.refund_of(number);
        if let Some(refund) = refund.filter(|refund| refund.order.begun == begun) {
            return Ok(told_refund(&refund));
        }
        let trade = self.0.bank.trade_seen(number).ok_or(MISSING)?;
        if trade.order.begun != begun {
            return Err(MISSING);
        }
        match trade.state {
            // A form that nobody finished isn't a transaction.
            TradeState::Waiting | TradeState::Closed => Err(MISSING),
            TradeState::Paid => Ok(told(&trade)),
        }
    }

    fn refund(&self, sent: &Fields) -> Result<Fields, No> {
        const BAD: No = ("10", "报文格式错误");
        if get(sent, "txnType") != "04" || get(sent, "txnSubType") != "00" {
            return Err(BAD);
        }
        let original = get(sent, "origQryId");
        let of = self
            .0
            .bank
            .paid_like(|trade| query_id(trade.paid_at, &trade.channel_no) == original)
            .ok_or(("35", "原交易不存在"))?;
        // The same order twice is refused, whatever became of the first.
        if self.0.bank.refund_of(get(sent, "orderId")).is_some() {
            return Err(("12", "重复交易"));
        }
        let order = RefundOrder {
            refund_no: get(sent, "orderId").to_owned(),
            begun: get(sent, "txnTime").to_owned(),
            merchant_no: of.order.merchant_no,
            amount: get(sent, "txnAmt").parse().map_err(|_| BAD)?,
            notify_url: get(sent, "backUrl").to_owned(),
        };
        self.0.bank.refund(order).map_err(|refusal| match refusal {
            Refusal::TooMuch => ("13", "交易金额超限"),
            Refusal::Differs => ("12", "重复交易"),
            _ => ("36", "原交易状态不正确"),
        })?;
        Ok(fields(&[("respCode", "00"), ("respMsg", "成功[0000000]")]))
    }

    fn bill(&self, sent: &Fields) -> Result<Fields, No> {
        const MISSING: No = ("98", "文件不存在");
        let bad = get(sent, "txnType") != "76" || get(sent, "fileType") != "00";
        let text = get(sent, "settleDate");
        let part = |from: usize| {
            text.get(from..from + 2)
                .and_then(|text| text.parse::<i8>().ok())
        };
        let (Some(month), Some(day), false) = (part(0), part(2), bad) else {
            return Err(("10", "报文格式错误"));
        };
        let now = self.0.bank.now();
        let year = now.date().year();
        let date = [year, year - 1]
            .into_iter()
            .find_map(|year| Date::new(year, month, day).filter(|date| date.start() <= now))
            .ok_or(MISSING)?;
        if now < date.end().plus_seconds(9 * 3600) {
            return Err(MISSING);
        }
        let content = self.packed(date).ok_or(MISSING)?;
        let mut said = fields(&[
            ("respCode", "00"),
            ("respMsg", "成功[0000000]"),
            ("settleDate", text),
        ]);
        said.insert("fileContent".to_owned(), content);
        Ok(said)
    }

    /// A back notice of these fields, signed rightly or not.
    pub fn letter(&self, fields: Fields, url: &str, rightly: bool) -> Option<Request<Bytes>> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(self.signed(fields, rightly));
        Request::post(url)
            .header(
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded;charset=UTF-8",
            )
            .body(Bytes::from(body.finish()))
            .ok()
    }
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn refused((code, message): No) -> Fields {
    fields(&[("respCode", code), ("respMsg", message)])
}

/// `MMDDhhmmss`.
fn trace_time(at: i64) -> String {
    compact(at).get(4..).unwrap_or_default().to_owned()
}

/// A payment as queries and notices tell it.
fn told(trade: &Trade) -> Fields {
    let mut said = fields(&[
        ("respCode", "00"),
        ("respMsg", "成功[0000000]"),
        ("origRespCode", "00"),
        ("origRespMsg", "Success!"),
        ("currencyCode", "156"),
        ("traceNo", "000001"),
    ]);
    said.insert("txnAmt".to_owned(), trade.sum().to_string());
    said.insert(
        "queryId".to_owned(),
        query_id(trade.paid_at, &trade.channel_no),
    );
    said.insert("traceTime".to_owned(), trace_time(trade.paid_at));
    said
}

/// A refund as queries tell it.
fn told_refund(refund: &Refund) -> Fields {
    let (code, message) = match refund.state {
        RefundState::Processing => ("03", "处理中"),
        RefundState::Succeeded => ("00", "Success!"),
        RefundState::Failed | RefundState::Abnormal => ("01", "交易失败"),
    };
    let at = if refund.done_at == 0 {
        refund.begun_at
    } else {
        refund.done_at
    };
    let mut said = fields(&[
        ("respCode", "00"),
        ("respMsg", "成功[0000000]"),
        ("origRespCode", code),
        ("origRespMsg", message),
        ("currencyCode", "156"),
    ]);
    said.insert("txnAmt".to_owned(), refund.order.amount.to_string());
    said.insert("queryId".to_owned(), query_id(at, &refund.channel_no));
    said.insert("traceTime".to_owned(), trace_time(at));
    said
}

impl Channel for Unionpay {
    fn code(&self) -> &'static str {
        "unionpay"
    }

    fn name(&self) -> &'static str {
        "银联云闪付"
    }

    fn bank(&self) -> &Bank {
        &self.0.bank
    }

    fn handle(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path();
        match (request.method(), under(&self.0.origin, path)) {
            (&Method::POST, "/gateway/api/frontTransReq.do") => self.front(request),
            (&Method::POST, "/gateway/api/queryTrans.do") => self.call(request, Call::Query),
            (&Method::POST, "/gateway/api/backTransReq.do") => self.call(request, Call::Refund),
            (&Method::POST, "/files" | "/files/") => self.call(request, Call::Bill),
            _ => {
                let mut answer = Response::new(Bytes::new());
                *answer.status_mut() = StatusCode::NOT_FOUND;
                answer
            }
        }
    }

    fn write(&self, letter: &Letter) -> Option<Request<Bytes>> {
        match &letter.about {
            About::Payment(number) => self.paid(number),
            About::Refund(number) => self.sent_back(number),
        }
    }

    fn forge(&self, merchant_no: &str, how: Forgery) -> Option<Request<Bytes>> {
        self.forged(merchant_no, how)
    }

    fn signed_anew(&self, notice: &Request<Bytes>) -> Option<Request<Bytes>> {
        let mut said = sign::form(notice.body())?;
        for name in ["signature", "signPubKeyCert"] {
            said.remove(name);
        }
        self.letter(said, &notice.uri().to_string(), true)
    }

    fn accepts(&self, answer: &Response<Bytes>) -> bool {
        answer.status() == StatusCode::OK
    }

    fn pauses(&self) -> &'static [i64] {
        &[60, 120, 240, 300]
    }
}
