//! The control API: for tests in other processes and for demonstrations. Loopback only; whoever serves it sees to that.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::Served;
use crate::bank::{About, Bank, Book, Call, Fate, Mail, Rates, RefundState};
use crate::json::Json;

/// `/control/clock`, and of each channel `/control/{channel}/book`, `…/pay`, `…/notify`, `…/refund`, `…/fate`, `…/mail`, `…/rates`.
pub(super) fn router() -> Router<Served> {
    Router::new()
        .route("/control/clock", post(advance))
        .route("/control/{code}/book", get(book))
        .route("/control/{code}/pay", post(pay))
        .route("/control/{code}/notify", post(notify))
        .route("/control/{code}/refund", post(refund))
        .route("/control/{code}/fate", post(fate))
        .route("/control/{code}/mail", post(mail))
        .route("/control/{code}/rates", post(rates))
}

/// The bank of a channel that is served.
fn bank(served: &Served, code: &str) -> Result<Bank, StatusCode> {
    let channel = served.channel(code).ok_or(StatusCode::NOT_FOUND)?;
    Ok(channel.bank().clone())
}

fn done(did: bool) -> Response {
    let status = if did {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::CONFLICT
    };
    status.into_response()
}

#[derive(Deserialize)]
struct Forward {
    seconds: u32,
}

/// Puts the channels' clock forward; what signs and pays does so later. Not where it is the product's own clock.
async fn advance(State(served): State<Served>, Json(by): Json<Forward>) -> Response {
    let done_by = served.clock.as_ref().map(|clock| clock.advance(by.seconds));
    done(done_by.is_some())
}

async fn book(
    State(served): State<Served>,
    Path(code): Path<String>,
) -> Result<Json<Book>, StatusCode> {
    Ok(Json(bank(&served, &code)?.book()))
}

#[derive(Deserialize)]
struct Number {
    merchant_no: String,
}

async fn pay(
    State(served): State<Served>,
    Path(code): Path<String>,
    Json(of): Json<Number>,
) -> Result<Response, StatusCode> {
    Ok(done(bank(&served, &code)?.pay(&of.merchant_no)))
}

/// Sends the notice of a payment once more.
async fn notify(
    State(served): State<Served>,
    Path(code): Path<String>,
    Json(of): Json<Number>,
) -> Result<Response, StatusCode> {
    let bank = bank(&served, &code)?;
    let due = bank.now().micros();
    bank.post(About::Payment(of.merchant_no), due);
    Ok(done(true))
}

#[derive(Deserialize)]
struct End {
    refund_no: String,
    to: RefundState,
}

async fn refund(
    State(served): State<Served>,
    Path(code): Path<String>,
    Json(end): Json<End>,
) -> Result<Response, StatusCode> {
    Ok(done(
        bank(&served, &code)?.finish_refund(&end.refund_no, end.to),
    ))
}

#[derive(Deserialize)]
struct Told {
    call: Call,
    fate: Fate,
}

async fn fate(
    State(served): State<Served>,
    Path(code): Path<String>,
    Json(told): Json<Told>,
) -> Result<Response, StatusCode> {
    bank(&served, &code)?.tell(told.call, told.fate);
    Ok(done(true))
}

async fn mail(
    State(served): State<Served>,
    Path(code): Path<String>,
    Json(mail): Json<Mail>,
) -> Result<Response, StatusCode> {
    bank(&served, &code)?.tell_mail(mail);
    Ok(done(true))
}

async fn rates(
    State(served): State<Served>,
    Path(code): Path<String>,
    Json(rates): Json<Rates>,
) -> Result<Response, StatusCode> {
    bank(&served, &code)?.set_rates(rates);
    Ok(done(true))
}
