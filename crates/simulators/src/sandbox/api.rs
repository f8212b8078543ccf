//! What merchants call.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use gateways::payment::sandbox::sign::{self, Signed};
use gateways::payment::sandbox::wire::{
    Answer, ByNumber, ByRefund, Create, CreateRefund, Created, PaymentStatus, RefundStatus,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::faults::{AnswerFault, Faults, RefundFault};
use super::{Sandbox, notify};

pub(super) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/api/payments", post(create))
        .route("/api/payments/query", post(query))
        .route("/api/payments/close", post(close))
        .route("/api/refunds", post(refund))
        .route("/api/refunds/query", post(query_refund))
}

/// One call: what came, and how the answer goes out.
struct Call {
    sandbox: Sandbox,
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// The request, if the merchant signed it.
    fn read<Q: DeserializeOwned>(&self) -> Result<Q, StatusCode> {
        let config = self.sandbox.config();
        let merchant = self
            .headers
            .get(sign::MERCHANT)
            .and_then(|value| value.to_str().ok());
        let timestamp = sign::timestamp(&self.headers).ok_or(StatusCode::UNAUTHORIZED)?;
        let signed = Signed {
            what: &self.path,
            timestamp,
            body: &self.body,
        };
        let good = merchant == Some(config.merchant.as_str())
            && sign::is_fresh(timestamp, self.sandbox.now())
            && signed.holds(&config.secret, &self.headers);
        if !good {
            return Err(StatusCode::UNAUTHORIZED);
        }
        serde_json::from_slice(&self.body).map_err(|_| StatusCode::BAD_REQUEST)
    }

    /// Carries a call out and answers, as the fault has it.
    fn answer<Q: DeserializeOwned, A: Serialize>(
        &self,
        fault: AnswerFault,
        carry_out: impl FnOnce(Q) -> A,
    ) -> Response {
        let request = match self.read() {
            Ok(request) => request,
            Err(status) => return status.into_response(),
        };
        if fault == AnswerFault::Error {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        let answer = carry_out(request);
        let Ok(body) = serde_json::to_vec(&answer) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        if fault == AnswerFault::LostAfter {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        let timestamp = self.sandbox.now().seconds();
        let what = format!("answer {}", self.path);
        let secret = match fault {
            AnswerFault::BadSignature => "another key",
            _ => &self.sandbox.config().secret,
        };
        let signature = Signed {
            what: &what,
            timestamp,
            body: &body,
        }
        .sign(secret);
        let body = match fault {
            AnswerFault::Truncated => body.get(..body.len() / 2).unwrap_or_default().to_vec(),
            _ => body,
        };
        let headers = [
            ("content-type", "application/json".to_owned()),
            (sign::TIMESTAMP, timestamp.to_string()),
            (sign::SIGNATURE, signature),
        ];
        (headers, body).into_response()
    }
}

fn call(sandbox: &Sandbox, uri: &OriginalUri, headers: HeaderMap, body: Bytes) -> Call {
    Call {
        sandbox: sandbox.clone(),
        path: uri.path().to_owned(),
        headers,
        body,
    }
}

async fn create(
    State(sandbox): State<Sandbox>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Faults {
        create: fault,
        create_delay_millis: delay,
        ..
    } = sandbox.faults();
    if delay > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
    }
    call(&sandbox, &uri, headers, body).answer(fault, |order: Create| {
        let token = format!("{:032x}", rand::random::<u128>());
        match sandbox.change(|book| book.create(order, token, sandbox.now())) {
            Ok(token) => Answer::Ok(Created {
                checkout: format!("{}/cashier/{token}", sandbox.config().base_url),
            }),
            Err(message) => Answer::Refused { message },
        }
    })
}

async fn query(
    State(sandbox): State<Sandbox>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = sandbox.faults().query;
    call(&sandbox, &uri, headers, body).answer(fault, |asked: ByNumber| {
        let lags = sandbox.change(|book| match book.trades.get_mut(&asked.merchant_no) {
            Some(trade) if trade.lag > 0 => {
                trade.lag -= 1;
                true
            }
            _ => false,
        });
        let payment = sandbox.book().payment(
            &sandbox.config().merchant,
            &asked.merchant_no,
            sandbox.now(),
        );
        if lags {
            return gateways::payment::sandbox::wire::Payment {
                status: PaymentStatus::Unpaid,
                channel_no: None,
                paid_at: None,
                ..payment
            };
        }
        payment
    })
}

async fn close(
    State(sandbox): State<Sandbox>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = sandbox.faults().close;
    call(&sandbox, &uri, headers, body).answer(fault, |asked: ByNumber| {
        sandbox.change(|book| book.close(&asked.merchant_no));
        sandbox.book().payment(
            &sandbox.config().merchant,
            &asked.merchant_no,
            sandbox.now(),
        )
    })
}

async fn refund(
    State(sandbox): State<Sandbox>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let faults = sandbox.faults();
    let status = match faults.refunds {
        RefundFault::None => RefundStatus::Succeeded,
        RefundFault::Processing => RefundStatus::Processing,
        RefundFault::Failed => RefundStatus::Failed,
        RefundFault::Abnormal => RefundStatus::Abnormal,
    };
    call(&sandbox, &uri, headers, body).answer(faults.refund, |order: CreateRefund| {
        match sandbox.change(|book| book.refund(order, status, sandbox.now())) {
            Ok(refund) => Answer::Ok(refund),
            Err(message) => Answer::Refused { message },
        }
    })
}

async fn query_refund(
    State(sandbox): State<Sandbox>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = sandbox.faults().query;
    call(&sandbox, &uri, headers, body).answer(fault, |asked: ByRefund| {
        sandbox.book().refund_told(&asked.refund_no)
    })
}

impl Sandbox {
    /// Pays a trade as if at the cashier, now; notices go out as the faults have it. `false` if it can't be paid any more.
    pub fn pay(&self, merchant_no: &str) -> bool {
        self.pay_at(merchant_no, self.now())
    }

    /// The same, with another time of payment: the channel knew late.
    pub fn pay_at(&self, merchant_no: &str, at: domain::time::Timestamp) -> bool {
        let lag = self.faults().query_lag;
        let paid = self.change(|book| book.pay(merchant_no, at, lag));
        if paid {
            notify::start(self, merchant_no);
        }
        paid
    }

    /// Says what becomes of a refund that is being processed.
    pub fn finish_refund(&self, refund_no: &str, status: RefundStatus) -> bool {
        self.change(|book| book.finish_refund(refund_no, status, self.now()))
    }
}
