//! 老考生档案 of an exam: the file that counts with its people, its uploads, and applications that it would judge otherwise now.

mod differs;
mod list;
mod upload;

use std::time::Duration;

use app::App;
use domain::staff::Permission::{ExamEdit, ExamView};
use web::routes::MIB;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    // Who may look at an exam isn't enough: the use cases let officers of the exam and auditors through.
    let (view, edit) = (Who::Staff(ExamView), Who::Staff(ExamEdit));
    let upload = edit
        .body(22 * MIB)
        .body_time(Duration::from_secs(180))
        .page_time(Duration::from_secs(180));
    Routes::new("carried")
        .get("/office/exams/{id}/carried", view, list::page)
        .post("/office/exams/{id}/carried/find", view, list::find)
        .post(
            "/office/exams/{id}/carried/export",
            view.export(),
            list::export,
        )
        .get("/office/exams/{id}/carried/differs", view, differs::page)
        .get("/office/exams/{id}/carried/upload", edit, upload::page)
        .post("/office/exams/{id}/carried/upload", upload, upload::send)
        .get("/office/exams/{id}/carried/{import}", view, upload::import)
        .post(
            "/office/exams/{id}/carried/{import}/confirm",
            edit,
            upload::confirm,
        )
        .post(
            "/office/exams/{id}/carried/{import}/discard",
            edit.page_time(Duration::from_secs(60)),
            upload::discard,
        )
        .post(
            "/office/exams/{id}/carried/{import}/retract",
            edit,
            upload::retract,
        )
}

/// The state of an upload in words.
fn state(code: &str) -> Tag {
    match code {
        "current" => Tag::ok("正在使用"),
        "staged" => Tag::wait("等待核对"),
        "replaced" => Tag::off("已被替换"),
        "retracted" => Tag::bad("已撤回"),
        "discarded" => Tag::off("已放弃"),
        _ => Tag::bad("没有读完"),
    }
}
