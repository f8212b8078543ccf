//! 资格审查: queues by exam, the bench, decisions.
//!
//! The queue is by deadline. Opening the bench reads only; 领取 takes an application for a quarter of an hour, and a decision
//! needs that nobody else holds it. What is veiled is shown with a reason, which is recorded.

mod bench;
mod bulk;
mod decide;
pub(crate) mod queue;

use app::App;
use domain::staff::Permission;
use web::{PageError, Problem, Routes, Who};

use crate::context::Desk;

pub(crate) fn routes() -> Routes<App> {
    Routes::new("review")
        .get("/office/reviews", Who::AnyStaff, queue::exams)
        .get("/office/reviews/{exam}", Who::AnyStaff, queue::list)
        .post("/office/reviews/{exam}/next", Who::AnyStaff, queue::next)
        .post(
            "/office/reviews/{exam}/export",
            Who::AnyStaff.export(),
            queue::export,
        )
        .post("/office/reviews/{exam}/bulk", Who::AnyStaff, bulk::preview)
        .post(
            "/office/reviews/{exam}/bulk/confirm",
            Who::AnyStaff,
            bulk::confirm,
        )
        .get("/office/reviews/{exam}/{id}", Who::AnyStaff, bench::show)
        .post(
            "/office/reviews/{exam}/{id}/claim",
            Who::AnyStaff,
            bench::claim,
        )
        .post(
            "/office/reviews/{exam}/{id}/release",
            Who::AnyStaff,
            bench::release,
        )
        .post(
            "/office/reviews/{exam}/{id}/decide",
            Who::AnyStaff,
            decide::save,
        )
        .post(
            "/office/reviews/{exam}/{id}/reopen",
            Who::AnyStaff,
            decide::reopen,
        )
        .post(
            "/office/reviews/{exam}/{id}/unveil",
            Who::AnyStaff,
            bench::unveil,
        )
        .get(
            "/office/reviews/{exam}/{id}/photo/{token}",
            Who::AnyStaff,
            bench::photo,
        )
        .get(
            "/office/reviews/{exam}/{id}/files/{object}",
            Who::AnyStaff,
            bench::file,
        )
}

/// Refuses whoever reviews nowhere.
fn reviewers(desk: &Desk) -> Result<(), PageError> {
    if desk.may(Permission::FirstReview) || desk.may(Permission::SecondReview) {
        Ok(())
    } else {
        Err(Problem::Forbidden.into())
    }
}
