//! 诚信档案: the records that bar people from applying. Listed, entered, lifted by another person.

mod enter;
mod list;
mod page;

use app::App;
use domain::integrity::IntegrityKind;
use domain::staff::Permission;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::ExamEdit);
    Routes::new("application")
        .get("/office/integrity", WHO, list::page)
        .post("/office/integrity/export", WHO.export(), list::export)
        .get("/office/integrity/new", WHO, enter::page)
        .post("/office/integrity/new", WHO, enter::submit)
        .get("/office/integrity/{id}", WHO, page::page)
        .post("/office/integrity/{id}/lift", WHO, page::lift)
}

/// A kind in words.
fn kind(code: &str) -> &'static str {
    IntegrityKind::from_code(code).map_or("其他", IntegrityKind::label)
}

/// Whether a record bars today.
fn state(row: &app::application::integrity::IntegrityRow, today: &str) -> Tag {
    let over = row.ends_on.as_deref().is_some_and(|end| end < today);
    let bars = IntegrityKind::from_code(&row.kind).and_then(IntegrityKind::years) != Some(0);
    match row.lifted_at {
        Some(_) => Tag::off("已解除"),
        None if over => Tag::off("已到期"),
        None if !bars => Tag::info("不限制报名"),
        None if row.starts_on.as_str() > today => Tag::wait("未开始"),
        None => Tag::bad("限制报名"),
    }
}

/// `2026-05-01 至 2031-04-30`, `2026-05-01 起，长期`.
fn term(row: &app::application::integrity::IntegrityRow) -> String {
    match &row.ends_on {
        Some(end) => format!("{} 至 {end}", row.starts_on),
        None => format!("{} 起，长期", row.starts_on),
    }
}
