//! The cashier's page: what a payer sees on his phone. Phone first, no script needed.

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::money::Fen;
use domain::time::Timestamp;
use serde::Deserialize;

use super::Served;
use crate::bank::{Channel, Mail, Trade, TradeState};
use crate::page::{escape, page};

pub(super) fn router() -> Router<Served> {
    Router::new()
        .route("/{code}/cashier/{token}", get(show))
        .route("/{code}/cashier/{token}/pay", post(pay))
}

type PathOf = Path<(String, String)>;

/// Where WeChat's page for phones leads back to: it stands in the address, not in the order.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    redirect_url: String,
}

async fn show(
    State(served): State<Served>,
    Path((code, token)): PathOf,
    Query(asked): Query<Asked>,
) -> Response {
    let Some(channel) = served.channel(&code) else {
        return missing();
    };
    match channel.bank().by_token(&token) {
        Some(mut trade) => {
            let url = asked.redirect_url;
            if trade.order.return_url.is_empty() && url.starts_with("http") {
                trade.order.return_url = url;
            }
            // He has scanned, or logged in.
            channel.bank().see(&trade.order.merchant_no);
            page(
                StatusCode::OK,
                channel.name(),
                &body(&served, &**channel, &trade),
            )
        }
        None => missing(),
    }
}

#[derive(Deserialize)]
struct Choice {
    /// How the notice travels: empty, `lose`, `delay`, `repeat`.
    #[serde(default)]
    notice: String,
    #[serde(default)]
    redirect_url: String,
}

async fn pay(
    State(served): State<Served>,
    Path((code, token)): PathOf,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(channel) = served.channel(&code) else {
        return missing();
    };
    let bank = channel.bank();
    let Some(trade) = bank.by_token(&token) else {
        return missing();
    };
    if trade.state == TradeState::Waiting {
        let mail = match choice.notice.as_str() {
            "lose" => Mail::Lost,
            "delay" => Mail::Late(20),
            "repeat" => Mail::Repeated(2),
            _ => Mail::Prompt,
        };
        bank.tell_mail(mail);
        bank.pay(&trade.order.merchant_no);
    }
    let back = match choice.redirect_url.as_str() {
        "" => String::new(),
        url => {
            let url: String = form_urlencoded::byte_serialize(url.as_bytes()).collect();
            format!("?redirect_url={url}")
        }
    };
    Redirect::to(&format!("/{code}/cashier/{token}{back}")).into_response()
}

fn missing() -> Response {
    page(
        StatusCode::NOT_FOUND,
        "收银台",
        "<section><h1>没有这笔订单</h1><p class=\"s\">链接可能不完整，请回到报名网站重新打开收银台。</p></section>",
    )
}

/// Back to the merchant: a link where the browser is the one that began, a word where a phone scanned a code.
fn back(trade: &Trade) -> String {
    if trade.order.return_url.is_empty() {
        return "<p class=\"s\">可以关闭本页，回到报名网站查看结果</p>".to_owned();
    }
    let url = escape(&trade.order.return_url);
    format!("<a class=\"b\" href=\"{url}\">返回商户</a>")
}

fn body(served: &Served, channel: &dyn Channel, trade: &Trade) -> String {
    let order = &trade.order;
    let sum = format!(
        "<p class=\"m\">¥<b>{}</b></p><dl><div><dt>收款方</dt><dd>{}</dd></div><div><dt>商品</dt><dd>{}</dd></div>\
         <div><dt>商户单号</dt><dd class=\"n\">{}</dd></div>{}</dl>",
        Fen::new(order.amount).yuan(),
        escape(&served.payee),
        escape(&order.subject),
        escape(&order.merchant_no),
        times(trade),
    );
    match trade.state {
        TradeState::Paid => {
            let refresh = match order.return_url.as_str() {
                "" => String::new(),
                url => format!(
                    "<meta http-equiv=\"refresh\" content=\"3;url={}\">",
                    escape(url)
                ),
            };
            format!(
                "{refresh}<section><div class=\"ok\" aria-hidden=\"true\">✓</div><h1>支付成功</h1>{sum}{}</section>",
                back(trade)
            )
        }
        TradeState::Waiting => format!(
            "<section><h1>{name}</h1>{sum}<form method=\"post\" action=\"/{code}/cashier/{token}/pay\">\
             <input type=\"hidden\" name=\"redirect_url\" value=\"{url}\"><button class=\"b\">确认支付 {yuan} 元</button>\
             <details><summary>演示选项：支付结果怎样通知商户</summary>\
             <label><input type=\"radio\" name=\"notice\" value=\"\" checked> 立即通知</label>\
             <label><input type=\"radio\" name=\"notice\" value=\"lose\"> 不通知（掉单）</label>\
             <label><input type=\"radio\" name=\"notice\" value=\"delay\"> 20 秒后通知</label>\
             <label><input type=\"radio\" name=\"notice\" value=\"repeat\"> 重复通知三次</label></details></form>{leave}</section>",
            name = channel.name(),
            code = channel.code(),
            token = escape(&trade.token),
            url = escape(&order.return_url),
            yuan = Fen::new(order.amount).yuan(),
            leave = if order.return_url.is_empty() {
                String::new()
            } else {
                format!(
                    "<a class=\"l\" href=\"{}\">暂不支付，返回商户</a>",
                    escape(&order.return_url)
                )
            },
        ),
        TradeState::Closed => format!(
            "<section><h1>订单已关闭</h1><p class=\"s\">这笔订单已关闭或超过支付时间，不能再支付。</p>{sum}{}</section>",
            back(trade)
        ),
    }
}

fn times(trade: &Trade) -> String {
    let row = |label: &str, value: &str| {
        format!("<div><dt>{label}</dt><dd class=\"n\">{value}</dd></div>")
    };
    match trade.state {
        TradeState::Paid => {
            let at = Timestamp::from_micros(trade.paid_at).to_local_second();
            row("支付时间", &at) + &row("交易号", &trade.channel_no)
        }
        _ => row(
            "支付截止",
            &Timestamp::from_micros(trade.order.expires_at).to_local_minute(),
        ),
    }
}
