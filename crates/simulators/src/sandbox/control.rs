//! The control API: for tests in other processes and for demonstrations. Loopback only; whoever serves it sees to that.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::time::Timestamp;
use gateways::payment::sandbox::wire::RefundStatus;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Sandbox;
use super::book::Book;
use super::faults::{Faults, Forgery};

/// `/control/book`, `/control/faults`, `/control/pay`, `/control/notify`, `/control/refund`.
pub fn router() -> Router<Sandbox> {
    Router::new()
        .route("/control/book", get(book))
        .route("/control/faults", get(faults).post(set_faults))
        .route("/control/pay", post(pay))
        .route("/control/notify", post(notify))
        .route("/control/refund", post(refund))
}

/// A JSON body. The content type is insisted on: a page elsewhere can't send it without being asked first.
struct Json<T>(T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &S) -> Result<Self, StatusCode> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|_| StatusCode::BAD_REQUEST)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

async fn book(State(sandbox): State<Sandbox>) -> Json<Book> {
    Json(sandbox.book())
}

async fn faults(State(sandbox): State<Sandbox>) -> Json<Faults> {
    Json(sandbox.faults())
}

async fn set_faults(State(sandbox): State<Sandbox>, Json(faults): Json<Faults>) -> StatusCode {
    sandbox.set_faults(faults);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Pay {
    merchant_no: String,
    /// Microseconds; now if left out.
    paid_at: Option<i64>,
}

async fn pay(State(sandbox): State<Sandbox>, Json(pay): Json<Pay>) -> StatusCode {
    let at = pay.paid_at.map_or(sandbox.now(), Timestamp::from_micros);
    if sandbox.pay_at(&pay.merchant_no, at) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::CONFLICT
    }
}

#[derive(Deserialize)]
struct Notify {
    merchant_no: String,
    forgery: Forgery,
}

#[derive(Serialize)]
struct Notified {
    /// What the merchant answered.
    status: Option<u16>,
}

async fn notify(State(sandbox): State<Sandbox>, Json(wanted): Json<Notify>) -> Json<Notified> {
    Json(Notified {
        status: sandbox.notify(&wanted.merchant_no, wanted.forgery).await,
    })
}

#[derive(Deserialize)]
struct Refund {
    refund_no: String,
    status: RefundStatus,
}

async fn refund(State(sandbox): State<Sandbox>, Json(refund): Json<Refund>) -> StatusCode {
    if sandbox.finish_refund(&refund.refund_no, refund.status) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::CONFLICT
    }
}
