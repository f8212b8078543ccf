//! Schedules with one defence switched off: those must come to harm, or the others prove nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::payment::evidence::{Evidence, News, Source};
use domain::time::Date;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateways::payment::{
    Acknowledgement, BadNotice, BillAnswer, BillReader, ChannelInfo, CreateAnswer, Device,
    HeaderMap, InAppDoor, Named, NewPayment, NewRefund, Notice, PaymentGateway, RefundNews, Told,
    Way,
};
use http::Request;
use simulators::Trio;

/// Which defence is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// None.
    None,
    /// Every notice counts as signed by the channel.
    Signature,
    /// Every sum counts as the one that was asked for.
    Amount,
    /// A refund that is sent again has another number, and money that is told of again another transaction.
    Idempotency,
    /// An attempt is closed without asking the channel.
    QueryBeforeClose,
}

impl Control {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [
            Self::Signature,
            Self::Amount,
            Self::Idempotency,
            Self::QueryBeforeClose,
        ]
        .into_iter()
        .find(|control| control.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Signature => "signature",
            Self::Amount => "amount",
            Self::Idempotency => "idempotency",
            Self::QueryBeforeClose => "query-before-close",
        }
    }

    pub(crate) fn label(self) -> String {
        match self {
            Self::None => String::new(),
            other => format!(" without {}", other.name()),
        }
    }
}

/// The gateways with the defence off.
pub(crate) fn wrap(
    control: Control,
    trio: &Trio,
    gateways: [Arc<dyn PaymentGateway>; 3],
) -> Vec<Arc<dyn PaymentGateway>> {
    if control == Control::None {
        return gateways.to_vec();
    }
    let open = |inner| -> Arc<dyn PaymentGateway> {
        Arc::new(Open {
            inner,
            control,
            trio: trio.clone(),
            counter: AtomicU64::new(0),
        })
    };
    gateways.into_iter().map(open).collect()
}

/// A gateway without one of its defences.
#[derive(Debug)]
struct Open {
    inner: Arc<dyn PaymentGateway>,
    control: Control,
    trio: Trio,
    counter: AtomicU64,
}

impl Open {
    fn next(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::SeqCst)
    }

    fn seen(&self, mut evidence: Evidence) -> Evidence {
        if let News::Paid(paid) = &mut evidence.news {
            match self.control {
                Control::Amount => {
                    let channel = self.trio.channel(self.info().code);
                    let trade =
                        channel.and_then(|channel| channel.bank().trade(&evidence.merchant_no));
                    if let Some(trade) = trade {
                        paid.amount = domain::money::Fen::new(trade.order.amount);
                    }
                }
                Control::Idempotency => {
                    paid.channel_no = format!("{}{}", paid.channel_no, self.next());
                }
                _ => {}
            }
        }
        evidence
    }

    fn numbered(&self, refund: &NewRefund) -> NewRefund {
        let mut refund = refund.clone();
        if self.control == Control::Idempotency {
            let keep = refund.refund_no.len().min(24);
            refund.refund_no.truncate(keep);
            refund.refund_no += &format!("{:06}", self.next());
        }
        refund
    }
}

impl PaymentGateway for Open {
    fn info(&self) -> &ChannelInfo {
        self.inner.info()
    }

    fn merchant(&self) -> &str {
        self.inner.merchant()
    }

    fn way(&self, device: &Device) -> Option<Way> {
        self.inner.way(device)
    }

    fn create<'a>(&'a self, payment: &'a NewPayment) -> BoxFuture<'a, CreateAnswer> {
        self.inner.create(payment)
    }

    fn query<'a>(&'a self, payment: &'a Named, source: Source) -> BoxFuture<'a, Evidence> {
        async move { self.seen(self.inner.query(payment, source).await) }.boxed()
    }

    fn close<'a>(&'a self, payment: &'a Named) -> BoxFuture<'a, Evidence> {
        async move { self.seen(self.inner.close(payment).await) }.boxed()
    }

    fn refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        async move {
            let refund = self.numbered(refund);
            self.inner.refund(&refund).await
        }
        .boxed()
    }

    fn query_refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.inner.query_refund(refund)
    }

    fn notice(&self, headers: &HeaderMap, body: &[u8]) -> Result<Notice, BadNotice> {
        let read = self.inner.notice(headers, body);
        let read = match read {
            Err(BadNotice::Signature) if self.control == Control::Signature => {
                let mut notice = Request::post("https://product.example/");
                if let Some(all) = notice.headers_mut() {
                    all.extend(headers.clone());
                }
                let notice = notice
                    .body(bytes::Bytes::copy_from_slice(body))
                    .map_err(|_| BadNotice::Malformed)?;
                let channel = self.trio.channel(self.info().code);
                let signed = channel.and_then(|channel| channel.signed_anew(&notice));
                let signed = signed.ok_or(BadNotice::Signature)?;
                self.inner.notice(signed.headers(), signed.body())
            }
            read => read,
        };
        read.map(|mut notice| {
            if let Told::Payment(evidence) = notice.told {
                notice.told = Told::Payment(self.seen(evidence));
            }
            notice
        })
    }

    fn acknowledgement(&self) -> Acknowledgement {
        self.inner.acknowledgement()
    }

    fn refusal(&self) -> Acknowledgement {
        self.inner.refusal()
    }

    fn in_app(&self) -> Option<&dyn InAppDoor> {
        self.inner.in_app()
    }

    fn bill(&self, day: Date) -> BoxFuture<'_, BillAnswer> {
        self.inner.bill(day)
    }

    fn bills(&self) -> Option<&dyn BillReader> {
        self.inner.bills()
    }
}
