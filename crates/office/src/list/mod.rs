//! What every list of the office is put together from: saved filters as tabs, a filter row in the URL, a count, a pager by
//! key, and a text for the empty state. Each part draws itself: a template writes `{{ tabs }}`, `{{ filters }}`, `{{ pager }}`,
//! `{{ empty }}`.
//!
//! ```ignore
//! let here = Here::new("/office/claims").with("state", &query.state);
//! let tabs = Tabs::new("申诉").tab("待核实", here.but("state", "open"), state == "open", None)…;
//! let pager = Pager::new(&here, query.before.as_ref(), page.next);
//! ```

mod cursor;
mod export;
mod filters;
mod parts;
pub(crate) mod saved;
mod sort;

pub(crate) use cursor::{Asked, Cursor};
pub(crate) use export::{Export, Taken, given};
pub(crate) use filters::{Filters, turned, typed};
pub(crate) use parts::{Empty, Pager, Tabs, Tag};
pub(crate) use saved::Saved;
pub(crate) use sort::{Head, Sort};

/// The page's own address with the filters that are set: every link of a list keeps them.
#[derive(Debug, Clone)]
pub(crate) struct Here {
    path: String,
    query: Vec<(&'static str, String)>,
}

impl Here {
    /// A page without filters.
    pub(crate) fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            query: Vec::new(),
        }
    }

    /// With one filter; an empty value leaves it out.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.query.retain(|(key, _)| *key != name);
        if !value.is_empty() {
            self.query.push((name, value.to_owned()));
        }
        self
    }

    /// This address with one filter changed.
    pub(crate) fn but(&self, name: &'static str, value: &str) -> String {
        self.clone().with(name, value).href()
    }

    /// The address.
    pub(crate) fn href(&self) -> String {
        let mut text = self.path.clone();
        for (place, (name, value)) in self.query.iter().enumerate() {
            text.push(if place == 0 { '?' } else { '&' });
            text.push_str(name);
            text.push('=');
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    text.push(char::from(byte));
                } else {
                    text.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        text
    }

    /// The path without filters.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The filters that are set.
    pub(crate) fn pairs(&self) -> &[(&'static str, String)] {
        &self.query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_other_filters_and_are_encoded() {
        let here = Here::new("/office/audit")
            .with("who", "王 五&x")
            .with("action", "");
        assert_eq!(here.href(), "/office/audit?who=%E7%8E%8B%20%E4%BA%94%26x");
        assert_eq!(here.but("who", ""), "/office/audit");
        assert_eq!(
            here.but("page", "2"),
            "/office/audit?who=%E7%8E%8B%20%E4%BA%94%26x&page=2"
        );
    }
}
