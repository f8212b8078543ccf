//! Payment channels.
//!
//! A channel takes a payment under a number of ours, sends the payer to its cashier, and tells what became of it: by a signed
//! notice, or when asked. Whatever it tells becomes [`Evidence`], which `app::payment` settles. An answer that can't be
//! trusted (no answer, an error of the server, a bad signature) is *unknown*, never *not paid* (payments §1).

pub mod alipay;
pub mod bill;
mod breaker;
pub mod cert;
mod channels;
mod checkout;
pub mod keys;
mod line;
mod transport;
pub mod unionpay;
pub mod wechat;

use std::collections::BTreeMap;
use std::fmt;

use domain::money::Fen;
use domain::payment::evidence::{Evidence, News, Source};
use domain::payment::ladder::Ladder;
use domain::time::{Date, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
/// Headers of a notice.
/// The code of what comes outside of the channels, entered by two people: nobody is asked about it.
pub const OFFLINE: &str = "offline";
/// The code of what is paid by 缴款码 and told by the collection bank's list: nobody is asked about it either.
pub const NONTAX: &str = "nontax";

pub use http::HeaderMap;

pub use bill::{BillAnswer, BillReader};
pub use breaker::Breaker;
pub use channels::{Channels, NotForProduction};
pub use checkout::{Checkout, Device, Payer, Way};
pub use line::Line;
pub use transport::{Lost, Transport, Web};

/// How long a channel's answer is waited for, in seconds.
pub const TIMEOUT_SECONDS: i64 = 8;

/// Names and values in the encoding of forms.
fn encoded<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        form.append_pair(name.as_ref(), value.as_ref());
    }
    form.finish()
}

/// A body in the encoding of forms, by name; `None` if a name comes twice, which no signature covers.
pub fn form(body: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return None;
        }
    }
    Some(fields)
}

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
    /// Seconds for which a [`Checkout`] is good; after them it is asked for again under the same number.
    pub life: i64,
    /// Whether real money moves. A production system refuses those where it doesn't.
    pub real: bool,
}

/// A payment, by everything under which a channel may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Our number, stored before the first call.
    pub merchant_no: String,
    /// When it was begun, to the second the same in every call: UnionPay knows payments by number and time.
    pub begun_at: Timestamp,
    /// The channel's own number, once money is there.
    pub channel_no: Option<String>,
}

/// A payment that the channel is to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// Our number, stored before the call. The same number is the same payment, however often it is sent.
    pub merchant_no: String,
    /// When it was begun, stored before the call.
    pub begun_at: Timestamp,
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
    /// Who pays, with what in his hand.
    pub payer: Payer,
}

/// What the channel says to a new payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateAnswer {
    /// It is there, or will be when the payer comes; this is his way.
    Checkout(Checkout),
    /// It doesn't take it, for good.
    Refused(String),
    /// It was never sent: the channel is down. Another can be tried without any doubt.
    Away,
    /// Nobody knows whether it is there.
    Unknown,
}

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// Our number of the refund; the same at every retry, or the channel pays twice.
    pub refund_no: String,
    /// When the refund was raised, to the second the same in every call.
    pub begun_at: Timestamp,
    /// The payment that it is of.
    pub of: Named,
    /// The sum that goes back.
    pub amount: Fen,
    /// The sum that was paid.
    pub total: Fen,
    /// The reason, shown to the payer.
    pub reason: String,
    /// Where notices of it go.
    pub notify_url: String,
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

/// What a verified notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Of a payment.
    Payment(Evidence),
    /// Of a refund.
    Refund {
        /// Our number of it.
        refund_no: String,
        /// What became of it.
        news: RefundNews,
    },
    /// That there is something to ask about a payment, by our number of it.
    AskPayment(String),
    /// That there is something to ask about a refund, by our number of it.
    AskRefund(String),
    /// Something that isn't about money of ours; it is acknowledged and counts for nothing.
    Nothing,
}

/// A verified notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The channel's id of it, the same at every repetition.
    pub id: String,
    /// What it says.
    pub told: Told,
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

/// What the channel reads as our answer to a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Content type.
    pub media_type: &'static str,
    /// The exact body.
    pub body: &'static str,
}

/// How a payer inside a channel's own app is known there.
pub trait InAppDoor: Send + Sync {
    /// The channel's code.
    fn channel(&self) -> &'static str;
    /// Where his browser goes to be known; it comes back to `back` with a code and this `state`.
    fn address(&self, back: &str, state: &str) -> Option<String>;
    /// His number there, by that code; `None` if the code is no good or nobody answers.
    fn who<'a>(&'a self, code: &'a str) -> BoxFuture<'a, Option<String>>;
}

/// One channel under one merchant identity of ours.
pub trait PaymentGateway: fmt::Debug + Send + Sync {
    /// What people see of it.
    fn info(&self) -> &ChannelInfo;
    /// Our identity there; evidence must name the same.
    fn merchant(&self) -> &str;
    /// What the channel says of a payment of ours.
    fn evidence(&self, merchant_no: &str, source: Source, news: News) -> Evidence {
        Evidence {
            source,
            channel: self.info().code.to_owned(),
            merchant: self.merchant().to_owned(),
            merchant_no: merchant_no.to_owned(),
            news,
        }
    }
    /// The way that a device is led; `None` where the channel has none for it.
    fn way(&self, device: &Device) -> Option<Way>;
    /// Tells the channel of a payment.
    fn create<'a>(&'a self, payment: &'a NewPayment) -> BoxFuture<'a, CreateAnswer>;
    /// Asks what became of a payment.
    fn query<'a>(&'a self, payment: &'a Named, source: Source) -> BoxFuture<'a, Evidence>;
    /// Asks the channel to take no more money for it. Evidence of money if it was too late. A channel without such a call answers what
    /// it knows, and is final by itself when the cashier's time is over.
    fn close<'a>(&'a self, payment: &'a Named) -> BoxFuture<'a, Evidence>;
    /// Sends money back.
    fn refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews>;
    /// Asks what became of a refund.
    fn query_refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews>;
    /// Checks and reads a notice.
    ///
    /// # Errors
    /// [`BadNotice`] for everything that the channel didn't sign.
    fn notice(&self, headers: &HeaderMap, body: &[u8]) -> Result<Notice, BadNotice>;
    /// The answer to a notice that was taken.
    fn acknowledgement(&self) -> Acknowledgement;
    /// The answer to one that wasn't; its status says so as well.
    fn refusal(&self) -> Acknowledgement {
        Acknowledgement {
            media_type: "text/plain; charset=utf-8",
            body: "failure",
        }
    }
    /// How a payer inside the channel's own app is known there, if that is possible.
    fn in_app(&self) -> Option<&dyn InAppDoor> {
        None
    }
    /// Gets the bill of a day. A channel that gives none refuses.
    fn bill(&self, _day: Date) -> BoxFuture<'_, BillAnswer> {
        std::future::ready(BillAnswer::Refused("这个渠道没有对账单".to_owned())).boxed()
    }
    /// What reads its bills, if it has any.
    fn bills(&self) -> Option<&dyn BillReader> {
        None
    }
}
