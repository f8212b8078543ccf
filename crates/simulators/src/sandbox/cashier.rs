//! The cashier page: what a payer sees. Phone first, no script needed.

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::money::Fen;
use domain::time::Timestamp;
use gateways::payment::sandbox::wire::PaymentStatus;
use serde::Deserialize;

use super::Sandbox;
use super::book::Trade;
use super::faults::Faults;
use crate::page::{escape, page};

pub(super) fn router() -> Router<Sandbox> {
    Router::new()
        .route("/cashier/{token}", get(show))
        .route("/cashier/{token}/pay", post(pay))
        .route("/cashier/{token}/leave", post(leave))
}

fn find(sandbox: &Sandbox, token: &str) -> Option<Trade> {
    sandbox
        .book()
        .trades
        .values()
        .find(|trade| trade.token == token)
        .cloned()
}

async fn show(State(sandbox): State<Sandbox>, Path(token): Path<String>) -> Response {
    match find(&sandbox, &token) {
        Some(trade) => page(StatusCode::OK, "演示", &body(&sandbox, &trade)),
        None => missing(),
    }
}

#[derive(Deserialize)]
struct Choice {
    /// How the notice travels: empty, `lose`, `delay`, `repeat`.
    #[serde(default)]
    notice: String,
}

async fn pay(
    State(sandbox): State<Sandbox>,
    Path(token): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(trade) = find(&sandbox, &token) else {
        return missing();
    };
    // The payer's choice counts for this payment only; faults that a test has set stay as they are.
    let before = sandbox.faults();
    let own = match choice.notice.as_str() {
        "lose" => Faults {
            lose_notices: true,
            ..before
        },
        "delay" => Faults {
            delay_millis: 20_000,
            ..before
        },
        "repeat" => Faults {
            repeat: 2,
            ..before
        },
        _ => before.clone(),
    };
    sandbox.set_faults(own);
    sandbox.pay(&trade.order.merchant_no);
    sandbox.set_faults(before);
    Redirect::to(&format!("/cashier/{token}")).into_response()
}

async fn leave(State(sandbox): State<Sandbox>, Path(token): Path<String>) -> Response {
    match find(&sandbox, &token) {
        Some(trade) => Redirect::to(&trade.order.return_url).into_response(),
        None => missing(),
    }
}

fn missing() -> Response {
    page(
        StatusCode::NOT_FOUND,
        "演示",
        "<section><h1>没有这笔订单</h1><p class=\"s\">链接可能不完整，请回到报名网站重新打开收银台。</p></section>",
    )
}

fn body(sandbox: &Sandbox, trade: &Trade) -> String {
    let order = &trade.order;
    let run_out = order.expires_at <= sandbox.now().seconds();
    let sum = format!(
        "<p class=\"m\">¥<b>{}</b></p><dl><div><dt>收款方</dt><dd>{}</dd></div><div><dt>商品</dt><dd>{}</dd></div>\
         <div><dt>商户单号</dt><dd class=\"n\">{}</dd></div>{}</dl>",
        Fen::new(order.amount).yuan(),
        escape(&sandbox.config().merchant_name),
        escape(&order.subject),
        escape(&order.merchant_no),
        times(trade),
    );
    let back = escape(&order.return_url);
    match trade.status {
        PaymentStatus::Paid | PaymentStatus::Refunded => format!(
            "<meta http-equiv=\"refresh\" content=\"3;url={back}\"><section><div class=\"ok\" aria-hidden=\"true\">✓</div>\
             <h1>支付成功</h1>{sum}<a class=\"b\" href=\"{back}\">返回商户</a>\
             <p class=\"s\">3 秒后自动返回报名网站</p></section>"
        ),
        PaymentStatus::Unpaid if !run_out => format!(
            "<section><h1>收银台</h1>{sum}<form method=\"post\" action=\"/cashier/{token}/pay\">\
             <button class=\"b\">确认支付 {yuan} 元</button>\
             <details><summary>演示选项：支付结果怎样通知商户</summary>\
             <label><input type=\"radio\" name=\"notice\" value=\"\" checked> 立即通知</label>\
             <label><input type=\"radio\" name=\"notice\" value=\"lose\"> 不通知（掉单）</label>\
             <label><input type=\"radio\" name=\"notice\" value=\"delay\"> 20 秒后通知</label>\
             <label><input type=\"radio\" name=\"notice\" value=\"repeat\"> 重复通知三次</label></details></form>\
             <form method=\"post\" action=\"/cashier/{token}/leave\"><button class=\"l\">暂不支付，返回商户</button></form>\
             </section>",
            token = escape(&trade.token),
            yuan = Fen::new(order.amount).yuan(),
        ),
        _ => format!(
            "<section><h1>订单已关闭</h1><p class=\"s\">这笔订单已关闭或超过支付时间，不能再支付。</p>{sum}\
             <a class=\"b\" href=\"{back}\">返回商户</a></section>"
        ),
    }
}

fn times(trade: &Trade) -> String {
    let row = |label: &str, value: &str| {
        format!("<div><dt>{label}</dt><dd class=\"n\">{value}</dd></div>")
    };
    match (trade.paid_at, &trade.channel_no) {
        (Some(at), Some(channel_no)) => {
            row("支付时间", &Timestamp::from_micros(at).to_local_second())
                + &row("交易号", channel_no)
        }
        _ => row(
            "支付截止",
            &Timestamp::from_seconds(trade.order.expires_at).to_local_minute(),
        ),
    }
}
