//! The generic signed sender.
//!
//! `POST url` with `{"id","to","template","sign_name","params":{…}}`; header `X-Signature` is the hex HMAC-SHA-256 of
//! `timestamp \n body` under the shared secret, `X-Timestamp` the seconds since 1970, `X-App` the application's name at the
//! provider. Any 2xx is a yes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::clock::Clock;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use super::{SmsError, SmsMessage, SmsSender};

/// How the provider is reached.
#[derive(Clone)]
pub struct HttpSmsConfig {
    /// The address.
    pub url: String,
    /// The application's name at the provider.
    pub app: String,
    /// The shared secret.
    pub secret: String,
    /// 短信签名, the name in 【】.
    pub sign_name: String,
    /// Our template's name → the provider's code. A name that isn't listed is sent as it is if `*` is mapped to anything.
    pub templates: BTreeMap<String, String>,
}

impl fmt::Debug for HttpSmsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSmsConfig")
            .field("url", &self.url)
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

/// Sends by HTTP.
#[derive(Debug)]
pub struct HttpSender {
    config: HttpSmsConfig,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    to: &'a str,
    template: &'a str,
    sign_name: &'a str,
    params: BTreeMap<&'a str, &'a str>,
}

impl HttpSender {
    /// A sender; connections are kept.
    ///
    /// # Errors
    /// If the HTTP client can't be made.
    pub fn new(config: HttpSmsConfig, clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .connect_timeout(Duration::from_secs(3))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            config,
            clock,
            client,
        })
    }

    async fn post(&self, message: SmsMessage) -> Result<(), SmsError> {
        let templates = &self.config.templates;
        let template = match templates.get(&message.template) {
            Some(code) => code,
            None if templates.contains_key("*") => &message.template,
            None => return Err(SmsError::NoTemplate(message.template)),
        };
        let body = Body {
            id: &message.id,
            to: &message.to,
            template,
            sign_name: &self.config.sign_name,
            params: message
                .params
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect(),
        };
        let body = serde_json::to_vec(&body).map_err(|_| SmsError::Unreachable)?;
        let timestamp = self.clock.now().seconds().to_string();
        let answer = self
            .client
            .post(&self.config.url)
            .header("content-type", "application/json")
            .header("x-app", &self.config.app)
            .header("x-timestamp", &timestamp)
            .header(
                "x-signature",
                signature(&self.config.secret, &timestamp, &body),
            )
            .body(body)
            .send()
            .await
            .map_err(|_| SmsError::Unreachable)?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(SmsError::Refused(status.as_u16())),
        }
    }
}

/// The signature of a body: for the provider's adapter and our tests.
pub(super) fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    // HMAC takes a key of any length; an empty text fits nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(timestamp.as_bytes());
    mac.update(b"\n");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

impl SmsSender for HttpSender {
    fn send(&self, message: SmsMessage) -> BoxFuture<'_, Result<(), SmsError>> {
        self.post(message).boxed()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Bytes;
    use axum::http::HeaderMap;
    use domain::time::Timestamp;
    use parking_lot::Mutex;

    use super::*;

    #[derive(Debug)]
    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(1_800_000_000)
        }
    }

    type Seen = Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>;

    async fn provider(status: u16) -> (String, Seen) {
        let seen = Seen::default();
        let kept = Arc::clone(&seen);
        let answer = move |headers: HeaderMap, body: Bytes| async move {
            kept.lock().push((headers, body.to_vec()));
            axum::http::StatusCode::from_u16(status).unwrap()
        };
        let app = Router::new().route("/send", axum::routing::post(answer));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (url, seen)
    }

    fn sender(url: String, templates: &[(&str, &str)]) -> HttpSender {
        let templates = templates
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let config = HttpSmsConfig {
            url,
            app: "baokao".to_owned(),
            secret: "s3cret".to_owned(),
            sign_name: "考试中心".to_owned(),
            templates,
        };
        HttpSender::new(config, Arc::new(Fixed)).unwrap()
    }

    fn message() -> SmsMessage {
        SmsMessage {
            id: "7".to_owned(),
            to: "13800000000".to_owned(),
            template: "code_signup".to_owned(),
            params: vec![("code".to_owned(), "123456".to_owned())],
        }
    }

    #[tokio::test]
    async fn a_message_arrives_with_a_signature_that_the_provider_can_check() {
        let (url, seen) = provider(204).await;
        sender(url, &[("code_signup", "SMS_001")])
            .send(message())
            .await
            .unwrap();
        let (headers, body) = seen.lock().pop().unwrap();
        assert_eq!(headers["x-timestamp"], "1800000000");
        assert_eq!(
            headers["x-signature"],
            signature("s3cret", "1800000000", &body)
        );
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["template"], "SMS_001");
        assert_eq!(body["to"], "13800000000");
        assert_eq!(body["params"]["code"], "123456");
    }

    #[tokio::test]
    async fn refusals_and_silence_are_errors_and_unknown_templates_are_not_sent() {
        let (url, seen) = provider(500).await;
        let refused = sender(url.clone(), &[("*", "")]).send(message()).await;
        assert!(matches!(refused, Err(SmsError::Refused(500))));
        let unknown = sender(url, &[("other", "SMS_002")]).send(message()).await;
        assert!(matches!(unknown, Err(SmsError::NoTemplate(_))));
        assert_eq!(seen.lock().len(), 1);
        let nobody = sender("http://127.0.0.1:9/".to_owned(), &[("*", "")])
            .send(message())
            .await;
        assert!(matches!(nobody, Err(SmsError::Unreachable)));
    }

    #[test]
    fn neither_number_nor_code_is_printed() {
        let shown = format!("{:?}", message());
        assert!(!shown.contains("138") && !shown.contains("123456"));
    }
}
