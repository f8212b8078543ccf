//! 正在确认 and the result.

use app::payment::{self, Asked, History};
use askama::Template;
use axum::extract::{Path, Query};
use domain::exam::Phase;
use domain::money::Fen;
use domain::payment::OrderState;
use domain::time::Timestamp;
use serde::Deserialize;
use web::layout::Item;
use web::{Html, PageResult, Protected, Shell, redirect};

use super::channel;
use crate::application::mine::{Card, card};
use crate::application::words::deadline;
use crate::context::{Me, problem};

/// After so many times the page no longer asks by itself.
const TIMES: u8 = 6;

/// How often the page has asked.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asks {
    #[serde(default)]
    n: u8,
    /// The channel says that nobody has paid yet.
    #[serde(default)]
    unpaid: u8,
}

#[derive(Debug, Template)]
#[template(path = "payment/wait.html")]
struct Waiting {
    shell: Shell,
    id: String,
    number: String,
    channel: String,
    back: bool,
    n: u8,
    /// The channel says that nobody has paid yet.
    unpaid: bool,
    /// Milliseconds until the page asks by itself; `None` once it has asked often enough.
    auto: Option<u32>,
}

async fn waiting(me: &Me, history: &History, back: bool, asks: &Asks) -> Waiting {
    let n = asks.n;
    Waiting {
        shell: me.shell("正在确认").await.at(Item::Payments),
        id: history.order.public_id.clone(),
        number: history.number(),
        channel: channel(&me.ctx.app, history),
        back,
        n,
        unpaid: asks.unpaid == 1,
        // The channel is asked at most once in ten seconds.
        auto: (n < TIMES).then_some(if n == 0 { 400 } else { 10_500 }),
    }
}

/// The payer's browser comes back from the cashier.
pub(super) async fn returned(
    me: Me,
    Path(id): Path<String>,
    Query(asks): Query<Asks>,
) -> PageResult {
    look(me, &id, true, &asks).await
}

/// 正在确认.
pub(super) async fn show(me: Me, Path(id): Path<String>, Query(asks): Query<Asks>) -> PageResult {
    look(me, &id, false, &asks).await
}

async fn look(me: Me, id: &str, back: bool, asks: &Asks) -> PageResult {
    let history = payment::find(&me.ctx, id).await.map_err(problem)?;
    Ok(match history.state {
        OrderState::Paying => Html::new(waiting(&me, &history, back, asks).await).into(),
        OrderState::Paid => redirect(&format!("/payments/{id}/result")),
        OrderState::Unpaid => redirect(&format!("/payments/{id}/pay")),
        _ => redirect(&format!("/payments/{id}")),
    })
}

/// What the page's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Ask {
    n: u8,
    /// The payer has just come back.
    back: bool,
}

/// 查询支付结果.
pub(super) async fn ask(me: Me, Path(id): Path<String>, sent: Protected<Ask>) -> PageResult {
    let asked = if sent.back {
        payment::ask_returned(&me.ctx, &id).await
    } else {
        payment::ask(&me.ctx, &id).await
    };
    let n = sent.n.saturating_add(1);
    Ok(match asked.map_err(problem)? {
        Asked::Paid => redirect(&format!("/payments/{id}/result")),
        Asked::NotPaid => redirect(&format!("/payments/{id}/wait?n={n}&unpaid=1")),
        Asked::Confirming => redirect(&format!("/payments/{id}/wait?n={n}")),
        Asked::Other(_) => redirect(&format!("/payments/{id}")),
    })
}

#[derive(Debug, Template)]
#[template(path = "payment/result.html")]
struct Done {
    shell: Shell,
    id: String,
    amount: String,
    paid: String,
    channel: String,
    card: Card,
    next: Vec<(String, String)>,
}

/// 缴费成功.
pub(super) async fn result(me: Me, Path(id): Path<String>) -> PageResult {
    let history = payment::find(&me.ctx, &id).await.map_err(problem)?;
    if history.state != OrderState::Paid {
        return Ok(redirect(&format!("/payments/{id}")));
    }
    let credited = history.credited();
    let paid = credited
        .and_then(|attempt| attempt.paid_at)
        .map(Timestamp::from_micros);
    let exam = &history.view.exam;
    let mut next = Vec::new();
    if let Some(window) = exam
        .window(Phase::Ticket)
        .filter(|window| me.ctx.at < window.close())
    {
        next.push((
            format!("{} 起打印准考证", deadline(window.open())),
            "届时发站内消息提醒，不用一直查看".to_owned(),
        ));
    }
    if let Some(window) = exam
        .window(Phase::Sitting)
        .filter(|window| me.ctx.at < window.open())
    {
        next.push((
            format!("{} 参加考试", deadline(window.open())),
            "带准考证和报名时所用的证件原件".to_owned(),
        ));
    }
    let page = Done {
        shell: me.shell("缴费成功").await.at(Item::Payments),
        id,
        amount: Fen::new(history.order.amount).yuan(),
        paid: paid.map(Timestamp::to_chinese_short).unwrap_or_default(),
        channel: credited
            .map(|a| me.ctx.app.channels().name(&a.channel))
            .unwrap_or_default(),
        next,
        card: card(history.view, me.ctx.at),
    };
    Ok(Html::new(page).into())
}
