//! 公告 and 说明页面: written, previewed, published, withdrawn.

mod edit;
mod list;
mod pages;

use app::App;
use domain::staff::Permission;
use web::routes::MIB;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::AnnouncementEdit);
    Routes::new("announcement")
        .get("/office/announcements", WHO, list::page)
        .post("/office/announcements/export", WHO.export(), list::export)
        .get("/office/announcements/new", WHO, edit::blank)
        .post("/office/announcements/new", WHO.body(MIB), edit::create)
        .get("/office/announcements/{id}", WHO, edit::page)
        .post("/office/announcements/{id}", WHO.body(MIB), edit::save)
        .get("/office/announcements/{id}/preview", WHO, edit::preview)
        .post("/office/announcements/{id}/publish", WHO, edit::publish)
        .post("/office/announcements/{id}/withdraw", WHO, edit::withdraw)
        .post(
            "/office/announcements/{id}/files",
            WHO.body(21 * MIB),
            edit::attach,
        )
        .get(
            "/office/announcements/{id}/files/{file}",
            WHO.file(),
            edit::file,
        )
        .post(
            "/office/announcements/{id}/files/{file}/delete",
            WHO,
            edit::detach,
        )
        .get("/office/pages", WHO, pages::list)
        .get("/office/pages/{slug}", WHO, pages::page)
        .post("/office/pages/{slug}", WHO.body(MIB), pages::save)
}

/// The state in words; a scheduled announcement whose time has come is out.
fn state_tag(state: &str, publish_at: &i64, now: &i64) -> Tag {
    match state {
        "published" => Tag::ok("已发布"),
        "scheduled" if publish_at <= now => Tag::ok("已发布"),
        "scheduled" => Tag::wait("定时发布"),
        "withdrawn" => Tag::off("已撤回"),
        _ => Tag::info("草稿"),
    }
}
