//! The candidate desk: looking people up, corrections, 账号申诉, 原系统账号.

mod claims;
mod correction;
mod legacy;
mod recovery;
mod search;

use std::time::Duration;

use app::App;
use app::account::office::Found;
use domain::staff::Permission;
use web::routes::MIB;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::AccountDesk);
    let upload = WHO
        .body(22 * MIB)
        .body_time(Duration::from_secs(180))
        .page_time(Duration::from_secs(180));
    Routes::new("account")
        .get("/office/legacy", WHO, legacy::list)
        .get("/office/legacy/upload", WHO, legacy::upload)
        .post("/office/legacy/upload", upload, legacy::send)
        .get("/office/legacy/template", WHO, legacy::template)
        .get("/office/legacy/{id}", WHO, legacy::page)
        .post("/office/legacy/{id}/export", WHO.export(), legacy::export)
        .post("/office/legacy/{id}/ask", WHO, legacy::ask)
        .post("/office/legacy/{id}/withdraw", WHO, legacy::withdraw)
        .post("/office/legacy/{id}/discard", WHO, legacy::discard)
        .get("/office/search", WHO, search::blank)
        .post("/office/search", WHO, search::find)
        .get("/office/candidates/{id}", WHO, search::page)
        .post(
            "/office/candidates/{id}/export",
            WHO.export(),
            search::export,
        )
        .post("/office/candidates/{id}/unmask", WHO, search::unmask)
        .get(
            "/office/candidates/{id}/identity",
            WHO,
            correction::identity,
        )
        .post(
            "/office/candidates/{id}/identity",
            WHO,
            correction::ask_identity,
        )
        .get("/office/candidates/{id}/mobile", WHO, correction::mobile)
        .post(
            "/office/candidates/{id}/mobile",
            WHO,
            correction::ask_mobile,
        )
        .get("/office/candidates/{id}/recovery", WHO, recovery::page)
        .post("/office/candidates/{id}/recovery", WHO, recovery::ask)
        .get("/office/claims", WHO, claims::list)
        .post("/office/claims/export", WHO.export(), claims::export)
        .get("/office/claims/{id}", WHO, claims::page)
        .get("/office/claims/{id}/evidence", WHO, claims::evidence)
        .post("/office/claims/{id}", WHO, claims::step)
}

/// One that came from another system and that nobody has opened is told from a fresh sign-up.
fn found_tag(found: &Found) -> Tag {
    if found.state == "pending" && found.waits_until.is_some() {
        return Tag::wait("未激活（原系统转来）");
    }
    account_tag(&found.state)
}

fn account_tag(state: &str) -> Tag {
    match state {
        "active" => Tag::ok("正常"),
        "pending" => Tag::wait("待首次登录"),
        "frozen" => Tag::bad("已冻结"),
        "lapsed" => Tag::off("已失效"),
        _ => Tag::off("已注销"),
    }
}
