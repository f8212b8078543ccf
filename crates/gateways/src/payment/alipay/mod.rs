//! 支付宝 (开放平台, RSA2): page, phone and code payments, query, close, refund, notices, bills.
//!
//! Facts from payments §2. A trade comes into being at Alipay only when the payer scans or logs in: until then a query and a close say
//! that there is none, and an open page can still be paid. Every payment therefore carries its end (`time_expire`).

mod bill;
mod call;
mod read;
pub mod sign;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use domain::clock::Clock;
use domain::payment::evidence::{Evidence, Source};
use domain::payment::ladder::Ladder;
use domain::time::Date;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use self::sign::Trust;
use super::keys::SigningKey;
use super::{
    Acknowledgement, BadNotice, BillAnswer, BillReader, ChannelInfo, CreateAnswer, Device,
    HeaderMap, Line, Named, NewPayment, NewRefund, Notice, PaymentGateway, RefundNews, Transport,
    Way,
};

/// The channel's code.
pub const CODE: &str = "alipay";
/// The gateway of production.
pub const GATEWAY: &str = "https://openapi.alipay.com/gateway.do";

/// What somebody at a desk is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Desk {
    /// A code on our page (当面付, `alipay.trade.precreate`).
    #[default]
    Code,
    /// Alipay's own page (电脑网站支付, `alipay.trade.page.pay`).
    Page,
}

/// Our merchant identity at Alipay and how it is reached.
#[derive(Debug)]
pub struct AlipayConfig {
    /// [`GATEWAY`], or that of a simulator.
    pub gateway: String,
    /// 应用 APPID.
    pub app_id: String,
    /// 收款账号 PID (`2088…`).
    pub seller_id: String,
    /// 应用私钥.
    pub key: SigningKey,
    /// Whose answers and notices are believed.
    pub trust: Trust,
    /// What somebody at a desk is shown; each is a product of its own that must be signed up for.
    pub desk: Desk,
}

/// The channel.
pub struct Alipay {
    info: ChannelInfo,
    config: AlipayConfig,
    merchant: String,
    clock: Arc<dyn Clock>,
    line: Line,
    bills: bill::Reader,
}

impl fmt::Debug for Alipay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alipay")
            .field("merchant", &self.merchant)
            .finish_non_exhaustive()
    }
}

impl Alipay {
    /// The channel, over a transport.
    pub fn new(config: AlipayConfig, clock: Arc<dyn Clock>, transport: Arc<dyn Transport>) -> Self {
        let merchant = format!("{}:{}", config.app_id, config.seller_id);
        Self {
            info: ChannelInfo {
                code: CODE,
                name: "支付宝",
                note: "电脑上扫码，手机上打开支付宝",
                ladder: Ladder::Usual,
                // A code lives two hours, longer than any cashier of ours.
                life: 24 * 3600,
                real: true,
            },
            bills: bill::Reader {
                merchant: merchant.clone(),
            },
            merchant,
            config,
            line: Line::new(transport, Arc::clone(&clock)),
            clock,
        }
    }
}

impl PaymentGateway for Alipay {
    fn info(&self) -> &ChannelInfo {
        &self.info
    }

    fn merchant(&self) -> &str {
        &self.merchant
    }

    fn way(&self, device: &Device) -> Option<Way> {
        match (device, self.config.desk) {
            (Device::Desk, Desk::Code) => Some(Way::Code),
            (Device::Desk, Desk::Page) | (Device::Phone, _) => Some(Way::Page),
            // WeChat doesn't open Alipay.
            (Device::WeChat { .. }, _) => None,
        }
    }

    fn create<'a>(&'a self, payment: &'a NewPayment) -> BoxFuture<'a, CreateAnswer> {
        self.new_payment(payment).boxed()
    }

    fn query<'a>(&'a self, payment: &'a Named, source: Source) -> BoxFuture<'a, Evidence> {
        async move {
            let news = self.look(&payment.merchant_no).await;
            self.evidence(&payment.merchant_no, source, news)
        }
        .boxed()
    }

    fn close<'a>(&'a self, payment: &'a Named) -> BoxFuture<'a, Evidence> {
        async move {
            let news = self.shut(&payment.merchant_no).await;
            self.evidence(&payment.merchant_no, Source::Query, news)
        }
        .boxed()
    }

    fn refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.send_back(refund).boxed()
    }

    fn query_refund<'a>(&'a self, refund: &'a NewRefund) -> BoxFuture<'a, RefundNews> {
        self.look_back(refund).boxed()
    }

    fn notice(&self, _: &HeaderMap, body: &[u8]) -> Result<Notice, BadNotice> {
        read::notice(&self.config.trust, body)
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement {
            media_type: "text/plain; charset=utf-8",
            body: "success",
        }
    }

    fn bill(&self, day: Date) -> BoxFuture<'_, BillAnswer> {
        self.fetch_bill(day).boxed()
    }

    fn bills(&self) -> Option<&dyn BillReader> {
        Some(&self.bills)
    }
}

/// An answer's text.
fn text(body: &Bytes) -> Option<&str> {
    std::str::from_utf8(body).ok()
}
