//! The frame around a page: header, menu, notices, footer. Page templates extend `candidate.html`, `bare.html` or
//! `office.html` and hold a [`Shell`] named `shell`.
//!
//! ```ignore
//! #[derive(Template)]
//! #[template(path = "profile/page.html")]      // {% extends "candidate.html" %}
//! struct Page { shell: Shell, form: Form }
//! ```

mod menu;
mod nav;
mod time;

pub use menu::{Item, MENU, Menu};
pub use nav::{NavGroup, NavItem};
pub use time::{beijing_date_time, beijing_minute};

use crate::flash::Said;
use crate::site::Site;
use crate::visit::Visit;

/// What the frame shows. Make one per page with [`Shell::new`].
#[derive(Debug, Clone)]
pub struct Shell {
    visit: Visit,
    title: String,
    errors: bool,
    /// The menu item that this page is, for the mark in the menu and the phone menu's label.
    current: Option<Item>,
    /// The address in the office's navigation that this page belongs to.
    here: String,
    counts: Vec<(&'static str, u32)>,
    unread: u32,
    exam: Option<(String, String)>,
    notices: Vec<Said>,
    preview: Option<Preview>,
}

/// Marks a page as the preview of one that isn't public: instead of the site's header, menu and footer it has a bar that says
/// so, the preview's own pages, and the way back.
#[derive(Debug, Clone)]
pub struct Preview {
    /// What is previewed, in a sentence.
    pub says: String,
    /// The pages of the preview: words, address, whether it is this one.
    pub pages: Vec<(&'static str, String, bool)>,
    /// The way back: words and address.
    pub back: (&'static str, String),
}

impl Shell {
    /// The frame of a page with this heading.
    pub fn new(visit: &Visit, title: impl Into<String>) -> Self {
        Self {
            visit: visit.clone(),
            title: title.into(),
            errors: false,
            current: None,
            here: visit.path().to_owned(),
            counts: visit.waiting().to_vec(),
            unread: 0,
            exam: None,
            notices: visit.notices().to_vec(),
            preview: None,
        }
    }

    /// A page of a preview.
    #[must_use]
    pub fn previewed(mut self, preview: Preview) -> Self {
        self.preview = Some(preview);
        self
    }

    /// The page of this item of the candidates' menu.
    #[must_use]
    pub fn at(mut self, item: Item) -> Self {
        self.current = Some(item);
        self
    }

    /// A page below this address of the office's navigation.
    #[must_use]
    pub fn below(mut self, href: impl Into<String>) -> Self {
        self.here = href.into();
        self
    }

    /// Puts 错误： before the title, as a form with errors does.
    #[must_use]
    pub fn with_errors(mut self, errors: bool) -> Self {
        self.errors = errors;
        self
    }

    /// How many wait behind a menu entry, by its address; 0 shows nothing.
    #[must_use]
    pub fn count(mut self, href: &'static str, count: u32) -> Self {
        self.counts.push((href, count));
        self
    }

    /// Unread messages.
    #[must_use]
    pub fn unread(mut self, unread: u32) -> Self {
        self.unread = unread;
        self
    }

    /// The exam that the office works on, and where to switch.
    #[must_use]
    pub fn exam(mut self, name: impl Into<String>, href: impl Into<String>) -> Self {
        self.exam = Some((name.into(), href.into()));
        self
    }

    /// A notice on top of the page.
    #[must_use]
    pub fn notice(mut self, said: impl Into<Said>) -> Self {
        self.notices.push(said.into());
        self
    }

    // Read by the templates

    /// The operator's texts.
    pub fn site(&self) -> &Site {
        self.visit.kit().site()
    }

    /// The address of the site, as people type it.
    pub fn site_address(&self) -> &str {
        self.visit.kit().parts().base_url.origin()
    }

    /// The heading.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The window's title.
    pub fn full_title(&self) -> String {
        let mark = if self.errors { "错误：" } else { "" };
        format!("{mark}{} - {}", self.title, self.site().centre)
    }

    /// 大字版?
    pub fn large(&self) -> bool {
        self.visit.large_text()
    }

    /// The address that switches between 大字版 and 标准字号, and comes back here.
    pub fn text_switch(&self) -> String {
        let size = if self.large() { "standard" } else { "large" };
        let here = percent_encoding::utf8_percent_encode(
            self.visit.path(),
            percent_encoding::NON_ALPHANUMERIC,
        );
        format!("{}?size={size}&to={here}", crate::system::TEXT_SIZE)
    }

    /// 2026年3月18日 09:42.
    pub fn now(&self) -> String {
        beijing_minute(self.visit.at())
    }

    /// Milliseconds since 1970, for the clock that a script keeps going.
    pub fn now_millis(&self) -> i64 {
        self.visit.at().micros() / 1000
    }

    /// Milliseconds until the session ends, for the notice before it; 0 without a session.
    pub fn session_millis(&self) -> i64 {
        self.visit.session().map_or(0, |session| {
            (session.expires_at.micros() - self.visit.at().micros()).max(0) / 1000
        })
    }

    /// The person's name, if logged in.
    pub fn person(&self) -> Option<&str> {
        self.visit.session().map(|session| session.name.as_str())
    }

    /// The token for a form.
    pub fn csrf(&self) -> String {
        self.visit.csrf()
    }

    /// Notices on top of the page.
    pub fn notices(&self) -> &[Said] {
        &self.notices
    }

    /// Set on a page of a preview.
    pub fn preview(&self) -> Option<&Preview> {
        self.preview.as_ref()
    }

    /// Whether the page must say 演练.
    pub fn is_rehearsal(&self) -> bool {
        self.visit.is_rehearsal()
    }

    /// Unread messages.
    pub fn unread_count(&self) -> u32 {
        self.unread
    }

    /// The candidates' menu.
    pub fn menu(&self) -> &'static [Menu] {
        MENU
    }

    /// Is this the page of `item`?
    pub fn is_at(&self, item: &Item) -> bool {
        self.current == Some(*item)
    }

    /// The phone menu's label.
    pub fn menu_label(&self) -> &'static str {
        self.current.map_or("服务菜单", Item::text)
    }

    /// How many wait behind an address.
    pub fn count_of(&self, href: &str) -> u32 {
        self.counts
            .iter()
            .find(|(key, _)| *key == href)
            .map_or(0, |(_, count)| *count)
    }

    /// The office's navigation, without what this person may not do.
    pub fn office_nav(&self) -> Vec<(&'static str, Vec<&'static NavItem>)> {
        let session = self.visit.session();
        let mut groups = Vec::new();
        for group in self.visit.kit().parts().office_nav {
            let items: Vec<_> = group
                .items
                .iter()
                .filter(|item| session.is_some_and(|s| item.shown_to(s)))
                .collect();
            if !items.is_empty() {
                groups.push((group.title, items));
            }
        }
        groups
    }

    /// May this person look candidates up? Then the office's bar shows the way.
    pub fn may_search(&self) -> bool {
        self.visit
            .session()
            .is_some_and(|session| session.may(domain::staff::Permission::AccountDesk))
    }

    /// Does this page belong to that entry?
    pub fn is_below(&self, href: &str) -> bool {
        if href == crate::session::OFFICE {
            return self.here == href;
        }
        self.here
            .strip_prefix(href)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The exam's name and the switch's address.
    pub fn exam_switch(&self) -> Option<&(String, String)> {
        self.exam.as_ref()
    }
}
