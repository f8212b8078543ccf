//! 面试与聘用, for the office: lists that are made, checked and published, the people on them, and who follows whom.

mod board;
mod discard;
mod people;
mod person;
mod promote;
mod round;
mod round_files;

use std::time::Duration;

use app::App;
use domain::selection::Stage;
use domain::staff::Permission as P;
use web::{Routes, Who};

use crate::list::Tag;

/// A list of half a million people is computed and written.
const LONG: Duration = Duration::from_secs(600);

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(P::Selection);
    Routes::new("selection")
        .get("/office/selection", WHO, board::exams)
        .get("/office/selection/{exam}", WHO, board::page)
        .post(
            "/office/selection/{exam}/rounds",
            WHO.page_time(LONG),
            board::make,
        )
        .get("/office/selection/{exam}/rounds/{round}", WHO, round::page)
        .post(
            "/office/selection/{exam}/rounds/{round}/check",
            WHO,
            round::check,
        )
        .post(
            "/office/selection/{exam}/rounds/{round}/publish",
            WHO.page_time(LONG),
            round::publish,
        )
        .post(
            "/office/selection/{exam}/rounds/{round}/withdraw",
            WHO,
            round::withdraw,
        )
        .post(
            "/office/selection/{exam}/rounds/{round}/tie",
            WHO,
            round::tie,
        )
        .post(
            "/office/selection/{exam}/rounds/{round}/export",
            WHO.export(),
            round_files::export,
        )
        .post(
            "/office/selection/{exam}/rounds/{round}/paper",
            WHO.page_time(LONG),
            round_files::paper,
        )
        .get(
            "/office/selection/{exam}/rounds/{round}/discard",
            WHO,
            discard::page,
        )
        .post(
            "/office/selection/{exam}/rounds/{round}/discard",
            WHO.page_time(LONG),
            discard::discard,
        )
        .get("/office/selection/{exam}/people", WHO, people::page)
        .post(
            "/office/selection/{exam}/people/export",
            WHO.export(),
            people::export,
        )
        .post(
            "/office/selection/{exam}/people/take",
            WHO.export(),
            people::take,
        )
        .post("/office/selection/{exam}/people/bulk", WHO, people::bulk)
        .get("/office/selection/{exam}/people/{id}", WHO, person::page)
        .post("/office/selection/{exam}/people/{id}", WHO, person::act)
        .post(
            "/office/selection/{exam}/people/{id}/sign-in",
            WHO,
            person::sign_in,
        )
        .post(
            "/office/selection/{exam}/people/{id}/decide",
            WHO,
            person::decide,
        )
        .get("/office/selection/{exam}/promote", WHO, promote::page)
        .post("/office/selection/{exam}/promote", WHO, promote::save)
}

/// Where somebody stands, as a tag.
fn stage_tag(code: &str) -> Tag {
    let Some(stage) = Stage::from_code(code) else {
        return Tag::off("未知");
    };
    match stage {
        Stage::Out => Tag::off(stage.label()),
        Stage::Hired => Tag::ok(stage.label()),
        Stage::Interviewed | Stage::Proposed | Stage::Announced => Tag::info(stage.label()),
        _ => Tag::wait(stage.label()),
    }
}
