//! One order, and its receipt.

use app::payment::{self, History};
use askama::Template;
use axum::extract::Path;
use domain::money::Fen;
use domain::payment::{AttemptState, OrderState, RefundReason};
use domain::time::Timestamp;
use web::layout::Item;
use web::{Html, PageResult, Shell};

use super::tag;
use crate::application::words::{Tag, deadline};
use crate::context::{Me, problem};

/// A try to pay.
#[derive(Debug)]
struct Try {
    channel: String,
    merchant_no: String,
    state: &'static str,
    at: String,
}

/// Money on its way back.
#[derive(Debug)]
struct Back {
    number: String,
    amount: String,
    reason: &'static str,
    state: &'static str,
    at: String,
}

#[derive(Debug, Template)]
#[template(path = "payment/detail.html")]
struct Page {
    shell: Shell,
    history: History,
    tag: Tag,
    choice: String,
    amount: String,
    made: String,
    due: String,
    paid: String,
    channel: String,
    channel_no: String,
    tries: Vec<Try>,
    backs: Vec<Back>,
    open: bool,
    receipt: bool,
}

fn minute(micros: Option<i64>) -> String {
    micros
        .map(|at| Timestamp::from_micros(at).to_local_second())
        .unwrap_or_default()
}

/// The page.
pub(super) async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    let history = payment::find(&me.ctx, &id).await.map_err(problem)?;
    let name = |code: &str| me.ctx.app.channels().name(code);
    let credited = history.credited();
    let tries = history.attempts.iter().map(|attempt| Try {
        channel: name(&attempt.channel),
        merchant_no: attempt.merchant_no.clone(),
        state: AttemptState::from_code(&attempt.state).map_or("未知", AttemptState::label),
        at: minute(attempt.paid_at.or(Some(attempt.created_at))),
    });
    let backs = history.refunds.iter().map(|refund| Back {
        number: refund.refund_no.clone(),
        amount: Fen::new(refund.amount).yuan(),
        reason: RefundReason::from_code(&refund.reason).map_or("退款", RefundReason::label),
        state: refund.label(),
        at: minute(refund.finished_at.or(Some(refund.created_at))),
    });
    let page = Page {
        shell: me.shell("缴费单详情").await.at(Item::PaymentHistory),
        tag: tag(history.state),
        choice: history.view.choice.text(),
        amount: Fen::new(history.order.amount).yuan(),
        made: minute(Some(history.order.created_at)),
        due: deadline(history.deadline()),
        paid: minute(history.order.paid_at),
        channel: credited
            .map(|attempt| name(&attempt.channel))
            .unwrap_or_default(),
        channel_no: credited
            .and_then(|attempt| attempt.channel_no.clone())
            .unwrap_or_default(),
        tries: tries.collect(),
        backs: backs.collect(),
        open: history.is_open(me.ctx.at),
        receipt: matches!(
            history.state,
            OrderState::Paid
                | OrderState::Refunding
                | OrderState::Refunded
                | OrderState::PartRefunded
        ),
        history,
    };
    Ok(Html::new(page).into())
}

/// 打印缴费凭证.
pub(super) async fn receipt(me: Me, Path(id): Path<String>) -> PageResult {
    let pdf = payment::receipt(&me.ctx, &id).await.map_err(problem)?;
    Ok(web::page::inline(
        "application/pdf",
        "缴费凭证.pdf",
        pdf.bytes,
    ))
}
