//! Payment channels.
//!
//! A channel takes a payment under a number of ours, sends the payer to its cashier, and tells what became of it: by a signed
//! notice, or when asked. Whatever it tells becomes [`Evidence`], which `app::payment` settles. An answer that can't be
//! trusted (no answer, an error of the server, a bad signature) is *unknown*, never *not paid* (payments §1).

mod channels;
mod http;
pub mod sandbox;

use std::fmt;

use domain::money::Fen;
use domain::payment::evidence::{Evidence, Source};
use domain::payment::ladder::Ladder;
use domain::time::Timestamp;
use futures_util::future::BoxFuture;
/// Headers of a notice.
pub use reqwest::header::HeaderMap;

pub use channels::{Channels, NotForProduction};

/// How long a channel's answer is waited for, in seconds.
pub const TIMEOUT_SECONDS: i64 = 8;

/// What people see of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelInfo {
    /// The stored code.
    pub code: &'static str,
    /// The name on the page of choice.
    pub name: &'static str,
    /// One line under it.
    pub note: &'static str,
    /// How often it is asked again.
    pub ladder: Ladder,
    /// Whether real money moves. A production system refuses those where it doesn't.
    pub real: bool,
}

/// A payment that the channel is to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// Our number, stored before the call. The same number is the same payment, however often it is sent.
    pub merchant_no: String,
    /// The sum.
    pub amount: Fen,
    /// What the payer reads at the cashier; no personal data.
    pub subject: String,
    /// The channel takes no money from then on.
    pub expires_at: Timestamp,
    /// Where notices go.
    pub notify_url: String,
    /// Where the payer's browser returns to.
    pub return_url: String,
}

/// What the channel says to a new payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateAnswer {
    /// It is there; the payer goes to this address.
    Checkout(String),
    /// It doesn't take it, for good.
    Refused(String),
    /// Nobody knows whether it is there.
    Unknown,
}

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// Our number of the refund; the same at every retry, or the channel pays twice.
    pub refund_no: String,
    /// Our number of the payment.
    pub merchant_no: String,
    /// The sum that goes back.
    pub amount: Fen,
    /// The sum that was paid.
    pub total: Fen,
    /// The reason, shown to the payer.
    pub reason: String,
}

/// What is known of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundNews {
    /// The channel is at work.
    Processing,
    /// The money went back.
    Succeeded {
        /// The channel's number.
        channel_no: String,
        /// When.
        at: Timestamp,
    },
    /// It won't.
    Failed(String),
    /// The payer's card can't be reached: a person must act.
    Abnormal(String),
    /// The channel has never heard of it: it may be sent again under the same number.
    Missing,
    /// Nobody knows.
    Unknown,
}

/// A verified notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The channel's id of it, the same at every repetition.
    pub id: String,
    /// What it says.
    pub evidence: Evidence,
}

/// Why a notice isn't believed. It is counted and answered with an error, and nothing of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNotice {
    /// The signature is missing or wrong.
    #[error("the signature is wrong")]
    Signature,
    /// It is signed for another time.
    #[error("the notice is stale")]
    Stale,
    /// It can't be read.
    #[error("the notice can't be read")]
    Malformed,
}

/// What the channel wants to read when its notice was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Content type.
    pub media_type: &'static str,
    /// The exact body.
    pub body: &'static str,
}

/// One channel under one merchant identity of ours.
pub trait PaymentGateway: fmt::Debug + Send + Sync {
    /// What people see of it.
    fn info(&self) -> &ChannelInfo;
    /// Our identity there; evidence must name the same.
    fn merchant(&self) -> &str;
    /// Tells the channel of a payment.
    fn create<'a>(&'a self, payment: &'a NewPayment) -> BoxFuture<'a, CreateAnswer>;
    /// Asks what became of a payment.
    fn query<'a>(&'a self, merchant_no: &'a str, source: Source) -> BoxFuture<'a, Evidence>;
    /// Asks the channel to take no more money for it. Evidence of money if it was too late.
    fn close<'a>(&'a self, merchant_no: &'a str) -> BoxFuture<'a, Evidence>;
    /// Sends money back.
    fn refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews>;
    /// Asks what became of a refund.
    fn query_refund<'a>(&'a self, refund_no: &'a str) -> BoxFuture<'a, RefundNews>;
    /// Checks and reads a notice.
    ///
    /// # Errors
    /// [`BadNotice`] for everything that the channel didn't sign.
    fn notice(&self, headers: &HeaderMap, body: &[u8]) -> Result<Notice, BadNotice>;
    /// The answer to a notice that was taken.
    fn acknowledgement(&self) -> Acknowledgement;
}
