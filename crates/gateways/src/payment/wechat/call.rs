//! What we ask of WeChat Pay.

use std::io::{Seek as _, SeekFrom, Write as _};

use bytes::Bytes;
use domain::payment::evidence::News;
use domain::time::{Date, Timestamp};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::read::{self, Refunded, Traded};
use super::{CODE, PublicAccount, Wechat, bill, sign};
use crate::payment::bill::LARGEST;
use crate::payment::{
    BillAnswer, Checkout, CreateAnswer, Device, InAppDoor, Lost, NewPayment, NewRefund, RefundNews,
    encoded,
};

/// A refusal: why, for a program and for people.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct No {
    code: String,
    message: String,
}

enum Said<T> {
    Done(T),
    No(No),
    Nothing(Lost),
}

/// An instant as WeChat writes it: `2026-03-18T09:42:05+08:00`.
fn rfc3339(at: Timestamp) -> String {
    format!("{}+08:00", at.to_local_second().replace(' ', "T"))
}

/// Thirty-two random characters.
fn nonce() -> String {
    let mut bytes = [0u8; 16];
    // Without randomness a nonce repeats, which WeChat refuses within minutes; nothing is given away by it.
    if getrandom::fill(&mut bytes).is_err() {
        tracing::error!("the system gives no random bytes");
    }
    hex::encode(bytes)
}

impl Wechat {
    fn request(&self, method: &Method, target: &str, body: &str) -> Option<http::Request<Bytes>> {
        let config = &self.config;
        let authorization = sign::authorization(
            &config.key,
            (&config.mchid, &config.serial),
            (method.as_str(), target, body),
            (self.clock.now().seconds(), &nonce()),
        );
        http::Request::builder()
            .method(method)
            .uri(format!("{}{target}", config.host))
            .header("authorization", authorization)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("user-agent", "baokao")
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .ok()
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        target: &str,
        content: Option<Value>,
    ) -> Said<T> {
        let body = content
            .map(|content| content.to_string())
            .unwrap_or_default();
        let Some(request) = self.request(&method, target, &body) else {
            return Said::Nothing(Lost::Unsent);
        };
        let answer = match self.line.send(request).await {
            Ok(answer) => answer,
            Err(lost) => return Said::Nothing(lost),
        };
        let now = self.clock.now();
        if answer.status().is_server_error()
            || self
                .config
                .trust
                .check(answer.headers(), answer.body(), now)
                .is_err()
        {
            return Said::Nothing(Lost::Unanswered);
        }
        if answer.status().is_success() {
            // 204 has no body.
            let body: &[u8] = if answer.body().is_empty() {
                b"{}"
            } else {
                answer.body()
            };
            return match serde_json::from_slice(body) {
                Ok(done) => Said::Done(done),
                Err(_) => Said::Nothing(Lost::Unanswered),
            };
        }
        match serde_json::from_slice::<No>(answer.body()) {
            Ok(no) if answer.status() != StatusCode::TOO_MANY_REQUESTS => Said::No(no),
            _ => Said::Nothing(Lost::Unanswered),
        }
    }

    pub(super) async fn new_payment(&self, payment: &NewPayment) -> CreateAnswer {
        let config = &self.config;
        let mut content = json!({
            "appid": config.appid,
            "mchid": config.mchid,
            "description": payment.subject,
            "out_trade_no": payment.merchant_no,
            "time_expire": rfc3339(payment.expires_at),
            "notify_url": payment.notify_url,
            "amount": { "total": payment.amount.get(), "currency": "CNY" },
        });
        let mut with = |key: &str, value: Value| {
            if let Some(content) = content.as_object_mut() {
                content.insert(key.to_owned(), value);
            }
        };
        let product = match &payment.payer.device {
            Device::Desk => "native",
            Device::Phone => {
                let scene = json!({
                    "payer_client_ip": payment.payer.ip,
                    "h5_info": { "type": "Wap" },
                });
                with("scene_info", scene);
                "h5"
            }
            Device::WeChat {
                openid: Some(openid),
            } => {
                with("payer", json!({ "openid": openid }));
                "jsapi"
            }
            Device::WeChat { openid: None } => {
                return CreateAnswer::Refused("没有取得您的微信身份，请重新打开本页".to_owned());
            }
        };
        let target = format!("/v3/pay/transactions/{product}");
        match self
            .call::<read::Created>(Method::POST, &target, Some(content))
            .await
        {
            Said::Done(created) => self
                .checkout(payment, created)
                .map_or(CreateAnswer::Unknown, CreateAnswer::Checkout),
            // It is there already and paid: the query tells.
            Said::No(no) if matches!(no.code.as_str(), "ORDERPAID" | "ORDER_PAID") => {
                CreateAnswer::Unknown
            }
            Said::No(no) => CreateAnswer::Refused(no.message),
            Said::Nothing(Lost::Unsent) => CreateAnswer::Away,
            Said::Nothing(Lost::Unanswered) => CreateAnswer::Unknown,
        }
    }

    fn checkout(&self, payment: &NewPayment, created: read::Created) -> Option<Checkout> {
        match &payment.payer.device {
            Device::Desk => created.code_url.map(|text| Checkout::Code { text }),
            Device::Phone => created.h5_url.map(|url| {
                let back: String =
                    form_urlencoded::byte_serialize(payment.return_url.as_bytes()).collect();
                let joint = if url.contains('?') { '&' } else { '?' };
                Checkout::Page {
                    url: format!("{url}{joint}redirect_url={back}"),
                }
            }),
            Device::WeChat { .. } => {
                let package = format!("prepay_id={}", created.prepay_id?);
                let (at, nonce) = (self.clock.now().seconds(), nonce());
                let text = sign::app_text(&self.config.appid, at, &nonce, &package);
                let fields = [
                    ("appId", self.config.appid.clone()),
                    ("timeStamp", at.to_string()),
                    ("nonceStr", nonce),
                    ("package", package),
                    ("signType", "RSA".to_owned()),
                    ("paySign", self.config.key.sign(text.as_bytes())),
                ];
                let fields = fields.map(|(name, value)| (name.to_owned(), value));
                Some(Checkout::InApp {
                    fields: fields.to_vec(),
                })
            }
        }
    }

    /// What became of a payment.
    pub(super) async fn look(&self, merchant_no: &str) -> News {
        let mchid = &self.config.mchid;
        let target = format!("/v3/pay/transactions/out-trade-no/{merchant_no}?mchid={mchid}");
        match self.call::<Traded>(Method::GET, &target, None).await {
            Said::Done(trade) if trade.is(mchid, &self.config.appid, merchant_no) => trade.news(),
            Said::No(no) if is_missing(&no.code) => News::NotPaid { last: false },
            _ => News::Unknown,
        }
    }

    /// Closes an unpaid payment; what it is if it can't be closed.
    pub(super) async fn shut(&self, merchant_no: &str) -> News {
        let target = format!("/v3/pay/transactions/out-trade-no/{merchant_no}/close");
        let content = json!({ "mchid": self.config.mchid });
        match self
            .call::<Value>(Method::POST, &target, Some(content))
            .await
        {
            Said::Done(_) => News::Closed,
            Said::No(no) => match no.code.as_str() {
                "ORDERCLOSED" | "ORDER_CLOSED" => News::Closed,
                code if is_missing(code) => News::NotPaid { last: false },
                // Paid meanwhile, or whatever else it is.
                _ => self.look(merchant_no).await,
            },
            Said::Nothing(_) => News::Unknown,
        }
    }

    pub(super) async fn send_back(&self, refund: &NewRefund) -> RefundNews {
        let content = json!({
            "out_trade_no": refund.of.merchant_no,
            "out_refund_no": refund.refund_no,
            "reason": refund.reason,
            "notify_url": refund.notify_url,
            "amount": {
                "refund": refund.amount.get(),
                "total": refund.total.get(),
                "currency": "CNY",
            },
        });
        let target = "/v3/refund/domestic/refunds";
        match self
            .call::<Refunded>(Method::POST, target, Some(content))
            .await
        {
            Said::Done(done) => done.news(refund),
            Said::No(no) => match no.code.as_str() {
                // Somebody must fill our account up, or find another way to the payer.
                "NOT_ENOUGH" | "USER_ACCOUNT_ABNORMAL" => RefundNews::Abnormal(no.message),
                "PARAM_ERROR"
                | "INVALID_REQUEST"
                | "RESOURCE_NOT_EXISTS"
                | "MCH_NOT_EXISTS"
                | "NO_AUTH" => RefundNews::Failed(no.message),
                _ => RefundNews::Unknown,
            },
            Said::Nothing(_) => RefundNews::Unknown,
        }
    }

    pub(super) async fn look_back(&self, refund: &NewRefund) -> RefundNews {
        let target = format!("/v3/refund/domestic/refunds/{}", refund.refund_no);
        match self.call::<Refunded>(Method::GET, &target, None).await {
            Said::Done(done) => done.news(refund),
            Said::No(no) if is_missing(&no.code) => RefundNews::Missing,
            _ => RefundNews::Unknown,
        }
    }

    pub(super) async fn fetch_bill(&self, day: Date) -> BillAnswer {
        let target = format!("/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP");
        let place = match self
            .call::<read::BillPlace>(Method::GET, &target, None)
            .await
        {
            Said::Done(place) => place,
            Said::No(no) => {
                return match no.code.as_str() {
                    "NO_STATEMENT_EXIST" => BillAnswer::Empty,
                    "STATEMENT_CREATING" => BillAnswer::NotReady,
                    _ => BillAnswer::Refused(no.message),
                };
            }
            Said::Nothing(_) => return BillAnswer::Unknown,
        };
        self.download(&place).await.unwrap_or(BillAnswer::Unknown)
    }

    /// The download is asked for with a signature; the answer carries none, its hash was in the answer before.
    async fn download(&self, place: &read::BillPlace) -> Option<BillAnswer> {
        let target = place.download_url.strip_prefix(&self.config.host)?;
        let request = self.request(&Method::GET, target, "")?;
        let mut packed = crate::scratch().ok()?;
        let fetched = {
            let mut write = |piece: &[u8]| packed.write_all(piece);
            self.line
                .transport()
                .fetch(request, LARGEST, &mut write)
                .await
        };
        if fetched != Ok(200) {
            return None;
        }
        packed.seek(SeekFrom::Start(0)).ok()?;
        let (file, hash) = bill::unzipped(packed).ok()?;
        (place.hash_type == "SHA1" && place.hash_value.eq_ignore_ascii_case(&hash))
            .then_some(BillAnswer::File(file))
    }
}

/// There is no such payment or refund.
fn is_missing(code: &str) -> bool {
    matches!(
        code,
        "ORDERNOTEXIST" | "ORDER_NOT_EXIST" | "RESOURCE_NOT_EXISTS"
    )
}

impl InAppDoor for Wechat {
    fn address(&self, back: &str, state: &str) -> Option<String> {
        let account = self.config.account.as_ref()?;
        let query = encoded([
            ("appid", &*self.config.appid),
            ("redirect_uri", back),
            ("response_type", "code"),
            ("scope", "snsapi_base"),
            ("state", state),
        ]);
        Some(format!(
            "{}/connect/oauth2/authorize?{}#wechat_redirect",
            account.open_host, query
        ))
    }

    fn who<'a>(&'a self, code: &'a str) -> BoxFuture<'a, Option<String>> {
        async move {
            let account: &PublicAccount = self.config.account.as_ref()?;
            let query = encoded([
                ("appid", &*self.config.appid),
                ("secret", &*account.secret),
                ("code", code),
                ("grant_type", "authorization_code"),
            ]);
            let url = format!("{}/sns/oauth2/access_token?{}", account.account_host, query);
            let request = http::Request::get(url).body(Bytes::new()).ok()?;
            let answer = self.line.send(request).await.ok()?;
            #[derive(Deserialize)]
            struct Known {
                openid: String,
            }
            let known: Known = serde_json::from_slice(answer.body()).ok()?;
            let plain = known
                .openid
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            (plain && (1..=128).contains(&known.openid.len())).then_some(known.openid)
        }
        .boxed()
    }

    fn channel(&self) -> &'static str {
        CODE
    }
}
