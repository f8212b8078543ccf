//! The candidate desk: looking people up, corrections, 账号申诉.

mod claims;
mod correction;
mod recovery;
mod search;

use app::App;
use domain::staff::Permission;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::AccountDesk);
    Routes::new("account")
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
        .get("/office/claims/{id}", WHO, claims::page)
        .get("/office/claims/{id}/evidence", WHO, claims::evidence)
        .post("/office/claims/{id}", WHO, claims::step)
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
