//! The tags of a page that our templates made: quoted attributes, no inline script.

use std::ops::Range;

/// A tag with its attributes.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    name: &'a str,
    closing: bool,
    /// Name, value as written, and where both stand with the space before them.
    attributes: Vec<(&'a str, Option<&'a str>, Range<usize>)>,
    /// Where `<` stands.
    pub(super) start: usize,
    /// Behind `>`.
    pub(super) end: usize,
}

impl Tag<'_> {
    pub(super) fn opens(&self, name: &str) -> bool {
        !self.closing && self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn closes(&self, name: &str) -> bool {
        self.closing && self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn has(&self, attribute: &str) -> bool {
        self.range(attribute).is_some()
    }

    /// The attribute's value; empty for one without.
    pub(super) fn value(&self, attribute: &str) -> Option<String> {
        let (_, value, _) = self.find(attribute)?;
        Some(unescape(value.unwrap_or_default()))
    }

    pub(super) fn range(&self, attribute: &str) -> Option<Range<usize>> {
        self.find(attribute).map(|(_, _, range)| range.clone())
    }

    fn find(&self, attribute: &str) -> Option<&(&str, Option<&str>, Range<usize>)> {
        self.attributes
            .iter()
            .find(|(name, _, _)| name.eq_ignore_ascii_case(attribute))
    }

    /// The `type` of an input.
    pub(super) fn kind(&self) -> String {
        self.value("type")
            .unwrap_or_else(|| "text".to_owned())
            .to_ascii_lowercase()
    }
}

/// Walks over the tags. What isn't one (`a < b`) is text.
pub(super) struct Scanner<'a> {
    page: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(page: &'a str) -> Self {
        Self { page, at: 0 }
    }

    fn rest(&self, at: usize) -> &'a str {
        self.page.get(at..).unwrap_or_default()
    }

    /// The end of a run of characters that `inside` accepts.
    fn run(&self, at: usize, inside: impl Fn(char) -> bool) -> usize {
        let rest = self.rest(at);
        at + rest.find(|c| !inside(c)).unwrap_or(rest.len())
    }

    fn tag(&self, start: usize) -> Option<Tag<'a>> {
        let closing = self.rest(start + 1).starts_with('/');
        let from = start + 1 + usize::from(closing);
        let to = self.run(from, |c| c.is_ascii_alphanumeric() || c == '-');
        let name = self
            .page
            .get(from..to)
            .filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))?;
        let (mut at, mut attributes) = (to, Vec::new());
        loop {
            let before = at;
            at = self.run(at, |c| c.is_ascii_whitespace() || c == '/');
            let rest = self.rest(at);
            if rest.is_empty() {
                return None;
            }
            if rest.starts_with('>') {
                return Some(Tag {
                    name,
                    closing,
                    attributes,
                    start,
                    end: at + 1,
                });
            }
            let end = self.run(at, |c| {
                !c.is_ascii_whitespace() && !matches!(c, '=' | '>' | '/')
            });
            if end == at {
                return None;
            }
            let key = self.page.get(at..end)?;
            at = end;
            let value = match self.rest(at).strip_prefix('=') {
                None => None,
                Some(rest) => {
                    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
                    let from = at + 1 + usize::from(quote.is_some());
                    let to = match quote {
                        Some(quote) => self.run(from, |c| c != quote),
                        None => self.run(from, |c| !c.is_ascii_whitespace() && c != '>'),
                    };
                    at = to + usize::from(quote.is_some());
                    Some(self.page.get(from..to)?)
                }
            };
            attributes.push((key, value, before..at));
        }
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let start = self.at + self.rest(self.at).find('<')?;
            if self.rest(start).starts_with("<!--") {
                let length = self.rest(start).find("-->").map_or(4, |length| length + 3);
                self.at = start + length;
                continue;
            }
            let Some(tag) = self.tag(start) else {
                self.at = start + 1;
                continue;
            };
            self.at = tag.end;
            // What stands inside these isn't markup.
            for raw in ["textarea", "script", "style", "title"] {
                if tag.opens(raw) {
                    let rest = self.rest(tag.end).to_ascii_lowercase();
                    self.at = tag.end + rest.find(&format!("</{raw}")).unwrap_or(rest.len());
                }
            }
            return Some(tag);
        }
    }
}

/// Text as it stands between tags and quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&#38;"),
            '<' => escaped.push_str("&#60;"),
            '>' => escaped.push_str("&#62;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// What was written as it was meant.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let known = after.split_once(';').and_then(|(name, after)| {
            let c = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => {
                    let number = name.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((c, after))
        });
        match known {
            Some((c, after)) => {
                plain.push(c);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}
