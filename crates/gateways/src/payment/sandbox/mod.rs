//! The sandbox channel: a whole channel over HTTP in which no money moves. Demonstrations and tests; production refuses it.
//!
//! Requests are JSON, signed with HMAC-SHA-256 under a shared secret; so are answers and notices ([`sign`]). The other side
//! is `simulators::sandbox`, which shares only [`wire`] and [`sign`].

pub mod sign;
pub mod wire;

use std::fmt;
use std::sync::Arc;

use domain::clock::Clock;
use domain::money::Fen;
use domain::payment::evidence::{Evidence, News, PaidNews, Source};
use domain::payment::ladder::Ladder;
use domain::payment::number::is_merchant_no;
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::sign::Signed;
use self::wire::{Answer, PaymentStatus, RefundStatus};
use super::{
    Acknowledgement, BadNotice, ChannelInfo, Checkout, CreateAnswer, Device, HeaderMap, Line, Lost,
    Named, NewPayment, NewRefund, Notice, PaymentGateway, RefundNews, Told, Transport, Way,
};

/// The channel's code.
pub const CODE: &str = "sandbox";

/// How the sandbox is reached.
#[derive(Clone)]
pub struct SandboxConfig {
    /// `http://127.0.0.1:8090`, without a slash at the end.
    pub base_url: String,
    /// Our merchant number there.
    pub merchant: String,
    /// The shared secret.
    pub secret: String,
}

impl fmt::Debug for SandboxConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxConfig")
            .field("base_url", &self.base_url)
            .field("merchant", &self.merchant)
            .finish_non_exhaustive()
    }
}

/// The channel.
#[derive(Debug)]
pub struct Sandbox {
    info: ChannelInfo,
    config: SandboxConfig,
    clock: Arc<dyn Clock>,
    line: Line,
}

impl Sandbox {
    /// The channel, over a transport.
    pub fn new(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
        transport: Arc<dyn Transport>,
    ) -> Self {
        let info = ChannelInfo {
            code: CODE,
            name: "模拟支付",
            note: "演示用收银台，不会发生真实扣款",
            ladder: Ladder::Usual,
            life: 24 * 3600,
            real: false,
        };
        Self {
            info,
            config,
            line: Line::new(transport, Arc::clone(&clock)),
            clock,
        }
    }

    /// Posts a signed request. [`Lost::Unanswered`] for everything that can't be trusted.
    async fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        request: &Q,
    ) -> Result<A, Lost> {
        let body = serde_json::to_vec(request).map_err(|_| Lost::Unsent)?;
        let timestamp = self.clock.now().seconds();
        let signature = Signed {
            what: path,
            timestamp,
            body: &body,
        }
        .sign(&self.config.secret);
        let request = http::Request::post(format!("{}{path}", self.config.base_url))
            .header("content-type", "application/json")
            .header(sign::MERCHANT, &self.config.merchant)
            .header(sign::TIMESTAMP, timestamp.to_string())
            .header(sign::SIGNATURE, signature)
            .body(body.into())
            .map_err(|_| Lost::Unsent)?;
        let answer = self.line.send(request).await?;
        if !answer.status().is_success() {
            return Err(Lost::Unanswered);
        }
        self.read(path, &answer).ok_or(Lost::Unanswered)
    }

    /// An answer, if it is signed for this call and for now.
    fn read<A: DeserializeOwned>(
        &self,
        path: &str,
        answer: &http::Response<bytes::Bytes>,
    ) -> Option<A> {
        let what = format!("answer {path}");
        let timestamp = sign::timestamp(answer.headers())?;
        let signed = Signed {
            what: &what,
            timestamp,
            body: answer.body(),
        };
        (sign::is_fresh(timestamp, self.clock.now())
            && signed.holds(&self.config.secret, answer.headers()))
        .then_some(())?;
        serde_json::from_slice(answer.body()).ok()
    }

    async fn ask(&self, path: &str, merchant_no: &str, source: Source) -> Evidence {
        let request = wire::ByNumber {
            merchant_no: merchant_no.to_owned(),
        };
        match self.call::<_, wire::Payment>(path, &request).await {
            Ok(payment) if payment.merchant_no == merchant_no => evidence_of(payment, source),
            _ => self.evidence(merchant_no, source, News::Unknown),
        }
    }

    async fn new_payment(&self, payment: &NewPayment) -> CreateAnswer {
        let request = wire::Create {
            merchant_no: payment.merchant_no.clone(),
            amount: payment.amount.get(),
            currency: "CNY".to_owned(),
            subject: payment.subject.clone(),
            expires_at: payment.expires_at.seconds(),
            notify_url: payment.notify_url.clone(),
            return_url: payment.return_url.clone(),
        };
        match self
            .call::<_, Answer<wire::Created>>("/api/payments", &request)
            .await
        {
            Ok(Answer::Ok(created)) => CreateAnswer::Checkout(Checkout::Page {
                url: created.checkout,
            }),
            Ok(Answer::Refused { message }) => CreateAnswer::Refused(message),
            Err(Lost::Unsent) => CreateAnswer::Away,
            Err(Lost::Unanswered) => CreateAnswer::Unknown,
        }
    }

    async fn new_refund(&self, refund: &NewRefund) -> RefundNews {
        let request = wire::CreateRefund {
            refund_no: refund.refund_no.clone(),
            merchant_no: refund.of.merchant_no.clone(),
            amount: refund.amount.get(),
            reason: refund.reason.clone(),
        };
        match self
            .call::<_, Answer<wire::Refund>>("/api/refunds", &request)
            .await
        {
            Ok(Answer::Ok(refund)) => news_of(refund),
            Ok(Answer::Refused { message }) => RefundNews::Failed(message),
            Err(_) => RefundNews::Unknown,
        }
    }

    async fn ask_refund(&self, refund_no: &str) -> RefundNews {
        let request = wire::ByRefund {
            refund_no: refund_no.to_owned(),
        };
        match self
            .call::<_, wire::Refund>("/api/refunds/query", &request)
            .await
        {
            Ok(refund) if refund.refund_no == refund_no => news_of(refund),
            _ => RefundNews::Unknown,
        }
    }
}

fn evidence_of(payment: wire::Payment, source: Source) -> Evidence {
    let news = match payment.status {
        PaymentStatus::Paid | PaymentStatus::Refunded => {
            match (payment.channel_no, payment.paid_at) {
                (Some(channel_no), Some(paid_at)) => News::Paid(PaidNews {
                    channel_no,
                    amount: Fen::new(payment.amount),
                    currency: payment.currency,
                    paid_at: Timestamp::from_micros(paid_at),
                }),
                _ => News::Unknown,
            }
        }
        // A trade that the channel doesn't know may still be on its way there: not final.
        PaymentStatus::Unpaid | PaymentStatus::Missing => News::NotPaid { last: false },
        PaymentStatus::Closed => News::Closed,
    };
    Evidence {
        source,
        channel: CODE.to_owned(),
        merchant: payment.merchant,
        merchant_no: payment.merchant_no,
        news,
    }
}

fn news_of(refund: wire::Refund) -> RefundNews {
    match refund.status {
        RefundStatus::Processing => RefundNews::Processing,
        RefundStatus::Succeeded => match (refund.channel_no, refund.finished_at) {
            (Some(channel_no), Some(at)) => RefundNews::Succeeded {
                channel_no,
                at: Timestamp::from_micros(at),
            },
            _ => RefundNews::Unknown,
        },
        RefundStatus::Failed => RefundNews::Failed(refund.message),
        RefundStatus::Abnormal => RefundNews::Abnormal(refund.message),
        RefundStatus::Missing => RefundNews::Missing,
    }
}

impl PaymentGateway for Sandbox {
    fn info(&self) -> &ChannelInfo {
        &self.info
    }

    fn merchant(&self) -> &str {
        &self.config.merchant
    }

    fn way(&self, _: &Device) -> Option<Way> {
        Some(Way::Page)
    }

    fn create<'a>(&'a self, payment: &'a NewPayment) -> BoxFuture<'a, CreateAnswer> {
        self.new_payment(payment).boxed()
    }

    fn query<'a>(&'a self, payment: &'a Named, source: Source) -> BoxFuture<'a, Evidence> {
        self.ask("/api/payments/query", &payment.merchant_no, source)
            .boxed()
    }

    fn close<'a>(&'a self, payment: &'a Named) -> BoxFuture<'a, Evidence> {
        self.ask("/api/payments/close", &payment.merchant_no, Source::Query)
            .boxed()
    }

    fn refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.new_refund(refund).boxed()
    }

    fn query_refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.ask_refund(&refund.refund_no).boxed()
    }

    fn notice(&self, headers: &HeaderMap, body: &[u8]) -> Result<Notice, BadNotice> {
        let timestamp = sign::timestamp(headers).ok_or(BadNotice::Signature)?;
        let signed = Signed {
            what: "notice",
            timestamp,
            body,
        };
        if !signed.holds(&self.config.secret, headers) {
            return Err(BadNotice::Signature);
        }
        if !sign::is_fresh(timestamp, self.clock.now()) {
            return Err(BadNotice::Stale);
        }
        let notice: wire::Notice =
            serde_json::from_slice(body).map_err(|_| BadNotice::Malformed)?;
        if !is_merchant_no(&notice.payment.merchant_no) {
            return Err(BadNotice::Malformed);
        }
        Ok(Notice {
            id: notice.id,
            told: Told::Payment(evidence_of(notice.payment, Source::Notice)),
        })
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement {
            media_type: "text/plain; charset=utf-8",
            body: "success",
        }
    }
}
