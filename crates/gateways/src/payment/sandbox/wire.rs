//! The JSON that goes between the sandbox and its merchants. Sums in 分, instants in microseconds unless named otherwise.

use serde::{Deserialize, Serialize};

/// `POST /api/payments`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Create {
    /// The merchant's number.
    pub merchant_no: String,
    /// The sum.
    pub amount: i64,
    /// `CNY`.
    pub currency: String,
    /// What the payer reads.
    pub subject: String,
    /// Seconds since 1970; no money is taken from then on.
    pub expires_at: i64,
    /// Where notices go.
    pub notify_url: String,
    /// Where the payer returns to.
    pub return_url: String,
}

/// An answer that may be a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Answer<T> {
    /// Done.
    Ok(T),
    /// Not done, for good.
    Refused {
        /// Why.
        message: String,
    },
}

/// A payment was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Where the payer goes.
    pub checkout: String,
}

/// Names a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByNumber {
    /// The merchant's number.
    pub merchant_no: String,
}

/// Where a payment stands at the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// There is no such payment.
    Missing,
    /// Not paid yet.
    Unpaid,
    /// Paid.
    Paid,
    /// Closed or run out, unpaid.
    Closed,
    /// Paid, and some or all of it went back since.
    Refunded,
}

/// A payment as the channel sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Whom it credits.
    pub merchant: String,
    /// The merchant's number.
    pub merchant_no: String,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The channel's number.
    pub channel_no: Option<String>,
    /// The sum.
    pub amount: i64,
    /// `CNY`.
    pub currency: String,
    /// When it was paid.
    pub paid_at: Option<i64>,
}

/// What is posted to `notify_url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same at every repetition.
    pub id: String,
    /// The payment as it is.
    pub payment: Payment,
}

/// `POST /api/refunds`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateRefund {
    /// The merchant's number of the refund.
    pub refund_no: String,
    /// The merchant's number of the payment.
    pub merchant_no: String,
    /// The sum that goes back.
    pub amount: i64,
    /// Why.
    pub reason: String,
}

/// Names a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByRefund {
    /// The merchant's number of the refund.
    pub refund_no: String,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// There is no such refund.
    Missing,
    /// Taken, not done.
    Processing,
    /// Done.
    Succeeded,
    /// Won't be done.
    Failed,
    /// The payer's card can't be reached.
    Abnormal,
}

/// A refund as the channel sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The merchant's number of the refund.
    pub refund_no: String,
    /// The merchant's number of the payment.
    pub merchant_no: String,
    /// The sum.
    pub amount: i64,
    /// Where it stands.
    pub status: RefundStatus,
    /// The channel's number.
    pub channel_no: Option<String>,
    /// When it was done.
    pub finished_at: Option<i64>,
    /// Why it failed.
    pub message: String,
}
