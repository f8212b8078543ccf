//! 对账, for finance: the days, one day with its equation and its differences, its lines, closing by two people, uploaded bills.

mod close;
mod day;
mod hand;
mod list;
mod revenue;
mod rows;
mod upload;

use std::time::Duration;

use app::App;
use app::payment::reconcile::BillRow;
use domain::staff::Permission;
use web::routes::MIB;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::Finance);
    // A bill of a province's day, packed.
    let upload = WHO
        .body(66 * MIB)
        .body_time(Duration::from_secs(300))
        .page_time(Duration::from_secs(180));
    Routes::new("payment")
        .get("/office/bills", WHO, list::page)
        .post("/office/bills/export", WHO.export(), list::export)
        .get("/office/revenue", WHO, revenue::page)
        .post("/office/revenue/export", WHO.export(), revenue::export)
        .get("/office/bills/{id}", WHO, day::page)
        .post("/office/bills/{id}/fetch", WHO, day::fetch)
        .post("/office/bills/{id}/compare", WHO, day::compare)
        .post(
            "/office/bills/{id}/treasury/export",
            WHO.export(),
            hand::file,
        )
        .post("/office/bills/{id}/treasury", WHO, hand::hand_over)
        .get("/office/bills/{id}/close", WHO, close::page)
        .post("/office/bills/{id}/close", WHO, close::decide)
        .get("/office/bills/{id}/upload", WHO, upload::page)
        .post("/office/bills/{id}/upload", upload, upload::send)
        .post(
            "/office/bills/{id}/takes/{take}/confirm",
            WHO,
            upload::confirm,
        )
        .post(
            "/office/bills/{id}/takes/{take}/discard",
            WHO,
            upload::discard,
        )
        .get("/office/bills/{id}/findings", WHO, rows::findings)
        .post(
            "/office/bills/{id}/findings/export",
            WHO.export(),
            rows::export_findings,
        )
        .get("/office/bills/{id}/lines", WHO, rows::lines)
        .post(
            "/office/bills/{id}/lines/export",
            WHO.export(),
            rows::export_lines,
        )
}

/// Where a day stands, as a tag.
fn tag(row: &BillRow) -> Tag {
    let label = row.label();
    match label {
        "已对平" => Tag::info(label),
        "已关账" => Tag::ok(label),
        "有差异" => Tag::bad(label),
        "待签字" => Tag::wait(label),
        _ => Tag::off(label),
    }
}

/// A sum in 分 as 元.
fn yuan(fen: impl std::borrow::Borrow<i64>) -> String {
    domain::money::Fen::new(*fen.borrow()).yuan()
}
