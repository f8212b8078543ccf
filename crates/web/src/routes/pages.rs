//! Which page a form stands on, as far as addresses tell.

use std::collections::HashSet;
use std::sync::Arc;

/// The patterns of all pages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pages(Arc<HashSet<String>>);

impl Pages {
    pub(super) fn add(&mut self, pattern: &str) {
        Arc::make_mut(&mut self.0).insert(pattern.to_owned());
    }

    pub(super) fn join(&mut self, other: &Self) {
        Arc::make_mut(&mut self.0).extend(other.0.iter().cloned());
    }

    /// The path of the page for the form that posts to `path`, which the route `pattern` matched: the same path, or the
    /// nearest above it that has a page.
    pub(crate) fn above(&self, pattern: &str, path: &str) -> Option<String> {
        let mut pattern = pattern;
        loop {
            if self.0.contains(pattern) {
                let ends = path.match_indices('/').map(|(at, _)| at);
                let depth = pattern.matches('/').count();
                let end = ends.chain([path.len()]).nth(depth)?;
                return path.get(..end).map(str::to_owned);
            }
            pattern = pattern.rsplit_once('/')?.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pages;

    #[test]
    fn a_form_stands_on_its_own_page_or_the_nearest_above() {
        let mut pages = Pages::default();
        for pattern in ["/office/x", "/office/x/{id}", "/office/new"] {
            pages.add(pattern);
        }
        for (pattern, path, page) in [
            ("/office/new", "/office/new", Some("/office/new")),
            ("/office/x/next", "/office/x/next", Some("/office/x")),
            (
                "/office/x/{id}/decide",
                "/office/x/7/decide",
                Some("/office/x/7"),
            ),
            (
                "/office/x/{id}/y/{z}/w",
                "/office/x/7/y/8/w",
                Some("/office/x/7"),
            ),
            ("/office/none", "/office/none", None),
        ] {
            assert_eq!(pages.above(pattern, path).as_deref(), page, "{path}");
        }
    }
}
