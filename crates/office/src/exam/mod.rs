//! 考试管理: the list, a new exam, its set-up part by part, tables from xlsx, publication, extension, closing.

mod amendments;
mod changes;
mod decisions;
mod extend;
mod fields;
mod import;
mod levels;
mod list;
mod missing;
mod new;
pub(crate) mod next;
mod overview;
mod papers;
mod parts;
mod position;
mod positions;
mod publish;
mod questions;
mod structure;
mod windows;
mod words;

use std::time::Duration;

use app::App;
use app::exam::part::Part;
use domain::staff::Permission::{ExamEdit, ExamView};
use web::routes::MIB;
use web::{Routes, Who};

pub(crate) fn routes() -> Routes<App> {
    let (view, edit) = (Who::Staff(ExamView), Who::Staff(ExamEdit));
    let upload = edit
        .body(12 * MIB)
        .body_time(Duration::from_secs(120))
        .page_time(Duration::from_secs(60));
    Routes::new("exam")
        .get("/office/exams", view, list::page)
        .get("/office/exams/new", edit, new::page)
        .post("/office/exams/new", edit, new::create)
        .get("/office/exams/{id}", view, overview::page)
        .get("/office/exams/{id}/basics", edit, parts::basics)
        .post("/office/exams/{id}/basics", edit, parts::basics_save)
        .get("/office/exams/{id}/steps", edit, parts::steps)
        .post("/office/exams/{id}/steps", edit, parts::steps_save)
        .get("/office/exams/{id}/windows", edit, windows::page)
        .post("/office/exams/{id}/windows", edit, windows::save)
        .get("/office/exams/{id}/papers", edit, papers::page)
        .post("/office/exams/{id}/papers", edit, papers::save)
        .get("/office/exams/{id}/levels", edit, levels::page)
        .post("/office/exams/{id}/levels", edit, levels::save)
        .get("/office/exams/{id}/fees", edit, parts::fees)
        .post("/office/exams/{id}/fees", edit, parts::fees_save)
        .get("/office/exams/{id}/photo", edit, parts::photo)
        .post("/office/exams/{id}/photo", edit, parts::photo_save)
        .get("/office/exams/{id}/agreement", edit, parts::agreement)
        .post("/office/exams/{id}/agreement", edit, parts::agreement_save)
        .get("/office/exams/{id}/seating", edit, parts::seating)
        .post("/office/exams/{id}/seating", edit, parts::seating_save)
        .get("/office/exams/{id}/scores", edit, parts::scores)
        .post("/office/exams/{id}/scores", edit, parts::scores_save)
        .get("/office/exams/{id}/selection", edit, parts::selection)
        .post("/office/exams/{id}/selection", edit, parts::selection_save)
        .get("/office/exams/{id}/questions", edit, questions::page)
        .get("/office/exams/{id}/questions/new", edit, questions::new)
        .post("/office/exams/{id}/questions/new", edit, questions::add)
        .get("/office/exams/{id}/questions/{key}", edit, questions::edit)
        .post(
            "/office/exams/{id}/questions/{key}",
            edit,
            questions::change,
        )
        .post(
            "/office/exams/{id}/questions/{key}/remove",
            edit,
            questions::remove,
        )
        .post(
            "/office/exams/{id}/questions/{key}/place",
            edit,
            questions::place,
        )
        .get("/office/exams/{id}/subjects", edit, structure::page)
        .post("/office/exams/{id}/subjects", edit, structure::save)
        .get("/office/exams/{id}/table", view, positions::page)
        .get("/office/exams/{id}/table/export", view, positions::export)
        .get(
            "/office/exams/{id}/positions/{position}",
            view,
            position::page,
        )
        .get(
            "/office/exams/{id}/positions/{position}/amend",
            edit,
            position::amend,
        )
        .post(
            "/office/exams/{id}/positions/{position}/amend",
            edit,
            position::amend_save,
        )
        .get(
            "/office/exams/{id}/positions/{position}/decide",
            edit,
            position::decide,
        )
        .post(
            "/office/exams/{id}/positions/{position}/decide",
            edit,
            position::decide_save,
        )
        .get("/office/exams/{id}/amendments", edit, amendments::list)
        .post("/office/exams/{id}/amendments", upload, amendments::upload)
        .get(
            "/office/exams/{id}/amendments/{amendment}",
            edit,
            amendments::page,
        )
        .post(
            "/office/exams/{id}/amendments/{amendment}",
            edit,
            amendments::publish,
        )
        .post(
            "/office/exams/{id}/amendments/{amendment}/recount",
            edit.page_time(Duration::from_secs(60)),
            amendments::recount,
        )
        .post(
            "/office/exams/{id}/amendments/{amendment}/discard",
            edit,
            amendments::discard,
        )
        .get("/office/exams/{id}/ratio", edit, decisions::ratio)
        .post("/office/exams/{id}/ratio", edit, decisions::draft)
        .get(
            "/office/exams/{id}/decisions/{decision}",
            edit,
            decisions::page,
        )
        .post(
            "/office/exams/{id}/decisions/{decision}",
            edit,
            decisions::ask,
        )
        .post(
            "/office/exams/{id}/decisions/{decision}/word",
            edit,
            decisions::word,
        )
        .post(
            "/office/exams/{id}/decisions/{decision}/withdraw",
            edit,
            decisions::withdraw,
        )
        .get(
            "/office/exams/{id}/decisions/{decision}/items/{position}",
            edit,
            decisions::item,
        )
        .post(
            "/office/exams/{id}/decisions/{decision}/items/{position}",
            edit,
            decisions::choose,
        )
        .get("/office/exams/{id}/import", edit, import::page)
        .post("/office/exams/{id}/import", upload, import::upload)
        .get("/office/exams/{id}/import/{batch}", edit, import::preview)
        .post(
            "/office/exams/{id}/import/{batch}/confirm",
            edit,
            import::confirm,
        )
        .post(
            "/office/exams/{id}/import/{batch}/discard",
            edit,
            import::discard,
        )
        .get("/office/exams/{id}/import/{batch}/file", edit, import::file)
        .get(
            "/office/exams/{id}/import/{batch}/problems",
            edit,
            import::problems,
        )
        .get("/office/exams/{id}/publish", edit, publish::page)
        .post("/office/exams/{id}/publish", edit, publish::publish)
        .post("/office/exams/{id}/unpublish", edit, publish::unpublish)
        .get("/office/exams/{id}/close", edit, publish::close_page)
        .post("/office/exams/{id}/close", edit, publish::close)
        .get("/office/exams/{id}/changes", edit, changes::list)
        .get("/office/exams/{id}/changes/{change}", edit, changes::page)
        .post("/office/exams/{id}/changes/{change}", edit, changes::submit)
        .post(
            "/office/exams/{id}/changes/{change}/decide",
            edit,
            changes::decide,
        )
        .post(
            "/office/exams/{id}/changes/{change}/along",
            edit,
            changes::along,
        )
        .post(
            "/office/exams/{id}/changes/{change}/withdraw",
            edit,
            changes::withdraw,
        )
        .get("/office/exams/{id}/extend", edit, extend::page)
        .post("/office/exams/{id}/extend", edit, extend::save)
}

/// The address of a part's page.
fn address(exam: &app::exam::Exam, part: Part) -> String {
    format!("/office/exams/{}/{}", exam.public_id(), part.code())
}

/// What browsers call a workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
