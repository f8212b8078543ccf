//! 网上报名 and 我的报名信息 (manual 1.2.2.3, 1.2.2.4).
//!
//! The way: category → exam → agreement → position or level → questions → check → 保存. Where a candidate is on it is kept on
//! the server by exam ([`way::Way`]), so that a dropped connection, another device or a visit to 照片维护 loses nothing. The same
//! way serves 修改 and the supplement that a reviewer asked for.

pub(crate) mod agreement;
mod appeal;
mod check;
mod detail;
mod entry;
mod exams;
mod form;
mod level;
pub(crate) mod mine;
mod positions;
pub(crate) mod question_field;
mod start;
mod way;
mod withdraw;
pub(crate) mod words;

pub(crate) use form::attachment;

use std::time::Duration;

use app::App;
use web::routes::MIB;
use web::{Routes, Who};

pub(crate) fn routes() -> Routes<App> {
    let uploads = Who::Candidate
        .body(24 * MIB)
        .body_time(Duration::from_secs(180));
    Routes::new("application")
        .get("/apply", Who::Candidate, exams::categories)
        .get(
            "/apply/category/{category}",
            Who::Candidate,
            exams::category,
        )
        .get("/apply/{exam}", Who::Candidate, start::show)
        .get("/apply/{exam}/agreement", Who::Candidate, agreement::show)
        .post("/apply/{exam}/agreement", Who::Candidate, agreement::answer)
        .get("/apply/{exam}/positions", Who::Candidate, positions::show)
        .get("/apply/{exam}/level", Who::Candidate, level::show)
        .post("/apply/{exam}/level", Who::Candidate, level::choose)
        .get("/apply/{exam}/form", Who::Candidate, form::show)
        .post("/apply/{exam}/form", uploads, form::save)
        .get("/apply/{exam}/files/{object}", Who::Candidate, form::file)
        .get("/apply/{exam}/check", Who::Candidate, check::show)
        .post("/apply/{exam}/check", Who::Candidate, check::save)
        .get("/apply/{exam}/photo", Who::Candidate, check::photo)
        .get("/applications", Who::Candidate, mine::list)
        .get("/applications/{id}", Who::Candidate, detail::show)
        .get("/applications/{id}/form.pdf", Who::Candidate, detail::pdf)
        .get("/applications/{id}/photo", Who::Candidate, detail::photo)
        .get(
            "/applications/{id}/files/{object}",
            Who::Candidate,
            detail::file,
        )
        .get(
            "/applications/{id}/withdraw",
            Who::Candidate,
            withdraw::show,
        )
        .post(
            "/applications/{id}/withdraw",
            Who::Candidate,
            withdraw::save,
        )
        .get("/applications/{id}/appeal", Who::Candidate, appeal::show)
        .post("/applications/{id}/appeal", Who::Candidate, appeal::save)
}
