//! 实名核验 and 学历核验: lists that go to the authority and come back, and what staff find with the document before them.

mod desk;
mod lists;

use std::borrow::Borrow;
use std::time::Duration;

use app::App;
use domain::check::Verdict;
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
    let long = WHO.page_time(Duration::from_secs(120));
    Routes::new("check")
        .get("/office/checks", WHO, lists::list)
        .post("/office/checks", long, lists::make)
        .get("/office/checks/{id}", WHO, lists::page)
        .post("/office/checks/{id}/take", WHO.export(), lists::take)
        .post("/office/checks/{id}/results", upload, lists::results)
        .post("/office/checks/{id}/confirm", WHO, lists::confirm)
        .post("/office/checks/{id}/discard", long, lists::discard)
        .get("/office/candidates/{id}/checks", WHO, desk::page)
        .post("/office/candidates/{id}/checks", WHO, desk::ask)
}

/// An answer as staff read it, wherever they do.
pub(crate) fn tag(verdict: impl Borrow<Option<Verdict>>) -> Tag {
    match *verdict.borrow() {
        Some(Verdict::Match) => Tag::ok("一致"),
        Some(Verdict::Mismatch) => Tag::bad("不一致"),
        Some(Verdict::Unknown) => Tag::wait("无法核验"),
        None => Tag::off("核验中"),
    }
}
