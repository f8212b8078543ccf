//! The channels in the same process: a transport that carries a merchant's calls to them, and loses what the dice say.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateways::payment::{Checkout, Lost, Transport};
use http::{Request, Response};

use crate::bank::Channel;

/// A transport to simulated channels, by the origin of the address.
#[derive(Debug, Clone, Default)]
pub struct Link {
    channels: Vec<(String, Arc<dyn Channel>)>,
}

impl Link {
    /// To nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a channel behind an origin (`https://openapi.alipay.com`).
    #[must_use]
    pub fn with(mut self, origin: impl Into<String>, channel: Arc<dyn Channel>) -> Self {
        self.channels.push((origin.into(), channel));
        self
    }

    fn carry(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let uri = request.uri().to_string();
        let channel = self
            .channels
            .iter()
            .find(|(origin, _)| uri.starts_with(origin.as_str()))
            .map(|(_, channel)| channel)
            .ok_or(Lost::Unsent)?;
        // Fates are the channel's: it knows which call it is. What it can't say as an answer it says by these headers.
        let answer = channel.handle(request);
        match answer
            .headers()
            .get(LOST)
            .and_then(|value| value.to_str().ok())
        {
            Some("unsent") => Err(Lost::Unsent),
            Some(_) => Err(Lost::Unanswered),
            None => Ok(answer),
        }
    }
}

/// Follows a payer's way to the cashier, as his browser does. `false` if the channel turns him away; where he scans a code there is
/// nothing to follow.
pub fn visit(channel: &dyn Channel, checkout: &Checkout) -> bool {
    let request = match checkout {
        // WeChat's pages are the cashier already.
        Checkout::Page { url } if url.contains("gateway.do") => {
            Request::get(url).body(Bytes::new())
        }
        Checkout::Form { action, fields } => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(fields);
            Request::post(action).body(Bytes::from(form.finish()))
        }
        Checkout::Page { .. } | Checkout::Code { .. } | Checkout::InApp { .. } => return true,
    };
    request.is_ok_and(|request| channel.handle(&request).status().is_redirection())
}

/// A header by which a channel says that its answer never arrives.
pub const LOST: &str = "x-simulated-loss";

impl Transport for Link {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Lost>> {
        std::future::ready(self.carry(&request)).boxed()
    }

    fn fetch<'a>(
        &'a self,
        request: Request<Bytes>,
        longest: u64,
        piece: &'a mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> BoxFuture<'a, Result<u16, Lost>> {
        let carried = self.carry(&request).and_then(|answer| {
            if answer.body().len() as u64 > longest {
                return Err(Lost::Unanswered);
            }
            piece(answer.body()).map_err(|_| Lost::Unanswered)?;
            Ok(answer.status().as_u16())
        });
        std::future::ready(carried).boxed()
    }
}

/// A path as it stands behind an origin with a path of its own.
pub(crate) fn under<'a>(origin: &str, path: &'a str) -> &'a str {
    let base = origin
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').map(|at| rest.get(at..).unwrap_or_default()))
        .unwrap_or_default();
    path.strip_prefix(base.trim_end_matches('/'))
        .unwrap_or(path)
}

/// Answers a call as its fate has it: `carry_out` does it and signs with the right key, or a wrong one.
pub fn fated(
    fate: crate::bank::Fate,
    carry_out: impl FnOnce(bool) -> Response<Bytes>,
) -> Response<Bytes> {
    use crate::bank::Fate;
    let lost = |how: &'static str| {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = http::StatusCode::BAD_GATEWAY;
        answer
            .headers_mut()
            .insert(LOST, http::HeaderValue::from_static(how));
        answer
    };
    let broken = || {
        let mut answer = Response::new(Bytes::from_static(b"internal error"));
        *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        answer
    };
    match fate {
        Fate::Fair => carry_out(true),
        Fate::Unreachable => lost("unsent"),
        Fate::LostBefore => lost("unanswered"),
        Fate::LostAfter => {
            carry_out(true);
            lost("unanswered")
        }
        Fate::ServerError => broken(),
        Fate::ErrorAfter => {
            carry_out(true);
            broken()
        }
        Fate::Truncated => {
            let answer = carry_out(true);
            let (head, body) = answer.into_parts();
            let half = body.slice(..body.len() / 2);
            Response::from_parts(head, half)
        }
        Fate::BadSignature => carry_out(false),
    }
}
