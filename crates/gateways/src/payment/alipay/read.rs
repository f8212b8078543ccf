//! What Alipay says.

use domain::money::Fen;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::number::is_merchant_no;
use domain::time::Timestamp;
use serde::Deserialize;

use super::CODE;
use super::sign::{self, Params, Trust};
use crate::payment::{BadNotice, Notice, Told};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Precreated {
    pub(super) out_trade_no: String,
    pub(super) qr_code: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Closed {
    pub(super) out_trade_no: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refunded {
    pub(super) out_trade_no: String,
    pub(super) fund_change: String,
    pub(super) gmt_refund_pay: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RefundFound {
    pub(super) out_request_no: String,
    pub(super) refund_amount: String,
    pub(super) refund_status: String,
    pub(super) gmt_refund_pay: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BillPlace {
    pub(super) bill_download_url: String,
}

/// A trade as the query tells it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Traded {
    pub(super) out_trade_no: String,
    trade_no: String,
    trade_status: String,
    total_amount: String,
    send_pay_date: String,
}

impl Traded {
    pub(super) fn news(&self) -> News {
        news(
            &self.trade_status,
            (&self.trade_no, &self.total_amount, &self.send_pay_date),
        )
    }
}

/// An instant in Beijing, `2026-03-18 09:42:05`.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::parse_local(text)
}

/// A sum in 元, exactly.
pub(super) fn fen(text: &str) -> Option<Fen> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    Fen::parse_yuan(text).ok().filter(|_| plain)
}

/// What a state means, with number, sum and time of the payment.
fn news(status: &str, (trade_no, amount, paid_at): (&str, &str, &str)) -> News {
    let paid = || match (fen(amount), instant(paid_at)) {
        (Some(amount), Some(paid_at)) if !trade_no.is_empty() => News::Paid(PaidNews {
            channel_no: trade_no.to_owned(),
            amount,
            currency: CNY.to_owned(),
            paid_at,
        }),
        _ => News::Unknown,
    };
    match status {
        "TRADE_SUCCESS" | "TRADE_FINISHED" => paid(),
        "WAIT_BUYER_PAY" => News::NotPaid { last: false },
        // Unpaid and run out, or paid and all of it sent back: money that came is a fact, and our refunds know the rest.
        "TRADE_CLOSED" if paid_at.is_empty() => News::Closed,
        "TRADE_CLOSED" => paid(),
        _ => News::Unknown,
    }
}

/// Checks and reads a notice.
pub(super) fn notice(trust: &Trust, body: &[u8]) -> Result<Notice, BadNotice> {
    let params = sign::form(body).ok_or(BadNotice::Malformed)?;
    let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let signature = get("sign");
    if !sign::is_signature(signature) {
        return Err(BadNotice::Signature);
    }
    let number = params.get("alipay_cert_sn").map(String::as_str);
    let key = trust.key(number).ok_or(BadNotice::Signature)?;
    if !key.holds(sign::notice_text(&params).as_bytes(), signature) {
        return Err(BadNotice::Signature);
    }
    if get("notify_id").is_empty() {
        return Err(BadNotice::Malformed);
    }
    let told = if get("notify_type") == "trade_status_sync" {
        Told::Payment(evidence(&params)?)
    } else {
        Told::Nothing
    };
    Ok(Notice {
        id: get("notify_id").to_owned(),
        told,
    })
}

fn evidence(params: &Params) -> Result<Evidence, BadNotice> {
    let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    if !is_merchant_no(get("out_trade_no")) {
        return Err(BadNotice::Malformed);
    }
    let told = news(
        get("trade_status"),
        (get("trade_no"), get("total_amount"), get("gmt_payment")),
    );
    if told == News::Unknown {
        return Err(BadNotice::Malformed);
    }
    Ok(Evidence {
        source: Source::Notice,
        channel: CODE.to_owned(),
        merchant: format!("{}:{}", get("app_id"), get("seller_id")),
        merchant_no: get("out_trade_no").to_owned(),
        news: told,
    })
}
