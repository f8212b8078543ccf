//! 成绩管理: import, the second person's check, publication at a set time.

mod batch;
mod discard;
mod export;
mod import;
mod list;

use std::time::Duration;

use app::App;
use domain::staff::Permission as P;
use web::{Routes, Who};

/// Largest score file.
const UPLOAD: usize = 17 * 1024 * 1024;
const LONG: Duration = Duration::from_secs(600);

pub(crate) fn routes() -> Routes<App> {
    let staff = Who::Staff(P::ScoreEdit);
    Routes::new("score")
        .get("/office/scores", staff, list::exams)
        .get("/office/scores/{exam}", staff, list::exam)
        .get("/office/scores/{exam}/import", staff, import::page)
        .post(
            "/office/scores/{exam}/import",
            staff.body(UPLOAD).body_time(LONG).page_time(LONG),
            import::submit,
        )
        .get(
            "/office/scores/{exam}/import/{batch}",
            staff,
            import::preview,
        )
        .get("/office/scores/{exam}/batches/{batch}", staff, batch::page)
        .post(
            "/office/scores/{exam}/batches/{batch}/check",
            staff,
            batch::check,
        )
        .post(
            "/office/scores/{exam}/batches/{batch}/publish",
            staff,
            batch::publish,
        )
        .post(
            "/office/scores/{exam}/batches/{batch}/export",
            staff.export(),
            export::export,
        )
        .get(
            "/office/scores/{exam}/batches/{batch}/paper",
            staff,
            export::page,
        )
        .post(
            "/office/scores/{exam}/batches/{batch}/paper",
            staff.export(),
            export::paper,
        )
        .get(
            "/office/scores/{exam}/batches/{batch}/discard",
            staff,
            discard::page,
        )
        .post(
            "/office/scores/{exam}/batches/{batch}/discard",
            staff.page_time(LONG),
            discard::discard,
        )
}
