//! What we ask of Alipay.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

use bytes::Bytes;
use domain::payment::evidence::News;
use domain::time::Date;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::read::{self, Refunded, Traded};
use super::sign::{self, Head, Params, Trust};
use super::{Alipay, Desk, text};
use crate::payment::bill::LARGEST;
use crate::payment::{
    BillAnswer, Checkout, CreateAnswer, Device, Lost, NewPayment, NewRefund, RefundNews, encoded,
};

/// Yesterday's bill is there from then on (payments §10).
const BILL_SECONDS: i64 = 10 * 3600 + 1800;

/// What an answer says at its head.
enum Said<T> {
    Done(T),
    /// A business error: code and text.
    No(Head),
    /// Nothing that decides anything.
    Nothing(Lost),
}

impl Alipay {
    fn params(&self, method: &str, content: &Value) -> Params {
        let config = &self.config;
        let mut params = Params::new();
        let mut put = |name: &str, value: &str| params.insert(name.to_owned(), value.to_owned());
        put("app_id", &config.app_id);
        put("method", method);
        put("format", "JSON");
        put("charset", "utf-8");
        put("sign_type", "RSA2");
        put("timestamp", &self.clock.now().to_local_second());
        put("version", "1.0");
        put("biz_content", &content.to_string());
        if let Trust::Certificates { app, root, .. } = &config.trust {
            put("app_cert_sn", app);
            put("alipay_root_cert_sn", root);
        }
        params
    }

    fn signed(&self, mut params: Params) -> Params {
        let sign = self.config.key.sign(sign::request_text(&params).as_bytes());
        params.insert("sign".to_owned(), sign);
        params
    }

    /// The address of a page payment: nothing is sent by us, the payer's browser takes it there.
    fn address(&self, params: Params) -> String {
        format!("{}?{}", self.config.gateway, encoded(self.signed(params)))
    }

    async fn call<T: DeserializeOwned>(&self, method: &str, params: Params) -> Said<T> {
        let request = http::Request::post(format!("{}?charset=utf-8", self.config.gateway))
            .header(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            )
            .body(Bytes::from(encoded(self.signed(params))));
        let Ok(request) = request else {
            return Said::Nothing(Lost::Unsent);
        };
        let answer = match self.line.send(request).await {
            Ok(answer) if answer.status().is_success() => answer,
            Ok(_) => return Said::Nothing(Lost::Unanswered),
            Err(lost) => return Said::Nothing(lost),
        };
        let value =
            text(answer.body()).and_then(|body| sign::answer(body, method, &self.config.trust));
        let head = value.and_then(|value| serde_json::from_str::<Head>(value).ok());
        match (value, head) {
            (Some(value), Some(head)) => match head.code.as_str() {
                "10000" => match serde_json::from_str(value) {
                    Ok(done) => Said::Done(done),
                    Err(_) => Said::Nothing(Lost::Unanswered),
                },
                "40004" if head.sub_code != "ACQ.SYSTEM_ERROR" => Said::No(head),
                // 20000 and whatever else: it may have been done.
                _ => Said::Nothing(Lost::Unanswered),
            },
            _ => Said::Nothing(Lost::Unanswered),
        }
    }

    pub(super) async fn new_payment(&self, payment: &NewPayment) -> CreateAnswer {
        let mut content = json!({
            "out_trade_no": payment.merchant_no,
            "total_amount": payment.amount.yuan(),
            "subject": payment.subject,
            "time_expire": payment.expires_at.to_local_second(),
        });
        let mut with = |method: &str, product: Option<&str>| {
            if let (Some(product), Some(content)) = (product, content.as_object_mut()) {
                content.insert("product_code".to_owned(), product.into());
            }
            let mut params = self.params(method, &content);
            params.insert("notify_url".to_owned(), payment.notify_url.clone());
            params
        };
        match (&payment.payer.device, self.config.desk) {
            (Device::Desk, Desk::Code) => {
                let method = "alipay.trade.precreate";
                let params = with(method, None);
                match self.call::<read::Precreated>(method, params).await {
                    Said::Done(made) if made.out_trade_no == payment.merchant_no => {
                        CreateAnswer::Checkout(Checkout::Code { text: made.qr_code })
                    }
                    Said::No(head) => CreateAnswer::Refused(head.sub_msg),
                    Said::Nothing(Lost::Unsent) => CreateAnswer::Away,
                    Said::Done(_) | Said::Nothing(_) => CreateAnswer::Unknown,
                }
            }
            (Device::Desk, Desk::Page) => {
                let mut params = with("alipay.trade.page.pay", Some("FAST_INSTANT_TRADE_PAY"));
                params.insert("return_url".to_owned(), payment.return_url.clone());
                let url = self.address(params);
                CreateAnswer::Checkout(Checkout::Page { url })
            }
            (Device::Phone, _) => {
                let mut params = with("alipay.trade.wap.pay", Some("QUICK_WAP_WAY"));
                params.insert("return_url".to_owned(), payment.return_url.clone());
                let url = self.address(params);
                CreateAnswer::Checkout(Checkout::Page { url })
            }
            (Device::WeChat { .. }, _) => {
                CreateAnswer::Refused("请用手机浏览器打开本页，再选择支付宝".to_owned())
            }
        }
    }

    /// What became of a payment.
    pub(super) async fn look(&self, merchant_no: &str) -> News {
        let method = "alipay.trade.query";
        let params = self.params(method, &json!({ "out_trade_no": merchant_no }));
        match self.call::<Traded>(method, params).await {
            Said::Done(trade) if trade.out_trade_no == merchant_no => trade.news(),
            // It comes into being when the payer scans or logs in.
            Said::No(head) if head.sub_code == "ACQ.TRADE_NOT_EXIST" => {
                News::NotPaid { last: false }
            }
            _ => News::Unknown,
        }
    }

    /// Closes an unpaid trade; what it is if it can't be closed.
    pub(super) async fn shut(&self, merchant_no: &str) -> News {
        let method = "alipay.trade.close";
        let params = self.params(method, &json!({ "out_trade_no": merchant_no }));
        match self.call::<read::Closed>(method, params).await {
            Said::Done(closed) if closed.out_trade_no == merchant_no => News::Closed,
            Said::No(head) if head.sub_code == "ACQ.TRADE_NOT_EXIST" => {
                News::NotPaid { last: false }
            }
            // Paid meanwhile, or closed before.
            Said::No(_) => self.look(merchant_no).await,
            _ => News::Unknown,
        }
    }

    pub(super) async fn send_back(&self, refund: &NewRefund) -> RefundNews {
        let method = "alipay.trade.refund";
        let content = json!({
            "out_trade_no": refund.of.merchant_no,
            "refund_amount": refund.amount.yuan(),
            "out_request_no": refund.refund_no,
            "refund_reason": refund.reason,
        });
        match self
            .call::<Refunded>(method, self.params(method, &content))
            .await
        {
            // `Y`: this call moved the money. `N` also for one that was repeated: only the query tells.
            Said::Done(done)
                if done.fund_change == "Y" && done.out_trade_no == refund.of.merchant_no =>
            {
                RefundNews::Succeeded {
                    channel_no: refund.refund_no.clone(),
                    at: read::instant(&done.gmt_refund_pay).unwrap_or_else(|| self.clock.now()),
                }
            }
            Said::Done(_) => match self.look_back(refund).await {
                // Taken, and not to be seen yet: sending it again is for the next time.
                RefundNews::Missing => RefundNews::Processing,
                news => news,
            },
            Said::No(head) => match head.sub_code.as_str() {
                // Somebody must fill our account up; then the same number is sent again.
                "ACQ.SELLER_BALANCE_NOT_ENOUGH" => RefundNews::Abnormal(head.sub_msg),
                "ACQ.TRADE_NOT_EXIST"
                | "ACQ.TRADE_HAS_FINISHED"
                | "ACQ.TRADE_STATUS_ERROR"
                | "ACQ.TRADE_NOT_ALLOW_REFUND"
                | "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
                | "ACQ.REASON_TRADE_REFUND_FEE_ERR"
                | "ACQ.DISCORDANT_REPEAT_REQUEST" => RefundNews::Failed(head.sub_msg),
                _ => RefundNews::Unknown,
            },
            Said::Nothing(_) => RefundNews::Unknown,
        }
    }

    pub(super) async fn look_back(&self, refund: &NewRefund) -> RefundNews {
        let method = "alipay.trade.fastpay.refund.query";
        let content = json!({
            "out_trade_no": refund.of.merchant_no,
            "out_request_no": refund.refund_no,
            "query_options": ["gmt_refund_pay"],
        });
        match self
            .call::<read::RefundFound>(method, self.params(method, &content))
            .await
        {
            Said::Done(found) if found.refund_status == "REFUND_SUCCESS" => {
                if found.out_request_no != refund.refund_no
                    || read::fen(&found.refund_amount) != Some(refund.amount)
                {
                    return RefundNews::Unknown;
                }
                RefundNews::Succeeded {
                    channel_no: refund.refund_no.clone(),
                    at: read::instant(&found.gmt_refund_pay).unwrap_or_else(|| self.clock.now()),
                }
            }
            // Not received, or it came to nothing: the same number may be sent again.
            Said::Done(_) => RefundNews::Missing,
            Said::No(head) if head.sub_code == "ACQ.TRADE_NOT_EXIST" => RefundNews::Missing,
            Said::No(_) | Said::Nothing(_) => RefundNews::Unknown,
        }
    }

    pub(super) async fn fetch_bill(&self, day: Date) -> BillAnswer {
        let method = "alipay.data.dataservice.bill.downloadurl.query";
        let content = json!({ "bill_type": "trade", "bill_date": day.to_string() });
        let url = match self
            .call::<read::BillPlace>(method, self.params(method, &content))
            .await
        {
            Said::Done(place) => place.bill_download_url,
            Said::No(head) if head.sub_code == "isp.bill_not_exist" => {
                let ready = day.end().plus_seconds(BILL_SECONDS);
                return if self.clock.now() < ready {
                    BillAnswer::NotReady
                } else {
                    BillAnswer::Empty
                };
            }
            Said::No(head) => return BillAnswer::Refused(head.sub_msg),
            Said::Nothing(_) => return BillAnswer::Unknown,
        };
        self.download(&url).await.unwrap_or(BillAnswer::Unknown)
    }

    async fn download(&self, url: &str) -> Option<BillAnswer> {
        // The address is signed by Alipay; that it is as safe a way as the gateway is still ours to see to.
        if self.config.gateway.starts_with("https://") && !url.starts_with("https://") {
            return None;
        }
        let request = http::Request::get(url).body(Bytes::new()).ok()?;
        let mut file: File = crate::scratch().ok()?;
        let fetched = {
            let mut write = |piece: &[u8]| file.write_all(piece);
            self.line
                .transport()
                .fetch(request, LARGEST, &mut write)
                .await
        };
        if fetched != Ok(200) {
            return None;
        }
        file.seek(SeekFrom::Start(0)).ok()?;
        Some(BillAnswer::File(file))
    }
}
