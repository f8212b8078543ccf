//! Tabs, pager, empty state, status tag.

use askama::Template;
use askama::filters::HtmlSafe;
use web::icon::{self, Icon};

use super::cursor::Back;
use super::{Cursor, Here};

#[derive(Debug)]
struct Tab {
    text: String,
    href: String,
    here: bool,
}

/// Saved filters above a list.
#[derive(Debug, Template)]
#[template(path = "list/tabs.html")]
pub(crate) struct Tabs {
    label: &'static str,
    tabs: Vec<Tab>,
    end: Option<(&'static str, String)>,
}

impl HtmlSafe for Tabs {}

impl Tabs {
    /// Tabs; `label` is read to those who don't see them.
    pub(crate) fn new(label: &'static str) -> Self {
        Self {
            label,
            tabs: Vec::new(),
            end: None,
        }
    }

    /// One tab; a count is written behind its text.
    #[must_use]
    pub(crate) fn tab(mut self, text: &str, href: String, here: bool, count: Option<i64>) -> Self {
        let text = match count {
            Some(count) => format!("{text}（{}）", crate::show::capped(count)),
            None => text.to_owned(),
        };
        self.tabs.push(Tab { text, href, here });
        self
    }

    /// One tab with a count that stopped at 1,001.
    #[must_use]
    pub(crate) fn badge(self, text: &str, href: String, here: bool, count: i64) -> Self {
        let text = format!("{text}（{}）", crate::show::stopped(count, 1_001));
        self.tab(&text, href, here, None)
    }

    /// A download at the end of the row: what the list shows, as a file.
    #[must_use]
    pub(crate) fn download(mut self, text: &'static str, href: String) -> Self {
        self.end = Some((text, href));
        self
    }
}

/// The way through a list by key: to the first page, back, and on.
#[derive(Debug, Template)]
#[template(path = "list/pager.html")]
pub(crate) struct Pager {
    first: Option<String>,
    back: Option<String>,
    next: Option<String>,
}

impl HtmlSafe for Pager {}

impl Pager {
    /// For the page `here`: where it begins (`None`: it is the first), and where the next one does.
    pub(crate) fn new(here: &Here, begins: Option<&Cursor>, next: Option<Cursor>) -> Self {
        let first = here.but("before", "");
        let to = |cursor: &Cursor| here.but("before", &cursor.to_string());
        let (first, back) = match begins.map(Cursor::back) {
            None => (None, None),
            // The page before is the first one: one link is enough.
            Some(Back::First) => (None, Some(first)),
            Some(Back::To(cursor)) => (Some(first), Some(to(&cursor))),
            Some(Back::Unknown) => (Some(first), None),
        };
        Self {
            first,
            back,
            next: next.map(|cursor| to(&cursor.after(begins))),
        }
    }

    /// Cuts the row that was read beyond a full page, and tells where the next one goes on.
    pub(crate) fn cut<T>(
        rows: &mut Vec<T>,
        page: usize,
        key: impl Fn(&T) -> Cursor,
    ) -> Option<Cursor> {
        if rows.len() <= page {
            return None;
        }
        rows.truncate(page);
        rows.last().map(key)
    }

    fn shown(&self) -> bool {
        self.first.is_some() || self.back.is_some() || self.next.is_some()
    }
}

/// Nothing to show: why, and a way on.
#[derive(Debug, Template)]
#[template(path = "list/empty.html")]
pub(crate) struct Empty {
    icon: Icon,
    title: &'static str,
    text: String,
    way_on: Option<(&'static str, String)>,
}

impl HtmlSafe for Empty {}

impl Empty {
    /// What isn't there, and why.
    pub(crate) fn new(title: &'static str, text: impl Into<String>) -> Self {
        Self {
            icon: icon::INFO,
            title,
            text: text.into(),
            way_on: None,
        }
    }

    /// With an icon that suits.
    #[must_use]
    pub(crate) fn icon(mut self, icon: Icon) -> Self {
        self.icon = icon;
        self
    }

    /// With a link that leads on.
    #[must_use]
    pub(crate) fn way_on(mut self, text: &'static str, href: impl Into<String>) -> Self {
        self.way_on = Some((text, href.into()));
        self
    }
}

/// A status: a word with an icon, colour third.
#[derive(Debug, Clone, Copy, Template)]
#[template(
    source = r#"<span class="bk-tag bk-tag--{{ tone }}">{{ icon }}{{ text }}</span>"#,
    ext = "html"
)]
pub(crate) struct Tag {
    tone: &'static str,
    icon: Icon,
    text: &'static str,
}

impl HtmlSafe for Tag {}

impl Tag {
    /// It is good.
    pub(crate) const fn ok(text: &'static str) -> Self {
        Self {
            tone: "ok",
            icon: icon::CHECK,
            text,
        }
    }

    /// It waits.
    pub(crate) const fn wait(text: &'static str) -> Self {
        Self {
            tone: "wait",
            icon: icon::CLOCK,
            text,
        }
    }

    /// It is bad.
    pub(crate) const fn bad(text: &'static str) -> Self {
        Self {
            tone: "bad",
            icon: icon::WARN,
            text,
        }
    }

    /// It is neither.
    pub(crate) const fn info(text: &'static str) -> Self {
        Self {
            tone: "info",
            icon: icon::INFO,
            text,
        }
    }

    /// It is off.
    pub(crate) const fn off(text: &'static str) -> Self {
        Self {
            tone: "off",
            icon: icon::MINUS,
            text,
        }
    }
}
