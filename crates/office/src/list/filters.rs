//! The filter row: a form that is read with GET, so that a filtered list has an address.

use askama::Template;
use askama::filters::HtmlSafe;

use super::Here;

/// One field of the row.
#[derive(Debug)]
struct Field {
    name: &'static str,
    label: &'static str,
    value: String,
    kind: Kind,
    /// What is wrong with it.
    message: Option<String>,
}

#[derive(Debug)]
enum Kind {
    Text,
    Date,
    /// What stands for nothing chosen, and the choices.
    Select(String, Vec<(String, String)>),
}

/// The filter row with count and export.
#[derive(Debug, Template)]
#[template(path = "list/filters.html")]
pub(crate) struct Filters {
    path: String,
    /// Filters that the row doesn't show, the tab among them.
    kept: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    count: Option<String>,
    export: Option<String>,
}

impl HtmlSafe for Filters {}

impl Filters {
    /// A row for the page `here`; what it doesn't show of the filters that are set, it keeps.
    pub(crate) fn new(here: &Here) -> Self {
        Self {
            path: here.path().to_owned(),
            kept: here.pairs().to_vec(),
            fields: Vec::new(),
            count: None,
            export: None,
        }
    }

    fn add(mut self, name: &'static str, label: &'static str, value: &str, kind: Kind) -> Self {
        self.kept.retain(|(key, _)| *key != name);
        self.fields.push(Field {
            name,
            label,
            value: value.to_owned(),
            kind,
            message: None,
        });
        self
    }

    /// A field to type into.
    #[must_use]
    pub(crate) fn text(self, name: &'static str, label: &'static str, value: &str) -> Self {
        self.add(name, label, value, Kind::Text)
    }

    /// A day.
    #[must_use]
    pub(crate) fn date(self, name: &'static str, label: &'static str, value: &str) -> Self {
        self.add(name, label, value, Kind::Date)
    }

    /// A list to choose from, beginning with 全部.
    #[must_use]
    pub(crate) fn select(
        self,
        name: &'static str,
        label: &'static str,
        value: &str,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        self.add(
            name,
            label,
            value,
            Kind::Select("全部".into(), choices.into_iter().collect()),
        )
    }

    /// A list to choose from, or to choose all but one of: such a value begins with `-` ([`turned`]).
    #[must_use]
    pub(crate) fn choice(
        self,
        name: &'static str,
        label: &'static str,
        value: &str,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut all: Vec<(String, String)> = choices.into_iter().collect();
        let but = |(code, text): &(String, String)| (typed(code, true), format!("不是“{text}”"));
        let turned: Vec<_> = all.iter().map(but).collect();
        all.extend(turned);
        self.select(name, label, value, all)
    }

    /// What is wrong with a field that the row has; what was typed stays.
    #[must_use]
    pub(crate) fn error(mut self, name: &str, message: Option<&str>) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            field.message = message.map(str::to_owned);
        }
        self
    }

    /// Whether `what` is meant or everything else.
    #[must_use]
    pub(crate) fn turned(self, label: &'static str, turned: bool, what: &str) -> Self {
        let value = if turned { "1" } else { "" };
        let choices = vec![("1".to_owned(), format!("不是“{what}”"))];
        self.add(
            "not",
            label,
            value,
            Kind::Select(format!("是“{what}”"), choices),
        )
    }

    /// `共 38 条`.
    #[must_use]
    pub(crate) fn count(mut self, count: i64, unit: &str) -> Self {
        self.count = Some(if count > 10_000 {
            format!("超过 1 万{unit}")
        } else {
            format!("共 {} {unit}", crate::show::number(count))
        });
        self
    }

    /// Where the current filter can be exported.
    #[must_use]
    pub(crate) fn export(mut self, href: String) -> Self {
        self.export = Some(href);
        self
    }

    fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Is any of the fields filled in? Only then is there something to clear.
    fn is_set(&self) -> bool {
        self.fields.iter().any(|field| !field.value.is_empty())
    }

    /// The address without the row's fields; the tab stays.
    fn cleared(&self) -> String {
        self.kept
            .iter()
            .fold(Here::new(self.path.as_str()), |here, (name, value)| {
                here.with(name, value)
            })
            .href()
    }
}

/// A value of [`Filters::choice`]: the code, and whether all but that is meant.
pub(crate) fn turned(value: &str) -> (&str, bool) {
    match value.strip_prefix('-') {
        Some(code) => (code, true),
        None => (value, false),
    }
}

/// The other way: what an address says of a code, or of all but that.
pub(crate) fn typed(code: &str, other: bool) -> String {
    let turn = if other { "-" } else { "" };
    format!("{turn}{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clearing_a_filter_keeps_the_tab_and_is_offered_only_when_something_is_set() {
        let here = Here::new("/office/reviews/x")
            .with("state", "returned")
            .with("who", "王");
        let row = Filters::new(&here).text("who", "姓名", "王");
        assert!(row.is_set());
        assert_eq!(row.cleared(), "/office/reviews/x?state=returned");
        let here = here.with("who", "");
        assert!(!Filters::new(&here).text("who", "姓名", "").is_set());
    }
}
