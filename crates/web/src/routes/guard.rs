//! What stands before every handler: origin, person, body, CSRF token, time.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::pages::Pages;
use super::who::{Rule, Who};
use crate::csrf;
use crate::errors::{PageError, Problem, Undrawn};
use crate::flash;
use crate::resume::{self, Refill};
use crate::session::{Kind, Session};
use crate::submission::{self, Submission};
use crate::visit::Visit;

/// How long a public page waits to learn whose session it is shown in.
const PUBLIC_PATIENCE: Duration = Duration::from_secs(2);

/// In every answer that came through a guard: an answer without it came around the registry.
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    /// The route's pattern, for the log: the address itself may hold a name.
    pub(crate) route: String,
}

/// In an answer that asks for the form's own page to be shown instead, with what was typed.
#[derive(Debug, Clone)]
pub(crate) struct Redispatch {
    pub(crate) status: StatusCode,
    pub(crate) refill: Refill,
    /// Where the form stands: path and query.
    pub(crate) page: String,
    /// What is answered if the form isn't there any more.
    pub(crate) otherwise: Otherwise,
}

/// What is answered if a form can't be shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// Its page, with a notice.
    Page,
    /// The problem that the answer carries.
    Problem,
}

/// Runs before every handler.
pub(super) async fn guard(State(rule): State<Rule>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let mut response = pass(rule, request, next)
        .await
        .unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(Guarded {
        route: route.unwrap_or_default(),
    });
    response
}

/// Answers a known path with the wrong method.
pub(super) async fn method_not_allowed() -> Response {
    let mut response = PageError::from(Problem::MethodNotAllowed).into_response();
    response.extensions_mut().insert(Guarded {
        route: "(method)".into(),
    });
    response
}

async fn pass(rule: Rule, request: Request, next: Next) -> Result<Response, PageError> {
    if is_dressed_up(&request) {
        return Err(Problem::NotFound.into());
    }
    let (parts, body) = request.into_parts();
    let visit = Visit::of(&parts)?.clone();
    let limits = &visit.kit().parts().limits;
    let page_time = rule.page_wait(limits.page);

    // Neither has a cookie or a form, and nothing that a browser adds by itself lets it in: there is no origin to look at.
    if matches!(rule.who(), Who::Gateway | Who::Device) {
        let bytes = read(body, rule.body_limit(), rule.body_wait(limits.body)).await?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let mut response = run(next, request, page_time).await?;
        if rule.who() == Who::Device {
            // Without a cookie the answer would pass for a public page's.
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        return Ok(response);
    }

    let changes = super::is_unsafe(&parts.method);
    let origin = Origin::of(&visit);
    if changes && visit.kit().checks_origin() && origin == Origin::Foreign {
        return Err(Problem::ForeignOrigin.into());
    }

    let entry = enter(&rule, &visit).await?;
    if !changes {
        if let Entry::Elsewhere(door) = entry {
            return Ok(to_door(&visit, door));
        }
        let response = run(next, Request::from_parts(parts, Body::empty()), page_time).await;
        seen(&visit, rule).await;
        return response;
    }

    let bytes = read(body, rule.body_limit(), rule.body_wait(limits.body)).await?;
    let form = submission::parse(&parts.headers, bytes).await?;
    let page = page_of(&parts, &visit);
    if let Entry::Elsewhere(door) = entry {
        return Ok(login_again(&visit, door, &form, page).await);
    }
    if !token_fits(&visit, &form) {
        return Err(stale(&visit, origin, &form, page));
    }
    // A kept form is only ever shown again. The steps of a login carry one on to the page after them.
    if !matches!(rule.who(), Who::Anonymous | Who::StaffHalf) && !form.resume().is_empty() {
        return Ok(match resume::refill(&visit, &form.resume()) {
            Some((refill, page)) => redispatch(refill, page),
            None => crate::page::redirect(page.as_deref().unwrap_or("/")),
        });
    }

    // Held until the file is made; one that nobody waits for any more is given up, and its place is free.
    let _place = if rule.is_export() {
        let wait = limits.retry_after;
        let place = visit.kit().export_place();
        Some(place.ok_or(Problem::Busy { wait })?)
    } else {
        None
    };
    let mut request = Request::from_parts(parts, Body::empty());
    request.extensions_mut().insert(form.clone());
    let mut response = run(next, request, page_time).await;
    if let Ok(response) = &mut response {
        show_again_if_not_stored(&visit, response, &form, page);
    }
    seen(&visit, rule).await;
    response
}

/// Where certainly nothing was stored, and pages can still be read, the form is shown again instead of the problem's page:
/// whoever typed for an hour doesn't lose it to a full disk.
fn show_again_if_not_stored(
    visit: &Visit,
    response: &mut Response,
    form: &Submission,
    page: Option<String>,
) {
    let problem = response.extensions().get::<Undrawn>();
    let notice = match problem.map(|undrawn| undrawn.0.as_ref()) {
        Some(Problem::DiskFull) => flash::DISK_FULL,
        Some(Problem::Busy { .. }) => flash::BUSY,
        _ => return,
    };
    let Some(page) = page else { return };
    let again = Redispatch {
        status: response.status(),
        refill: Refill::new(visit.path(), form, notice),
        page,
        otherwise: Otherwise::Problem,
    };
    response.extensions_mut().insert(again);
}

/// Where the form that was posted stands. The browser says with which query, if it says where it came from.
fn page_of(parts: &http::request::Parts, visit: &Visit) -> Option<String> {
    let pages = parts.extensions.get::<Pages>()?;
    let pattern = parts.extensions.get::<MatchedPath>()?;
    let page = pages.above(pattern.as_str(), visit.path())?;
    let origin = visit.kit().parts().base_url.origin();
    let from = visit
        .header("referer")
        .and_then(|from| from.strip_prefix(origin))
        .map(|from| from.split('#').next().unwrap_or_default())
        .filter(|from| from.split('?').next() == Some(page.as_str()));
    Some(match from {
        Some(from) if crate::page::is_own_path(from) => from.to_owned(),
        _ => page,
    })
}

async fn run(next: Next, request: Request, time: Duration) -> Result<Response, PageError> {
    tokio::time::timeout(time, next.run(request))
        .await
        .map_err(|_| Problem::TooSlow.into())
}

async fn seen(visit: &Visit, rule: Rule) {
    if let (Some(session), true) = (visit.session(), rule.who() != Who::Anonymous) {
        visit.kit().parts().identity.seen(session, visit.at()).await;
    }
}

/// `/applications/x.css`: our ids hold no dot, so this is a page dressed up as a file, to be kept by a cache on the way.
fn is_dressed_up(request: &Request) -> bool {
    let last = |path: &str| {
        path.rsplit('/')
            .next()
            .is_some_and(|last| last.contains('.'))
    };
    let by_name = request
        .extensions()
        .get::<MatchedPath>()
        .is_some_and(|path| last(path.as_str()));
    last(request.uri().path()) && !by_name
}

/// May this visitor in?
enum Entry {
    In,
    /// Not with this session; this is where he gets the right one.
    Elsewhere(&'static str),
}

async fn enter(rule: &Rule, visit: &Visit) -> Result<Entry, PageError> {
    let kit = visit.kit();
    if let Some(token) = visit.token() {
        let looking = kit.session(token, visit.at());
        // A public page doesn't wait for a database that is silent.
        let found = match rule.who() {
            Who::Anonymous => tokio::time::timeout(PUBLIC_PATIENCE, looking)
                .await
                .unwrap_or(Err(Problem::TooSlow)),
            _ => looking.await,
        };
        match found {
            Ok(Some(session)) => visit.set_session(session),
            Ok(None) => {}
            // A public page is shown to everybody, database or not.
            Err(problem) if rule.who() == Who::Anonymous => {
                tracing::warn!(request.id = visit.id(), error = %problem, "session look-up failed");
            }
            Err(problem) => return Err(problem.into()),
        }
    }
    judge(rule.who(), visit.session(), &kit.parts().doors)
}

fn judge(
    who: Who,
    session: Option<&Session>,
    doors: &crate::kit::Doors,
) -> Result<Entry, PageError> {
    let kind = session.map(|session| session.kind);
    let entry = match (who, kind) {
        (Who::Anonymous | Who::Gateway | Who::Device, _) => Entry::In,
        (Who::Candidate, Some(Kind::Candidate)) => Entry::In,
        (Who::Activation, Some(Kind::Activation)) => Entry::In,
        (Who::AnyStaff, Some(Kind::Staff)) => Entry::In,
        (Who::StaffHalf, Some(Kind::StaffHalf)) => Entry::In,
        (Who::Staff(permission), Some(Kind::Staff)) => {
            if !session.is_some_and(|session| session.may(permission)) {
                return Err(Problem::Forbidden.into());
            }
            Entry::In
        }
        (Who::Candidate, Some(Kind::Activation)) => Entry::Elsewhere(doors.activation),
        (Who::AnyStaff | Who::Staff(_), Some(Kind::StaffHalf)) => {
            Entry::Elsewhere(doors.second_factor)
        }
        (Who::Candidate | Who::Activation, _) => Entry::Elsewhere(doors.candidate),
        (Who::AnyStaff | Who::Staff(_) | Who::StaffHalf, _) => Entry::Elsewhere(doors.staff),
    };
    Ok(entry)
}

/// Sends a reader to the door, and back here afterwards.
fn to_door(visit: &Visit, door: &'static str) -> Response {
    let here = match visit.query() {
        "" => visit.path().to_owned(),
        query => format!("{}?{query}", visit.path()),
    };
    let next = percent_encoding::utf8_percent_encode(&here, percent_encoding::NON_ALPHANUMERIC);
    let target = format!("{door}?next={next}");
    if visit.is_fragment() {
        // htmx follows a redirect inside the fragment; this header makes it load the whole page.
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&target) {
            headers.insert("hx-redirect", value);
        }
        return (StatusCode::UNAUTHORIZED, headers).into_response();
    }
    crate::page::redirect(&target)
}

/// Nothing is done, and nothing that was typed is lost.
async fn login_again(
    visit: &Visit,
    door: &'static str,
    form: &Submission,
    page: Option<String>,
) -> Response {
    let parts = visit.kit().parts();
    let page = page.unwrap_or_else(|| "/".to_owned());
    let keep = || resume::keep(visit, form, &page);
    let mut response = if door == parts.doors.candidate {
        parts.login_page.show(visit, keep(), &page).await
    } else if door == parts.doors.staff {
        parts.office_login_page.show(visit, keep(), &page).await
    } else {
        crate::system::login_again_page(visit, door, &page)
    };
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

fn token_fits(visit: &Visit, form: &Submission) -> bool {
    if !visit.kit().checks_token() {
        return true;
    }
    let key = &visit.kit().parts().csrf_key;
    let base = match visit.session() {
        Some(_) => visit.token(),
        None => visit.guest_cookie(),
    };
    base.is_some_and(|base| key.fits(form.csrf(), base))
}

/// A form with a token that doesn't fit does nothing. If it is certainly our own page's, made for this very person, it is
/// shown again with a fresh token instead of throwing away what was typed.
fn stale(visit: &Visit, origin: Origin, form: &Submission, page: Option<String>) -> PageError {
    let mark = csrf::mark_of(form.csrf());
    let same_person = mark == csrf::NOBODY || (!mark.is_empty() && mark == visit.mark());
    match page {
        Some(page) if origin == Origin::Own && same_person => PageError::from(Problem::NotOurForm)
            .showing(Redispatch {
                status: StatusCode::FORBIDDEN,
                refill: Refill::new(visit.path(), form, flash::STALE),
                page,
                otherwise: Otherwise::Problem,
            }),
        _ => Problem::NotOurForm.into(),
    }
}

fn redispatch(refill: Refill, page: String) -> Response {
    let mut response = StatusCode::OK.into_response();
    response.extensions_mut().insert(Redispatch {
        status: StatusCode::OK,
        refill,
        page,
        otherwise: Otherwise::Page,
    });
    response
}

/// Where a request was sent from, as far as the browser says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Own,
    /// An old browser that sends neither header: the token decides.
    Unknown,
    Foreign,
}

impl Origin {
    fn of(visit: &Visit) -> Self {
        let own = visit.kit().parts().base_url.origin();
        match (visit.header("origin"), visit.header("sec-fetch-site")) {
            (Some(origin), _) if origin.eq_ignore_ascii_case(own) => Self::Own,
            (Some(_), _) => Self::Foreign,
            (None, Some("same-origin")) => Self::Own,
            // `none` is the address bar; a form can't be sent from there by anybody else.
            (None, Some("none") | None) => Self::Unknown,
            (None, Some(_)) => Self::Foreign,
        }
    }
}

async fn read(body: Body, limit: usize, time: Duration) -> Result<Bytes, PageError> {
    // A `Content-Length` beyond the limit is refused before anything is read.
    if HttpBody::size_hint(&body).lower() > limit as u64 {
        return Err(Problem::TooLarge { limit }.into());
    }
    let reading = Limited::new(body, limit).collect();
    match tokio::time::timeout(time, reading).await {
        Err(_) => Err(Problem::SlowBody.into()),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::TooLarge { limit }.into()),
        Ok(Err(_)) => Err(Problem::BadRequest("发送的内容没有收全，可能是网络中断。").into()),
    }
}
