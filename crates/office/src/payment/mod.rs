//! 缴费单, for finance: the list, an order with its whole history, discrepancies, refunds by two people.

mod detail;
mod discrepancy;
mod list;
mod nontax;
mod offline;
mod question;
mod receipts;
mod refund;
mod treasury;
mod word;

use std::time::Duration;

use app::App;
use app::payment::{AttemptRow, RefundRow};
use domain::payment::{AttemptState, OrderState, RefundReason, RefundState};
use domain::staff::Permission;
use web::routes::MIB;
use web::{Routes, Who};

use crate::list::Tag;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::Finance);
    let uploads = WHO.body(6 * MIB);
    let tables = WHO.body(12 * MIB);
    let bank_lists = WHO
        .body(34 * MIB)
        .body_time(Duration::from_secs(180))
        .page_time(Duration::from_secs(120));
    Routes::new("payment")
        .get("/office/payments", WHO, list::page)
        .post("/office/payments/export", WHO.export(), list::export)
        .get("/office/payments/discrepancies", WHO, discrepancy::page)
        .post(
            "/office/payments/discrepancies/export",
            WHO.export(),
            discrepancy::export,
        )
        .get("/office/payments/discrepancies/{id}", WHO, question::page)
        .post(
            "/office/payments/discrepancies/{id}",
            WHO,
            discrepancy::resolve,
        )
        .post(
            "/office/payments/discrepancies/{id}/propose",
            WHO,
            question::propose,
        )
        .post(
            "/office/payments/discrepancies/{id}/decide",
            WHO,
            question::decide,
        )
        .post(
            "/office/payments/discrepancies/{id}/own",
            WHO,
            discrepancy::own,
        )
        .post(
            "/office/payments/discrepancies/{id}/assign",
            WHO,
            question::assign,
        )
        .post(
            "/office/payments/discrepancies/{id}/release",
            WHO,
            discrepancy::leave,
        )
        .get("/office/payments/offline", WHO, offline::list)
        .get("/office/payments/codes", WHO, nontax::page)
        .post(
            "/office/payments/codes/export",
            WHO.export(),
            nontax::export,
        )
        .post(
            "/office/payments/codes/given",
            tables.page_time(Duration::from_secs(120)),
            nontax::codes,
        )
        .post("/office/payments/codes/paid", bank_lists, nontax::paid)
        // The kept list may be read to its end.
        .get(
            "/office/payments/codes/{id}",
            WHO.page_time(Duration::from_secs(60)),
            nontax::batch,
        )
        .post("/office/payments/codes/{id}", WHO, nontax::decide)
        .get("/office/payments/receipts", WHO, receipts::page)
        .post(
            "/office/payments/receipts/export",
            WHO.export(),
            receipts::export,
        )
        .post(
            "/office/payments/receipts/template/export",
            WHO.export(),
            receipts::template,
        )
        .post("/office/payments/receipts/red", WHO, receipts::reverse)
        .get("/office/payments/receipts/upload", WHO, receipts::choose)
        .post("/office/payments/receipts/upload", tables, receipts::upload)
        .get(
            "/office/payments/receipts/imports/{id}",
            WHO,
            receipts::import,
        )
        .post(
            "/office/payments/receipts/imports/{id}/confirm",
            WHO,
            receipts::confirm,
        )
        .post(
            "/office/payments/receipts/imports/{id}/discard",
            WHO,
            receipts::discard,
        )
        .get("/office/payments/treasury", WHO, treasury::page)
        .post("/office/payments/treasury", WHO, treasury::make)
        .get("/office/payments/treasury/{id}", WHO, treasury::list)
        .post("/office/payments/treasury/{id}", WHO, treasury::decide)
        .post(
            "/office/payments/treasury/{id}/export",
            WHO.export(),
            treasury::export,
        )
        .post("/office/payments/treasury/{id}/paid", WHO, treasury::enter)
        .post(
            "/office/payments/treasury/{id}/off",
            WHO,
            treasury::take_off,
        )
        .get("/office/payments/{id}", WHO, detail::page)
        .get("/office/payments/{id}/offline", WHO, offline::form)
        .post("/office/payments/{id}/offline", uploads, offline::enter)
        .get("/office/payments/{id}/offline/{entry}", WHO, offline::page)
        .post(
            "/office/payments/{id}/offline/{entry}",
            WHO,
            offline::decide,
        )
        .get(
            "/office/payments/{id}/offline/{entry}/voucher",
            WHO,
            offline::voucher,
        )
        .get(
            "/office/payments/{id}/refunds/{refund}/back",
            WHO,
            offline::back_form,
        )
        .post(
            "/office/payments/{id}/refunds/{refund}/back",
            uploads,
            offline::enter_back,
        )
        .post("/office/payments/{id}/refund", WHO, detail::refund)
        .post(
            "/office/payments/{id}/refunds/{refund}/again",
            WHO,
            refund::again,
        )
        .post(
            "/office/payments/{id}/refunds/{refund}/ask",
            WHO,
            refund::ask,
        )
        .get("/office/payments/{id}/refunds/{refund}", WHO, refund::page)
        .post(
            "/office/payments/{id}/refunds/{refund}",
            WHO,
            refund::decide,
        )
}

/// The state of an order as a tag.
fn state_tag(state: OrderState) -> Tag {
    match state {
        OrderState::Unpaid | OrderState::Paying | OrderState::Refunding => Tag::wait(state.label()),
        OrderState::Paid => Tag::ok(state.label()),
        OrderState::Refunded | OrderState::PartRefunded => Tag::info(state.label()),
        OrderState::Voided | OrderState::Expired => Tag::off(state.label()),
        OrderState::Hold => Tag::bad(state.label()),
    }
}

/// The same for a stored code.
fn code_tag(code: &str) -> Tag {
    OrderState::from_code(code).map_or(Tag::off("未知"), state_tag)
}

/// Why money goes back, in words.
fn reason(code: &str) -> &'static str {
    RefundReason::from_code(code).map_or("其他", RefundReason::label)
}

/// The state of a refund as a tag.
fn refund_tag(row: &RefundRow) -> Tag {
    let label = row.label();
    match RefundState::from_code(&row.state) {
        Some(RefundState::Succeeded) => Tag::ok(label),
        // Nothing is wrong with what never left the house.
        Some(RefundState::Failed) if !row.sent() => Tag::off(label),
        Some(RefundState::Failed | RefundState::Abnormal) => Tag::bad(label),
        Some(_) => Tag::wait(label),
        None => Tag::off(label),
    }
}

/// What became of a payment, in words: one that credits nothing says why.
fn attempt_words(row: &AttemptRow, owed: &i64) -> &'static str {
    match AttemptState::from_code(&row.state) {
        Some(AttemptState::Surplus) if row.received.is_some_and(|sum| sum != *owed) => {
            "金额不符，未入账"
        }
        Some(state) => state.label(),
        None => "未知",
    }
}

/// A sum in 分 as 元.
fn yuan(fen: &i64) -> String {
    domain::money::Fen::new(*fen).yuan()
}
