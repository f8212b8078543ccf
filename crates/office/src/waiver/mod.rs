//! 减免申请, for finance: the queue, one with its evidence, the decision, and how many of each kind. What goes back of a fee that was paid is approved by
//! another person where refunds are.

mod list;
mod page;
mod statistics;

use app::App;
use domain::payment::{Waiver, WaiverState};
use domain::staff::Permission;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::Finance);
    Routes::new("waiver")
        .get("/office/waivers", WHO, list::page)
        .post("/office/waivers/export", WHO.export(), list::export)
        .get("/office/waivers/statistics", WHO, statistics::page)
        .post(
            "/office/waivers/statistics/export",
            WHO.export(),
            statistics::export,
        )
        .get("/office/waivers/{id}", WHO, page::page)
        .post("/office/waivers/{id}", WHO, page::decide)
        .get("/office/waivers/{id}/files/{file}", WHO, page::file)
}

/// The state of an application for a waiver as a tag.
fn state_tag(state: WaiverState) -> Tag {
    let label = state.label();
    match state {
        WaiverState::Pending | WaiverState::Proposed => Tag::wait(label),
        WaiverState::Granted => Tag::ok(label),
        WaiverState::Rejected => Tag::bad(label),
        WaiverState::Withdrawn | WaiverState::Void => Tag::off(label),
    }
}

/// The same for a stored code.
fn code_tag(code: &str) -> Tag {
    WaiverState::from_code(code).map_or(Tag::off("未知"), state_tag)
}

/// What a category grants, in words.
fn grants(json: &str) -> String {
    serde_json::from_str::<Waiver>(json)
        .map(Waiver::words)
        .unwrap_or_default()
}
