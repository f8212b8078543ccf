//! 微信支付 (APIv3): code, H5 and in-app payments, query, close, refund, notices, bills.
//!
//! Facts from payments §3. The same number with the same order is the same payment: a code that has run out is asked for again under it.
//! There is no test environment: `simulators::wechat` is the other side.

mod bill;
mod call;
mod read;
pub mod sign;

use std::fmt;
use std::sync::Arc;

use domain::clock::Clock;
use domain::payment::evidence::{Evidence, Source};
use domain::payment::ladder::Ladder;
use domain::time::Date;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use self::sign::{ApiKey, Trust};
use super::keys::SigningKey;
use super::{
    Acknowledgement, BadNotice, BillAnswer, BillReader, ChannelInfo, CreateAnswer, Device,
    HeaderMap, InAppDoor, Line, Named, NewPayment, NewRefund, Notice, PaymentGateway, RefundNews,
    Transport, Way,
};

/// The channel's code.
pub const CODE: &str = "wechat";
/// The host of production.
pub const HOST: &str = "https://api.mch.weixin.qq.com";
/// Where a public account's users are known.
pub const OPEN_HOST: &str = "https://open.weixin.qq.com";
/// Where a public account's server asks.
pub const ACCOUNT_HOST: &str = "https://api.weixin.qq.com";

/// Our public account (公众号), for payments inside WeChat.
pub struct PublicAccount {
    /// [`OPEN_HOST`], or that of a simulator.
    pub open_host: String,
    /// [`ACCOUNT_HOST`], or that of a simulator.
    pub account_host: String,
    /// AppSecret.
    pub secret: String,
}

impl fmt::Debug for PublicAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicAccount")
            .field("open_host", &self.open_host)
            .finish_non_exhaustive()
    }
}

/// Our merchant identity at WeChat and how it is reached.
#[derive(Debug)]
pub struct WechatConfig {
    /// [`HOST`], or that of a simulator.
    pub host: String,
    /// 商户号.
    pub mchid: String,
    /// 公众账号 ID.
    pub appid: String,
    /// 商户 API 私钥.
    pub key: SigningKey,
    /// 商户证书序列号.
    pub serial: String,
    /// APIv3 密钥.
    pub api_key: ApiKey,
    /// Whose answers and notices are believed.
    pub trust: Trust,
    /// For payments inside WeChat; without it they aren't offered.
    pub account: Option<PublicAccount>,
}

/// The channel.
pub struct Wechat {
    info: ChannelInfo,
    config: WechatConfig,
    merchant: String,
    clock: Arc<dyn Clock>,
    line: Line,
    bills: bill::Reader,
}

impl fmt::Debug for Wechat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wechat")
            .field("merchant", &self.merchant)
            .finish_non_exhaustive()
    }
}

impl Wechat {
    /// The channel, over a transport.
    pub fn new(config: WechatConfig, clock: Arc<dyn Clock>, transport: Arc<dyn Transport>) -> Self {
        let merchant = format!("{}:{}", config.mchid, config.appid);
        Self {
            info: ChannelInfo {
                code: CODE,
                name: "微信支付",
                note: "电脑上扫码，手机上打开微信",
                ladder: Ladder::Usual,
                // An H5 address lives five minutes, a code two hours.
                life: 4 * 60,
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

impl PaymentGateway for Wechat {
    fn info(&self) -> &ChannelInfo {
        &self.info
    }

    fn merchant(&self) -> &str {
        &self.merchant
    }

    fn way(&self, device: &Device) -> Option<Way> {
        match device {
            Device::Desk => Some(Way::Code),
            Device::Phone => Some(Way::Page),
            Device::WeChat { .. } => self.config.account.is_some().then_some(Way::InApp),
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

    fn notice(&self, headers: &HeaderMap, body: &[u8]) -> Result<Notice, BadNotice> {
        self.config.trust.check(headers, body, self.clock.now())?;
        read::notice(&self.config.api_key, body)
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement {
            media_type: "application/json",
            body: "{\"code\":\"SUCCESS\",\"message\":\"成功\"}",
        }
    }

    fn refusal(&self) -> Acknowledgement {
        Acknowledgement {
            media_type: "application/json",
            body: "{\"code\":\"FAIL\",\"message\":\"失败\"}",
        }
    }

    fn in_app(&self) -> Option<&dyn InAppDoor> {
        self.config.account.as_ref().map(|_| self as &dyn InAppDoor)
    }

    fn bill(&self, day: Date) -> BoxFuture<'_, BillAnswer> {
        self.fetch_bill(day).boxed()
    }

    fn bills(&self) -> Option<&dyn BillReader> {
        Some(&self.bills)
    }
}
