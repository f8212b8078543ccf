//! A visitor: keeps cookies, follows redirects, fills in forms.

mod form;
mod html;
mod page;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use domain::clock::Clock as _;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use web::Kit;
use web::client_addr::Peer;

pub use form::{Form, Sent};
pub use page::Page;

use crate::clock::FakeClock;
use crate::setup::TestApp;

/// More redirects than any way through the product has.
const MOST_REDIRECTS: usize = 8;

/// A visitor with his own cookies and his own network.
#[derive(Debug, Clone)]
pub struct Browser {
    router: Router,
    kit: Kit,
    clock: Arc<FakeClock>,
    cookies: BTreeMap<String, String>,
    /// Where the requests come from.
    pub address: IpAddr,
    /// Whether redirects are followed; a control of steps switches it off.
    pub follow: bool,
    /// Sent with each request, besides what browsers send.
    pub headers: HeaderMap,
    csrf: Option<String>,
}

impl Browser {
    pub(crate) fn new(t: &TestApp, number: u32) -> Self {
        let [_, _, third, fourth] = number.to_be_bytes();
        Self {
            router: t.router.clone(),
            kit: t.kit.clone(),
            clock: Arc::clone(&t.clock),
            cookies: BTreeMap::new(),
            // Each visitor has a /24 of his own, so that throttles of networks don't mix tests up.
            address: IpAddr::V4(Ipv4Addr::new(10, third, fourth, 7)),
            follow: true,
            headers: HeaderMap::new(),
            csrf: None,
        }
    }

    /// Gets a page, following redirects.
    pub async fn get(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path, Body::empty());
        self.walk(request).await
    }

    /// Sends a form, following redirects. A captcha that isn't filled in is answered.
    pub async fn submit(&mut self, form: Form) -> Page {
        let form = self.answer_captcha(form);
        let sent = form.encode();
        let mut request = self.request(sent.method, &sent.target, Body::from(sent.body));
        if let Some(content_type) = sent.content_type {
            request
                .headers_mut()
                .insert(header::CONTENT_TYPE, content_type);
        }
        self.same_origin(&mut request);
        self.walk(request).await
    }

    /// Posts fields with the CSRF token of a page seen before (one is fetched if there was none), following redirects: for
    /// requests that no page offers. Use [`Browser::submit`] for those that one does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        if self.csrf.is_none() {
            for known in [path, "/home", "/office", "/login"] {
                self.get(known).await;
                if self.csrf.is_some() {
                    break;
                }
            }
        }
        let mut form = Form::empty(path);
        if let Some(token) = &self.csrf {
            form = form.set(web::csrf::FIELD, token);
        }
        for (name, value) in fields {
            form = form.add(name, value);
        }
        self.submit(form).await
    }

    /// Sends one request as it is and follows nothing: no token, no origin that you don't put in.
    pub async fn send(&mut self, request: Request<Body>) -> Page {
        let path = request
            .uri()
            .path_and_query()
            .map_or("/", |p| p.as_str())
            .to_owned();
        let mut request = request;
        request.extensions_mut().insert(Peer(self.address));
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        self.keep_cookies(answer.headers());
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let page = Page::new(parts.status, parts.headers, path, body);
        if let Some(token) = page.csrf() {
            self.csrf = Some(token);
        }
        page
    }

    /// A request with the cookies, from this site.
    pub fn request(&self, method: Method, target: &str, body: Body) -> Request<Body> {
        let path = target.split('#').next().unwrap_or(target);
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = path
            .parse()
            .unwrap_or_else(|_| panic!("{path:?} is not an address"));
        let host = self
            .kit
            .parts()
            .base_url
            .origin()
            .split("://")
            .nth(1)
            .unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(header::USER_AGENT, HeaderValue::from_static("testkit"));
        headers.extend(self.headers.clone());
        headers.insert(header::HOST, HeaderValue::from_str(host).expect("a host"));
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            headers.insert(
                header::COOKIE,
                HeaderValue::from_str(&pairs.join("; ")).expect("cookies"),
            );
        }
        request
    }

    /// Marks a request as sent from a page of ours, as browsers do.
    pub fn same_origin(&self, request: &mut Request<Body>) {
        let origin = self.kit.parts().base_url.origin();
        let headers = request.headers_mut();
        headers.insert(
            header::ORIGIN,
            HeaderValue::from_str(origin).expect("an origin"),
        );
        headers.insert(
            HeaderName::from_static("sec-fetch-site"),
            HeaderValue::from_static("same-origin"),
        );
    }

    /// The value of a cookie, by its plain name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(&self.full_name(name)).map(String::as_str)
    }

    /// Puts a cookie into the jar, by its plain name.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(self.full_name(name), value.to_owned());
        self.csrf = None;
    }

    /// Takes a cookie out of the jar: what a session that ended looks like is made by [`FakeClock`], not by this.
    pub fn forget_cookie(&mut self, name: &str) {
        self.cookies.remove(&self.full_name(name));
        self.csrf = None;
    }

    fn full_name(&self, name: &str) -> String {
        if self.kit.parts().base_url.secure() {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }

    /// What a captcha's token asks for.
    pub fn captcha_answer(&self, token: &str) -> Option<String> {
        let opened: Option<(serde_json::Value, _)> =
            web::seal::open(self.kit.seal(), "captcha", token, self.clock.now());
        opened.and_then(|(value, _)| {
            value
                .get("a")
                .and_then(|answer| answer.as_str())
                .map(str::to_owned)
        })
    }

    fn answer_captcha(&self, form: Form) -> Form {
        let token = form.value(web::captcha::TOKEN).map(str::to_owned);
        let typed = form.value(web::captcha::ANSWER).unwrap_or_default();
        match token.and_then(|token| self.captcha_answer(&token)) {
            Some(answer) if typed.is_empty() && form.answers_captcha() => {
                form.set(web::captcha::ANSWER, &answer)
            }
            _ => form,
        }
    }

    /// Sends, then follows redirects within the site.
    async fn walk(&mut self, request: Request<Body>) -> Page {
        let mut page = self.send(request).await;
        let mut chain = Vec::new();
        while self.follow
            && matches!(page.status, StatusCode::SEE_OTHER | StatusCode::FOUND)
            && let Some(target) = page.location().filter(|target| target.starts_with('/'))
        {
            assert!(
                chain.len() < MOST_REDIRECTS,
                "redirected in circles: {chain:?}"
            );
            chain.push((page.status, target.clone()));
            let request = self.request(Method::GET, &target, Body::empty());
            page = self.send(request).await;
        }
        page.came_by(chain)
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for header in headers.get_all(header::SET_COOKIE) {
            let text = header.to_str().expect("an ASCII cookie");
            let mut parts = text.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            // A token hangs on the cookies.
            self.csrf = None;
        }
    }
}
