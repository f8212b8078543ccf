//! 网上缴费 (manual 1.2.3): bills, the choice of a channel, the page 正在确认, the result, 作废, queries, the receipt.
//!
//! A GET changes nothing, the return from a cashier included: the page it leads to asks the channel by a form that sends itself,
//! or by its button. What a page never says on doubt is that a payment failed. 网上支付说明 is a standing page
//! (`announcement`).

mod checkout;
mod detail;
mod gateway;
mod in_app;
mod list;
mod pay;
mod rehearse;
mod void;
mod wait;

use app::App;
use app::payment::History;
use domain::payment::OrderState;
use web::icon;
use web::routes::KIB;
use web::{Routes, Who};

use crate::application::words::Tag;

pub(crate) use list::{counted, waiver};

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Candidate;
    Routes::new("payment")
        .get("/payments", WHO, list::bills)
        .get("/payments/unpaid", WHO, list::unpaid)
        .get("/payments/history", WHO, list::history)
        .post("/payments/raise/{application}", WHO, pay::raise)
        .get("/payments/{id}", WHO, detail::show)
        .get("/payments/{id}/pay", WHO, pay::show)
        .post("/payments/{id}/pay", WHO, pay::pay)
        .get("/payments/{id}/known", WHO, in_app::known)
        .post("/payments/{id}/code", WHO, pay::ask_code)
        .get("/payments/{id}/checkout", WHO, checkout::show)
        .get("/payments/{id}/state", WHO, checkout::state)
        .get("/payments/{id}/rehearse", WHO, rehearse::show)
        .post("/payments/{id}/rehearse", WHO, rehearse::finish)
        .get("/payments/{id}/return", WHO, wait::returned)
        .get("/payments/{id}/wait", WHO, wait::show)
        .post("/payments/{id}/ask", WHO, wait::ask)
        .get("/payments/{id}/result", WHO, wait::result)
        .get("/payments/{id}/void", WHO, void::show)
        .post("/payments/{id}/void", WHO, void::void)
        .get("/payments/{id}/receipt", WHO, detail::receipt)
        .post(
            "/gateway/{channel}/notice",
            Who::Gateway.body(64 * KIB),
            gateway::notice,
        )
}

/// The state of an order as a tag.
fn tag(state: OrderState) -> Tag {
    match state {
        OrderState::Unpaid => Tag::new("wait", icon::CLOCK, "未支付"),
        OrderState::Paying => Tag::new("wait", icon::CLOCK, "支付中"),
        OrderState::Paid => Tag::new("ok", icon::OK, "已支付"),
        OrderState::Refunding => Tag::new("wait", icon::CLOCK, "退款中"),
        OrderState::Refunded => Tag::new("info", icon::OK, "已退款"),
        OrderState::PartRefunded => Tag::new("info", icon::OK, "部分退款"),
        OrderState::Voided => Tag::new("off", icon::MINUS, "已作废"),
        OrderState::Expired => Tag::new("off", icon::MINUS, "已过期"),
        OrderState::Hold => Tag::new("bad", icon::WARN, "核查中"),
    }
}

/// The state of a stored code as a tag.
fn tag_of(code: &str) -> Tag {
    OrderState::from_code(code).map_or(Tag::new("off", icon::MINUS, "未知"), tag)
}

/// The name of the channel of the try that was made last.
fn channel(app: &App, history: &History) -> String {
    history.latest().map_or_else(
        || "支付渠道".to_owned(),
        |attempt| app.channels().name(&attempt.channel),
    )
}
