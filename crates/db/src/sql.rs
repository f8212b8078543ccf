//! Statements. Only the two macros and [`crate::filter`] make them, so that a scan of the sources finds every text.

use std::borrow::Cow;

/// A statement with its `$n` placeholders.
#[derive(Debug, Clone)]
pub struct Sql {
    text: Cow<'static, str>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Point,
    Any,
}

impl Sql {
    #[doc(hidden)]
    pub const fn __any(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            kind: Kind::Any,
        }
    }

    #[doc(hidden)]
    pub const fn __point(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            kind: Kind::Point,
        }
    }

    /// Text put together from fragments that are literals themselves.
    pub(crate) fn composed(text: String) -> Self {
        Self {
            text: Cow::Owned(text),
            kind: Kind::Any,
        }
    }

    /// The text as it goes to the database.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `point!` made it.
    pub fn is_point(&self) -> bool {
        self.kind == Kind::Point
    }
}

/// Any statement: `sql!("UPDATE t SET a = $2 WHERE id = $1")`.
#[macro_export]
macro_rules! sql {
    ($text:literal) => {
        $crate::Sql::__any($text)
    };
}

/// A read by key that touches few rows: the only thing that [`Db::read`](crate::Db::read) accepts.
#[macro_export]
macro_rules! point {
    ($text:literal) => {
        $crate::Sql::__point($text)
    };
}
