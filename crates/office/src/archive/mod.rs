//! 归档 of one exam: what is still open, asking, the second person's word, the files, handing over, what is deleted when.

mod page;

use std::time::Duration;

use app::App;
use domain::staff::Permission;
use web::{Routes, Who};

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::ExamEdit);
    let slow = WHO.page_time(Duration::from_secs(60));
    Routes::new("archive")
        .get("/office/exams/{id}/archive", WHO, page::page)
        .post("/office/exams/{id}/archive", WHO, page::ask)
        .post("/office/exams/{id}/archive/word", WHO, page::word)
        .post("/office/exams/{id}/archive/withdraw", WHO, page::withdraw)
        .post("/office/exams/{id}/archive/take", slow, page::take)
        .post("/office/exams/{id}/archive/take-all", slow, page::take_all)
        .post("/office/exams/{id}/archive/hand", WHO, page::hand)
        .post("/office/exams/{id}/archive/hold", WHO, page::hold)
        .post("/office/exams/{id}/archive/release", WHO, page::release)
        .get(
            "/office/exams/{id}/archive/certificate",
            WHO,
            page::certificate,
        )
}
