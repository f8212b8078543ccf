//! x
pub(crate) fn sqlite(_: &crate::Sql, _: &rusqlite::Statement<'_>) {}
pub(crate) fn postgres(_: &crate::Sql) {}
