//! 演练考试: its candidates, the sheet with which they log in, and 清除 with its certificate.

mod page;
mod wipe;

use std::time::Duration;

use app::App;
use domain::staff::Permission;
use web::{Routes, Who};

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::ExamEdit);
    let slow = WHO.page_time(Duration::from_secs(60));
    Routes::new("rehearsal")
        .get("/office/exams/{id}/rehearsal", WHO, page::page)
        .post("/office/exams/{id}/rehearsal", WHO, page::make)
        .post("/office/exams/{id}/rehearsal/sheet", slow, page::sheet)
        .post("/office/exams/{id}/rehearsal/renew", slow, page::renew)
        .get("/office/exams/{id}/rehearsal/wipe", WHO, wipe::page)
        .post("/office/exams/{id}/rehearsal/wipe", WHO, wipe::ask)
        .get("/office/rehearsals", WHO, wipe::list)
        .get("/office/rehearsals/{id}", WHO, wipe::certificate)
}
