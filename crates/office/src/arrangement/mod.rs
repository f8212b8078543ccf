//! 考场编排: an exam's plans, making one here, importing one, looking at it room by room, publishing it, its papers.

mod generate;
mod import;
mod list;
mod plan;
mod runs;

use std::time::Duration;

use app::App;
use domain::staff::Permission as P;
use web::{Routes, Who};

/// Largest seat file.
const UPLOAD: usize = 17 * 1024 * 1024;
/// A plan for a large exam takes its time.
const LONG: Duration = Duration::from_secs(600);

pub(crate) fn routes() -> Routes<App> {
    let staff = Who::Staff(P::Arrange);
    Routes::new("arrangement")
        .get("/office/seating", staff, list::exams)
        .get("/office/seating/{exam}", staff, list::exam)
        .get("/office/seating/{exam}/generate", staff, generate::page)
        .post(
            "/office/seating/{exam}/generate",
            staff.body(UPLOAD).body_time(LONG).page_time(LONG),
            generate::submit,
        )
        .get("/office/seating/{exam}/import", staff, import::page)
        .post(
            "/office/seating/{exam}/import",
            staff.body(UPLOAD).body_time(LONG).page_time(LONG),
            import::submit,
        )
        .post(
            "/office/seating/{exam}/roster",
            staff.page_time(LONG),
            import::roster,
        )
        .get(
            "/office/seating/{exam}/import/{batch}",
            staff,
            import::preview,
        )
        .get("/office/seating/{exam}/plans/{plan}", staff, plan::page)
        .get(
            "/office/seating/{exam}/plans/{plan}/rooms/{room}",
            staff,
            plan::room,
        )
        .post(
            "/office/seating/{exam}/plans/{plan}/publish",
            staff.page_time(LONG),
            plan::publish,
        )
        .post(
            "/office/seating/{exam}/plans/{plan}/discard",
            staff.page_time(LONG),
            plan::discard,
        )
        .post(
            "/office/seating/{exam}/plans/{plan}/papers",
            staff.page_time(LONG),
            plan::papers,
        )
        .post(
            "/office/seating/{exam}/plans/{plan}/table",
            staff.page_time(LONG),
            plan::table,
        )
        .get(
            "/office/seating/{exam}/plans/{plan}/runs",
            staff,
            runs::list,
        )
        .post(
            "/office/seating/{exam}/plans/{plan}/runs",
            staff.body(UPLOAD).body_time(LONG),
            runs::ask,
        )
        .get("/office/seating/{exam}/runs/{run}", staff, runs::page)
        .post(
            "/office/seating/{exam}/runs/{run}/take",
            staff.page_time(LONG),
            runs::take,
        )
        .post(
            "/office/seating/{exam}/runs/{run}/take-all",
            staff.page_time(LONG),
            runs::take_all,
        )
}
