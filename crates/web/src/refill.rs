//! Puts what was typed back into a page that is shown again, whichever way the page makes its form.
//!
//! The page is our own HTML. The form is found by its address and by its hidden fields: they say which record, and which
//! version of it, the form was about. If they differ now, nothing is filled in: a decision about one record must not
//! land on another that has taken its place.

mod html;

use std::collections::HashMap;
use std::ops::Range;

use crate::resume::{self, Refill};
use html::{Scanner, Tag, escape};

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    /// The page with the values in place.
    Done(String),
    /// The form is there and is about something else by now.
    Changed,
    /// The page has no such form.
    Absent,
}

/// Fills the form that posts to `refill`'s path.
pub(crate) fn fill(page: &str, refill: &Refill) -> Filled {
    let tags: Vec<Tag<'_>> = Scanner::new(page).collect();
    let mut found = Filled::Absent;
    for (at, tag) in tags.iter().enumerate() {
        let action = tag.value("action").unwrap_or_default();
        let action = action.split(['?', '#']).next().unwrap_or_default();
        if !tag.opens("form") || action != refill.path() {
            continue;
        }
        let end = tags.iter().skip(at).position(|tag| tag.closes("form"));
        let end = end.map_or(tags.len(), |length| at + length);
        let own = tags.get(at..end).unwrap_or_default();
        if !is_about_the_same(own, refill) {
            found = Filled::Changed;
            continue;
        }
        let around = tags.get(..at).unwrap_or_default();
        return Filled::Done(apply(page, edits(page, around, own, refill)));
    }
    found
}

/// The k-th hidden field of each name still has the value that was sent.
fn is_about_the_same(form: &[Tag<'_>], refill: &Refill) -> bool {
    let mut seen = Counter::default();
    form.iter()
        .filter(|tag| tag.opens("input") && tag.kind() == "hidden")
        .filter_map(|tag| Some((tag.value("name")?, tag.value("value").unwrap_or_default())))
        .filter(|(name, _)| !resume::is_secret(name))
        .all(|(name, value)| {
            let at = seen.next(&name);
            refill.values(&name).nth(at) == Some(value.as_str())
        })
}

/// How many controls of a name have passed.
#[derive(Default)]
struct Counter(HashMap<String, usize>);

impl Counter {
    fn next(&mut self, name: &str) -> usize {
        let count = self.0.entry(name.to_owned()).or_default();
        *count += 1;
        *count - 1
    }
}

type Edit = (Range<usize>, String);

fn edits(page: &str, around: &[Tag<'_>], form: &[Tag<'_>], refill: &Refill) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut seen = Counter::default();
    // What is folded away and holds something typed is unfolded.
    let mut folds: Vec<&Tag<'_>> = Vec::new();
    for tag in around {
        fold(&mut folds, tag);
    }
    let mut select: Option<Vec<String>> = None;
    for (at, tag) in form.iter().enumerate() {
        fold(&mut folds, tag);
        let before = edits.len();
        if tag.opens("input") {
            edits.extend(input(tag, &mut seen, refill));
        } else if tag.opens("textarea") {
            let closing = form.get(at + 1).filter(|tag| tag.closes("textarea"));
            if let (Some(closing), Some(text)) = (closing, next(tag, &mut seen, refill)) {
                // The first line break after the tag doesn't count.
                edits.push((tag.end..closing.start, format!("\n{}", escape(&text))));
            }
        } else if tag.opens("select") {
            select = name_of(tag).map(|name| {
                if tag.has("multiple") {
                    return refill.values(&name).map(str::to_owned).collect();
                }
                let at = seen.next(&name);
                refill
                    .values(&name)
                    .nth(at)
                    .map(str::to_owned)
                    .into_iter()
                    .collect()
            });
        } else if tag.closes("select") {
            select = None;
        } else if tag.opens("option")
            && let Some(wanted) = select.as_ref().filter(|wanted| !wanted.is_empty())
        {
            let value = tag.value("value").unwrap_or_else(|| {
                let rest = page.get(tag.end..).unwrap_or_default();
                html::unescape(rest.split('<').next().unwrap_or_default().trim())
            });
            edits.extend(flag(tag, "selected", wanted.contains(&value)));
        }
        if edits.len() > before {
            for fold in folds.drain(..).filter(|fold| !fold.has("open")) {
                edits.push((fold.end - 1..fold.end - 1, " open".to_owned()));
            }
        }
    }
    edits
}

fn fold<'a, 'b>(folds: &mut Vec<&'b Tag<'a>>, tag: &'b Tag<'a>) {
    if tag.opens("details") {
        folds.push(tag);
    } else if tag.closes("details") {
        folds.pop();
    }
}

/// The name of a control whose value may be shown again.
fn name_of(tag: &Tag<'_>) -> Option<String> {
    tag.value("name")
        .filter(|name| !name.is_empty() && !resume::is_secret(name) && !tag.has("disabled"))
}

fn next(tag: &Tag<'_>, seen: &mut Counter, refill: &Refill) -> Option<String> {
    let name = name_of(tag)?;
    let at = seen.next(&name);
    refill.values(&name).nth(at).map(str::to_owned)
}

fn input(tag: &Tag<'_>, seen: &mut Counter, refill: &Refill) -> Option<Edit> {
    match tag.kind().as_str() {
        "hidden" | "password" | "file" | "submit" | "button" | "image" | "reset" => None,
        "checkbox" | "radio" => {
            let name = name_of(tag)?;
            let value = tag.value("value").unwrap_or_else(|| "on".to_owned());
            flag(
                tag,
                "checked",
                refill.values(&name).any(|kept| kept == value),
            )
        }
        _ => {
            let text = next(tag, seen, refill)?;
            if tag.value("value").unwrap_or_default() == text {
                return None;
            }
            let attribute = format!(" value=\"{}\"", escape(&text));
            let place = tag.range("value").unwrap_or(tag.end - 1..tag.end - 1);
            Some((place, attribute))
        }
    }
}

/// Sets or takes away an attribute without a value.
fn flag(tag: &Tag<'_>, name: &str, on: bool) -> Option<Edit> {
    match (tag.range(name), on) {
        (None, true) => Some((tag.end - 1..tag.end - 1, format!(" {name}"))),
        (Some(range), false) => Some((range, String::new())),
        _ => None,
    }
}

fn apply(page: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut text = String::with_capacity(page.len() + 256);
    let mut at = 0;
    for (range, new) in edits {
        text.push_str(page.get(at..range.start).unwrap_or_default());
        text.push_str(&new);
        at = range.end;
    }
    text.push_str(page.get(at..).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests;
