//! The control API: for tests in other processes and for demonstrations. Loopback only; whoever serves it sees to that.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use domain::time::Timestamp;
use gateways::payment::sandbox::wire::RefundStatus;
use serde::{Deserialize, Serialize};

use super::Sandbox;
use super::book::Book;
use super::faults::{Faults, Forgery};
use crate::json::Json;

/// `/control/book`, `/control/faults`, `/control/pay`, `/control/notify`, `/control/refund`.
pub fn router() -> Router<Sandbox> {
    Router::new()
        .route("/control/book", get(book))
        .route("/control/faults", get(faults).post(set_faults))
        .route("/control/pay", post(pay))
        .route("/control/notify", post(notify))
        .route("/control/refund", post(refund))
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
