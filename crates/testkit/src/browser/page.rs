//! An answer as a visitor reads it.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};

use super::form::Form;
use super::html;

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Where it was found, after redirects: path and query.
    pub url: String,
    /// The body.
    pub body: Bytes,
    /// The redirects that led here.
    pub chain: Vec<(StatusCode, String)>,
}

impl Page {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, url: String, body: Bytes) -> Self {
        Self {
            status,
            headers,
            url,
            body,
            chain: Vec::new(),
        }
    }

    pub(super) fn came_by(mut self, chain: Vec<(StatusCode, String)>) -> Self {
        self.chain = chain;
        self
    }

    /// The HTML or text.
    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What can be read on the page: no tags, entities as characters, spaces folded.
    pub fn text(&self) -> String {
        html::text(&self.html())
    }

    /// The text of `<main>`, or of the page if it has none.
    pub fn main(&self) -> String {
        let html = self.html();
        let inside = html
            .split_once("<main")
            .and_then(|(_, rest)| rest.split_once("</main>"))
            .map(|(main, _)| main);
        inside.map_or_else(
            || html::text(&html),
            |main| html::text(&format!("<main{main}")),
        )
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<String> {
        self.header(header::LOCATION.as_str()).map(str::to_owned)
    }

    /// Passes if the status is this one; shows the page otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{} came by {:?} and says: {}",
            self.url,
            self.chain,
            self.excerpt()
        );
        self
    }

    /// Passes if this can be read on the page.
    #[track_caller]
    pub fn shows(self, words: &str) -> Self {
        assert!(
            self.text().contains(words),
            "{} doesn't show {words:?}: {}",
            self.url,
            self.excerpt()
        );
        self
    }

    /// Passes if this can't be read on the page nor found in its HTML.
    #[track_caller]
    pub fn lacks(self, words: &str) -> Self {
        assert!(
            !self.text().contains(words) && !self.html().contains(words),
            "{} shows {words:?}",
            self.url
        );
        self
    }

    /// Passes if the page was found at this path.
    #[track_caller]
    pub fn is_at(self, path: &str) -> Self {
        assert_eq!(
            self.path(),
            path,
            "came by {:?} and says: {}",
            self.chain,
            self.excerpt()
        );
        self
    }

    fn excerpt(&self) -> String {
        self.main().chars().take(900).collect()
    }

    /// The forms of the page in order.
    pub fn forms(&self) -> Vec<Form> {
        html::forms(&self.html(), &self.url)
    }

    /// The first form that is sent to this path (with any query).
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let forms = self.forms();
        let found = forms.iter().find(|form| form.path() == action).cloned();
        found.unwrap_or_else(|| {
            let known: Vec<_> = forms.iter().map(Form::path).collect();
            panic!(
                "{} has no form to {action:?}, only {known:?}: {}",
                self.url,
                self.excerpt()
            )
        })
    }

    /// The first form with this word on a button.
    #[track_caller]
    pub fn form_with(&self, button: &str) -> Form {
        let forms = self.forms();
        let found = forms
            .iter()
            .find(|form| form.buttons().iter().any(|b| b.contains(button)))
            .cloned();
        found.unwrap_or_else(|| {
            panic!(
                "{} has no form with the button {button:?}: {}",
                self.url,
                self.excerpt()
            )
        })
    }

    /// Addresses of links whose words contain `words`.
    pub fn links(&self, words: &str) -> Vec<String> {
        html::links(&self.html())
            .into_iter()
            .filter(|(_, text)| text.contains(words))
            .map(|(href, _)| href)
            .collect()
    }

    /// The address of the first link whose words contain `words`.
    #[track_caller]
    pub fn link(&self, words: &str) -> String {
        let found = self.links(words).into_iter().next();
        found.unwrap_or_else(|| panic!("{} has no link {words:?}: {}", self.url, self.excerpt()))
    }

    /// Every address of the page that a crawl follows: links of our own.
    pub fn own_links(&self) -> Vec<String> {
        html::links(&self.html())
            .into_iter()
            .map(|(href, _)| href)
            .filter(|href| href.starts_with('/'))
            .collect()
    }

    /// The CSRF token of the first form that has one.
    pub(super) fn csrf(&self) -> Option<String> {
        let is_html = self
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"));
        if !is_html {
            return None;
        }
        self.forms()
            .iter()
            .find_map(|form| form.value(web::csrf::FIELD).map(str::to_owned))
    }
}
