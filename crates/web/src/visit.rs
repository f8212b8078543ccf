//! One request as handlers see it: who, when, from where, and what to say back in cookies.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Timestamp;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use std::sync::Mutex;

use crate::client_addr::ClientAddr;
use crate::cookie::{self, Cookie};
use crate::csrf;
use crate::errors::{PageError, Problem};
use crate::flash::Said;
use crate::kit::Kit;
use crate::resume::Refill;
use crate::session::{Session, Surface};

/// One request. Cheap to clone; a handler's first parameter.
#[derive(Debug, Clone)]
pub struct Visit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kit: Kit,
    id: String,
    at: Timestamp,
    addr: ClientAddr,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    surface: Surface,
    session: OnceLock<Session>,
    guest: OnceLock<String>,
    cookies: Mutex<Vec<Cookie>>,
    /// A token other than the request's: of a session that this very request opened.
    token: Option<String>,
    refill: Option<Refill>,
    /// The page took the refill itself.
    refilled: AtomicBool,
    notices: Vec<Said>,
    /// How much waits behind the entries of the office's menu, by address.
    waiting: OnceLock<Vec<(&'static str, u32)>>,
    rehearsal: AtomicBool,
}

impl Visit {
    pub(crate) fn new(
        kit: &Kit,
        parts: &Parts,
        id: String,
        at: Timestamp,
        addr: ClientAddr,
    ) -> Self {
        let notices = crate::flash::read(kit, parts.uri.query(), at);
        Self(Arc::new(Inner {
            kit: kit.clone(),
            id,
            at,
            addr,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            surface: Surface::of_path(parts.uri.path()),
            session: OnceLock::new(),
            guest: OnceLock::new(),
            cookies: Mutex::new(Vec::new()),
            token: None,
            refill: None,
            refilled: AtomicBool::new(false),
            notices,
            waiting: OnceLock::new(),
            rehearsal: AtomicBool::new(false),
        }))
    }

    /// The same visitor after his session was opened with `token`: for a page that answers the login itself, without a redirect
    /// between. The browser is handed the token.
    ///
    /// # Errors
    /// If the session can't be looked up.
    pub async fn entered(&self, token: &str) -> Result<Self, Problem> {
        self.begin_session(token);
        let session = OnceLock::new();
        if let Some(found) = self.0.kit.session(token, self.0.at).await? {
            let _ = session.set(found);
        }
        Ok(Self(Arc::new(Inner {
            kit: self.0.kit.clone(),
            id: self.0.id.clone(),
            at: self.0.at,
            addr: self.0.addr,
            method: self.0.method.clone(),
            uri: self.0.uri.clone(),
            headers: self.0.headers.clone(),
            surface: self.0.surface,
            session,
            guest: OnceLock::new(),
            cookies: Mutex::new(Vec::new()),
            token: Some(token.to_owned()),
            refill: None,
            refilled: AtomicBool::new(false),
            notices: Vec::new(),
            waiting: OnceLock::new(),
            rehearsal: AtomicBool::new(false),
        })))
    }

    /// The same visitor, shown the form at `uri` again with what was typed.
    pub(crate) fn again(&self, uri: Uri, refill: Refill) -> Self {
        let guest = OnceLock::new();
        if let Some(value) = self.0.guest.get() {
            let _ = guest.set(value.clone());
        }
        Self(Arc::new(Inner {
            kit: self.0.kit.clone(),
            id: self.0.id.clone(),
            at: self.0.at,
            addr: self.0.addr,
            method: Method::GET,
            surface: Surface::of_path(uri.path()),
            uri,
            headers: self.0.headers.clone(),
            session: OnceLock::new(),
            guest,
            cookies: Mutex::new(Vec::new()),
            token: None,
            notices: vec![refill.notice().into()],
            refill: Some(refill),
            waiting: OnceLock::new(),
            rehearsal: AtomicBool::new(false),
            refilled: AtomicBool::new(false),
        }))
    }

    /// The visit of a request that came through the kit.
    pub(crate) fn of(parts: &Parts) -> Result<&Self, PageError> {
        parts.extensions.get::<Self>().ok_or_else(|| {
            Problem::internal("a handler was reached outside the kit's pipeline").into()
        })
    }

    /// The kit.
    pub fn kit(&self) -> &Kit {
        &self.0.kit
    }

    /// The reference number, shown on error pages and written to logs and audit rows.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The instant the request's head was read: deadlines are judged by it.
    pub fn at(&self) -> Timestamp {
        self.0.at
    }

    /// The client's address.
    pub fn addr(&self) -> ClientAddr {
        self.0.addr
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.0.method
    }

    /// The path.
    pub fn path(&self) -> &str {
        self.0.uri.path()
    }

    /// The query, empty for none.
    pub fn query(&self) -> &str {
        self.0.uri.query().unwrap_or_default()
    }

    /// Which of the two sites.
    pub fn surface(&self) -> Surface {
        self.0.surface
    }

    /// A short description of the device for the list of sessions; never used to decide anything.
    pub fn device(&self) -> String {
        let agent = self.header("user-agent").unwrap_or_default();
        agent
            .chars()
            .filter(|c| !c.is_control())
            .take(120)
            .collect()
    }

    /// Does htmx ask, for a part of a page?
    pub fn is_fragment(&self) -> bool {
        self.0.headers.contains_key("hx-request")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    // Session and cookies

    /// The living session that came with the request, if any.
    pub fn session(&self) -> Option<&Session> {
        self.0.session.get()
    }

    pub(crate) fn set_session(&self, session: Session) {
        let _ = self.0.session.set(session);
    }

    /// The session token as the cookie carries it, alive or not.
    pub fn token(&self) -> Option<&str> {
        match &self.0.token {
            Some(token) => Some(token),
            None => self.cookie(self.0.surface.cookie()),
        }
    }

    /// A cookie of the request.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        cookie::read(&self.0.headers, name, self.0.kit.secure())
    }

    /// Sets a cookie with the answer.
    pub fn set_cookie(&self, cookie: Cookie) {
        if let Ok(mut cookies) = self.0.cookies.lock() {
            cookies.push(cookie);
        }
    }

    /// Hands the browser the token of a session just opened. The guest's cookie ends with it: no value from before the
    /// login stays good after it.
    pub fn begin_session(&self, token: &str) {
        self.set_cookie(Cookie::new(self.0.surface.cookie(), token));
        self.set_cookie(Cookie::removal(cookie::ANONYMOUS));
    }

    /// Takes the session cookie from the browser.
    pub fn end_session(&self) {
        self.set_cookie(Cookie::removal(self.0.surface.cookie()));
    }

    pub(crate) fn write_cookies(&self, headers: &mut HeaderMap) {
        let Ok(cookies) = self.0.cookies.lock() else {
            return;
        };
        for cookie in cookies.iter() {
            if let Some(value) = cookie.header(self.0.kit.secure()) {
                headers.append(http::header::SET_COOKIE, value);
            }
        }
    }

    // CSRF

    /// The token for a form on this page. For somebody without a session it hangs on a random cookie, which is set with
    /// the answer if the browser has none.
    pub fn csrf(&self) -> String {
        let key = &self.0.kit.parts().csrf_key;
        match (self.session(), self.token()) {
            (Some(_), Some(token)) => key.token(token, &self.mark()),
            _ => key.token(self.guest(), csrf::NOBODY),
        }
    }

    /// The token for a form on the page that answers a login, under the session just opened.
    pub(crate) fn csrf_after_login(&self, token: &str, session: (&str, i64)) -> String {
        let key = &self.0.kit.parts().csrf_key;
        key.token(token, &key.mark(session.0, session.1))
    }

    /// The mark of whom this page is made for.
    pub(crate) fn mark(&self) -> String {
        match self.session() {
            Some(session) => self
                .0
                .kit
                .parts()
                .csrf_key
                .mark(mark_kind(session.kind), session.subject_id),
            None => csrf::NOBODY.to_owned(),
        }
    }

    fn guest(&self) -> &str {
        self.0.guest.get_or_init(|| match self.guest_cookie() {
            Some(value) => value.to_owned(),
            None => {
                let value = URL_SAFE_NO_PAD.encode(self.0.kit.random::<18>());
                self.set_cookie(Cookie::new(cookie::ANONYMOUS, value.clone()));
                value
            }
        })
    }

    pub(crate) fn guest_cookie(&self) -> Option<&str> {
        self.cookie(cookie::ANONYMOUS)
            .filter(|value| value.len() == 24)
    }

    // What the page shows

    /// 大字版?
    pub fn large_text(&self) -> bool {
        self.cookie(cookie::LARGE_TEXT) == Some("1")
    }

    /// Notices from the page before.
    pub fn notices(&self) -> &[Said] {
        &self.0.notices
    }

    /// What this request is about belongs to a rehearsal: every page of it says so.
    pub fn mark_rehearsal(&self) {
        self.0.rehearsal.store(true, Ordering::Relaxed);
    }

    /// Whether a page must say 演练: somebody made for a rehearsal looks, or staff look at something of one.
    pub fn is_rehearsal(&self) -> bool {
        self.0.rehearsal.load(Ordering::Relaxed)
            || self.session().is_some_and(|session| session.rehearsal)
    }

    /// Tells the frame how much waits behind entries of the office's menu; the first word counts.
    pub fn set_waiting(&self, waiting: Vec<(&'static str, u32)>) {
        let _ = self.0.waiting.set(waiting);
    }

    /// How much waits behind entries of the office's menu.
    pub(crate) fn waiting(&self) -> &[(&'static str, u32)] {
        self.0.waiting.get().map_or(&[], Vec::as_slice)
    }

    /// What was typed before the session ended into the form of this page's own path; the page shows it.
    pub fn refill(&self) -> Option<&Refill> {
        self.refill_of(self.path())
    }

    /// What was typed into the form that posts to `action`; the page shows it ([`crate::forms::Form::refill`]).
    pub fn refill_of(&self, action: &str) -> Option<&Refill> {
        let refill = self.0.refill.as_ref()?;
        if refill.path() != action {
            return None;
        }
        self.0.refilled.store(true, Ordering::Relaxed);
        Some(refill)
    }

    /// Whether the page took what was typed.
    pub(crate) fn refilled(&self) -> bool {
        self.0.refilled.load(Ordering::Relaxed)
    }
}

/// The word for a session's kind in an account's mark. An activation and the candidate it becomes are one person.
pub(crate) fn mark_kind(kind: crate::session::Kind) -> &'static str {
    match kind.surface() {
        Surface::Public => "candidate",
        Surface::Office => "staff",
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        Self::of(parts).cloned()
    }
}
