//! The order of a list in its address: `sort=login` for the least first, `sort=-login` for the greatest. Only columns that an
//! index of the list ends in can be chosen; anything else is the list's usual order.

use askama::Template;
use askama::filters::HtmlSafe;

use super::Here;

/// The order that a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sort {
    column: &'static str,
    descends: bool,
    usual: bool,
}

impl Sort {
    /// Reads what an address asks for. `usual` is the order of an address that asks for none, and whether it descends.
    pub(crate) fn read(asked: &str, columns: &[&'static str], usual: (&'static str, bool)) -> Self {
        let (descends, name) = match asked.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, asked),
        };
        let column = columns.iter().find(|column| **column == name);
        let (column, descends) = column.map_or(usual, |column| (*column, descends));
        Self {
            column,
            descends,
            usual: (column, descends) == usual,
        }
    }

    /// What the address says; nothing for the usual order.
    pub(crate) fn code(self) -> String {
        match (self.usual, self.descends) {
            (true, _) => String::new(),
            (false, false) => self.column.to_owned(),
            (false, true) => format!("-{}", self.column),
        }
    }

    /// The column.
    pub(crate) fn column(self) -> &'static str {
        self.column
    }

    /// The greatest first?
    pub(crate) fn descends(self) -> bool {
        self.descends
    }

    /// Turned round against the usual order of its column?
    pub(crate) fn turned(self) -> bool {
        !self.usual
    }

    /// The head of a column that the list can be ordered by: a link that orders by it, or turns the order round.
    pub(crate) fn head(self, here: &Here, column: &'static str, label: &'static str) -> Head {
        let current = self.column == column;
        let to = if current && !self.descends {
            format!("-{column}")
        } else {
            column.to_owned()
        };
        Head {
            label,
            href: here.but("sort", &to),
            order: current.then_some(self.descends),
        }
    }
}

/// The head of such a column.
#[derive(Debug, Clone, Template)]
#[template(path = "list/sort.html")]
pub(crate) struct Head {
    label: &'static str,
    href: String,
    /// Whether the list descends by this column; `None` where it is ordered by another.
    order: Option<bool>,
}

impl HtmlSafe for Head {}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 2] = ["name", "login"];

    #[test]
    fn an_address_asks_for_a_known_column_or_gets_the_usual_order() {
        let read = |asked| Sort::read(asked, &COLUMNS, ("name", false));
        for (asked, column, descends, code) in [
            ("", "name", false, ""),
            ("name", "name", false, ""),
            ("-name", "name", true, "-name"),
            ("login", "login", false, "login"),
            ("-login", "login", true, "-login"),
            ("password_hash", "name", false, ""),
            ("-", "name", false, ""),
        ] {
            let sort = read(asked);
            assert_eq!(
                (sort.column(), sort.descends()),
                (column, descends),
                "{asked}"
            );
            assert_eq!(sort.code(), code, "{asked}");
        }
    }

    #[test]
    fn the_head_of_the_column_turns_the_order_round() {
        let here = Here::new("/office/staff").with("role", "auditor");
        let head = |asked, column| {
            let sort = Sort::read(asked, &COLUMNS, ("name", false));
            sort.head(&here, column, "列").to_string()
        };
        assert!(head("", "name").contains(r#"aria-sort="ascending""#));
        assert!(
            head("", "name").contains("?role=auditor&#38;sort=-name"),
            "{}",
            head("", "name")
        );
        assert!(head("-name", "name").contains(r#"aria-sort="descending""#));
        assert!(head("-name", "name").contains("sort=name"));
        assert!(!head("", "login").contains("aria-sort"));
    }
}
