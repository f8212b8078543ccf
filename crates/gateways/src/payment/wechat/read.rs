//! What WeChat Pay says.

use domain::money::Fen;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::payment::number::is_merchant_no;
use domain::time::Timestamp;
use serde::Deserialize;

use super::CODE;
use super::sign::{ApiKey, Sealed};
use crate::payment::{BadNotice, NewRefund, Notice, RefundNews, Told};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Created {
    pub(super) code_url: Option<String>,
    pub(super) h5_url: Option<String>,
    pub(super) prepay_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BillPlace {
    pub(super) hash_type: String,
    pub(super) hash_value: String,
    pub(super) download_url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Amount {
    total: i64,
    currency: String,
}

/// A payment, as queries and notices tell it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Traded {
    mchid: String,
    appid: String,
    out_trade_no: String,
    transaction_id: String,
    trade_state: String,
    success_time: String,
    amount: Amount,
}

impl Traded {
    /// Whether it speaks of this payment of ours.
    pub(super) fn is(&self, mchid: &str, appid: &str, merchant_no: &str) -> bool {
        self.mchid == mchid && self.appid == appid && self.out_trade_no == merchant_no
    }

    pub(super) fn news(&self) -> News {
        match self.trade_state.as_str() {
            // Money that went back came first: our refunds know the rest.
            "SUCCESS" | "REFUND" => match instant(&self.success_time) {
                Some(paid_at) if !self.transaction_id.is_empty() => News::Paid(PaidNews {
                    channel_no: self.transaction_id.clone(),
                    amount: Fen::new(self.amount.total),
                    currency: if self.amount.currency.is_empty() {
                        CNY.to_owned()
                    } else {
                        self.amount.currency.clone()
                    },
                    paid_at,
                }),
                _ => News::Unknown,
            },
            "NOTPAY" | "USERPAYING" | "PAYERROR" => News::NotPaid { last: false },
            "CLOSED" | "REVOKED" => News::Closed,
            _ => News::Unknown,
        }
    }
}

/// A refund, as answers and queries tell it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refunded {
    refund_id: String,
    out_refund_no: String,
    out_trade_no: String,
    status: String,
    success_time: String,
    amount: RefundAmount,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RefundAmount {
    refund: i64,
}

impl Refunded {
    pub(super) fn news(&self, of: &NewRefund) -> RefundNews {
        let same = self.out_refund_no == of.refund_no
            && self.out_trade_no == of.of.merchant_no
            && self.amount.refund == of.amount.get();
        if !same {
            return RefundNews::Unknown;
        }
        refund_news(&self.status, &self.refund_id, &self.success_time)
    }
}

fn refund_news(status: &str, refund_id: &str, success_time: &str) -> RefundNews {
    match (status, instant(success_time)) {
        ("PROCESSING", _) => RefundNews::Processing,
        ("SUCCESS", Some(at)) => RefundNews::Succeeded {
            channel_no: refund_id.to_owned(),
            at,
        },
        ("CLOSED", _) => RefundNews::Failed("退款已关闭".to_owned()),
        ("ABNORMAL", _) => RefundNews::Abnormal("退款异常，收款人的账户不能入账".to_owned()),
        _ => RefundNews::Unknown,
    }
}

/// `2026-03-18T09:42:05+08:00`.
fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::parse_local(text.strip_suffix("+08:00")?)
}

#[derive(Debug, Deserialize)]
struct Envelope {
    id: String,
    event_type: String,
    resource: Sealed,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RefundTold {
    out_refund_no: String,
    refund_id: String,
    refund_status: String,
    success_time: String,
}

/// Reads a notice whose signature holds.
pub(super) fn notice(key: &ApiKey, body: &[u8]) -> Result<Notice, BadNotice> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| BadNotice::Malformed)?;
    if envelope.id.is_empty() || envelope.id.len() > 64 {
        return Err(BadNotice::Malformed);
    }
    let told = match envelope.event_type.as_str() {
        "TRANSACTION.SUCCESS" => Told::Payment(payment(&opened(key, &envelope)?)?),
        "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => refund(&opened(key, &envelope)?)?,
        _ => Told::Nothing,
    };
    Ok(Notice {
        id: envelope.id,
        told,
    })
}

fn opened(key: &ApiKey, envelope: &Envelope) -> Result<Vec<u8>, BadNotice> {
    key.open(&envelope.resource).ok_or(BadNotice::Malformed)
}

fn payment(bytes: &[u8]) -> Result<Evidence, BadNotice> {
    let trade: Traded = serde_json::from_slice(bytes).map_err(|_| BadNotice::Malformed)?;
    let news = trade.news();
    if news == News::Unknown || !is_merchant_no(&trade.out_trade_no) {
        return Err(BadNotice::Malformed);
    }
    Ok(Evidence {
        source: Source::Notice,
        channel: CODE.to_owned(),
        merchant: format!("{}:{}", trade.mchid, trade.appid),
        merchant_no: trade.out_trade_no,
        news,
    })
}

fn refund(bytes: &[u8]) -> Result<Told, BadNotice> {
    let told: RefundTold = serde_json::from_slice(bytes).map_err(|_| BadNotice::Malformed)?;
    let news = refund_news(&told.refund_status, &told.refund_id, &told.success_time);
    if news == RefundNews::Unknown || !is_merchant_no(&told.out_refund_no) {
        return Err(BadNotice::Malformed);
    }
    Ok(Told::Refund {
        refund_no: told.out_refund_no,
        news,
    })
}
