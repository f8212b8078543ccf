//! 银联在线支付 (全渠道 5.1.0, B2C 网关): payment by a form that the browser posts, query, refund, notices, bills.
//!
//! Facts from payments §4. A payment is known by its number *and* the time of its order. There is no call that closes one: it ends with
//! `payTimeout`, and until then a query that finds nothing says nothing.

mod bill;
mod call;
mod read;
pub mod sign;

use std::fmt;
use std::sync::Arc;

use domain::clock::Clock;
use domain::payment::evidence::{Evidence, Source};
use domain::payment::ladder::Ladder;
use domain::time::{Date, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use self::sign::{Identity, Trust};
use super::{
    Acknowledgement, BadNotice, BillAnswer, BillReader, ChannelInfo, CreateAnswer, Device,
    HeaderMap, Line, Named, NewPayment, NewRefund, Notice, PaymentGateway, RefundNews, Transport,
    Way,
};

/// The channel's code.
pub const CODE: &str = "unionpay";
/// The gateway of production.
pub const GATEWAY: &str = "https://gateway.95516.com/gateway/api";
/// Where its bills are.
pub const FILES: &str = "https://filedownload.95516.com/";

/// Our merchant identity at UnionPay and how it is reached.
#[derive(Debug)]
pub struct UnionpayConfig {
    /// [`GATEWAY`], or that of a simulator; without a slash at the end.
    pub gateway: String,
    /// [`FILES`], or that of a simulator.
    pub files: String,
    /// 商户代码.
    pub mer_id: String,
    /// 签名证书 with its key.
    pub identity: Identity,
    /// Whose answers and notices are believed.
    pub trust: Trust,
}

/// The channel.
pub struct Unionpay {
    info: ChannelInfo,
    config: UnionpayConfig,
    clock: Arc<dyn Clock>,
    line: Line,
    bills: bill::Reader,
}

impl fmt::Debug for Unionpay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unionpay")
            .field("mer_id", &self.config.mer_id)
            .finish_non_exhaustive()
    }
}

impl Unionpay {
    /// The channel, over a transport.
    pub fn new(
        config: UnionpayConfig,
        clock: Arc<dyn Clock>,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self {
            info: ChannelInfo {
                code: CODE,
                name: "银联云闪付",
                note: "银行卡、云闪付",
                ladder: Ladder::UnionPay,
                // The form is good until `payTimeout`; its time is that of the order.
                life: 24 * 3600,
                real: true,
            },
            bills: bill::Reader {
                mer_id: config.mer_id.clone(),
                clock: Arc::clone(&clock),
            },
            line: Line::new(transport, Arc::clone(&clock)),
            config,
            clock,
        }
    }
}

/// `20260318094205`, in Beijing.
fn compact(at: Timestamp) -> String {
    at.to_local_second()
        .chars()
        .filter(char::is_ascii_digit)
        .collect()
}

impl PaymentGateway for Unionpay {
    fn info(&self) -> &ChannelInfo {
        &self.info
    }

    fn merchant(&self) -> &str {
        &self.config.mer_id
    }

    fn way(&self, _: &Device) -> Option<Way> {
        Some(Way::Form)
    }

    fn create<'a>(&'a self, payment: &'a NewPayment) -> BoxFuture<'a, CreateAnswer> {
        std::future::ready(CreateAnswer::Checkout(self.form(payment))).boxed()
    }

    fn query<'a>(&'a self, payment: &'a Named, source: Source) -> BoxFuture<'a, Evidence> {
        async move {
            let news = self.look(payment).await;
            self.evidence(&payment.merchant_no, source, news)
        }
        .boxed()
    }

    /// What it is: it can't be closed, it ends by itself.
    fn close<'a>(&'a self, payment: &'a Named) -> BoxFuture<'a, Evidence> {
        self.query(payment, Source::Query)
    }

    fn refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.send_back(refund).boxed()
    }

    fn query_refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.look_back(refund).boxed()
    }

    fn notice(&self, _: &HeaderMap, body: &[u8]) -> Result<Notice, BadNotice> {
        read::notice(&self.config, body, self.clock.now())
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement {
            media_type: "text/plain; charset=utf-8",
            body: "ok",
        }
    }

    fn bill(&self, day: Date) -> BoxFuture<'_, BillAnswer> {
        self.fetch_bill(day).boxed()
    }

    fn bills(&self) -> Option<&dyn BillReader> {
        Some(&self.bills)
    }
}
