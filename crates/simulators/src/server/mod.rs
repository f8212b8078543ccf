//! The simulated channels over HTTP: what merchants call, the cashier's pages, the control API, and the delivery of notices.
//!
//! All three lie under one address, each under its code: `http://127.0.0.1:8089/wechat/v3/…`.

mod cashier;
mod control;
mod post;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tokio::net::TcpListener;

use crate::bank::Channel;
use crate::clock::ForwardClock;
use crate::link::LOST;

/// What is served.
#[derive(Debug, Clone)]
struct Served {
    channels: Arc<[Arc<dyn Channel>]>,
    /// Whom the cashier's page names.
    payee: Arc<str>,
    /// The clock of the channels, where it may be put forward.
    clock: Option<Arc<ForwardClock>>,
}

impl Served {
    fn channel(&self, code: &str) -> Option<&Arc<dyn Channel>> {
        self.channels.iter().find(|channel| channel.code() == code)
    }
}

/// Serves channels until `stopped` is ready, and delivers their notices meanwhile. `clock` is theirs, where the control API may put it
/// forward.
///
/// # Errors
/// If the listener fails, or the HTTP client can't be made.
pub async fn serve<F>(
    listener: TcpListener,
    channels: impl Into<Arc<[Arc<dyn Channel>]>>,
    clock: Option<Arc<ForwardClock>>,
    payee: &str,
    stopped: F,
) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let served = Served {
        channels: channels.into(),
        payee: payee.into(),
        clock,
    };
    let delivery = tokio::spawn(post::deliver(Arc::clone(&served.channels))?);
    let router = Router::new()
        .merge(cashier::router())
        .merge(control::router())
        .route("/{code}/{*rest}", any(call))
        .layer(axum::extract::DefaultBodyLimit::max(256 * 1024))
        .with_state(served);
    let ended = axum::serve(listener, router)
        .with_graceful_shutdown(stopped)
        .await;
    delivery.abort();
    ended
}

/// A merchant's call, or the browser's that begins a payment.
async fn call(
    State(served): State<Served>,
    Path((code, _)): Path<(String, String)>,
    request: Request,
) -> Response {
    let Some(channel) = served.channel(&code) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 256 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let answer: http::Response<Bytes> = channel.handle(&http::Request::from_parts(head, body));
    if answer.headers().contains_key(LOST) {
        // A line that breaks: whoever called hears nothing that can be trusted.
        return StatusCode::BAD_GATEWAY.into_response();
    }
    answer.map(axum::body::Body::from)
}
