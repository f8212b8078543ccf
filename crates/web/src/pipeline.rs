//! The outer layer: what happens to every request before the router and to every answer after it.

use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::client_addr::Peer;
use crate::errors::{self, PageError, Problem, Undrawn};
use crate::kit::Kit;
use crate::refill::{self, Filled};
use crate::resume::Refill;
use crate::routes::{Guarded, Otherwise, Pages, Redispatch};
use crate::visit::Visit;
use crate::{assets, flash, headers};

/// The header that carries the reference number back.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct Outer {
    kit: Kit,
    inner: Router,
    pages: Pages,
}

/// Puts the pipeline around the routes.
pub(crate) fn wrap(kit: &Kit, inner: Router, pages: Pages) -> Router {
    let outer = Outer {
        kit: kit.clone(),
        inner: inner.clone(),
        pages,
    };
    // The fallback keeps the layer in the way of addresses that no route has.
    inner
        .fallback(nowhere)
        .layer(from_fn_with_state(outer, arrive))
}

async fn nowhere() -> Response {
    let mut response = PageError::from(Problem::NotFound).into_response();
    response.extensions_mut().insert(Guarded {
        route: "(none)".into(),
    });
    response
}

async fn arrive(State(outer): State<Outer>, request: Request, next: Next) -> Response {
    let kit = &outer.kit;
    let started = Instant::now();
    let at = kit.parts().clock.now();
    let (mut parts, body) = request.into_parts();

    let peer = parts
        .extensions
        .get::<Peer>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |p| p.0);
    let addr = kit.client(peer, &parts.headers);
    let visit = Visit::new(kit, &parts, reference(kit), at, addr);
    parts.extensions.insert(visit.clone());
    parts.extensions.insert(outer.pages.clone());

    let mut response = answer(&outer, &visit, Request::from_parts(parts, body), next).await;
    let route = response
        .extensions_mut()
        .remove::<Guarded>()
        .map(|guarded| guarded.route);
    finish(&visit, &mut response);
    log(
        &visit,
        &response,
        route.as_deref().unwrap_or("(kit)"),
        started,
    );
    response
}

async fn answer(outer: &Outer, visit: &Visit, request: Request, next: Next) -> Response {
    let kit = &outer.kit;
    if !is_our_host(kit, &request) {
        return draw(visit, &Problem::BadRequest("请用本站公布的网址访问。"));
    }
    let path = request.uri().path();
    if path.starts_with(assets::PREFIX) || path == "/favicon.ico" {
        let path = if path == "/favicon.ico" {
            assets::asset("favicon.svg")
        } else {
            path
        };
        let found = matches!(*request.method(), Method::GET | Method::HEAD)
            .then(|| assets::serve(path, request.headers()))
            .flatten();
        return found.unwrap_or_else(|| draw(visit, &Problem::NotFound));
    }
    let Some(_place) = kit.load().take(visit.surface()) else {
        return draw(
            visit,
            &Problem::Busy {
                wait: kit.parts().limits.retry_after,
            },
        );
    };

    let response = caught(visit, next.run(request)).await;
    if response.extensions().get::<Guarded>().is_none() {
        tracing::error!(
            path = visit.path(),
            "a route was reached around the registry"
        );
        return draw(visit, &Problem::internal("a route around the registry"));
    }
    settle(outer, visit, response).await
}

/// Draws problems and shows forms again.
async fn settle(outer: &Outer, visit: &Visit, mut response: Response) -> Response {
    if let Some(again) = response.extensions_mut().remove::<Redispatch>() {
        if let Some(mut page) = show_again(outer, visit, again.refill, &again.page).await {
            *page.status_mut() = again.status;
            if let Some(Undrawn(problem)) = response.extensions_mut().remove::<Undrawn>() {
                log_problem(visit, &problem);
                errors::retry_after(&problem, page.headers_mut());
            }
            return page;
        }
        if again.otherwise == Otherwise::Page {
            return crate::page::redirect_with(visit, &again.page, flash::NOT_RESUMED);
        }
    }
    redraw(visit, response)
}

/// Asks for the page of the form that was posted here, with what was typed; `None` if the form isn't on it.
async fn show_again(outer: &Outer, visit: &Visit, refill: Refill, page: &str) -> Option<Response> {
    let uri: Uri = page.parse().ok()?;
    let again = visit.again(uri.clone(), refill.clone());
    let mut request = http::Request::new(Body::empty());
    *request.uri_mut() = uri;
    *request.headers_mut() = visit.headers().clone();
    for name in [
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
    ] {
        request.headers_mut().remove(name);
    }
    request.extensions_mut().insert(again.clone());
    request.extensions_mut().insert(outer.pages.clone());
    let inner = outer.inner.clone();
    let mut response = caught(&again, async move {
        match inner.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    })
    .await;
    if response.status() != StatusCode::OK {
        return None;
    }
    again.write_cookies(response.headers_mut());
    let (mut head, body) = response.into_parts();
    let bytes = body.collect().await.ok()?.to_bytes();
    let html = std::str::from_utf8(&bytes).ok()?;
    let body = match refill::fill(html, &refill) {
        Filled::Done(html) => Body::from(html),
        // It made its form itself, with other hidden fields or none at all.
        Filled::Changed | Filled::Absent if again.refilled() => Body::from(bytes),
        Filled::Changed | Filled::Absent => return None,
    };
    head.headers.remove(header::CONTENT_LENGTH);
    Some(Response::from_parts(head, body))
}

async fn caught(visit: &Visit, work: impl Future<Output = Response>) -> Response {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            // What a panic says may quote a value; where it happened is in the hook's own line.
            drop(panic);
            tracing::error!(
                request_id = visit.id(),
                path = visit.path(),
                "a handler panicked"
            );
            let problem = Problem::internal("a panic");
            let mut response = draw(visit, &problem);
            response.extensions_mut().insert(Guarded {
                route: "(panic)".into(),
            });
            response
        }
    }
}

/// Gives every refusal its page: ours, and the bare ones that come from axum.
fn redraw(visit: &Visit, mut response: Response) -> Response {
    let guarded = response.extensions_mut().remove::<Guarded>();
    let drawn = if let Some(Undrawn(problem)) = response.extensions_mut().remove::<Undrawn>() {
        log_problem(visit, &problem);
        Some(draw(visit, &problem))
    } else {
        is_bare(&response).then(|| draw(visit, &Problem::of_status(response.status())))
    };
    let mut response = drawn.unwrap_or(response);
    if let Some(guarded) = guarded {
        response.extensions_mut().insert(guarded);
    }
    response
}

/// An error status with nothing to read behind it, or axum's own English line.
fn is_bare(response: &Response) -> bool {
    let status = response.status();
    let readable = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| !value.as_bytes().starts_with(b"text/plain"));
    (status.is_client_error() || status.is_server_error())
        && !readable
        && !response.headers().contains_key("hx-redirect")
        && response.extensions().get::<crate::page::Plain>().is_none()
}

fn draw(visit: &Visit, problem: &Problem) -> Response {
    errors::draw(visit, problem)
}

fn log_problem(visit: &Visit, problem: &Arc<Problem>) {
    use std::error::Error as _;
    if !problem.status().is_server_error() {
        return;
    }
    let mut causes = String::new();
    let mut cause = problem.source();
    while let Some(error) = cause {
        causes.push_str(": ");
        causes.push_str(&error.to_string());
        cause = error.source();
    }
    tracing::error!(
        request.id = visit.id(),
        path = visit.path(),
        "{problem}{causes}"
    );
}

fn finish(visit: &Visit, response: &mut Response) {
    let static_file = visit.path().starts_with(assets::PREFIX) && response.status().is_success();
    let headers = response.headers_mut();
    visit.write_cookies(headers);
    // A page made for one person, and an answer that sets a cookie, are kept nowhere.
    let private = visit.session().is_some()
        || visit.token().is_some()
        || headers.contains_key(header::SET_COOKIE);
    headers::add(visit.kit(), headers, private && !static_file);
    if let Ok(id) = HeaderValue::from_str(visit.id()) {
        headers.insert(REQUEST_ID, id);
    }
}

/// One line a request: no query, no address that names a record, nobody's data.
fn log(visit: &Visit, response: &Response, route: &str, started: Instant) {
    tracing::info!(
        target: "access",
        {
            request.id = visit.id(),
            method = %visit.method(),
            route,
            status = response.status().as_u16(),
            micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            network = visit.addr().network(),
        },
        "answered"
    );
}

/// A host that isn't ours is an attempt to put a foreign name into our links, or a stray scan.
fn is_our_host(kit: &Kit, request: &Request) -> bool {
    let named = request.uri().authority().map(http::uri::Authority::as_str);
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = named.or_else(|| hosts.next().and_then(|value| value.to_str().ok()));
    let further = named.is_none() && hosts.next().is_some();
    host.is_some_and(|host| kit.parts().base_url.is_host(host)) && !further
}

/// A number that a person can read out: ten characters without those that look alike.
fn reference(kit: &Kit) -> String {
    // 31 letters and digits, and one twice, so that five bits choose one.
    const LETTERS: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz7";
    kit.random::<12>()
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect()
}
