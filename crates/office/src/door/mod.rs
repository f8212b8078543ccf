//! 入场核验: an exam's passes with their phones and slips, who is in, and the phones' own page.

mod exams;
mod pass;
mod phone;
mod presence;

use app::App;
use domain::staff::Permission as P;
use web::routes::KIB;
use web::{Routes, Who};

pub(crate) fn routes() -> Routes<App> {
    let staff = Who::Staff(P::Arrange);
    Routes::new("door")
        .get("/office/door", staff, exams::page)
        .get("/office/door/{exam}", staff, pass::page)
        .post("/office/door/{exam}", staff, pass::make)
        .post("/office/door/{exam}/slips", staff, pass::all_slips)
        .get("/office/door/{exam}/passes/{pass}", staff, pass::one)
        .post(
            "/office/door/{exam}/passes/{pass}/revoke",
            staff,
            pass::revoke,
        )
        .post("/office/door/{exam}/passes/{pass}/slip", staff, pass::slip)
        .get("/office/door/{exam}/presence", staff, presence::page)
        .post(
            "/office/door/{exam}/presence/export",
            staff.export(),
            presence::export,
        )
        .get("/door", Who::Anonymous, phone::page)
        .get("/door/worker.js", Who::Anonymous.file(), phone::worker)
        .post("/door/devices", Who::Device.body(4 * KIB), phone::join)
        .post("/door/roster", Who::Device.body(4 * KIB), phone::roster)
        .post("/door/photos", Who::Device.body(16 * KIB), phone::photos)
        .post("/door/marks", Who::Device, phone::marks)
        .post("/door/news", Who::Device.body(4 * KIB), phone::news)
}
